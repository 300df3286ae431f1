//! The beginning: whose report, of what, and the decision.

use super::look::{self, DecisionLook};
use super::{Composer, words};
use crate::model::{Decision, SessionReport};
use crate::page::{Area, Block, Item, Kind, LEFT, Mark, WIDTH};

/// Inner margin of the decision's box.
const PADDING: f32 = 11.0;
/// The sign of the decision.
const SIGN: f32 = 30.0;
/// Width of the facts at the right of the box.
const ASIDE: f32 = 150.0;

pub(super) fn put(page: &mut Composer, report: &SessionReport) {
    let setter = &page.setter;
    let organization = Block::of(
        setter,
        &report.organization,
        look::ORGANIZATION,
        WIDTH - 160.0,
    );
    let title = Block::of(setter, "Identity verification report", look::TITLE, WIDTH);
    if report.is_sandbox {
        sandbox(page);
    }
    page.flow.block(None, Kind::Paragraph, organization);
    page.flow.space(1.0);
    let words = "Identity verification report".to_owned();
    page.flow.block(None, Kind::Heading(1, words), title);
    page.flow.space(8.0);
    decision(page, &report.decision);
}

/// The note at the upper right that nothing of this is real.
fn sandbox(page: &mut Composer) {
    let line = page
        .setter
        .line("SANDBOX · NOT A REAL VERIFICATION", look::SANDBOX);
    let (top, height) = (page.flow.y - 2.0, 17.0);
    let area = Area {
        x: LEFT + WIDTH - line.width - 16.0,
        y: top,
        width: line.width + 16.0,
        height,
    };
    let node = page.flow.tree.add(None, Kind::Paragraph);
    let items = page.flow.items();
    items.push(Item::Fill {
        area,
        radius: 3.0,
        colour: look::SANDBOX_TINT,
    });
    items.push(Item::Text {
        x: area.x + 8.0,
        baseline: top + 11.6,
        style: look::SANDBOX,
        line,
        mark: Mark::Of(node),
    });
}

fn decision(page: &mut Composer, decision: &Decision) {
    let shown = DecisionLook::of(decision.outcome);
    let setter = &page.setter;
    let inner = LEFT + PADDING + SIGN + 12.0;
    let aside = LEFT + WIDTH - PADDING - ASIDE;
    let mut said = Block::of(setter, shown.word, shown.style(), aside - inner - 12.0);
    if let Some(reason) = &decision.reason {
        said.add(setter, reason, look::TEXT, aside - inner - 12.0, 1.0);
    }
    if let Some(code) = &decision.reason_code {
        said.add(setter, code, look::SMALL_MONO, aside - inner - 12.0, 1.5);
    }
    let decided = format!("Decided {}", words::decided_by(decision.mode));
    let mut facts = Block::of(setter, &decided, look::STRONG, ASIDE);
    let time = words::time(decision.decided_at);
    facts.add(setter, &time, look::TEXT, ASIDE, 1.0);
    if let Some(changed) = decision.changed_at {
        let text = format!("last changed {}", words::time(changed));
        facts.add(setter, &text, look::SMALL, ASIDE, 1.0);
    }
    let (top, height) = (
        page.flow.y,
        said.height().max(facts.height()).max(SIGN) + 2.0 * PADDING - 4.0,
    );
    let section = page.flow.tree.add(None, Kind::Section);
    let word = page.flow.tree.add(Some(section), Kind::Paragraph);
    let particulars = page.flow.tree.add(Some(section), Kind::Paragraph);
    let items = page.flow.items();
    tinted(items, top, height, &shown);
    let middle = top + height / 2.0;
    items.push(Item::Sign {
        icon: shown.icon,
        area: Area {
            x: LEFT + PADDING + 2.0,
            y: middle - SIGN / 2.0,
            width: SIGN,
            height: SIGN,
        },
        colour: shown.colour,
    });
    let y = middle - said.height() / 2.0;
    said.put(items, inner, y, Mark::Of(word));
    let y = middle - facts.height() / 2.0;
    facts.put(items, aside, y, Mark::Of(particulars));
    page.flow.space(height);
}

/// The box of the decision: a tint and a bar in its colour.
fn tinted(items: &mut Vec<Item>, top: f32, height: f32, shown: &DecisionLook) {
    let area = Area {
        x: LEFT,
        y: top,
        width: WIDTH,
        height,
    };
    items.push(Item::Fill {
        area,
        radius: 4.0,
        colour: shown.tint,
    });
    items.push(Item::Fill {
        area: Area { width: 4.0, ..area },
        radius: 2.0,
        colour: shown.colour,
    });
}
