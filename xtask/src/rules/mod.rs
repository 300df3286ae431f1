//! The house rules that no lint knows. Each returns its offences as sentences with a place.

mod file_length;
mod import_circles;
mod pure_core;
mod tokens;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::workspace;

/// One source file of a crate.
struct SourceFile {
    /// From the workspace's root.
    path: PathBuf,
    text: String,
}

/// The sources of one crate (`src/` only: tests and benches answer to no module structure).
struct CrateSources {
    name: String,
    source_directory: PathBuf,
    files: Vec<SourceFile>,
}

/// All rules over all crates.
pub(crate) fn run() -> Result<()> {
    let crates = load()?;
    let mut offences = Vec::new();
    for one in &crates {
        offences.extend(file_length::offences(one));
        offences.extend(import_circles::offences(one)?);
        if one.name == pure_core::CRATE {
            offences.extend(pure_core::offences(one)?);
        }
    }
    let files: usize = crates.iter().map(|one| one.files.len()).sum();
    if offences.is_empty() {
        println!("{files} files in {} crates keep the rules", crates.len());
        return Ok(());
    }
    bail!(
        "{} house rules broken:\n  {}",
        offences.len(),
        offences.join("\n  ")
    )
}

fn load() -> Result<Vec<CrateSources>> {
    let root = workspace::root();
    let mut directories = vec![root.join("xtask")];
    for entry in std::fs::read_dir(root.join("crates")).context("cannot list crates/")? {
        directories.push(entry?.path());
    }
    directories.sort();
    directories
        .iter()
        .filter(|directory| directory.join("src").is_dir())
        .map(|directory| load_crate(&root, directory))
        .collect()
}

fn load_crate(root: &Path, directory: &Path) -> Result<CrateSources> {
    let name = directory
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let source_directory = directory.join("src");
    let files = workspace::files_below(&source_directory, "rs")?
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let path = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
            Ok(SourceFile { path, text })
        })
        .collect::<Result<_>>()?;
    let source_directory = source_directory
        .strip_prefix(root)
        .unwrap_or(&source_directory)
        .to_path_buf();
    Ok(CrateSources {
        name,
        source_directory,
        files,
    })
}

#[cfg(test)]
fn sample(name: &str, files: &[(&str, &str)]) -> CrateSources {
    let source_directory = PathBuf::from(format!("crates/{name}/src"));
    let files = files
        .iter()
        .map(|(path, text)| SourceFile {
            path: source_directory.join(path),
            text: (*text).into(),
        })
        .collect();
    CrateSources {
        name: name.into(),
        source_directory,
        files,
    }
}
