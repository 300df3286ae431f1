//! Evaluates conditions (spec/workflows.md, "Condition").
//!
//! A missing field, `null` included, makes every operator but `exists`, `not_in` and `!=` false.
//! Comparing unlike types is false and noted; texts that are both dates compare as dates.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::condition::{Comparison, Condition, FieldPath, Operator};
use crate::time::Timestamp;

/// A remark of the interpreter on a run; never holds a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The node whose condition was evaluated.
    pub node: String,
    /// The field path of the comparison.
    pub field: String,
    /// What was remarkable: `unlike_types`.
    pub code: String,
}

/// Gives the values of field paths.
pub trait Resolve {
    /// The value at a path; `None` when there is none.
    fn resolve(&self, path: FieldPath<'_>) -> Option<Value>;
}

/// Whether `condition` of `node` holds. Unlike types are added to `notes`.
pub fn evaluate(
    condition: &Condition,
    node: &str,
    facts: &dyn Resolve,
    notes: &mut Vec<Note>,
) -> bool {
    match condition {
        // Every part is evaluated, so that the notes don't depend on the order of the parts.
        Condition::All(parts) => parts.iter().fold(true, |all, part| {
            let holds = evaluate(part, node, facts, notes);
            all && holds
        }),
        Condition::Any(parts) => parts.iter().fold(false, |any, part| {
            let holds = evaluate(part, node, facts, notes);
            any || holds
        }),
        Condition::Not(part) => !evaluate(part, node, facts, notes),
        Condition::Compare(comparison) => compare(comparison, found(comparison, facts))
            .unwrap_or_else(|Unlike| {
                let note = Note {
                    node: node.to_owned(),
                    field: comparison.field.clone(),
                    code: "unlike_types".to_owned(),
                };
                if !notes.contains(&note) {
                    notes.push(note);
                }
                false
            }),
    }
}

/// Whether `condition` holds of an object, its fields being paths within that.
pub(crate) fn holds_of(condition: &Condition, object: &Value) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds_of(part, object)),
        Condition::Any(parts) => parts.iter().any(|part| holds_of(part, object)),
        Condition::Not(part) => !holds_of(part, object),
        Condition::Compare(comparison) => {
            let found = lookup(object, &comparison.field).cloned();
            compare(comparison, found).unwrap_or(false)
        }
    }
}

/// Two values of types that can't be compared.
struct Unlike;

fn found(comparison: &Comparison, facts: &dyn Resolve) -> Option<Value> {
    facts.resolve(FieldPath::parse(&comparison.field)?)
}

fn compare(comparison: &Comparison, found: Option<Value>) -> Result<bool, Unlike> {
    let found = found.filter(|value| !value.is_null());
    let op = comparison.op;
    if op == Operator::Exists {
        let wanted = comparison.value != Some(Value::Bool(false));
        return Ok(found.is_some() == wanted);
    }
    let Some(found) = found else {
        return Ok(matches!(op, Operator::NotIn | Operator::NotEqual));
    };
    let wanted = comparison.value.as_ref().unwrap_or(&Value::Null);
    match op {
        Operator::Exists => Ok(true),
        Operator::Equal => equal(&found, wanted),
        Operator::NotEqual => equal(&found, wanted).map(|same| !same),
        Operator::AtLeast => order(&found, wanted).map(Ordering::is_ge),
        Operator::AtMost => order(&found, wanted).map(Ordering::is_le),
        Operator::More => order(&found, wanted).map(Ordering::is_gt),
        Operator::Less => order(&found, wanted).map(Ordering::is_lt),
        Operator::In => is_in(&found, wanted),
        Operator::NotIn => is_in(&found, wanted).map(|member| !member),
        Operator::Contains => contains(&found, wanted),
    }
}

fn is_in(found: &Value, list: &Value) -> Result<bool, Unlike> {
    any_equal(list.as_array().ok_or(Unlike)?, found)
}

fn contains(found: &Value, wanted: &Value) -> Result<bool, Unlike> {
    match (found, wanted) {
        (Value::Array(items), wanted) => any_equal(items, wanted),
        (Value::String(text), Value::String(part)) => Ok(text.contains(part.as_str())),
        _ => Err(Unlike),
    }
}

/// Whether one of the items is equal; unlike only when not one of them is of a like type.
fn any_equal(items: &[Value], value: &Value) -> Result<bool, Unlike> {
    let mut comparable = items.is_empty();
    for item in items {
        match equal(item, value) {
            Ok(true) => return Ok(true),
            Ok(false) => comparable = true,
            Err(Unlike) => {}
        }
    }
    if comparable { Ok(false) } else { Err(Unlike) }
}

fn equal(left: &Value, right: &Value) -> Result<bool, Unlike> {
    match (left, right) {
        (Value::String(a), Value::String(b)) => Ok(match (instant(a), instant(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        }),
        (Value::Number(_), Value::Number(_)) => order(left, right).map(Ordering::is_eq),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Array(a), Value::Array(b)) => Ok(a == b),
        (Value::Object(a), Value::Object(b)) => Ok(a == b),
        _ => Err(Unlike),
    }
}

fn order(left: &Value, right: &Value) -> Result<Ordering, Unlike> {
    match (left, right) {
        (Value::String(a), Value::String(b)) => match (instant(a), instant(b)) {
            (Some(a), Some(b)) => Ok(a.cmp(&b)),
            (None, None) => Ok(a.cmp(b)),
            _ => Err(Unlike),
        },
        (Value::Number(a), Value::Number(b)) => {
            let whole = |n: &serde_json::Number| {
                n.as_i64()
                    .map(i128::from)
                    .or_else(|| n.as_u64().map(i128::from))
            };
            if let (Some(a), Some(b)) = (whole(a), whole(b)) {
                return Ok(a.cmp(&b));
            }
            let (a, b) = (a.as_f64().ok_or(Unlike)?, b.as_f64().ok_or(Unlike)?);
            a.partial_cmp(&b).ok_or(Unlike)
        }
        _ => Err(Unlike),
    }
}

/// The instant of a date (its midnight in UTC) or of an ISO 8601 time.
fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    if bytes.len() == 10 {
        let date: Date = text.parse().ok()?;
        let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        return Some(Timestamp::from_micros(
            midnight.timestamp().as_microsecond(),
        ));
    }
    text.parse().ok()
}

/// A value within nested objects: the whole rest as one key first, else part by part.
pub(crate) fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    if let Some(found) = map.get(path) {
        return Some(found);
    }
    let (first, rest) = path.split_once('.')?;
    lookup(map.get(first)?, rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Fields(Value);
    impl Resolve for Fields {
        fn resolve(&self, path: FieldPath<'_>) -> Option<Value> {
            match path {
                FieldPath::Extracted(field) => lookup(&self.0, field).cloned(),
                _ => None,
            }
        }
    }

    fn check(op: &str, value: &Value, found: &Value) -> (bool, bool) {
        let condition: Condition =
            serde_json::from_value(json!({"field": "extracted.x", "op": op, "value": value}))
                .unwrap();
        let mut notes = Vec::new();
        let holds = evaluate(&condition, "n", &Fields(json!({"x": found})), &mut notes);
        (holds, !notes.is_empty())
    }

    #[test]
    fn operators_on_like_types() {
        for (op, value, found, expected) in [
            (">=", json!(51), json!(51), true),
            (">", json!(51), json!(51), false),
            ("<", json!(1.5), json!(1), true),
            ("<=", json!(18_446_744_073_709_551_615_u64), json!(-1), true),
            ("==", json!(1), json!(1.0), true),
            ("!=", json!("DE"), json!("FR"), true),
            ("==", json!(true), json!(false), false),
            ("in", json!(["DE", "FR"]), json!("FR"), true),
            ("in", json!(["DE", 3]), json!("FR"), false),
            ("not_in", json!(["DE", "FR"]), json!("FR"), false),
            ("contains", json!("a"), json!(["b", "a"]), true),
            ("contains", json!("asm"), json!("Erasmus"), true),
            ("contains", json!("a"), json!([]), false),
            ("exists", json!(true), json!(0), true),
            ("exists", json!(false), json!(0), false),
            ("<", json!("2026-02-01"), json!("2026-01-31"), true),
            (
                "==",
                json!("2026-02-01T00:00:00Z"),
                json!("2026-02-01"),
                true,
            ),
            (
                ">",
                json!("2026-02-01T12:00:00+02:00"),
                json!("2026-02-01T11:00:00Z"),
                true,
            ),
            ("<", json!("b"), json!("a"), true),
        ] {
            assert_eq!(
                check(op, &value, &found),
                (expected, false),
                "{found} {op} {value}"
            );
        }
    }

    #[test]
    fn unlike_types_are_false_and_noted() {
        for (op, value, found) in [
            (">=", json!(51), json!("60")),
            ("==", json!("1"), json!(1)),
            ("!=", json!("1"), json!(1)),
            ("in", json!(["1"]), json!(1)),
            ("not_in", json!(["1"]), json!(1)),
            ("contains", json!(1), json!("1")),
            ("contains", json!("a"), json!({"a": 1})),
            ("<", json!("2026-01-01"), json!("yesterday")),
        ] {
            assert_eq!(
                check(op, &value, &found),
                (false, true),
                "{found} {op} {value}"
            );
        }
    }

    #[test]
    fn missing_fields_hold_only_for_three_operators() {
        for found in [json!({}), json!({"x": null})] {
            for op in Operator::ALL {
                let value = match op {
                    Operator::In | Operator::NotIn => json!([1]),
                    Operator::Exists => json!(false),
                    _ => json!(1),
                };
                let condition: Condition = serde_json::from_value(
                    json!({"field": "extracted.x", "op": op, "value": value}),
                )
                .unwrap();
                let mut notes = Vec::new();
                let holds = evaluate(&condition, "n", &Fields(found.clone()), &mut notes);
                let expected =
                    matches!(op, Operator::NotIn | Operator::NotEqual | Operator::Exists);
                assert_eq!((holds, notes.len()), (expected, 0), "{op}");
            }
        }
    }

    #[test]
    fn combinations_and_nested_fields() {
        let condition: Condition = serde_json::from_value(json!({"all": [
            {"any": [{"field": "extracted.a.b", "op": "==", "value": 1}, {"field": "extracted.q", "op": "exists"}]},
            {"not": {"field": "extracted.c.d", "op": "==", "value": 2}},
        ]}))
        .unwrap();
        let holds = |facts: Value| evaluate(&condition, "n", &Fields(facts), &mut Vec::new());
        assert!(holds(json!({"a": {"b": 1}, "c.d": 3})));
        assert!(!holds(json!({"a": {"b": 1}, "c.d": 2})));
        assert!(!holds(json!({"a": {"b": 9}})));
        assert_eq!(
            serde_json::from_value::<Condition>(serde_json::to_value(&condition).unwrap()).unwrap(),
            condition
        );
    }
}
