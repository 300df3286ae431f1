//! Sizes and colours. Every text has a contrast of 4.5 to 1 or more (WCAG 2.1, 1.4.3), and no
//! colour says anything that a word does not say too.

use verifa_core::session::{CheckStatus, ResultStatus};

use crate::page::Icon;
use crate::text::{Family, Style};

/// Running text.
const INK: [u8; 3] = [0x1b, 0x20, 0x27];
/// What stands back.
pub(super) const GREY: [u8; 3] = [0x5a, 0x64, 0x70];
/// Lines.
pub(super) const LINE: [u8; 3] = [0xd8, 0xdd, 0xe3];
/// Behind notes.
pub(super) const TINT: [u8; 3] = [0xf3, 0xf5, 0xf7];
const GREEN: [u8; 3] = [0x13, 0x6f, 0x3c];
const RED: [u8; 3] = [0xb0, 0x24, 0x1c];
const AMBER: [u8; 3] = [0x8a, 0x5a, 0x00];

const fn style(family: Family, size: f32, colour: [u8; 3]) -> Style {
    Style {
        family,
        size,
        colour,
    }
}

/// The document's title.
pub(super) const TITLE: Style = style(Family::Semibold, 19.0, INK);
/// The organization's name above it.
pub(super) const ORGANIZATION: Style = style(Family::Semibold, 9.5, GREY);
/// Headings of sections.
pub(super) const HEADING: Style = style(Family::Semibold, 11.0, INK);
/// Headings of columns.
pub(super) const COLUMN: Style = style(Family::Semibold, 7.5, GREY);
/// Running text.
pub(super) const TEXT: Style = style(Family::Regular, 8.5, INK);
/// Running text that stands out.
pub(super) const STRONG: Style = style(Family::Semibold, 8.5, INK);
/// Names of facts, and what stands back.
pub(super) const LABEL: Style = style(Family::Regular, 8.5, GREY);
/// Small print.
pub(super) const SMALL: Style = style(Family::Regular, 7.5, GREY);
/// Ids and hashes.
pub(super) const MONO: Style = style(Family::Mono, 7.6, INK);
/// Ids in small print.
pub(super) const SMALL_MONO: Style = style(Family::Mono, 6.8, GREY);

/// How a decision looks.
pub(super) struct DecisionLook {
    /// Its word.
    pub(super) word: &'static str,
    /// Its sign.
    pub(super) icon: Icon,
    /// The colour of both.
    pub(super) colour: [u8; 3],
    /// Behind them.
    pub(super) tint: [u8; 3],
}

impl DecisionLook {
    /// How a decision looks.
    pub(super) const fn of(outcome: ResultStatus) -> Self {
        match outcome {
            ResultStatus::Approved => Self {
                word: "Approved",
                icon: Icon::Check,
                colour: GREEN,
                tint: [0xe8, 0xf4, 0xed],
            },
            ResultStatus::Rejected => Self {
                word: "Rejected",
                icon: Icon::Cross,
                colour: RED,
                tint: [0xfb, 0xeb, 0xea],
            },
            ResultStatus::NeedsReview => Self {
                word: "Needs review",
                icon: Icon::Exclamation,
                colour: AMBER,
                tint: [0xfc, 0xf3, 0xe1],
            },
        }
    }

    /// The style of its word.
    pub(super) const fn style(&self) -> Style {
        style(Family::Semibold, 19.0, self.colour)
    }
}

/// The sign, colour and word of a check's status.
pub(super) const fn status_look(status: CheckStatus) -> (Icon, [u8; 3], &'static str) {
    match status {
        CheckStatus::Passed => (Icon::Check, GREEN, "Passed"),
        CheckStatus::Failed => (Icon::Cross, RED, "Failed"),
        CheckStatus::Error => (Icon::Exclamation, RED, "Could not be judged"),
        CheckStatus::Skipped => (Icon::Dash, GREY, "Skipped"),
        CheckStatus::Pending => (Icon::Dash, GREY, "Not judged yet"),
        CheckStatus::RequiresRetry => (Icon::Exclamation, AMBER, "To be tried again"),
    }
}

/// The style of a status's word.
pub(super) const fn status_style(colour: [u8; 3]) -> Style {
    style(Family::Semibold, 8.5, colour)
}

/// The sandbox's note.
pub(super) const SANDBOX: Style = style(Family::Semibold, 8.0, AMBER);
/// Behind it.
pub(super) const SANDBOX_TINT: [u8; 3] = [0xfc, 0xf3, 0xe1];
