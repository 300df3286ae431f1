//! The checks: what each said, on what evidence, by which engine, when.

use super::look::{self, status_look, status_style};
use super::{Composer, facts, words};
use crate::model::{CheckEntry, Fact, SessionReport};
use crate::page::{Block, Column, RowCells, Table};
use crate::text::Setter;

const COLUMNS: [Column; 4] = [
    Column {
        heading: "Check",
        x: 0.0,
        width: 106.0,
        heads_row: true,
    },
    Column {
        heading: "Result",
        x: 112.0,
        width: 68.0,
        heads_row: false,
    },
    Column {
        heading: "Evidence",
        x: 186.0,
        width: 172.0,
        heads_row: false,
    },
    Column {
        heading: "Engine and time (UTC)",
        x: 366.0,
        width: 133.0,
        heads_row: false,
    },
];
/// Most pieces of evidence of one check.
const EVIDENCE: usize = 24;

pub(super) fn put(page: &mut Composer, report: &SessionReport) {
    let section = page.section("Checks", 60.0);
    if report.checks.is_empty() {
        facts::note(page, section, "No check was run.");
        return;
    }
    let table = Table {
        summary: "Each check with its result, evidence, engine and time.",
        columns: &COLUMNS,
        headings: Some(look::COLUMN),
        padding: 2.6,
        rule: Some(look::LINE),
    };
    let rows = report
        .checks
        .iter()
        .map(|check| row(&page.setter, check))
        .collect();
    table.put(&mut page.flow, &page.setter, section, rows);
}

fn row(setter: &Setter, check: &CheckEntry) -> RowCells {
    let [first, second, third, fourth] = COLUMNS.map(|column| column.width);
    let mut name = Block::of(setter, &words::check(&check.policy), look::STRONG, first);
    name.add(setter, &check.policy, look::SMALL_MONO, first, 0.0);

    let (icon, colour, word) = status_look(check.status);
    let mut result = Block::signed(setter, (icon, colour), word, status_style(colour), second);
    if let Some(score) = check.score {
        let text = format!("Score {score:.3}");
        result.add(setter, &text, look::SMALL, second, 0.0);
    }
    if check.attempt > 1 {
        let text = format!("Attempt {}", check.attempt);
        result.add(setter, &text, look::SMALL, second, 0.0);
    }
    vec![
        name,
        result,
        evidence(setter, check, third),
        making(setter, check, fourth),
    ]
}

fn evidence(setter: &Setter, check: &CheckEntry, width: f32) -> Block {
    let mut block = Block::default();
    for reason in &check.reasons {
        block.add(setter, reason, look::TEXT, width, 0.0);
    }
    let text = listed(check.evidence.iter().take(EVIDENCE));
    if !text.is_empty() {
        block.add(setter, &text, look::SMALL, width, 0.5);
    }
    if block.is_empty() {
        block.add(setter, "–", look::LABEL, width, 0.0);
    }
    block
}

/// `Age 29 · Minimum age 18`.
pub(super) fn listed<'a>(facts: impl Iterator<Item = &'a Fact>) -> String {
    let texts: Vec<String> = facts
        .map(|fact| {
            // A space that does not break keeps a name and its value together.
            let name = words::label(&fact.name).replace(' ', "\u{a0}");
            format!("{name}:\u{a0}{}", fact.value)
        })
        .collect();
    texts.join(" · ")
}

fn making(setter: &Setter, check: &CheckEntry, width: f32) -> Block {
    let mut block = Block::of(setter, &check.engine, look::SMALL_MONO, width);
    let started = words::exact_time(check.started_at);
    let text = match check.duration_ms {
        Some(taken) => format!("{started}, {}", words::duration(taken)),
        None => started,
    };
    block.add(setter, &text, look::SMALL, width, 0.5);
    block
}
