//! `document_expiration`: the document is valid at the time of the check.
//!
//! Documents are valid through the whole day of expiry; days are counted in UTC.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::session::Reason;

use crate::check::{CheckInput, CheckOutcome, Descriptor};
use crate::dates;
use crate::typed::{TypedCheck, judged, skipped};

/// The longest validity or grace that makes sense: ten years.
const MOST_DAYS: u32 = 3_660;

/// Configuration of `document_expiration`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(crate) struct Config {
    /// How many days the document must stay valid, counted from the day of the check (0–3660).
    #[schemars(range(max = MOST_DAYS))]
    min_validity_days: u32,
    /// For how many days after its expiry a document is still accepted (0–3660).
    #[schemars(range(max = MOST_DAYS))]
    allow_expired_within_days: u32,
}

#[derive(Serialize)]
struct Details {
    /// The date of expiry; the last day that it can be, where the day is not printed.
    expiry: Date,
    /// Days from the check to the expiry; negative once it is over.
    days: i32,
    /// Whether the document leaves day or month unknown.
    incomplete: bool,
}

pub(crate) struct DocumentExpiration;

impl TypedCheck for DocumentExpiration {
    type Config = Config;

    const DESCRIPTOR: Descriptor = Descriptor {
        name: "document_expiration",
        category: "document",
        description: "The document has not expired at the time of the check.",
        inputs: &["extracted.document_expiration_date"],
        outputs: &["details.expiry", "details.days"],
        prerequisites: &["document_ocr"],
        placeable: true,
    };

    fn check_config(config: &Config, faults: &mut Vec<Fault>) {
        for (field, days) in [
            ("min_validity_days", config.min_validity_days),
            (
                "allow_expired_within_days",
                config.allow_expired_within_days,
            ),
        ] {
            if days > MOST_DAYS {
                let message = "Must be from 0 to 3660 days.";
                faults.push(Fault::new(field, FaultCode::OutOfRange, message));
            }
        }
        if config.min_validity_days > 0 && config.allow_expired_within_days > 0 {
            let message = "Can't be combined with min_validity_days.";
            faults.push(Fault::new(
                "allow_expired_within_days",
                FaultCode::Invalid,
                message,
            ));
        }
    }

    fn judge(input: &CheckInput, config: &Config) -> CheckOutcome {
        let today = input.now.date();
        let Some(expiry) = dates::expiry(&input.extracted, today) else {
            return skipped("no_expiry_date", "No expiry date was read from a document.");
        };
        let verdict = |date: Date| verdict(days_until(date, today), config);
        let (worst, best) = (verdict(expiry.earliest), verdict(expiry.latest));
        if worst.code() != best.code() {
            return skipped(
                "expiry_date_incomplete",
                "The document leaves a part of its expiry date open, and the answer depends on it.",
            );
        }
        let details = Details {
            expiry: expiry.latest,
            days: days_until(expiry.latest, today),
            incomplete: !expiry.is_exact(),
        };
        match worst {
            Verdict::Valid => judged(Vec::new(), Vec::new(), &details),
            Verdict::WithinGrace => judged(Vec::new(), vec![worst.reason()], &details),
            Verdict::Expired | Verdict::TooSoon => {
                judged(vec![worst.reason()], Vec::new(), &details)
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Verdict {
    Valid,
    WithinGrace,
    Expired,
    TooSoon,
}

impl Verdict {
    const fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::WithinGrace => "expired_within_allowance",
            Self::Expired => "document_expired",
            Self::TooSoon => "expires_too_soon",
        }
    }

    fn reason(self) -> Reason {
        let message = match self {
            Self::Valid => "The document is valid.",
            Self::WithinGrace => "The document has expired, but within the allowed time.",
            Self::Expired => "The document has expired.",
            Self::TooSoon => "The document expires before the demanded validity is over.",
        };
        Reason::new(self.code(), message)
    }
}

fn verdict(days: i32, config: &Config) -> Verdict {
    let days = i64::from(days);
    if days < -i64::from(config.allow_expired_within_days) {
        Verdict::Expired
    } else if days < 0 {
        Verdict::WithinGrace
    } else if days < i64::from(config.min_validity_days) {
        Verdict::TooSoon
    } else {
        Verdict::Valid
    }
}

/// Whole days from `today` to `date`.
fn days_until(date: Date, today: Date) -> i32 {
    // Days between two dates of the calendar always fit; if not, nobody passes by it.
    today.until(date).map_or(i32::MIN, |span| span.get_days())
}
