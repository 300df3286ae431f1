//! Which events an endpoint hears of: their names, and a condition over their bodies.

use serde_json::Value;

use crate::fault::Fault;
use crate::workflow::{Condition, holds_of};

/// Longest path of a field in a filter.
const MAXIMUM_PATH: usize = 200;

/// Whether a list of subscribed events includes `event`: an empty list and `*` include all.
pub fn wants(enabled_events: &[String], event: &str) -> bool {
    enabled_events.is_empty()
        || enabled_events
            .iter()
            .any(|wanted| wanted == "*" || wanted == event)
}

/// A condition over an event's body, in the grammar of workflows (spec/workflows.md, "Condition"):
/// `{"field": "result.extracted_data.nationality", "op": "in", "value": ["DE", "FR"]}`, joined by
/// `all`, `any` and `not`. Fields are dotted paths within the body in snake case. A comparison of
/// unlike types doesn't hold, a missing field only fulfils `!=`, `not_in` and `exists: false`.
#[derive(Debug, Clone, PartialEq)]
pub struct EventFilter(Condition);

impl EventFilter {
    /// Reads a filter; offences are added with paths under `path`. `None` only with an offence.
    pub fn parse(path: &str, value: &Value, faults: &mut Vec<Fault>) -> Option<Self> {
        Condition::parse_over(path, value, &body_field, faults).map(Self)
    }

    /// Reads a stored filter; `None` for a text that is none.
    pub fn of_text(text: &str) -> Option<Self> {
        let mut faults = Vec::new();
        let value = serde_json::from_str(text).ok()?;
        Self::parse("", &value, &mut faults).filter(|_| faults.is_empty())
    }

    /// Whether an event with this body is wanted.
    pub fn holds(&self, body: &Value) -> bool {
        holds_of(&self.0, body)
    }
}

fn body_field(name: &str) -> Result<(), &'static str> {
    let parts_are_named = name.split('.').all(|part| !part.is_empty());
    if name.len() <= MAXIMUM_PATH && parts_are_named && !name.contains('\0') {
        Ok(())
    } else {
        Err("Must be a dotted path within the event's body, such as result.face_match_passed.")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filter(value: &Value) -> EventFilter {
        let mut faults = Vec::new();
        let read = EventFilter::parse("event_filter_conditions", value, &mut faults);
        assert_eq!(faults, []);
        read.unwrap()
    }

    #[test]
    fn subscriptions() {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(wants(&[], "session.created"));
        assert!(wants(&list(&["*"]), "session.created"));
        assert!(wants(
            &list(&["case.created", "session.created"]),
            "session.created"
        ));
        assert!(!wants(&list(&["case.created"]), "session.created"));
        assert!(!wants(&list(&["session"]), "session.created"));
    }

    #[test]
    fn conditions_look_into_the_body() {
        let body = json!({"status": "approved", "external_ref": null,
            "result": {"face_match_passed": true, "extracted_data": {"nationality": "DE"}}});
        for (condition, holds) in [
            (
                json!({"field": "status", "op": "==", "value": "approved"}),
                true,
            ),
            (json!({"field": "external_ref", "op": "exists"}), false),
            (
                json!({"field": "result.extracted_data.nationality", "op": "in", "value": ["FR"]}),
                false,
            ),
            (
                json!({"not": {"field": "result.face_match_passed", "op": "==", "value": false}}),
                true,
            ),
            (
                json!({"any": [{"field": "nothing", "op": "!=", "value": 1}, {"field": "status", "op": ">", "value": 3}]}),
                true,
            ),
            (
                json!({"all": [{"field": "status", "op": ">", "value": 3}]}),
                false,
            ),
        ] {
            assert_eq!(filter(&condition).holds(&body), holds, "{condition}");
            let text = condition.to_string();
            assert_eq!(EventFilter::of_text(&text).unwrap().holds(&body), holds);
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_with_its_path() {
        for (condition, field) in [
            (json!([]), "f"),
            (json!({"field": "a..b", "op": "exists"}), "f.field"),
            (
                json!({"all": [{"field": "a", "op": "like", "value": "b"}]}),
                "f.all[0].op",
            ),
            (
                json!({"field": "a", "op": "==", "value": 1, "more": 1}),
                "f.more",
            ),
        ] {
            let mut faults = Vec::new();
            EventFilter::parse("f", &condition, &mut faults);
            assert_eq!(
                faults.first().map(|fault| fault.field.as_str()),
                Some(field)
            );
            assert_eq!(EventFilter::of_text(&condition.to_string()), None);
        }
    }
}
