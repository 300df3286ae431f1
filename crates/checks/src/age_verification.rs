//! `age_verification`: the age at the time of the check, from the document's birth date.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::session::Reason;

use crate::age::age_on;
use crate::check::{CheckInput, CheckOutcome, Descriptor};
use crate::dates;
use crate::typed::{TypedCheck, judged, skipped};

/// Configuration of `age_verification`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The youngest age that passes, in full years (1–120).
    #[schemars(range(min = 1, max = 120))]
    minimum_age: u8,
    /// The oldest age that passes, in full years; absent: none.
    #[schemars(range(min = 1, max = 120))]
    maximum_age: Option<u8>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            minimum_age: 18,
            maximum_age: None,
        }
    }
}

#[derive(Serialize)]
struct Details {
    /// Age in full years; the younger of the possible ages where the birth date is incomplete.
    age: i32,
    /// Where the birth date comes from.
    birth_date_source: &'static str,
    /// Whether the document leaves day or month unknown.
    incomplete: bool,
    minimum_age: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_age: Option<u8>,
}

pub(crate) struct AgeVerification;

impl TypedCheck for AgeVerification {
    type Config = Config;

    const DESCRIPTOR: Descriptor = Descriptor {
        name: "age_verification",
        category: "age",
        description: "The person's age at the time of the check lies within the limits.",
        inputs: &["extracted.date_of_birth"],
        outputs: &["details.age", "details.birth_date_source"],
        prerequisites: &["document_ocr"],
        placeable: true,
    };

    fn check_config(config: &Config, faults: &mut Vec<Fault>) {
        if !(1..=120).contains(&config.minimum_age) {
            let message = "Must be from 1 to 120 years.";
            faults.push(Fault::new("minimum_age", FaultCode::OutOfRange, message));
        }
        if config
            .maximum_age
            .is_some_and(|age| !(config.minimum_age..=120).contains(&age))
        {
            let message = "Must be from minimum_age to 120 years.";
            faults.push(Fault::new("maximum_age", FaultCode::OutOfRange, message));
        }
    }

    fn judge(input: &CheckInput, config: &Config) -> CheckOutcome {
        let today = input.now.date();
        let Some(birth) = dates::birth(&input.extracted, today) else {
            return skipped("no_birth_date", "No birth date was read from a document.");
        };
        let youngest = age_on(birth.latest, today);
        let oldest = age_on(birth.earliest, today);
        let minimum = i32::from(config.minimum_age);
        let maximum = config.maximum_age.map_or(i32::MAX, i32::from);
        let undecided = (youngest < minimum) != (oldest < minimum)
            || (youngest > maximum) != (oldest > maximum);
        if undecided {
            return skipped(
                "birth_date_incomplete",
                "The document leaves a part of the birth date open, and the answer depends on it.",
            );
        }
        let details = Details {
            age: youngest,
            birth_date_source: "document",
            incomplete: !birth.is_exact(),
            minimum_age: config.minimum_age,
            maximum_age: config.maximum_age,
        };
        let blame = if oldest < minimum {
            vec![Reason::new(
                "underage",
                "The person is younger than the minimum age.",
            )]
        } else if youngest > maximum {
            // No rejection code stands for this limit; the second reason keeps a rejection from
            // being called `underage`.
            vec![
                Reason::new(
                    "above_maximum_age",
                    "The person is older than the maximum age.",
                ),
                Reason::new("other", "The age lies above the operator's limit."),
            ]
        } else {
            Vec::new()
        };
        judged(blame, Vec::new(), &details)
    }
}
