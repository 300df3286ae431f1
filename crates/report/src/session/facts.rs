//! Names and values: the session's own, and what was read of the person.

use super::look;
use super::{Composer, or_dash, pictures, words};
use crate::model::{PersonalData, SessionReport};
use crate::page::{Area, Block, Column, Item, Kind, LEFT, Mark, NodeId, RowCells, Table, WIDTH};
use crate::text::{Setter, Style};

/// Left edge of the second pair.
const HALF: f32 = WIDTH / 2.0 + 6.0;
/// Width of the names.
const NAME: f32 = 84.0;
/// Width of the values.
const VALUE: f32 = WIDTH / 2.0 - NAME - 14.0;

const fn column(x: f32, width: f32, heads_row: bool) -> Column {
    Column {
        heading: "",
        x,
        width,
        heads_row,
    }
}

/// Room above and below the text of a row.
const PADDING: f32 = 0.9;

/// Two pairs of a name and its value beside each other.
const PAIRS: [Column; 4] = [
    column(0.0, NAME, true),
    column(NAME + 6.0, VALUE, false),
    column(HALF, NAME, true),
    column(HALF + NAME + 6.0, VALUE, false),
];

/// A name, its value, and how the value looks.
type Named = (String, String, Style);

pub(super) fn session(page: &mut Composer, report: &SessionReport) {
    let facts = &report.session;
    let plain = |name: &str, value: &str| (name.to_owned(), value.to_owned(), look::TEXT);
    let id = |name: &str, value: &str| (name.to_owned(), value.to_owned(), look::MONO);
    let mut named = vec![
        id("Session", &facts.id),
        plain(
            "Reference",
            facts.external_ref.as_deref().unwrap_or_default(),
        ),
        plain("Created", &words::time(facts.created_at)),
        plain(
            "Submitted",
            &facts.submitted_at.map(words::time).unwrap_or_default(),
        ),
        plain("Country", facts.country.as_deref().unwrap_or_default()),
    ];
    // That a session with a decision is completed goes without saying.
    if facts.status != "completed" {
        named.push(plain("Status", &words::spelled(&facts.status)));
    }
    if let Some(workflow) = &facts.workflow {
        named.push(plain("Workflow", workflow));
    }
    if let Some(run) = &facts.run_id {
        named.push(id("Workflow run", run));
    }
    if let Some(case) = &facts.case_id {
        named.push(id("Review case", case));
    }
    if !facts.tags.is_empty() {
        named.push(plain("Tags", &facts.tags.join(", ")));
    }
    let section = page.section("Session", 30.0);
    pairs(page, section, "The session's facts.", &named);
}

pub(super) fn person(page: &mut Composer, report: &SessionReport) {
    let section = page.section("Person and document", 40.0);
    match report.personal_data {
        PersonalData::Shown => {}
        PersonalData::Expired => note(
            page,
            section,
            "The time for which personal data may be read is over. What was read from the \
             document and the images are no longer part of this report.",
        ),
        PersonalData::Erased => note(
            page,
            section,
            "Personal data was erased: the key to it was destroyed, the images were deleted. This \
             report shows what remains of the record, and the timeline says when it was erased.",
        ),
    }
    if report.personal_data != PersonalData::Shown {
        return;
    }
    let named: Vec<Named> = report
        .person
        .iter()
        .map(|fact| {
            let value = words::value(fact);
            (words::label(&fact.name), value, look::STRONG)
        })
        .collect();
    let pictures = pictures::rows(page, &report.pictures);
    if named.is_empty() {
        let text = "Nothing was read from a document, or the organization shows none of it.";
        note(page, section, text);
    } else if pictures.is_empty() {
        pairs(page, section, READ, &named);
    }
    if pictures.is_empty() {
        return;
    }
    // Kept on one page, since the images stand beside the facts.
    let facts = named.len() as f32 * ROW;
    let turned = page.flow.need(pictures::height(&pictures).max(facts));
    if named.is_empty() {
        if !turned {
            page.flow.space(7.0);
        }
        let top = page.flow.y;
        page.flow.y = pictures::put(page, section, pictures, LEFT, top);
    } else {
        let top = page.flow.y;
        singles(page, section, READ, &named);
        let below = pictures::put(page, section, pictures, LEFT + HALF, top);
        page.flow.y = page.flow.y.max(below);
    }
}

/// What the table of the person's data is about.
const READ: &str = "What was read from the document.";
/// About the height of a row.
const ROW: f32 = 14.0;

/// One pair of a name and its value below the other, in the left half.
fn singles(page: &mut Composer, section: NodeId, summary: &str, named: &[Named]) {
    let [name, value, _, _] = PAIRS;
    let table = Table {
        summary,
        columns: &[name, value],
        headings: None,
        padding: PADDING,
        rule: None,
    };
    let rows = named
        .iter()
        .map(|named| pair(&page.setter, Some(named)))
        .collect();
    table.put(&mut page.flow, &page.setter, section, rows);
}

fn pairs(page: &mut Composer, section: NodeId, summary: &str, named: &[Named]) {
    let table = Table {
        summary,
        columns: &PAIRS,
        headings: None,
        padding: PADDING,
        rule: None,
    };
    // Down the left column first, as one reads forms.
    let rows = named.len().div_ceil(2);
    let cells = (0..rows)
        .map(|row| {
            let mut cells = RowCells::new();
            cells.extend(pair(&page.setter, named.get(row)));
            cells.extend(pair(&page.setter, named.get(row + rows)));
            cells
        })
        .collect();
    table.put(&mut page.flow, &page.setter, section, cells);
}

fn pair(setter: &Setter, named: Option<&Named>) -> Vec<Block> {
    let Some((name, value, style)) = named else {
        return Vec::new();
    };
    vec![
        Block::of(setter, name, look::LABEL, NAME),
        Block::of(setter, or_dash(value), *style, VALUE),
    ]
}

/// A sentence in a box, in place of what is not shown.
pub(super) fn note(page: &mut Composer, section: NodeId, text: &str) {
    const PADDING: f32 = 9.0;
    let block = Block::of(&page.setter, text, look::TEXT, WIDTH - 2.0 * PADDING);
    let height = block.height() + 2.0 * PADDING - 2.0;
    page.flow.need(height);
    let top = page.flow.y;
    let node = page.flow.tree.add(Some(section), Kind::Paragraph);
    let items = page.flow.items();
    items.push(Item::Fill {
        area: Area {
            x: LEFT,
            y: top,
            width: WIDTH,
            height,
        },
        radius: 4.0,
        colour: look::TINT,
    });
    block.put(items, LEFT + PADDING, top + PADDING - 1.0, Mark::Of(node));
    page.flow.space(height);
}
