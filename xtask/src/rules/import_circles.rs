//! No circle between the top-level modules of a crate. Cargo refuses circles between crates; inside
//! one the compiler allows them, and they are how a crate becomes one lump.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::tokens::{WrittenPath, paths};
use super::{CrateSources, SourceFile};

/// From a module to each module it names, with the first place where it does.
type Edges = BTreeMap<String, BTreeMap<String, String>>;

pub(super) fn offences(sources: &CrateSources) -> Result<Vec<String>> {
    let modules: BTreeSet<String> = sources
        .files
        .iter()
        .filter_map(|file| position(sources, file).map(|(top, _)| top))
        .collect();
    let aliases = root_aliases(sources, &modules)?;
    let mut edges = Edges::new();
    for file in &sources.files {
        let Some((module, depth)) = position(sources, file) else {
            continue;
        };
        for path in parsed(file)? {
            let Some(named) = named_from_root(&path, depth) else {
                continue;
            };
            let target = aliases.get(named).map_or(named, String::as_str);
            if target != module && modules.contains(target) {
                edges
                    .entry(module.clone())
                    .or_default()
                    .entry(target.to_owned())
                    .or_insert_with(|| format!("{}:{}", file.path.display(), path.line));
            }
        }
    }
    Ok(circles(&edges))
}

fn parsed(file: &SourceFile) -> Result<Vec<WrittenPath>> {
    paths(&file.text).with_context(|| file.path.display().to_string())
}

/// A file's top-level module and how deep in modules its text stands; none for the crate's root.
fn position(sources: &CrateSources, file: &SourceFile) -> Option<(String, usize)> {
    let relative = file.path.strip_prefix(&sources.source_directory).ok()?;
    let is_root = relative == Path::new("lib.rs") || relative == Path::new("main.rs");
    // Each file in src/bin is a program, a crate of its own.
    if is_root || relative.starts_with("bin") {
        return None;
    }
    let without_extension = relative.with_extension("");
    let mut parts: Vec<String> = without_extension
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    let depth = parts.len();
    parts.into_iter().next().map(|top| (top, depth))
}

/// Names that the root re-exports: `pub use session::State` makes `crate::State` lead to `session`.
fn root_aliases(
    sources: &CrateSources,
    modules: &BTreeSet<String>,
) -> Result<BTreeMap<String, String>> {
    let mut aliases = BTreeMap::new();
    for file in sources
        .files
        .iter()
        .filter(|file| position(sources, file).is_none())
    {
        for path in parsed(file)? {
            let segments: Vec<&String> = path
                .segments
                .iter()
                .skip_while(|part| matches!(part.as_str(), "crate" | "self"))
                .collect();
            if let [first, .., last] = segments.as_slice()
                && modules.contains(*first)
                && !modules.contains(*last)
            {
                aliases.insert((*last).clone(), (*first).clone());
            }
        }
    }
    Ok(aliases)
}

/// The name below the crate's root that a path leads to, if it is written from the root.
fn named_from_root(path: &WrittenPath, depth: usize) -> Option<&str> {
    let first = path.segments.first()?.as_str();
    if first == "crate" {
        return path.segments.get(1).map(String::as_str);
    }
    let levels_up = path
        .segments
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    (levels_up > 0 && levels_up == depth + path.inline_modules)
        .then(|| path.segments.get(levels_up).map(String::as_str))?
}

/// Every circle once, at one of its edges.
fn circles(edges: &Edges) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut seen = BTreeSet::new();
    for (from, targets) in edges {
        for (to, place) in targets {
            let Some(way_back) = way(edges, to, from) else {
                continue;
            };
            if seen.insert(way_back.iter().cloned().collect::<BTreeSet<_>>()) {
                sentences.push(format!(
                    "{place}: circle {from} -> {}",
                    way_back.join(" -> ")
                ));
            }
        }
    }
    sentences
}

/// A shortest way from one module to another, both named in it.
fn way(edges: &Edges, from: &str, to: &str) -> Option<Vec<String>> {
    let mut ways = std::collections::VecDeque::from([vec![from.to_owned()]]);
    let mut seen = BTreeSet::from([from.to_owned()]);
    while let Some(way) = ways.pop_front() {
        let last = way.last()?;
        if last == to {
            return Some(way);
        }
        for next in edges.get(last).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(next.clone()) {
                let mut longer = way.clone();
                longer.push(next.clone());
                ways.push_back(longer);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::offences;
    use crate::rules::sample;

    #[test]
    fn one_direction_is_fine() {
        let sources = sample(
            "a",
            &[
                ("lib.rs", "mod x; mod y;"),
                ("x.rs", "use crate::y::Y;"),
                ("y.rs", ""),
            ],
        );
        assert!(offences(&sources).unwrap().is_empty());
    }

    #[test]
    fn a_circle_is_named_once_with_its_place() {
        let sources = sample(
            "a",
            &[
                ("x.rs", "use crate::y::Y;"),
                ("y/mod.rs", "mod deep;"),
                ("y/deep.rs", "fn f() { super::super::x::g() }"),
            ],
        );
        assert_eq!(
            offences(&sources).unwrap(),
            ["crates/a/src/x.rs:1: circle x -> y -> x"]
        );
    }

    #[test]
    fn a_way_round_by_the_root_counts() {
        let sources = sample(
            "a",
            &[
                ("lib.rs", "mod x; mod y; pub use x::Thing;"),
                ("x.rs", "use crate::y::Y;"),
                ("y.rs", "use crate::Thing;"),
            ],
        );
        assert_eq!(
            offences(&sources).unwrap(),
            ["crates/a/src/x.rs:1: circle x -> y -> x"]
        );
    }

    #[test]
    fn test_modules_may_look_anywhere() {
        let sources = sample(
            "a",
            &[
                ("x.rs", "use crate::y::Y;"),
                ("y.rs", "#[cfg(test)] mod tests { use crate::x::X; }"),
            ],
        );
        assert!(offences(&sources).unwrap().is_empty());
    }
}
