//! `verifa backup` and `verifa restore`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use verifa_app::backup::{BackupTarget, RestoreSource, back_up, restore};
use verifa_app::keyring::Keyring;
use verifa_core::time::Clock as _;
use verifa_store::db::DirectoryLock;
use verifa_vault::MasterKeyRing;

use super::arguments::Arguments;
use crate::config::Config;
use crate::system::{SystemClock, SystemRandom};
use crate::{telemetry, terminal, wire};

/// What `backup` is called with.
#[derive(Args)]
pub(crate) struct BackupArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Where to: a directory that is absent or empty
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The file of the wrapped keys (default: beside the directory, its name with `.keys` added)
    #[arg(long, value_name = "FILE")]
    keys_to: Option<PathBuf>,
}

/// What `restore` is called with.
#[derive(Args)]
pub(crate) struct RestoreArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The backup's directory
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The file of its wrapped keys (default: beside the directory, its name with `.keys` added)
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The newest erasure log, from `verifa audit erasures`, exported after the backup was made: who
    /// is in it is erased again
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "without_erasure_log"
    )]
    erasure_log: Option<PathBuf>,
    /// Restore without one: sessions that were erased after the backup come back
    #[arg(long, conflicts_with = "erasure_log")]
    without_erasure_log: bool,
}

/// Makes a backup, also while a server runs.
///
/// # Errors
/// When the target is not empty, or something fails.
pub(crate) async fn backup(arguments: &BackupArguments) -> anyhow::Result<()> {
    let config = arguments.arguments.load()?;
    telemetry::start_logging(&config.log);
    let db = wire::open_database(&config).await?;
    let app = wire::build_app(&config, db).await?;
    let target = BackupTarget {
        directory: arguments.to.clone(),
        keys: keys_file(arguments.keys_to.as_deref(), &arguments.to),
    };
    let made = back_up(&app, &target).await;
    app.db.close().await;
    let manifest = made?;
    let rows: u64 = manifest.tables.values().map(|table| table.rows).sum();
    terminal::out(format_args!(
        "Backed up {rows} rows and {} images to `{}`.",
        manifest.blobs,
        target.directory.display()
    ));
    terminal::note(format_args!(
        "The wrapped keys are in `{}`: keep them apart, and for a shorter time. \
         What is erased stays readable wherever its key is kept.",
        target.keys.display()
    ));
    Ok(())
}

/// Restores a backup into an empty installation.
///
/// # Errors
/// When there is an installation already, a file is not the backup's, or something fails.
pub(crate) async fn restore_backup(arguments: &RestoreArguments) -> anyhow::Result<()> {
    let config = arguments.arguments.load()?;
    telemetry::start_logging(&config.log);
    let (db, _lock) = empty_database(&config).await?;
    let source = RestoreSource {
        directory: arguments.from.clone(),
        keys: keys_file(arguments.keys.as_deref(), &arguments.from),
        erasure_log: arguments.erasure_log.clone(),
    };
    let masters = MasterKeyRing::new(wire::master_key(&config)?);
    let blobs = config
        .blobs
        .open(&config.data)
        .context("the blob store can't be used")?;
    let holder = verifa_core::id::uuid_v7(SystemClock.now(), &SystemRandom);
    let opened = db.clone();
    let configured = config.clone();
    let kept = blobs.clone();
    let restored = restore(&db, &blobs, &SystemClock, holder, &source, async |rows| {
        let keys = Keyring::with_server_keys(rows, masters)?;
        wire::assemble(&configured, opened, kept, keys)
    })
    .await;
    db.close().await;
    let restored = restored?;
    terminal::out(format_args!(
        "Restored {} rows and {} images; {} sessions were erased again.",
        restored.rows, restored.blobs, restored.erased_again
    ));
    if arguments.without_erasure_log {
        terminal::note(
            "No erasure log was replayed: whoever was erased after the backup is back, and has to \
             be erased again.",
        );
    }
    Ok(())
}

async fn empty_database(
    config: &Config,
) -> anyhow::Result<(verifa_store::db::Db, Option<DirectoryLock>)> {
    let directory = &config.data.dir;
    super::init::make_directory(directory)
        .with_context(|| format!("the data directory `{}` can't be made", directory.display()))?;
    let db = wire::open_database(config).await?;
    let lock = wire::is_alone(&db)
        .then(|| DirectoryLock::acquire(directory))
        .transpose()?;
    Ok((db, lock))
}

fn keys_file(named: Option<&Path>, directory: &Path) -> PathBuf {
    named.map_or_else(
        || {
            // Without a slash at the end, which would put the keys inside.
            let mut path = directory.components().as_path().as_os_str().to_owned();
            path.push(".keys");
            PathBuf::from(path)
        },
        Path::to_owned,
    )
}
