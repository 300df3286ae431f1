//! Finds the server programs, which Debian keeps out of `PATH`, and runs them as an unprivileged
//! user, because PostgreSQL refuses to run as root.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::Error;

/// Where Debian and its derivatives install one directory per major version.
const DEBIAN_ROOT: &str = "/usr/lib/postgresql";
/// The unprivileged user that the Debian package creates.
const DEBIAN_USER: &str = "postgres";

/// The directory that holds `initdb`, `postgres` and their helpers.
#[derive(Debug, Clone)]
pub struct Binaries {
    directory: PathBuf,
    major_version: Option<u32>,
}

impl Binaries {
    /// The newest installed version; a directory in `PATH` wins.
    pub fn find() -> Result<Self, Error> {
        let in_path = std::env::var_os("PATH")
            .into_iter()
            .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
            .find(|directory| Self::complete(directory));
        if let Some(directory) = in_path {
            return Ok(Self {
                directory,
                major_version: None,
            });
        }
        let entries = std::fs::read_dir(DEBIAN_ROOT).map_err(|_| Error::NotInstalled)?;
        entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let major_version: u32 = path.file_name()?.to_str()?.parse().ok()?;
                let directory = path.join("bin");
                Self::complete(&directory).then_some(Self {
                    directory,
                    major_version: Some(major_version),
                })
            })
            .max_by_key(|binaries| binaries.major_version)
            .ok_or(Error::NotInstalled)
    }

    /// The directory they were found in.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn complete(directory: &Path) -> bool {
        ["initdb", "postgres", "pg_isready", "createdb"]
            .iter()
            .all(|program| directory.join(program).is_file())
    }

    /// A command for one of the programs, run as an unprivileged user and told to stop when the
    /// starting thread ends, so that a killed test leaves no server behind.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]);
        if runs_as_root() {
            command.args([
                "--reuid",
                DEBIAN_USER,
                "--regid",
                DEBIAN_USER,
                "--clear-groups",
            ]);
        }
        command
            .arg("--")
            .arg(self.directory.join(program))
            .current_dir("/");
        command
    }

    /// Gives a directory to the user that the programs run as.
    pub(crate) fn hand_over(directory: &Path) -> Result<(), Error> {
        if !runs_as_root() {
            return Ok(());
        }
        let mut command = Command::new("chown");
        command
            .arg(format!("{DEBIAN_USER}:{DEBIAN_USER}"))
            .arg(directory);
        run(&mut command).map(drop)
    }
}

/// The programs refuse to run as root; the owner of `/proc/self` is the effective user.
fn runs_as_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// Runs to the end; a failure carries the last of what was printed.
pub(crate) fn run(command: &mut Command) -> Result<Output, Error> {
    let program = program_name(command);
    let output = command.output().map_err(|source| Error::Run {
        program: program.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(output);
    }
    let printed = String::from_utf8_lossy(&output.stderr);
    Err(Error::Failed {
        program,
        message: last_lines(&printed),
    })
}

/// The program that a command finally runs, behind `setpriv`.
pub(crate) fn program_name(command: &Command) -> String {
    let mut arguments = command
        .get_args()
        .skip_while(|argument| *argument != OsStr::new("--"));
    let program = arguments.nth(1).unwrap_or_else(|| command.get_program());
    program.to_string_lossy().into_owned()
}

/// The last five lines, which is where the reason stands.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(5);
    lines.get(from..).unwrap_or_default().join(" | ")
}
