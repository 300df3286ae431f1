//! Head and foot of each page.

use super::look::{self, DecisionLook};
use super::words;
use crate::model::SessionReport;
use crate::page::{Area, BOTTOM, Item, LEFT, Mark, WIDTH};
use crate::text::{Setter, Style};

pub(super) fn put(
    setter: &Setter,
    report: &SessionReport,
    index: usize,
    count: usize,
    items: &mut Vec<Item>,
) {
    if index > 0 {
        head(setter, report, items);
    }
    foot(setter, report, (index + 1, count), items);
}

/// On further pages: what this is a page of, and what was decided.
fn head(setter: &Setter, report: &SessionReport, items: &mut Vec<Item>) {
    let title = "Identity verification report";
    left(setter, title, look::STRONG, 40.0, Mark::Header, items);
    let shown = DecisionLook::of(report.decision.outcome);
    let style = look::status_style(shown.colour);
    let word = if report.is_sandbox {
        format!("{} (sandbox)", shown.word)
    } else {
        shown.word.to_owned()
    };
    right(setter, &word, style, 40.0, Mark::Header, items);
    rule(46.0, items);
}

fn foot(
    setter: &Setter,
    report: &SessionReport,
    (page, pages): (usize, usize),
    items: &mut Vec<Item>,
) {
    rule(BOTTOM + 12.0, items);
    let first = BOTTOM + 24.0;
    let session = &report.session.id;
    left(
        setter,
        session,
        look::SMALL_MONO,
        first,
        Mark::Footer,
        items,
    );
    let number = format!("Page {page} of {pages}");
    right(setter, &number, look::SMALL, first, Mark::Footer, items);
    let making = &report.making;
    let made = format!(
        "Made {} by {} for {}",
        words::time(making.at),
        making.by,
        words::actor(&making.asked_by)
    );
    left(
        setter,
        &made,
        look::SMALL,
        first + 10.0,
        Mark::Footer,
        items,
    );
    let note = "Confidential: contains personal data";
    if !report.person.is_empty() || !report.pictures.is_empty() {
        right(setter, note, look::SMALL, first + 10.0, Mark::Footer, items);
    }
}

fn left(
    setter: &Setter,
    text: &str,
    style: Style,
    baseline: f32,
    mark: Mark,
    items: &mut Vec<Item>,
) {
    items.push(Item::Text {
        line: setter.line(text, style),
        x: LEFT,
        baseline,
        style,
        mark,
    });
}

fn right(
    setter: &Setter,
    text: &str,
    style: Style,
    baseline: f32,
    mark: Mark,
    items: &mut Vec<Item>,
) {
    let line = setter.line(text, style);
    items.push(Item::Text {
        x: LEFT + WIDTH - line.width,
        line,
        baseline,
        style,
        mark,
    });
}

fn rule(y: f32, items: &mut Vec<Item>) {
    let area = Area {
        x: LEFT,
        y,
        width: WIDTH,
        height: 0.6,
    };
    items.push(Item::Fill {
        area,
        radius: 0.0,
        colour: look::LINE,
    });
}
