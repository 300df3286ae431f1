//! Keeps docs/openapi.json equal to what the server says of itself.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::workspace::{self, cargo};
use crate::{client_crate, process};

/// The locked snapshot, from the workspace's root.
const SNAPSHOT: &str = "docs/openapi.json";

#[derive(Args)]
pub(crate) struct Options {
    /// Only compare; fail when the file is stale.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    process::run(cargo().args(["build", "--package", "verifa-server", "--locked"]))?;
    if options.check { check() } else { write() }
}

fn write() -> Result<()> {
    let path = workspace::root().join(SNAPSHOT);
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    std::fs::write(&path, current()?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {SNAPSHOT}");
    // What the client has follows from what the server describes.
    client_crate::write()
}

/// The committed file against the built server.
pub(crate) fn check() -> Result<()> {
    let committed = std::fs::read_to_string(workspace::root().join(SNAPSHOT))
        .with_context(|| format!("{SNAPSHOT} is missing; run: cargo xtask openapi"))?;
    if committed != current()? {
        bail!("{SNAPSHOT} is stale; run: cargo xtask openapi, and read its diff");
    }
    Ok(())
}

fn current() -> Result<String> {
    process::output(Command::new(workspace::server_program("debug")?).arg("openapi"))
}
