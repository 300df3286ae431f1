//! What the writer was promised, against what the file holds.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::workload::{body, file};

/// The last that is known of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Written,
    /// A deletion was begun and not answered: both outcomes are right.
    InDoubt,
    Deleted,
}

/// What the writers told.
#[derive(Default)]
pub(crate) struct Ledger {
    fates: BTreeMap<i64, Fate>,
    answered: usize,
    refused_for_space: usize,
    answered_after_refusal: usize,
}

impl Ledger {
    /// Notes a line of a writer; lines of the test harness are passed over.
    pub(crate) fn note(&mut self, line: &str) {
        let Some((word, id)) = line.split_at_checked(1) else {
            return;
        };
        let Ok(id) = id.parse::<i64>() else { return };
        match word {
            "+" => {
                self.fates.insert(id, Fate::Written);
                self.note_answer();
            }
            "~" => drop(self.fates.insert(id, Fate::InDoubt)),
            "-" => {
                self.fates.insert(id, Fate::Deleted);
                self.note_answer();
            }
            "!" => {
                self.refused_for_space += 1;
                self.answered_after_refusal = 0;
                // A refused deletion changed nothing.
                if let Some(fate) = self.fates.get_mut(&id) {
                    *fate = Fate::Written;
                }
            }
            _ => {}
        }
    }

    fn note_answer(&mut self) {
        self.answered += 1;
        self.answered_after_refusal += 1;
    }

    pub(crate) fn answered(&self) -> usize {
        self.answered
    }

    pub(crate) fn refused_for_space(&self) -> usize {
        self.refused_for_space
    }

    pub(crate) fn answered_after_refusal(&self) -> usize {
        self.answered_after_refusal
    }

    /// Every difference between what was promised and what is there; a few of each kind.
    pub(crate) fn faults(&self, directory: &Path) -> Vec<String> {
        read(directory).map_or_else(
            |error| vec![format!("the file cannot be read: {error}")],
            |found| self.differences(&found),
        )
    }

    fn differences(&self, found: &Found) -> Vec<String> {
        let mut faults = Vec::new();
        if found.integrity != "ok" {
            faults.push(format!("integrity: {}", found.integrity));
        }
        for (id, fate) in &self.fates {
            match (fate, found.pages.contains_key(id)) {
                (Fate::Written, false) => faults.push(format!("{id} was answered and is lost")),
                (Fate::Deleted, true) => faults.push(format!("{id} was deleted and is back")),
                _ => {}
            }
        }
        for (id, page) in &found.pages {
            if *page != body(*id) {
                faults.push(format!("{id} holds something else"));
            }
            if found.footnotes.get(id).copied() != Some(length_of(page)) {
                faults.push(format!("{id} has a page without its footnote"));
            }
        }
        for id in found
            .footnotes
            .keys()
            .filter(|id| !found.pages.contains_key(*id))
        {
            faults.push(format!("{id} has a footnote without its page"));
        }
        faults.truncate(20);
        faults
    }
}

fn length_of(page: &[u8]) -> i64 {
    i64::try_from(page.len()).unwrap()
}

struct Found {
    integrity: String,
    pages: HashMap<i64, Vec<u8>>,
    footnotes: HashMap<i64, i64>,
}

fn read(directory: &Path) -> Result<Found, rusqlite::Error> {
    let connection = rusqlite::Connection::open(file(directory))?;
    let integrity =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))?;
    let pages = connection
        .prepare("SELECT id, body FROM pages")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let footnotes = connection
        .prepare("SELECT id, length FROM footnotes")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(Found {
        integrity,
        pages,
        footnotes,
    })
}
