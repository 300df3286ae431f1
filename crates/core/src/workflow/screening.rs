//! What becomes of the findings of the auto-inserted checks (spec/workflows.md, "Auto-inserted
//! checks").

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::{Fault, FaultCode};
use crate::object::{Object, wrong_type};
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a finding does to a run that would otherwise be approved.
    OnFinding {
        /// It needs review.
        Review = "review",
        /// It is rejected.
        Reject = "reject",
        /// Nothing.
        Continue = "continue",
    }
}

const FINDINGS: &[&str] = &["review", "reject", "continue"];

/// The settings, defaults filled in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScreeningSettings {
    /// For `watchlist_screening`.
    pub watchlist: WatchlistSettings,
    /// For `risk_assessment`.
    pub risk: RiskSettings,
    /// For `identity_crossref`.
    pub crossref: CrossrefSettings,
}

/// What a watchlist hit does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WatchlistSettings {
    /// A name on a list.
    pub on_hit: OnFinding,
    /// A name that could not be screened, such as without an installed list.
    pub on_error: OnFinding,
    /// From which score on (0 to 1) a likeness is a hit.
    pub threshold: f64,
}

/// What a risk score does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RiskSettings {
    /// From which score on (0 to 100) a run is rejected.
    pub auto_reject_at: u32,
    /// From which score on (0 to 100) a run needs review.
    pub review_at: u32,
}

/// What a disagreement between the document and the given fields does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CrossrefSettings {
    /// A field that disagrees.
    pub on_mismatch: OnFinding,
}

impl Default for WatchlistSettings {
    fn default() -> Self {
        Self {
            on_hit: OnFinding::Review,
            on_error: OnFinding::Review,
            threshold: 0.6,
        }
    }
}

impl Default for RiskSettings {
    /// The lower ends of the levels critical and high (spec/risk.md).
    fn default() -> Self {
        Self {
            auto_reject_at: 81,
            review_at: 51,
        }
    }
}

impl Default for CrossrefSettings {
    fn default() -> Self {
        Self {
            on_mismatch: OnFinding::Review,
        }
    }
}

impl ScreeningSettings {
    /// Reads settings as an operator writes them: what is absent takes its default, unknown keys
    /// are offences under `path`.
    pub fn parse(path: &str, value: &Value, faults: &mut Vec<Fault>) -> Self {
        let mut settings = Self::default();
        let Some(mut object) = Object::open(path, value, faults) else {
            return settings;
        };
        if let Some(mut inner) = open(&mut object, "watchlist", faults) {
            let watchlist = &mut settings.watchlist;
            read(
                &mut watchlist.on_hit,
                inner.word("on_hit", FINDINGS, faults),
            );
            read(
                &mut watchlist.on_error,
                inner.word("on_error", FINDINGS, faults),
            );
            read(&mut watchlist.threshold, threshold(&mut inner, faults));
            inner.refuse_unknown(faults);
        }
        if let Some(mut inner) = open(&mut object, "risk", faults) {
            let risk = &mut settings.risk;
            read(
                &mut risk.auto_reject_at,
                inner.integer("auto_reject_at", 0..=100, faults),
            );
            read(
                &mut risk.review_at,
                inner.integer("review_at", 0..=100, faults),
            );
            if risk.review_at > risk.auto_reject_at {
                faults.push(Fault::new(
                    inner.at("review_at"),
                    FaultCode::OutOfRange,
                    "Must not be above auto_reject_at.",
                ));
            }
            inner.refuse_unknown(faults);
        }
        if let Some(mut inner) = open(&mut object, "crossref", faults) {
            let on_mismatch = inner.word("on_mismatch", FINDINGS, faults);
            read(&mut settings.crossref.on_mismatch, on_mismatch);
            inner.refuse_unknown(faults);
        }
        object.refuse_unknown(faults);
        settings
    }
}

fn open<'a>(
    object: &mut Object<'a>,
    name: &'static str,
    faults: &mut Vec<Fault>,
) -> Option<Object<'a>> {
    let value = object.get(name)?;
    Object::open(&object.at(name), value, faults)
}

fn read<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn threshold(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Option<f64> {
    let value = object.get("threshold")?;
    let path = object.at("threshold");
    let Value::Number(number) = value else {
        faults.push(wrong_type(path, "a number"));
        return None;
    };
    let number = number
        .as_f64()
        .filter(|number| (0.0..=1.0).contains(number));
    if number.is_none() {
        faults.push(Fault::new(
            path,
            FaultCode::OutOfRange,
            "Must be from 0 to 1.",
        ));
    }
    number
}
