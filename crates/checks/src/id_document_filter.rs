//! `id_document_filter`: which countries' documents of which types are accepted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::session::Reason;

use crate::check::{CheckInput, CheckOutcome, Descriptor};
use crate::document_kind::DocumentKind;
use crate::state_code;
use crate::typed::{Strict, TypedCheck, judged, skipped};

const MOST_RULES: usize = 100;
const MOST_COUNTRIES: usize = 300;

/// What a matching rule means.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// Documents that match a rule pass, all others fail.
    #[default]
    Allow,
    /// Documents that match a rule fail, all others pass.
    Reject,
}

/// One rule of the matrix; it matches when both parts do.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// Issuing countries, ISO 3166-1 alpha-2 or alpha-3, or a code of ICAO 9303-3; empty: any.
    #[serde(default)]
    #[schemars(length(max = MOST_COUNTRIES))]
    countries: Vec<String>,
    /// Types of document; empty: any.
    #[serde(default)]
    types: Vec<DocumentKind>,
}

/// Configuration of `id_document_filter`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What a matching rule means.
    #[serde(default)]
    mode: Mode,
    /// The rules; the first that matches decides.
    #[schemars(with = "Vec<Rule>", length(min = 1, max = MOST_RULES))]
    rules: Vec<Strict<Rule>>,
}

#[derive(Serialize)]
struct Details {
    mode: Mode,
    /// Index of the first rule that matched, from 0.
    matched_rule: Option<usize>,
    country: String,
    document_type: DocumentKind,
}

pub(crate) struct IdDocumentFilter;

impl TypedCheck for IdDocumentFilter {
    type Config = Config;

    const DESCRIPTOR: Descriptor = Descriptor {
        name: "id_document_filter",
        category: "document",
        description: "The document's country and type are among those that are accepted.",
        inputs: &[
            "extracted.document_type",
            "extracted.document_issuing_country",
        ],
        outputs: &["details.matched_rule"],
        prerequisites: &["document_ocr"],
        placeable: true,
    };

    fn check_config(config: &Config, faults: &mut Vec<Fault>) {
        if config.rules.is_empty() {
            faults.push(Fault::new(
                "rules",
                FaultCode::TooShort,
                "Must hold at least one rule.",
            ));
        }
        if config.rules.len() > MOST_RULES {
            faults.push(Fault::new(
                "rules",
                FaultCode::TooMany,
                "Must hold at most 100 rules.",
            ));
        }
        for (index, Strict(rule)) in config.rules.iter().enumerate().take(MOST_RULES) {
            if rule.countries.len() > MOST_COUNTRIES {
                let path = format!("rules[{index}].countries");
                faults.push(Fault::new(
                    path,
                    FaultCode::TooMany,
                    "Must hold at most 300 codes.",
                ));
                continue;
            }
            for (place, code) in rule.countries.iter().enumerate() {
                if state_code::comparable(code).is_none() {
                    let path = format!("rules[{index}].countries[{place}]");
                    let message = "Must be an ISO 3166-1 code or a code of ICAO 9303-3.";
                    faults.push(Fault::new(path, FaultCode::UnknownValue, message));
                }
            }
            if rule.countries.is_empty() && rule.types.is_empty() {
                let path = format!("rules[{index}]");
                let message = "Must name countries or types; an empty rule matches everything.";
                faults.push(Fault::new(path, FaultCode::Required, message));
            }
        }
    }

    fn judge(input: &CheckInput, config: &Config) -> CheckOutcome {
        let extracted = &input.extracted;
        let country = extracted
            .document_issuing_country
            .as_deref()
            .or(extracted.document_issuing_state.as_deref());
        let kind = extracted
            .document_type
            .as_deref()
            .and_then(DocumentKind::parse);
        let (Some(country), Some(kind)) = (country, kind) else {
            return skipped(
                "no_document_data",
                "Country and type of the document are not known.",
            );
        };
        // A code that nobody lists can still be ruled out, but never matches a country.
        let code = state_code::comparable(country);
        let matched = config.rules.iter().position(|Strict(rule)| {
            let listed = rule.countries.is_empty()
                || code.is_some()
                    && rule
                        .countries
                        .iter()
                        .any(|entry| state_code::comparable(entry) == code);
            listed && (rule.types.is_empty() || rule.types.contains(&kind))
        });
        let accepted = matched.is_some() == (config.mode == Mode::Allow);
        let details = Details {
            mode: config.mode,
            matched_rule: matched,
            country: code.unwrap_or_else(|| country.to_owned()),
            document_type: kind,
        };
        let blame = if accepted {
            Vec::new()
        } else {
            let message = "Documents of this country and type are not accepted.";
            vec![Reason::new("document_type_not_allowed", message)]
        };
        judged(blame, Vec::new(), &details)
    }
}
