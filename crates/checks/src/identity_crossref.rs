//! `identity_crossref`: what the person typed or the operator pre-filled, against the document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::session::Reason;

use crate::check::{CheckInput, CheckOutcome, Descriptor};
use crate::dates;
use crate::extracted::ExtractedData;
use crate::names::{self, Part};
use crate::state_code;
use crate::typed::{TypedCheck, judged, skipped};

/// A field that both sides can have.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Field {
    /// First and middle names together.
    FirstName,
    /// Family name.
    LastName,
    /// Birth date.
    DateOfBirth,
    /// Number of the document.
    DocumentNumber,
    /// Nationality.
    Nationality,
    /// Gender.
    Gender,
}

impl Field {
    const ALL: [Self; 6] = [
        Self::FirstName,
        Self::LastName,
        Self::DateOfBirth,
        Self::DocumentNumber,
        Self::Nationality,
        Self::Gender,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::DateOfBirth => "date_of_birth",
            Self::DocumentNumber => "document_number",
            Self::Nationality => "nationality",
            Self::Gender => "gender",
        }
    }
}

/// Configuration of `identity_crossref`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The fields to compare; absent: all that both sides have.
    fields: Option<Vec<Field>>,
    /// How like two names must be, 0 to 1. At the default one wrong letter in seven is a match.
    #[schemars(range(min = 0.0, max = 1.0))]
    name_threshold: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            fields: None,
            name_threshold: 0.84,
        }
    }
}

/// Whether a field agrees. The values themselves stay out of the details.
#[derive(Serialize)]
struct Compared {
    field: Field,
    matched: bool,
    /// 0 to 1; 0 or 1 for fields that have to be equal.
    score: f64,
}

#[derive(Serialize)]
struct Details {
    fields: Vec<Compared>,
    name_threshold: f64,
}

pub(crate) struct IdentityCrossref;

impl TypedCheck for IdentityCrossref {
    type Config = Config;

    const DESCRIPTOR: Descriptor = Descriptor {
        name: "identity_crossref",
        category: "fraud",
        description: "What was typed or pre-filled agrees with the document, field by field.",
        inputs: &["fields", "extracted"],
        outputs: &["score", "details.fields"],
        prerequisites: &["document_ocr"],
        placeable: true,
    };

    fn check_config(config: &Config, faults: &mut Vec<Fault>) {
        if !(0.0..=1.0).contains(&config.name_threshold) {
            let message = "Must be from 0 to 1.";
            faults.push(Fault::new("name_threshold", FaultCode::OutOfRange, message));
        }
        if let Some(fields) = &config.fields {
            if fields.is_empty() {
                let message = "Must name at least one field; leave it out to compare all.";
                faults.push(Fault::new("fields", FaultCode::TooShort, message));
            }
            for (index, field) in fields.iter().enumerate() {
                if fields.iter().take(index).any(|earlier| earlier == field) {
                    let path = format!("fields[{index}]");
                    faults.push(Fault::new(path, FaultCode::Duplicate, "Stands here twice."));
                }
            }
        }
    }

    fn judge(input: &CheckInput, config: &Config) -> CheckOutcome {
        if input.extracted == ExtractedData::default() {
            return skipped("no_document_data", "No data was read from a document.");
        }
        let fields = config.fields.as_deref().unwrap_or(&Field::ALL);
        let compared: Vec<_> = fields
            .iter()
            .filter_map(|field| {
                let score = score(*field, input)?;
                let matched = match field {
                    Field::FirstName | Field::LastName => score >= config.name_threshold,
                    _ => score >= 1.0,
                };
                Some(Compared {
                    field: *field,
                    matched,
                    score: rounded(score),
                })
            })
            .collect();
        if compared.is_empty() {
            let message = "Neither the person nor the operator gave a field that the document has.";
            return skipped("nothing_to_compare", message);
        }
        let blame = compared
            .iter()
            .filter(|compared| !compared.matched)
            .map(|compared| {
                let message = format!("{} differs from the document.", compared.field.as_str());
                Reason::new("identity_mismatch", message)
            })
            .collect();
        let worst = compared
            .iter()
            .map(|compared| compared.score)
            .fold(1.0, f64::min);
        let details = Details {
            fields: compared,
            name_threshold: config.name_threshold,
        };
        let mut outcome = judged(blame, Vec::new(), &details);
        outcome.result.score = Some(worst);
        outcome
    }
}

/// How well a field agrees, 0 to 1; `None` where a side lacks it or can't be understood.
fn score(field: Field, input: &CheckInput) -> Option<f64> {
    let (given, document) = (&input.fields, &input.extracted);
    match field {
        Field::FirstName => {
            let first = given.first_name.as_deref()?;
            let written = with_middle(first, given.middle_name.as_deref());
            let printed = with_middle(
                document.first_name.as_deref()?,
                document.middle_name.as_deref(),
            );
            names::likeness(&written, &printed, Part::GivenNames, is_truncated(input))
        }
        Field::LastName => {
            let (written, printed) = (given.last_name.as_deref()?, document.last_name.as_deref()?);
            // The given names are cut before the surname is (ICAO 9303-4 §4.2.3); a surname that
            // is cut itself stands before a single letter, or nothing.
            let cut = is_truncated(input)
                && document
                    .first_name
                    .as_deref()
                    .is_none_or(|name| name.chars().count() <= 1);
            names::likeness(written, printed, Part::Surname, cut)
        }
        Field::DateOfBirth => {
            let written = given.date_of_birth.as_deref()?.parse().ok()?;
            let printed = dates::birth(document, input.now.date())?;
            Some(equal(
                printed.earliest <= written && written <= printed.latest,
            ))
        }
        Field::DocumentNumber => {
            let written = plain(given.document_number.as_deref()?);
            let printed = plain(document.document_number.as_deref()?);
            (!written.is_empty()).then(|| equal(written == printed))
        }
        Field::Nationality => {
            let written = state_code::comparable(given.nationality.as_deref()?)?;
            let printed = state_code::comparable(document.nationality.as_deref()?)?;
            Some(equal(written == printed))
        }
        Field::Gender => {
            let written = gender(given.gender.as_deref()?)?;
            let printed = gender(document.gender.as_deref()?)?;
            Some(equal(written == printed))
        }
    }
}

fn with_middle(first: &str, middle: Option<&str>) -> String {
    match middle {
        Some(middle) => format!("{first} {middle}"),
        None => first.to_owned(),
    }
}

fn is_truncated(input: &CheckInput) -> bool {
    dates::zone(&input.extracted, input.now.date()).is_some_and(|zone| zone.name_truncated)
}

fn equal(same: bool) -> f64 {
    if same { 1.0 } else { 0.0 }
}

fn rounded(score: f64) -> f64 {
    (score * 1_000.0).round() / 1_000.0
}

/// Letters and digits in capitals: people write numbers with spaces and dashes.
fn plain(number: &str) -> String {
    let kept = number.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

/// `M` or `F`; the zone's `X` says nothing that could be compared (ICAO 9303-3 §4.8).
fn gender(text: &str) -> Option<char> {
    match text.trim().to_ascii_lowercase().as_str() {
        "m" | "male" | "man" => Some('M'),
        "f" | "female" | "woman" => Some('F'),
        _ => None,
    }
}
