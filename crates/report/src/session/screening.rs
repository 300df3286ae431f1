//! Names on lists that look like the person's. Left out while there are none.

use super::look;
use super::{Composer, checks, or_dash, words};
use crate::model::{ScreeningHit, SessionReport};
use crate::page::{Block, Column, RowCells, Table};
use crate::text::Setter;

const COLUMNS: [Column; 4] = [
    Column {
        heading: "List",
        x: 0.0,
        width: 108.0,
        heads_row: true,
    },
    Column {
        heading: "Score and status",
        x: 116.0,
        width: 70.0,
        heads_row: false,
    },
    Column {
        heading: "Name on the list",
        x: 194.0,
        width: 135.0,
        heads_row: false,
    },
    Column {
        heading: "Particulars",
        x: 337.0,
        width: 162.0,
        heads_row: false,
    },
];

pub(super) fn put(page: &mut Composer, report: &SessionReport) {
    if report.screening_hits.is_empty() {
        return;
    }
    let section = page.section("Screening hits", 50.0);
    let table = Table {
        summary: "Names on lists that look like the person's.",
        columns: &COLUMNS,
        headings: Some(look::COLUMN),
        padding: 3.2,
        rule: Some(look::LINE),
    };
    let rows = report
        .screening_hits
        .iter()
        .map(|hit| row(&page.setter, hit))
        .collect();
    table.put(&mut page.flow, &page.setter, section, rows);
}

fn row(setter: &Setter, hit: &ScreeningHit) -> RowCells {
    let [first, second, third, fourth] = COLUMNS.map(|column| column.width);
    let mut judged = Block::of(setter, &format!("{:.3}", hit.score), look::STRONG, second);
    judged.add(
        setter,
        &words::spelled(&hit.status),
        look::SMALL,
        second,
        0.0,
    );
    let particulars = checks::listed(hit.particulars.iter());
    vec![
        Block::of(setter, or_dash(&hit.list), look::TEXT, first),
        judged,
        Block::of(setter, or_dash(&hit.name), look::STRONG, third),
        Block::of(setter, or_dash(&particulars), look::SMALL, fourth),
    ]
}
