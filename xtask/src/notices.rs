//! Writes THIRD-PARTY.md: every crate that ends up in the `verifa` program, the licence we take it
//! under, and the texts that those licences ask to be passed on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};
use clap::Args;
use spdx::{Expression, LicenseReq, Licensee, ParseMode};

use crate::workspace;

const FILE: &str = "THIRD-PARTY.md";
/// The package whose program is shipped.
const PROGRAM: &str = "verifa-server";
/// Where a crate offers a choice, the first of these that it offers. Apache-2.0 first: its text is
/// ours too and names no copyright holder.
const PREFERRED: [&str; 12] = [
    "Apache-2.0",
    "MIT",
    "BSD-3-Clause",
    "BSD-2-Clause",
    "ISC",
    "Zlib",
    "BSL-1.0",
    "Unicode-3.0",
    "CC0-1.0",
    "0BSD",
    "Apache-2.0 WITH LLVM-exception",
    "MPL-2.0",
];

#[derive(Args)]
pub(crate) struct Options {
    /// Only compare; fail when the file is stale.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.check {
        return check();
    }
    std::fs::write(workspace::root().join(FILE), generated()?)
        .with_context(|| format!("cannot write {FILE}"))?;
    println!("wrote {FILE}");
    Ok(())
}

/// The committed file against the lock file's graph.
pub(crate) fn check() -> Result<()> {
    let committed = std::fs::read_to_string(workspace::root().join(FILE)).unwrap_or_default();
    if committed != generated()? {
        bail!("{FILE} is stale; run: cargo xtask notices");
    }
    Ok(())
}

/// One crate as the file lists it.
struct Notice {
    name: String,
    version: String,
    licence: String,
    authors: String,
    source: String,
    /// Licence and notice files that must be passed on; empty under Apache-2.0 without a NOTICE.
    texts: Vec<String>,
}

fn generated() -> Result<String> {
    let metadata = workspace::metadata()?;
    let shipped = shipped(&metadata)?;
    let mut notices = metadata
        .packages
        .iter()
        .filter(|package| shipped.contains(&package.id) && package.source.is_some())
        .map(notice)
        .collect::<Result<Vec<_>>>()?;
    notices.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(rendered(&notices))
}

/// The program's normal dependencies, transitively: build scripts, macros' own helpers and tests
/// aren't passed on.
fn shipped(metadata: &Metadata) -> Result<BTreeSet<PackageId>> {
    let resolve = metadata
        .resolve
        .as_ref()
        .context("cargo metadata gave no graph")?;
    let program = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == PROGRAM)
        .with_context(|| format!("no package {PROGRAM}"))?;
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut reached = BTreeSet::new();
    let mut pending = vec![&program.id];
    while let Some(id) = pending.pop() {
        if !reached.insert(id.clone()) {
            continue;
        }
        let dependencies = nodes
            .get(id)
            .map(|node| node.deps.as_slice())
            .unwrap_or_default();
        pending.extend(
            dependencies
                .iter()
                .filter(|dependency| {
                    dependency
                        .dep_kinds
                        .iter()
                        .any(|kind| kind.kind == DependencyKind::Normal)
                })
                .map(|dependency| &dependency.pkg),
        );
    }
    Ok(reached)
}

fn notice(package: &Package) -> Result<Notice> {
    let declared = package
        .license
        .as_deref()
        .with_context(|| format!("{} {} declares no licence", package.name, package.version))?;
    let taken = taken_under(declared)
        .with_context(|| format!("{} {}: {declared}", package.name, package.version))?;
    let needs_text = taken.iter().any(|licence| licence != "Apache-2.0");
    Ok(Notice {
        name: package.name.to_string(),
        version: package.version.to_string(),
        licence: taken.join(" and "),
        authors: package.authors.join(", "),
        source: package
            .repository
            .clone()
            .unwrap_or_else(|| "crates.io".into()),
        texts: texts(package, &taken, needs_text)?,
    })
}

/// The licences chosen from a declared expression.
fn taken_under(declared: &str) -> Result<Vec<String>> {
    let expression = Expression::parse_mode(declared, ParseMode::LAX)?;
    let accepted = PREFERRED
        .iter()
        .map(|name| Licensee::parse(name))
        .collect::<Result<Vec<_>, _>>()?;
    let chosen: Vec<LicenseReq> = expression.minimized_requirements(&accepted)?;
    Ok(chosen.iter().map(ToString::to_string).collect())
}

/// The crate's own files that hold the chosen licences' texts, and its NOTICE files.
fn texts(package: &Package, taken: &[String], needs_text: bool) -> Result<Vec<String>> {
    let directory = package
        .manifest_path
        .parent()
        .context("a manifest without a directory")?;
    let mut found = Vec::new();
    let mut names: Vec<String> = std::fs::read_dir(directory)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    for name in names {
        let upper = name.to_uppercase();
        let wanted = upper.starts_with("NOTICE") || (needs_text && is_licence_file(&upper, taken));
        let path = directory.join(&name);
        if wanted && path.is_file() {
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {path}"))?;
            found.push(normalised(&String::from_utf8_lossy(&bytes)));
        }
    }
    Ok(found)
}

/// `LICENSE` itself, or `LICENSE-MIT` where MIT was taken; not the ones of refused alternatives.
fn is_licence_file(upper: &str, taken: &[String]) -> bool {
    let stem = ["LICENSE", "LICENCE", "COPYING"]
        .iter()
        .find_map(|start| upper.strip_prefix(start));
    let Some(rest) = stem else { return false };
    let rest = rest.trim_end_matches(".MD").trim_end_matches(".TXT");
    if rest.is_empty() {
        return true;
    }
    let rest = rest.trim_start_matches(['-', '_', '.']);
    taken.iter().any(|licence| {
        let family = licence.split('-').next().unwrap_or(licence).to_uppercase();
        rest.starts_with(&family)
    })
}

/// Line ends and margins as ours, so that equal texts are equal.
fn normalised(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn rendered(notices: &[Notice]) -> String {
    let mut out = String::from(
        "# Third-party software\n\n\
         Written by `cargo xtask notices` from the dependency graph; not edited by hand.\n\n\
         The `verifa` program contains these crates. Where a crate offers a choice of licences, the\n\
         one named is the one taken. `libsqlite3-sys` brings SQLite, which is in the public domain.\n\
         Models are no part of the program: `verifa models fetch` gets them, and `verifa models list`\n\
         names their licences.\n\n\
         | crate | version | licence | source | authors |\n|---|---|---|---|---|\n",
    );
    let mut by_text: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for notice in notices {
        // Writing to a string can't fail.
        let _infallible = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            notice.name,
            notice.version,
            notice.licence,
            notice.source,
            notice.authors.replace('|', "/").replace(['<', '>'], "")
        );
        for text in &notice.texts {
            by_text
                .entry(text)
                .or_default()
                .push(format!("{} {}", notice.name, notice.version));
        }
    }
    out.push_str("\nThe text of Apache-2.0 is in LICENSE. The other texts follow, each once.\n");
    let mut texts: Vec<(Vec<String>, &str)> = by_text
        .into_iter()
        .map(|(text, crates)| (crates, text))
        .collect();
    texts.sort();
    for (crates, text) in texts {
        let indented: Vec<String> = text
            .lines()
            .map(|line| {
                if line.is_empty() {
                    String::new()
                } else {
                    format!("    {line}")
                }
            })
            .collect();
        let _infallible = write!(
            out,
            "\n## {}\n\n{}\n",
            crates.join(", "),
            indented.join("\n")
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{is_licence_file, taken_under};

    #[test]
    fn takes_apache_where_it_is_offered() {
        assert_eq!(taken_under("MIT OR Apache-2.0").unwrap(), ["Apache-2.0"]);
        assert_eq!(taken_under("MIT/Apache-2.0").unwrap(), ["Apache-2.0"]);
        assert_eq!(taken_under("Unlicense OR MIT").unwrap(), ["MIT"]);
        let both = taken_under("(MIT OR Apache-2.0) AND Unicode-3.0").unwrap();
        assert_eq!(both.len(), 2, "{both:?}");
        assert!(taken_under("GPL-3.0-only").is_err());
    }

    #[test]
    fn keeps_only_the_files_of_the_taken_licence() {
        let mit = ["MIT".to_owned()];
        assert!(is_licence_file("LICENSE", &mit));
        assert!(is_licence_file("LICENSE.MD", &mit));
        assert!(is_licence_file("LICENSE-MIT", &mit));
        assert!(!is_licence_file("LICENSE-APACHE", &mit));
        assert!(!is_licence_file("README.MD", &mit));
    }
}
