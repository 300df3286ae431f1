//! Writes the calls and types of `crates/client` from the OpenAPI document, so that an operation
//! that the server describes is an operation that the client has.

mod calls;
mod files;
mod schema;
mod types;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::workspace;

const DOCUMENT: &str = "docs/openapi.json";
const DIRECTORY: &str = "crates/client/src/generated";

#[derive(Args)]
pub(crate) struct Options {
    /// Only compare; fail when a file is stale.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.check { check() } else { write() }
}

/// One file: its name in [`DIRECTORY`] and its text.
type File = (String, String);

fn directory() -> PathBuf {
    workspace::root().join(DIRECTORY)
}

/// Writes the files anew.
pub(crate) fn write() -> Result<()> {
    let files = generated()?;
    let directory = directory();
    if directory.exists() {
        std::fs::remove_dir_all(&directory)?;
    }
    std::fs::create_dir_all(&directory)?;
    for (name, text) in &files {
        let path = directory.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    println!("wrote {} files into {DIRECTORY}", files.len());
    Ok(())
}

/// The committed files against the document.
pub(crate) fn check() -> Result<()> {
    let files = generated()?;
    for (name, text) in &files {
        let committed = std::fs::read_to_string(directory().join(name)).unwrap_or_default();
        if committed != *text {
            bail!("{DIRECTORY}/{name} is stale; run: cargo xtask client");
        }
    }
    let there = std::fs::read_dir(directory())?.count();
    if there != files.len() {
        bail!("{DIRECTORY} has files of nobody; run: cargo xtask client");
    }
    Ok(())
}

fn generated() -> Result<Vec<File>> {
    let text = std::fs::read_to_string(workspace::root().join(DOCUMENT))
        .with_context(|| format!("{DOCUMENT} is missing; run: cargo xtask openapi"))?;
    let document: Value = serde_json::from_str(&text)?;
    let mut types = schema::Types::new(&document)?;
    let operations = calls::read(&document, &mut types)?;
    files::all(&types, &operations)
}
