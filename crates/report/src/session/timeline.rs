//! What happened when, by whom: the session's events in the audit log.

use super::look;
use super::{Composer, facts, words};
use crate::model::{SessionReport, TimelineEntry};
use crate::page::{Block, Column, RowCells, Table};
use crate::text::Setter;

const COLUMNS: [Column; 4] = [
    Column {
        heading: "Time (UTC)",
        x: 0.0,
        width: 100.0,
        heads_row: true,
    },
    Column {
        heading: "Event",
        x: 108.0,
        width: 215.0,
        heads_row: false,
    },
    Column {
        heading: "By",
        x: 331.0,
        width: 126.0,
        heads_row: false,
    },
    Column {
        heading: "Audit no.",
        x: 463.0,
        width: 36.0,
        heads_row: false,
    },
];

pub(super) fn put(page: &mut Composer, report: &SessionReport) {
    let section = page.section("Timeline", 40.0);
    if report.timeline.is_empty() {
        facts::note(
            page,
            section,
            "The audit log holds no event of the session.",
        );
        return;
    }
    if report.earlier_left_out {
        let text = "The audit log has more events of the session; these are the newest.";
        facts::note(page, section, text);
        page.flow.space(6.0);
    }
    let table = Table {
        summary: "The session's events in the audit log, oldest first.",
        columns: &COLUMNS,
        headings: Some(look::COLUMN),
        padding: 0.8,
        rule: None,
    };
    let rows = report
        .timeline
        .iter()
        .map(|entry| row(&page.setter, entry))
        .collect();
    table.put(&mut page.flow, &page.setter, section, rows);
}

fn row(setter: &Setter, entry: &TimelineEntry) -> RowCells {
    let [first, second, third, fourth] = COLUMNS.map(|column| column.width);
    let mut said = vec![words::event(&entry.event)];
    said.extend(entry.particulars.iter().map(words::value));
    let event = Block::of(setter, &said.join(" · "), look::TEXT, second);
    let actor = words::actor(&entry.actor);
    // An id keeps its letters apart; words don't need it.
    let style = if actor == entry.actor {
        look::SMALL_MONO
    } else {
        look::LABEL
    };
    let number = entry
        .sequence
        .map_or_else(|| "–".to_owned(), |number| number.to_string());
    vec![
        Block::of(setter, &words::exact_time(entry.at), look::LABEL, first),
        event,
        Block::of(setter, &actor, style, third),
        Block::of(setter, &number, look::LABEL, fourth),
    ]
}
