//! One test for each way an installation can be broken.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use verifa_models::RegistryClients;
use verifa_store::db::{Commit, DirectoryLock, Migration};
use verifa_store::migrations::MIGRATIONS;
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_store::workflows::{self, WorkflowRecord};
use verifa_vault::MasterKey;

use super::installation::{Fixed, Installation, NO_MODELS, Seeded};
use super::kinds;
use crate::cli::doctor::{FaultKind, Report, Surroundings, run};
use crate::config::{Config, Sources};

const LATER: Migration = Migration {
    number: 1_000,
    name: "later",
    sql: "CREATE TABLE later (id BIGINT PRIMARY KEY)",
};

/// Examines and expects these faults, besides the models that no test has.
macro_rules! expect {
    ($installation:expr, [$($kind:ident),*]) => {{
        let report = $installation.examine().await;
        let found: Vec<_> =
            kinds(&report).into_iter().filter(|kind| !NO_MODELS.contains(kind)).collect();
        assert_eq!(found, [$(FaultKind::$kind),*] as [FaultKind; _], "{}", report.to_text());
        report
    }};
}

#[tokio::test]
async fn an_invalid_configuration_is_the_only_finding() {
    let environment = vec![("VERIFA_SERVER__LISTN".to_owned(), "x".to_owned())];
    let errors = Config::load(&Sources {
        environment,
        ..Sources::default()
    })
    .unwrap_err();
    let random = Seeded::new(1);
    let clock = Fixed(verifa_core::time::Timestamp::from_seconds(1_800_000_000));
    let surroundings = Surroundings {
        clock: &clock,
        random: &random,
        registry_clients: RegistryClients::default(),
        migrations: MIGRATIONS,
        free_space: |_| Ok(0),
    };
    let report = run(Err(&errors), &surroundings).await;
    assert_eq!(kinds(&report), [FaultKind::ConfigurationInvalid]);
    assert!(report.to_text().contains("did you mean `listen`?"));
}

#[tokio::test]
async fn a_missing_data_directory() {
    let installation = Installation::new().await;
    fs::remove_dir_all(installation.data_directory()).unwrap();
    let report = expect!(installation, [DataDirectoryMissing]);
    assert_eq!(
        report.exit_code(),
        FaultKind::DataDirectoryMissing.exit_code()
    );
    assert!(
        !installation.data_directory().exists(),
        "doctor made the directory"
    );
}

/// Root may write anywhere, so the lock file is made unusable instead of the directory.
#[tokio::test]
async fn a_data_directory_that_takes_no_files() {
    let installation = Installation::new().await;
    fs::create_dir(installation.data_directory().join("verifa.lock")).unwrap();
    expect!(installation, [DataDirectoryNotWritable]);
}

#[tokio::test]
async fn a_read_only_data_directory() {
    let installation = Installation::new().await;
    let directory = installation.data_directory();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(directory.join("probe"), b"").is_ok() {
        eprintln!("SKIPPED: this user may write to read-only directories");
        return;
    }
    let report = installation.examine().await;
    assert!(kinds(&report).contains(&FaultKind::DataDirectoryNotWritable));
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn a_running_server_is_no_fault() {
    let mut installation = Installation::new().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    installation.set(
        "VERIFA_SERVER__LISTEN",
        &taken.local_addr().unwrap().to_string(),
    );
    let _lock = DirectoryLock::acquire(&installation.data_directory()).unwrap();
    let report = expect!(installation, []);
    assert!(report.to_text().contains("the running server uses it"));
}

#[tokio::test]
async fn an_address_that_is_taken() {
    let mut installation = Installation::new().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    installation.set("VERIFA_SERVER__LISTEN", &address);
    expect!(installation, [AddressUnavailable]);
    installation.set("VERIFA_SERVER__LISTEN", "127.0.0.1:0");
    installation.set("VERIFA_SERVER__ADMIN_LISTEN", &address);
    expect!(installation, [AddressUnavailable]);
}

/// The exit code that a fault of the report stands for, whatever else it found.
fn code_of(report: &Report, fault: &str) -> i64 {
    let json = report.to_json();
    let findings = json["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["fault"] == fault);
    found.unwrap()["exit_code"].as_i64().unwrap()
}

#[tokio::test]
async fn a_mail_server_that_is_away() {
    let mut installation = Installation::new().await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    installation.set("VERIFA_MAIL__SMTP_URL", &format!("smtp://{address}"));
    let report = expect!(installation, [MailServerUnreachable]);
    assert_eq!(code_of(&report, "mail_server_unreachable"), 34);
}

#[tokio::test]
async fn a_mail_directory_that_takes_no_files() {
    let mut installation = Installation::new().await;
    let taken = installation.path("taken");
    fs::write(&taken, b"a file").unwrap();
    installation.set("VERIFA_MAIL__DIR", taken.to_str().unwrap());
    let report = expect!(installation, [MailDirectoryNotWritable]);
    assert_eq!(code_of(&report, "mail_directory_not_writable"), 35);
}

#[tokio::test]
async fn little_space() {
    let mut installation = Installation::new().await;
    installation.free_space = |_| Ok(300 << 20);
    let report = expect!(installation, [DiskNearlyFull]);
    assert!(report.to_text().contains("300 MiB are free"));
}

#[tokio::test]
async fn the_real_disk_can_be_asked() {
    let installation = Installation::new().await;
    let clock = Fixed(installation.file_time());
    let random = Seeded::new(1);
    let machine = Surroundings::of_machine(&clock, &random);
    assert!((machine.free_space)(&installation.data_directory()).unwrap() > 0);
}

#[tokio::test]
async fn a_missing_master_key() {
    let installation = Installation::new().await;
    fs::remove_file(installation.master_key_path()).unwrap();
    expect!(installation, [MasterKeyMissing]);
    assert!(
        !installation.master_key_path().exists(),
        "doctor made a key"
    );
}

#[tokio::test]
async fn a_master_key_that_others_may_read() {
    let installation = Installation::new().await;
    let path = installation.master_key_path();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let report = expect!(installation, [MasterKeyExposed]);
    assert!(report.to_text().contains("0644"));
}

#[tokio::test]
async fn a_master_key_that_is_none() {
    let mut installation = Installation::new().await;
    fs::write(installation.master_key_path(), "secret but short").unwrap();
    let report = expect!(installation, [MasterKeyUnreadable]);
    assert!(!report.to_text().contains("secret but short"));
    installation.set("VERIFA_DATA__MASTER_KEY", "other words");
    let report = expect!(installation, [MasterKeyUnreadable]);
    assert!(!report.to_text().contains("other words"));
}

#[tokio::test]
async fn a_master_key_of_other_data() {
    let installation = Installation::new().await;
    let path = installation.master_key_path();
    let right = installation.master_key().id().to_string();
    fs::remove_file(&path).unwrap();
    let wrong = MasterKey::create_file(&path, &Seeded::new(2)).unwrap();
    let report = expect!(installation, [MasterKeyWrong]);
    let text = report.to_text();
    assert!(text.contains(&right) && text.contains(&wrong.id().to_string()));
}

#[tokio::test]
async fn a_master_key_that_lies_with_the_data() {
    let mut installation = Installation::new().await;
    let inside = installation.data_directory().join("master.key");
    fs::rename(installation.master_key_path(), &inside).unwrap();
    let path = format!(
        "{}/../data/master.key",
        installation.data_directory().display()
    );
    installation.set("VERIFA_DATA__MASTER_KEY_PATH", &path);
    let report = expect!(installation, [MasterKeyInsideData]);
    assert_eq!(report.exit_code(), FaultKind::ModelsMissing.exit_code());
}

#[tokio::test]
async fn a_database_file_that_is_none() {
    let installation = Installation::without_database();
    fs::write(
        installation.data_directory().join("verifa.db"),
        vec![7; 8192],
    )
    .unwrap();
    expect!(installation, [DatabaseUnreachable]);
}

#[tokio::test]
async fn no_database_yet() {
    let installation = Installation::without_database();
    expect!(installation, [NotInitialised]);
    assert!(
        !installation.data_directory().join("verifa.db").exists(),
        "doctor made a database"
    );
}

#[tokio::test]
async fn an_empty_database() {
    let installation = Installation::without_database();
    installation.open().await.close().await;
    expect!(installation, [NotInitialised]);
}

#[tokio::test]
async fn a_database_of_a_newer_release() {
    let installation = Installation::without_database();
    let newer = [MIGRATIONS, &[LATER]].concat();
    installation
        .create_database(&newer, &installation.master_key())
        .await;
    expect!(installation, [SchemaNewer]);
}

#[tokio::test]
async fn a_database_of_an_older_release() {
    let mut installation = Installation::new().await;
    installation.migrations.push(LATER);
    expect!(installation, [SchemaPending]);
}

#[tokio::test]
async fn a_migration_that_was_changed() {
    let mut installation = Installation::new().await;
    installation.migrations[0].sql = "-- something else";
    expect!(installation, [MigrationAltered]);
}

#[tokio::test]
async fn a_stored_key_that_is_damaged() {
    let installation = Installation::new().await;
    let database = installation.open().await;
    let rows = database
        .query(verifa_store::keys::all_server())
        .await
        .unwrap();
    let name: String = rows[0].get(0).unwrap();
    let seen: Vec<u8> = rows[0].get(1).unwrap();
    let revision = rows[0].get(2).unwrap();
    let mut wrapped = seen.clone();
    *wrapped.last_mut().unwrap() ^= 1;
    let mut commit = Commit::new();
    let damage = verifa_store::keys::rewrap_server(&name, &wrapped, (&seen, revision));
    commit.push(damage);
    database.commit(commit).await.unwrap();
    database.close().await;
    expect!(installation, [StoredKeysDamaged]);
}

#[tokio::test]
async fn a_blob_directory_that_is_a_file() {
    let installation = Installation::new().await;
    fs::write(installation.data_directory().join("blobs"), b"").unwrap();
    expect!(installation, [BlobStoreUnusable]);
}

#[tokio::test]
async fn a_bucket_that_does_not_answer() {
    let mut installation = Installation::new().await;
    // A port that was just free: nobody listens on it.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for (key, value) in [
        ("VERIFA_BLOBS__STORE", "s3"),
        ("VERIFA_BLOBS__S3__BUCKET", "verifa"),
        ("VERIFA_BLOBS__S3__REGION", "eu-central-1"),
        ("VERIFA_BLOBS__S3__ENDPOINT", &format!("http://{free}")),
        ("VERIFA_BLOBS__S3__ALLOW_HTTP", "true"),
        ("VERIFA_BLOBS__S3__ACCESS_KEY_ID", "id"),
        ("VERIFA_BLOBS__S3__SECRET_ACCESS_KEY", "not to be shown"),
    ] {
        installation.set(key, value);
    }
    let report = expect!(installation, [BlobStoreUnusable]);
    assert!(!report.to_text().contains("not to be shown"));
}

#[tokio::test]
async fn altered_models() {
    let installation = Installation::new().await;
    let model = verifa_models::status(&installation.data_directory()).remove(0);
    fs::create_dir_all(model.path.parent().unwrap()).unwrap();
    fs::write(&model.path, b"other weights").unwrap();
    expect!(installation, [ModelsAltered]);
}

#[tokio::test]
async fn missing_models_and_nothing_to_fetch_them_with() {
    let installation = Installation::new().await;
    let empty = installation.path("nothing");
    fs::create_dir(&empty).unwrap();
    let report = installation.examine_with_clients(&empty).await;
    assert_eq!(
        kinds(&report),
        [FaultKind::ModelsMissing, FaultKind::RegistryClientMissing]
    );
}

#[tokio::test]
async fn certificates() {
    let mut installation = Installation::new().await;
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = installation.path("cert.pem");
    let key = installation.path("key.pem");
    fs::write(&certificate, pair.cert.pem()).unwrap();
    fs::write(&key, pair.signing_key.serialize_pem()).unwrap();
    installation.set(
        "VERIFA_SERVER__TLS__CERT_PATH",
        certificate.to_str().unwrap(),
    );
    installation.set("VERIFA_SERVER__TLS__KEY_PATH", key.to_str().unwrap());
    expect!(installation, []);

    fs::write(&key, other.signing_key.serialize_pem()).unwrap();
    expect!(installation, [TlsUnusable]);
    fs::write(&key, "no key").unwrap();
    expect!(installation, [TlsUnusable]);
    fs::remove_file(&certificate).unwrap();
    let report = expect!(installation, [TlsUnusable]);
    assert!(report.to_text().contains("cert.pem"));
}

#[tokio::test]
async fn links_in_clear() {
    let mut installation = Installation::new().await;
    installation.set("VERIFA_SERVER__LISTEN", "0.0.0.0:0");
    expect!(installation, [PublicUrlNotHttps]);
    installation.set("VERIFA_SERVER__PUBLIC_URL", "http://verify.example.org");
    expect!(installation, [PublicUrlNotHttps]);
    installation.set("VERIFA_SERVER__PUBLIC_URL", "https://verify.example.org");
    expect!(installation, []);
}

#[tokio::test]
async fn clocks() {
    let mut installation = Installation::new().await;
    installation.clock_offset_seconds = -3_600;
    let report = expect!(installation, [ClockImplausible]);
    assert!(report.to_text().contains("the database was written at"));
    installation.clock_offset_seconds = 100 * 365 * 86_400;
    expect!(installation, [ClockImplausible]);
    installation.clock_offset_seconds = -(installation.file_time().as_seconds());
    expect!(installation, [ClockImplausible, ClockImplausible]);
}

#[tokio::test]
async fn an_edited_default_workflow_is_only_noted() {
    let installation = Installation::new().await;
    let database = installation.open().await;
    let rows = database.query(organizations::all()).await.unwrap();
    let organization = OrganizationRecord::from_row(&rows[0]).unwrap();
    let get = workflows::get(organization.id, organization.default_workflow_id);
    let row = database.query_opt(get).await.unwrap().unwrap();
    let mut workflow = WorkflowRecord::from_row(&row).unwrap();
    workflow.current_version = 2;
    let mut commit = Commit::new();
    commit.push(workflows::update(&workflow, installation.file_time()));
    database.commit(commit).await.unwrap();
    database.close().await;
    let report = expect!(installation, []);
    assert!(report.to_text().contains("note     default workflow"));
}
