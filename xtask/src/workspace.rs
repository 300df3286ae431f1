//! Where things are in this workspace, and cargo as the commands here call it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

/// The directory of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Cargo, without the variables that `cargo run` set for this program: build scripts that watch
/// them (ring's does) would otherwise rebuild at every change between the two ways of calling.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new("cargo");
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || matches!(text, "CARGO_CRATE_NAME" | "CARGO_BIN_NAME")
        {
            command.env_remove(&name);
        }
    }
    command.current_dir(root());
    command
}

/// The resolved dependency graph, from the lock file as it stands.
pub(crate) fn metadata() -> Result<cargo_metadata::Metadata> {
    cargo_metadata::MetadataCommand::new()
        .current_dir(root())
        .other_options(
            ["--locked", "--filter-platform", "x86_64-unknown-linux-gnu"].map(String::from),
        )
        .exec()
        .context("cargo metadata")
}

/// Where cargo builds, also under `CARGO_TARGET_DIR`.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .context("cargo metadata")?;
    Ok(metadata.target_directory.into_std_path_buf())
}

/// The server's program of a profile's directory (`debug` or `release`); must have been built.
pub(crate) fn server_program(profile_directory: &str) -> Result<PathBuf> {
    let program = target_directory()?.join(profile_directory).join("verifa");
    anyhow::ensure!(
        program.is_file(),
        "{} has not been built",
        program.display()
    );
    Ok(program)
}

/// Today in UTC, `YYYY-MM-DD`, for generated reports.
pub(crate) fn today() -> Result<String> {
    let text = crate::process::output(Command::new("date").args(["-u", "+%F"]))?;
    Ok(text.trim().to_owned())
}

/// The files of this workspace with one extension below the given directory, in a fixed order.
pub(crate) fn files_below(directory: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![directory.to_path_buf()];
    while let Some(directory) = pending.pop() {
        let entries = std::fs::read_dir(&directory)
            .with_context(|| format!("cannot list {}", directory.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
