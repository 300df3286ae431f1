//! Where the session stands in the audit log, and by what the report was made.

use super::look;
use super::{Composer, facts, words};
use crate::model::{AuditAnchor, SessionReport};
use crate::page::{Block, Column, Kind, RowCells, Table, WIDTH};
use crate::text::Style;

const NAME: f32 = 84.0;
const VALUE: f32 = WIDTH - NAME - 6.0;

const COLUMNS: [Column; 2] = [
    Column {
        heading: "",
        x: 0.0,
        width: NAME,
        heads_row: true,
    },
    Column {
        heading: "",
        x: NAME + 6.0,
        width: VALUE,
        heads_row: false,
    },
];

pub(super) fn put(page: &mut Composer, report: &SessionReport) {
    let section = page.section("Audit log", 90.0);
    let named = match &report.anchor {
        Some(anchor) => named(anchor),
        None => Vec::new(),
    };
    if named.is_empty() {
        facts::note(
            page,
            section,
            "The session's last event is not chained yet; a report made a few seconds later names \
             its hash.",
        );
    } else {
        let table = Table {
            summary: "Where the session stands in the audit log.",
            columns: &COLUMNS,
            headings: None,
            padding: 0.8,
            rule: None,
        };
        let rows: Vec<RowCells> = named
            .iter()
            .map(|(name, value, style)| {
                vec![
                    Block::of(&page.setter, name, look::LABEL, NAME),
                    Block::of(&page.setter, value, *style, VALUE),
                ]
            })
            .collect();
        table.put(&mut page.flow, &page.setter, section, rows);
    }
    let text = "Each event of the audit log is chained to those before it by SHA-256; checkpoints \
                of the chain are signed with Ed25519. On the server, `verifa audit verify` \
                recomputes the chain and compares it with every checkpoint: the hash above must be \
                the one that it holds at this number.";
    let block = Block::of(&page.setter, text, look::SMALL, WIDTH);
    page.flow.need(block.height() + 4.0);
    page.flow.space(4.0);
    page.flow.block(Some(section), Kind::Paragraph, block);
}

fn named(anchor: &AuditAnchor) -> Vec<(&'static str, String, Style)> {
    let mut named = vec![
        (
            "Last event",
            format!("No. {} of the chain", anchor.sequence),
            look::TEXT,
        ),
        ("Hash", words::hex(&anchor.hash), look::MONO),
    ];
    if let Some(checkpoint) = &anchor.checkpoint {
        let time = words::time(checkpoint.signed_at);
        // The signature covers the time to the microsecond.
        let micros = checkpoint.signed_at.as_micros();
        let text = format!(
            "After no. {}, signed {time} ({micros} µs since 1970)",
            checkpoint.sequence
        );
        named.push(("Checkpoint", text, look::TEXT));
        if checkpoint.hash != anchor.hash {
            named.push(("Its hash", words::hex(&checkpoint.hash), look::MONO));
        }
        named.push(("Signature", words::hex(&checkpoint.signature), look::MONO));
        named.push(("Public key", words::hex(&checkpoint.public_key), look::MONO));
    }
    named
}
