//! A session's report: its parts from top to bottom, and their words.

mod checks;
mod facts;
mod furniture;
mod head;
mod integrity;
mod look;
mod pictures;
mod screening;
mod timeline;
mod words;

use verifa_core::time::Timestamp;

use crate::ReportError;
use crate::model::SessionReport;
use crate::page::{Block, Flow, NodeId, Sheets, WIDTH};
use crate::text::Setter;

/// What a file says of itself.
pub(crate) struct About {
    /// The title, shown in the window of a reader.
    pub(crate) title: String,
    /// What it is.
    pub(crate) description: String,
    /// On whose behalf.
    pub(crate) author: String,
    /// The program that made it.
    pub(crate) creator: String,
    /// Tells versions of one report apart from other reports.
    pub(crate) id: String,
    /// When it was made.
    pub(crate) made_at: Timestamp,
}

/// What the file of a report says of itself. No personal data.
pub(crate) fn about(report: &SessionReport) -> About {
    About {
        title: format!("Identity verification report {}", report.session.id),
        description: "What an identity verification came to, what it rests on, and where it \
                      stands in the audit log."
            .to_owned(),
        author: report.organization.clone(),
        creator: report.making.by.clone(),
        id: report.session.id.clone(),
        made_at: report.making.at,
    }
}

/// Lays the report out.
pub(crate) fn compose(report: &SessionReport) -> Result<Sheets, ReportError> {
    let setter = Setter::new()?;
    let mut page = Composer {
        setter,
        flow: Flow::new(),
    };
    head::put(&mut page, report);
    facts::session(&mut page, report);
    facts::person(&mut page, report);
    checks::put(&mut page, report);
    screening::put(&mut page, report);
    timeline::put(&mut page, report);
    integrity::put(&mut page, report);
    let Composer { setter, flow } = page;
    Ok(flow.finish(|index, count, items| {
        furniture::put(&setter, report, index, count, items);
    }))
}

/// The pages under way and what sets their text.
struct Composer {
    setter: Setter,
    flow: Flow,
}

impl Composer {
    /// Begins a section; `keep` points of it stay with the heading.
    fn section(&mut self, title: &str, keep: f32) -> NodeId {
        let heading = Block::of(&self.setter, title, look::HEADING, WIDTH);
        self.flow.section(title, heading, keep)
    }
}

/// A value, or a dash in its place: no cell is empty.
fn or_dash(value: &str) -> &str {
    if value.trim().is_empty() {
        "–"
    } else {
        value
    }
}
