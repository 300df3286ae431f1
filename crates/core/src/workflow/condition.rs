//! Conditions: their form and their field paths (spec/workflows.md, "Condition").

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::fault::{Fault, FaultCode};
use crate::object::{Object, required, unknown_value};
use crate::vocabulary::vocabulary;

/// Deepest nesting of `all`, `any` and `not`.
pub(super) const MAXIMUM_DEPTH: usize = 10;
/// Most parts of one `all` or `any`, and most items of an `in` list.
pub(super) const MAXIMUM_ITEMS: usize = 100;

vocabulary! {
    /// How a field is compared.
    Operator {
        /// At least.
        AtLeast = ">=",
        /// At most.
        AtMost = "<=",
        /// More than.
        More = ">",
        /// Less than.
        Less = "<",
        /// Equal.
        Equal = "==",
        /// Not equal; true for a missing field.
        NotEqual = "!=",
        /// One of a list.
        In = "in",
        /// None of a list; true for a missing field.
        NotIn = "not_in",
        /// A list that holds the value, or a text that holds the text.
        Contains = "contains",
        /// There at all; with `false`: absent.
        Exists = "exists",
    }
}

const OPERATORS: &[&str] = &[
    ">=", "<=", ">", "<", "==", "!=", "in", "not_in", "contains", "exists",
];

/// A condition over a session's facts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Every part holds.
    All(Vec<Condition>),
    /// At least one part holds.
    Any(Vec<Condition>),
    /// The part doesn't hold.
    Not(Box<Condition>),
    /// One field compared with one value.
    #[serde(untagged)]
    Compare(Comparison),
}

/// One field compared with one value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The path of the field, such as `checks.risk_assessment.score`.
    pub field: String,
    /// How.
    pub op: Operator,
    /// With what; a list for `in` and `not_in`; may be absent for `exists`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let mut faults = Vec::new();
        match (Self::parse("", &value, &mut faults), faults.first()) {
            (Some(condition), None) => Ok(condition),
            (_, Some(fault)) => Err(de::Error::custom(&fault.message)),
            (None, None) => Err(de::Error::custom("not a condition")),
        }
    }
}

impl Condition {
    /// Reads a condition; offences are added with paths under `path`. `None` only with an offence.
    pub fn parse(path: &str, value: &Value, faults: &mut Vec<Fault>) -> Option<Self> {
        parse(path, value, &workflow_field, MAXIMUM_DEPTH, faults)
    }

    /// The same grammar over other fields: `known` says what is wrong with a field's name.
    pub(crate) fn parse_over(
        path: &str,
        value: &Value,
        known: KnownField<'_>,
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        parse(path, value, known, MAXIMUM_DEPTH, faults)
    }

    /// Calls `visit` with every comparison and its path, which begins with `path`.
    pub fn visit<'a>(&'a self, path: &str, visit: &mut dyn FnMut(&str, &'a Comparison)) {
        let mut each = |name: &str, parts: &'a [Self]| {
            for (position, part) in parts.iter().enumerate() {
                part.visit(&format!("{path}.{name}[{position}]"), visit);
            }
        };
        match self {
            Self::All(parts) => each("all", parts),
            Self::Any(parts) => each("any", parts),
            Self::Not(part) => part.visit(&format!("{path}.not"), visit),
            Self::Compare(comparison) => visit(path, comparison),
        }
    }
}

/// Says what is wrong with a field's name, if anything.
pub(crate) type KnownField<'a> = &'a dyn Fn(&str) -> Result<(), &'static str>;

fn workflow_field(name: &str) -> Result<(), &'static str> {
    FieldPath::parse(name).map(drop).ok_or(
        "Not a known field: paths begin with extracted, fields, checks, risk, session or gate.",
    )
}

fn parse(
    path: &str,
    value: &Value,
    known: KnownField<'_>,
    depth: usize,
    faults: &mut Vec<Fault>,
) -> Option<Condition> {
    let Some(deeper) = depth.checked_sub(1) else {
        let message = format!("Conditions may nest at most {MAXIMUM_DEPTH} deep.");
        faults.push(Fault::new(path, FaultCode::TooDeep, message));
        return None;
    };
    let mut object = Object::open(path, value, faults)?;
    let condition = if object.has("all") {
        parse_parts(&mut object, "all", known, deeper, faults).map(Condition::All)
    } else if object.has("any") {
        parse_parts(&mut object, "any", known, deeper, faults).map(Condition::Any)
    } else if object.has("not") {
        let part = object.get("not")?;
        let part = parse(&object.at("not"), part, known, deeper, faults);
        part.map(|part| Condition::Not(Box::new(part)))
    } else {
        parse_comparison(&mut object, known, faults).map(Condition::Compare)
    };
    object.refuse_unknown(faults);
    condition
}

fn parse_parts(
    object: &mut Object<'_>,
    name: &'static str,
    known: KnownField<'_>,
    depth: usize,
    faults: &mut Vec<Fault>,
) -> Option<Vec<Condition>> {
    let items = object.list(name, faults)?;
    let path = object.at(name);
    if items.is_empty() || items.len() > MAXIMUM_ITEMS {
        let message = format!("Must hold 1 to {MAXIMUM_ITEMS} conditions.");
        faults.push(Fault::new(path, FaultCode::OutOfRange, message));
        return None;
    }
    let parts = items.iter().enumerate();
    let parts: Vec<_> = parts
        .map(|(position, item)| parse(&format!("{path}[{position}]"), item, known, depth, faults))
        .collect();
    parts.into_iter().collect()
}

fn parse_comparison(
    object: &mut Object<'_>,
    known: KnownField<'_>,
    faults: &mut Vec<Fault>,
) -> Option<Comparison> {
    let field = object.required_text("field", faults);
    if let Some(Err(message)) = field.map(known) {
        let code = FaultCode::UnknownReference;
        faults.push(Fault::new(object.at("field"), code, message));
    }
    let op_path = object.at("op");
    let op = object.required_text("op", faults).and_then(|text| {
        let op = Operator::parse(text);
        if op.is_none() {
            faults.push(unknown_value(&op_path, OPERATORS));
        }
        op
    });
    let value = object.raw("value").cloned();
    let path = object.at("value");
    let op = op?;
    check_operand(&path, op, value.as_ref(), faults);
    Some(Comparison {
        field: field?.to_owned(),
        op,
        value,
    })
}

/// The value must be one that the operator can work with at all.
fn check_operand(path: &str, op: Operator, value: Option<&Value>, faults: &mut Vec<Fault>) {
    let fits = match (op, value) {
        (Operator::Exists, None | Some(Value::Bool(_))) => Ok(()),
        (Operator::Exists, Some(_)) => Err("Must be true or false, or left out."),
        (_, None) => {
            faults.push(required(path));
            return;
        }
        (_, Some(Value::Null)) => Err("Can't be null; use the operator exists."),
        (Operator::In | Operator::NotIn, Some(Value::Array(items))) => {
            if items.is_empty() || items.len() > MAXIMUM_ITEMS {
                Err("Must be a list of 1 to 100 values.")
            } else if items
                .iter()
                .any(|item| item.is_null() || item.is_array() || item.is_object())
            {
                Err("The list may hold texts, numbers, true and false.")
            } else {
                Ok(())
            }
        }
        (Operator::In | Operator::NotIn, Some(_)) => Err("Must be a list."),
        (_, Some(Value::Array(_) | Value::Object(_))) => Err("Must be a single value."),
        (
            Operator::AtLeast | Operator::AtMost | Operator::More | Operator::Less,
            Some(Value::Bool(_)),
        ) => Err("Must be a number, a date or a text."),
        (_, Some(_)) => Ok(()),
    };
    if let Err(message) = fits {
        faults.push(Fault::new(path, FaultCode::Invalid, message));
    }
}

/// A field path taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldPath<'a> {
    /// `extracted.<field>`
    Extracted(&'a str),
    /// `fields.<field>`
    Fields(&'a str),
    /// `checks.<policy>.<part>`
    Check {
        /// The check's name.
        policy: &'a str,
        /// Which part of its result.
        part: CheckPart<'a>,
    },
    /// `risk.score`
    RiskScore,
    /// `risk.level`
    RiskLevel,
    /// `risk.signals`
    RiskSignals,
    /// `session.country`
    Country,
    /// `session.document_type`
    DocumentType,
    /// `session.external_ref`
    ExternalRef,
    /// `session.metadata.<key>`
    Metadata(&'a str),
    /// `gate.<node>.decision`
    GateDecision(&'a str),
    /// `gate.<node>.metadata.<key>`
    GateMetadata(&'a str, &'a str),
}

/// A part of a check's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckPart<'a> {
    /// Its status.
    Status,
    /// Whether it passed.
    Passed,
    /// Its score.
    Score,
    /// The codes of its reasons.
    Reasons,
    /// A path within its details.
    Details(&'a str),
}

impl<'a> FieldPath<'a> {
    /// Takes a path apart; `None` when its root or shape is not known.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (root, rest) = text.split_once('.')?;
        if rest.is_empty() || text.contains('\0') {
            return None;
        }
        match (root, rest) {
            ("extracted", field) => Some(Self::Extracted(field)),
            ("fields", field) => Some(Self::Fields(field)),
            ("risk", "score") => Some(Self::RiskScore),
            ("risk", "level") => Some(Self::RiskLevel),
            ("risk", "signals") => Some(Self::RiskSignals),
            ("session", "country") => Some(Self::Country),
            ("session", "document_type") => Some(Self::DocumentType),
            ("session", "external_ref") => Some(Self::ExternalRef),
            ("session", rest) => {
                let key = rest.strip_prefix("metadata.")?;
                (!key.is_empty()).then_some(Self::Metadata(key))
            }
            ("checks", rest) => {
                let (policy, part) = rest.split_once('.')?;
                let part = CheckPart::parse(part)?;
                (!policy.is_empty()).then_some(Self::Check { policy, part })
            }
            ("gate", rest) => match rest.split_once('.')? {
                ("", _) => None,
                (node, "decision") => Some(Self::GateDecision(node)),
                (node, rest) => {
                    let key = rest.strip_prefix("metadata.")?;
                    (!key.is_empty()).then_some(Self::GateMetadata(node, key))
                }
            },
            _ => None,
        }
    }
}

impl<'a> CheckPart<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        match text {
            "status" => Some(Self::Status),
            "passed" => Some(Self::Passed),
            "score" => Some(Self::Score),
            "reasons" => Some(Self::Reasons),
            _ => {
                let path = text.strip_prefix("details.")?;
                (!path.is_empty()).then_some(Self::Details(path))
            }
        }
    }
}
