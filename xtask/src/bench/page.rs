//! The tables as Markdown, and their place in docs/benchmarks.md.

use anyhow::{Context as _, Result};

use super::Options;
use crate::workspace;

const PAGE: &str = "docs/benchmarks.md";
/// What stands between these is ours to replace; the rest of the page is written by people.
const START: &str = "<!-- written by cargo xtask bench: start -->";
const END: &str = "<!-- written by cargo xtask bench: end -->";

/// One subject's figures.
pub(super) struct Table {
    title: &'static str,
    note: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(
        title: &'static str,
        note: &'static str,
        columns: &'static [&'static str],
    ) -> Self {
        Self {
            title,
            note,
            columns,
            rows: Vec::new(),
        }
    }

    /// Adds a row, and prints it at once: a long run shows where it is.
    pub(super) fn row(&mut self, cells: &[String]) {
        println!("{}: {}", self.title, cells.join(" | "));
        self.rows.push(cells.to_vec());
    }
}

/// The page's measured part.
pub(super) fn rendered(machine: &str, options: &Options, tables: &[Table]) -> String {
    let connections: Vec<String> = options
        .connections
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut out = format!(
        "Measured {machine}\nCommand: `cargo xtask bench --seconds {} --connections {}`. Load \
         generator and server share the cores.\n",
        options.seconds,
        connections.join(",")
    );
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        out.extend(["\n### ", table.title, "\n\n", table.note, "\n\n"]);
        out.push_str(&line(table.columns));
        out.push_str(&line(&vec!["---"; table.columns.len()]));
        for row in &table.rows {
            out.push_str(&line(row));
        }
    }
    out
}

fn line<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Replaces the measured part of the page.
pub(super) fn write(measured: &str) -> Result<()> {
    let path = workspace::root().join(PAGE);
    let page = std::fs::read_to_string(&path).with_context(|| format!("cannot read {PAGE}"))?;
    let replaced = replaced(&page, measured).with_context(|| format!("{PAGE} lacks its marks"))?;
    std::fs::write(&path, replaced).with_context(|| format!("cannot write {PAGE}"))?;
    println!("wrote {PAGE}");
    Ok(())
}

fn replaced(page: &str, measured: &str) -> Option<String> {
    let (before, rest) = page.split_once(START)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{START}\n{measured}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::{END, START, replaced};

    #[test]
    fn only_the_marked_part_changes() {
        let page = format!("# Head\n{START}\nold\n{END}\ntail\n");
        let expected = format!("# Head\n{START}\nnew\n{END}\ntail\n");
        assert_eq!(replaced(&page, "new\n"), Some(expected));
        assert_eq!(replaced("# Head", "new"), None);
    }
}
