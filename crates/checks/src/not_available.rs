//! `watchlist_screening` and `risk_assessment`: inserted into every run, not built yet.
//!
//! They answer `skipped` with a plain reason, never `passed`, and operators can't name them.

use crate::check::{CheckInput, CheckOutcome, Descriptor};
use crate::typed::{NoConfig, TypedCheck, skipped};

const CODE: &str = "not_available";

pub(crate) struct WatchlistScreening;

impl TypedCheck for WatchlistScreening {
    type Config = ScreeningConfig;

    const DESCRIPTOR: Descriptor = Descriptor {
        name: "watchlist_screening",
        category: "compliance",
        description: "Screens the person against installed sanction lists. Not available in this release: always skipped.",
        inputs: &[],
        outputs: &[],
        prerequisites: &["document_ocr"],
        placeable: false,
    };

    fn judge(_: &CheckInput, _: &ScreeningConfig) -> CheckOutcome {
        skipped(
            CODE,
            "Watchlist screening is not available in this release; nobody was screened.",
        )
    }
}

/// What the workflow compiler gives the inserted node.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScreeningConfig {
    /// From which score on (0 to 1) a likeness would be a hit.
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "part of the stored configuration, used once lists are screened"
    )]
    threshold: Option<f64>,
}

pub(crate) struct RiskAssessment;

impl TypedCheck for RiskAssessment {
    type Config = NoConfig;

    const DESCRIPTOR: Descriptor = Descriptor {
        name: "risk_assessment",
        category: "fraud",
        description: "Adds up the session's risk signals. Not available in this release: always skipped.",
        inputs: &[],
        outputs: &[],
        prerequisites: &[],
        placeable: false,
    };

    fn judge(_: &CheckInput, _: &NoConfig) -> CheckOutcome {
        skipped(
            CODE,
            "Risk assessment is not available in this release; no signal was weighed.",
        )
    }
}
