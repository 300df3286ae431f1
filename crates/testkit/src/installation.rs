//! A data directory made by `verifa init`, and the commands run on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::database::{Database, DatabaseKind};
use crate::models::installed_models;

/// How a server is to be set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    environment: Vec<(String, String)>,
    models: bool,
    disk: Option<u64>,
}

impl Options {
    /// With a data directory on a disk of its own of this many bytes, where the test may mount one;
    /// see [`Installation::is_on_small_disk`].
    #[must_use]
    pub fn on_small_disk(mut self, bytes: u64) -> Self {
        self.disk = Some(bytes);
        self
    }

    /// A setting by its environment variable, such as `VERIFA_WORKER__JOBS_AT_ONCE`.
    #[must_use]
    pub fn set(mut self, variable: &str, value: impl ToString) -> Self {
        self.environment
            .push((variable.to_owned(), value.to_string()));
        self
    }

    /// With the model pack; see [`installed_models`] for where there is none.
    #[must_use]
    pub fn with_models(mut self) -> Self {
        self.models = true;
        self
    }
}

/// The keys that `verifa init` printed.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Secret, live, every scope.
    pub live: String,
    /// Secret, sandbox, every scope.
    pub sandbox: String,
    /// Publishable, live.
    pub publishable_live: String,
    /// Publishable, sandbox.
    pub publishable_sandbox: String,
    /// The operator's admin token.
    pub admin_token: String,
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// What it printed to standard output.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
}

impl Ran {
    /// The JSON that a successful command printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).expect("the command printed no JSON")
    }
}

/// An initialised data directory; erased when dropped.
pub struct Installation {
    program: PathBuf,
    environment: Vec<(String, String)>,
    /// The keys of its first organization.
    pub keys: Keys,
    /// What `verifa init --json` printed.
    pub printed: Value,
    /// Its database.
    pub database: Database,
    disk: Option<SmallDisk>,
    // Dropped last: the database lies in it.
    directory: TempDir,
}

/// A file system in memory, unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where the test has no privilege to mount.
    fn mount(at: &Path, bytes: u64) -> Option<Self> {
        std::fs::create_dir(at).expect("a place to mount at");
        let size = format!("size={bytes},mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at)
            .stderr(Stdio::null())
            .status();
        let mounted = mounted.is_ok_and(|status| status.success());
        mounted.then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: whatever still holds a file on it lets go of it in its own time.
        let _unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

impl Installation {
    /// Runs `verifa init` in a new directory.
    pub async fn init(program: &str, options: &Options) -> Self {
        let directory = tempfile::Builder::new().prefix("verifa-test-").tempdir();
        let directory = directory.expect("a temporary directory");
        let data = directory.path().join("data");
        let disk = options
            .disk
            .and_then(|bytes| SmallDisk::mount(&data, bytes));
        let database = Database::make(DatabaseKind::of_this_run(), &data).await;
        let none = Keys {
            live: String::new(),
            sandbox: String::new(),
            publishable_live: String::new(),
            publishable_sandbox: String::new(),
            admin_token: String::new(),
        };
        let mut new = Self {
            program: program.into(),
            environment: options.environment.clone(),
            keys: none,
            printed: Value::Null,
            database,
            disk,
            directory,
        };
        new.printed = new.run(&["init", "--json"]).json();
        let key = |name: &str| {
            let key = new.printed["keys"][name].as_str();
            key.expect("`verifa init --json` prints this key")
                .to_owned()
        };
        new.keys = Keys {
            live: key("live"),
            sandbox: key("sandbox"),
            publishable_live: key("publishable_live"),
            publishable_sandbox: key("publishable_sandbox"),
            admin_token: new.printed["admin_token"]
                .as_str()
                .expect("`verifa init --json` prints an admin token")
                .to_owned(),
        };
        if options.models
            && let Some(models) = installed_models()
        {
            std::os::unix::fs::symlink(models, data.join("models")).expect("a link to the models");
        }
        new
    }

    /// A new place for the same installation, with its master key and an empty database: where a
    /// backup of it is restored.
    pub async fn elsewhere(&self) -> Self {
        self.elsewhere_on(DatabaseKind::of_this_run()).await
    }

    /// As [`Installation::elsewhere`], on the database of this kind.
    pub async fn elsewhere_on(&self, kind: DatabaseKind) -> Self {
        let directory = tempfile::Builder::new().prefix("verifa-test-").tempdir();
        let directory = directory.expect("a temporary directory");
        let data = directory.path().join("data");
        let database = Database::make(kind, &data).await;
        let other = Self {
            program: self.program.clone(),
            environment: self.environment.clone(),
            keys: self.keys.clone(),
            printed: self.printed.clone(),
            database,
            disk: None,
            directory,
        };
        std::fs::copy(self.master_key_path(), other.master_key_path()).expect("the master key");
        other
    }

    /// Whether the data directory is on a disk of its own.
    pub fn is_on_small_disk(&self) -> bool {
        self.disk.is_some()
    }

    /// The file of the master key: beside the data directory.
    pub fn master_key_path(&self) -> PathBuf {
        self.directory.path().join("data.master-key")
    }

    /// Everything that belongs to the test: data, master key, log.
    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    /// `DIR` of `--data-dir DIR`.
    pub fn data_directory(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Where the servers of this directory write their log.
    pub fn log_path(&self) -> PathBuf {
        self.directory.path().join("server.log")
    }

    /// Everything that was logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// A subcommand on this directory, not started yet. The kernel kills it with the test.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--"])
            .arg(&self.program);
        command
            .args(arguments)
            .arg("--data-dir")
            .arg(self.data_directory());
        if let Some(url) = self.database.url() {
            command.args(["--database-url", &url]);
        }
        command
            .env("VERIFA_SERVER__ADMIN_LISTEN", "off")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs a subcommand to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let output = self
            .command(arguments)
            .output()
            .expect("cannot run the program");
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Makes an API key by `verifa keys create`: its secret. `scopes` as in `a,b` or `*`.
    pub fn create_key(&self, environment: &str, scopes: &str) -> String {
        let made = self.create_key_object(environment, scopes);
        made["secret"].as_str().expect("a secret").to_owned()
    }

    /// Makes an API key: everything that was printed.
    pub fn create_key_object(&self, environment: &str, scopes: &str) -> Value {
        let organization = self.printed["organization"].as_str();
        let arguments = [
            "keys",
            "create",
            "--environment",
            environment,
            "--scopes",
            scopes,
            "--organization",
            organization.expect("`verifa init --json` prints the organization"),
            "--json",
        ];
        self.run(&arguments).json()
    }
}
