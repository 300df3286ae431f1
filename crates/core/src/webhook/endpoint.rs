//! What an endpoint is configured with, and the rules of it (spec/resources.md, "Webhooks").
//!
//! Whether a URL may be sent to is the guard's to say; here stand form and size.

use serde_json::Value;

use super::filter::EventFilter;
use super::subjects::ENVELOPE;
use crate::change::Change;
use crate::fault::{Fault, FaultCode};
use crate::session::{WebhookEvent, check_text};

/// Most endpoints of one environment.
pub const MAXIMUM_ENDPOINTS: i64 = 50;
/// Most characters of a URL.
const MAXIMUM_URL: usize = 2_048;
/// Most characters of a label.
const MAXIMUM_LABEL: usize = 255;
/// Most characters of a description.
const MAXIMUM_DESCRIPTION: usize = 2_000;
/// Most paths of a block list.
const MAXIMUM_BLOCKED: usize = 100;
/// Most characters of one of them.
const MAXIMUM_PATH: usize = 256;
/// All events, as one entry.
const ALL_EVENTS: &str = "*";

/// What an endpoint is configured with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    /// Where to send.
    pub url: String,
    /// Short name.
    pub label: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Whether events are sent.
    pub enabled: bool,
    /// The events wanted; empty or `*`: all.
    pub enabled_events: Vec<String>,
    /// Dotted paths left out of bodies.
    pub attribute_blocklist: Vec<String>,
    /// A condition over the body, as JSON text.
    pub event_filter_conditions: Option<String>,
    /// The API version of bodies; absent: the newest.
    pub api_version: Option<String>,
    /// How field names are written; absent: snake case.
    pub key_inflection: Option<String>,
}

impl EndpointSettings {
    /// An endpoint for all events.
    pub fn new(url: String) -> Self {
        Self {
            url,
            label: None,
            description: None,
            enabled: true,
            enabled_events: Vec::new(),
            attribute_blocklist: Vec::new(),
            event_filter_conditions: None,
            api_version: None,
            key_inflection: None,
        }
    }
}

/// What changes; absent fields stay.
#[derive(Debug, Clone, Default)]
pub struct EndpointChanges {
    /// Where to send.
    pub url: Option<String>,
    /// Short name, at most 255 characters.
    pub label: Change<String>,
    /// Free text, at most 2,000 characters.
    pub description: Change<String>,
    /// Whether events are sent.
    pub enabled: Option<bool>,
    /// Names of events, or `*`; null and the empty list mean all.
    pub enabled_events: Change<Vec<String>>,
    /// At most 100 dotted paths.
    pub attribute_blocklist: Change<Vec<String>>,
    /// A condition over the body.
    pub event_filter_conditions: Change<Value>,
    /// A version that exists.
    pub api_version: Change<String>,
    /// A casing that exists.
    pub key_inflection: Change<String>,
}

impl EndpointChanges {
    /// The settings after the change, and the names of the fields that it named.
    ///
    /// # Errors
    /// Every offence of the input.
    pub fn over(
        &self,
        mut settings: EndpointSettings,
    ) -> Result<(EndpointSettings, Vec<&'static str>), Vec<Fault>> {
        let faults = self.faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        let named = self.named();
        if let Some(url) = &self.url {
            settings.url.clone_from(url);
        }
        if let Some(enabled) = self.enabled {
            settings.enabled = enabled;
        }
        let text = |change: &Change<String>, former: &mut Option<String>| {
            *former = change.clone().over(former.take());
        };
        text(&self.label, &mut settings.label);
        text(&self.description, &mut settings.description);
        text(&self.api_version, &mut settings.api_version);
        text(&self.key_inflection, &mut settings.key_inflection);
        list(&self.enabled_events, &mut settings.enabled_events);
        list(&self.attribute_blocklist, &mut settings.attribute_blocklist);
        let conditions = match &self.event_filter_conditions {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(value) => Change::Set(value.to_string()),
        };
        settings.event_filter_conditions = conditions.over(settings.event_filter_conditions.take());
        Ok((settings, named))
    }

    fn named(&self) -> Vec<&'static str> {
        let all = [
            ("url", self.url.is_some()),
            ("label", !self.label.is_keep()),
            ("description", !self.description.is_keep()),
            ("enabled", self.enabled.is_some()),
            ("enabled_events", !self.enabled_events.is_keep()),
            ("attribute_blocklist", !self.attribute_blocklist.is_keep()),
            (
                "event_filter_conditions",
                !self.event_filter_conditions.is_keep(),
            ),
            ("api_version", !self.api_version.is_keep()),
            ("key_inflection", !self.key_inflection.is_keep()),
        ];
        all.into_iter()
            .filter_map(|(name, is_named)| is_named.then_some(name))
            .collect()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(url) = &self.url {
            faults.extend(check_text("url", url, MAXIMUM_URL).err());
        }
        if let Change::Set(label) = &self.label {
            faults.extend(check_text("label", label, MAXIMUM_LABEL).err());
        }
        if let Change::Set(text) = &self.description {
            faults.extend(check_text("description", text, MAXIMUM_DESCRIPTION).err());
        }
        if let Change::Set(events) = &self.enabled_events {
            check_events(events, &mut faults);
        }
        if let Change::Set(paths) = &self.attribute_blocklist {
            check_blocklist(paths, &mut faults);
        }
        if let Change::Set(conditions) = &self.event_filter_conditions {
            let path = "event_filter_conditions";
            let _read = EventFilter::parse(path, conditions, &mut faults);
        }
        faults
    }
}

/// A list after a change: null empties it, repeats are dropped.
fn list(change: &Change<Vec<String>>, former: &mut Vec<String>) {
    match change {
        Change::Keep => {}
        Change::Clear => former.clear(),
        Change::Set(items) => {
            former.clear();
            for item in items {
                if !former.contains(item) {
                    former.push(item.clone());
                }
            }
        }
    }
}

fn check_events(events: &[String], faults: &mut Vec<Fault>) {
    let most = WebhookEvent::ALL.len() + 1;
    if events.len() > most {
        let message = format!("May have at most {most} names.");
        faults.push(Fault::new("enabled_events", FaultCode::TooMany, message));
        return;
    }
    for (position, event) in events.iter().enumerate() {
        if event != ALL_EVENTS && WebhookEvent::parse(event).is_none() {
            faults.push(Fault::new(
                format_args!("enabled_events[{position}]"),
                FaultCode::UnknownValue,
                "There is no such event; the event-types call lists them.",
            ));
        }
    }
}

fn check_blocklist(paths: &[String], faults: &mut Vec<Fault>) {
    if paths.len() > MAXIMUM_BLOCKED {
        let message = format!("May have at most {MAXIMUM_BLOCKED} paths.");
        faults.push(Fault::new(
            "attribute_blocklist",
            FaultCode::TooMany,
            message,
        ));
        return;
    }
    for (position, path) in paths.iter().enumerate() {
        let place = format!("attribute_blocklist[{position}]");
        if let Err(fault) = check_text(&place, path, MAXIMUM_PATH) {
            faults.push(fault);
        } else if !is_path(path) {
            let message = "Must be a path of field names in snake case, joined by dots.";
            faults.push(Fault::new(place, FaultCode::Invalid, message));
        } else if ENVELOPE.iter().any(|field| field.name == path) {
            let message = "This field is part of every body and can't be left out.";
            faults.push(Fault::new(place, FaultCode::Invalid, message));
        }
    }
}

fn is_path(path: &str) -> bool {
    let name = |part: &str| {
        let mut letters = part.bytes();
        !part.is_empty()
            && letters
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    path.split('.').all(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings() -> EndpointSettings {
        EndpointSettings {
            label: Some("old".to_owned()),
            attribute_blocklist: vec!["external_ref".to_owned()],
            ..EndpointSettings::new("https://a.example/hook".to_owned())
        }
    }

    fn texts(items: &[&str]) -> Change<Vec<String>> {
        Change::Set(items.iter().map(ToString::to_string).collect())
    }

    fn refused(changes: &EndpointChanges) -> Vec<(String, FaultCode)> {
        let faults = changes.over(settings()).unwrap_err();
        faults.into_iter().map(|f| (f.field, f.code)).collect()
    }

    #[test]
    fn what_is_not_named_stays() {
        let (same, named) = EndpointChanges::default().over(settings()).unwrap();
        assert_eq!((same, named), (settings(), vec![]));
        let changes = EndpointChanges {
            label: Change::Clear,
            enabled: Some(false),
            enabled_events: texts(&["case.created", "case.created", "*"]),
            attribute_blocklist: Change::Clear,
            event_filter_conditions: Change::Set(json!({"field": "status", "op": "exists"})),
            ..EndpointChanges::default()
        };
        let (after, named) = changes.over(settings()).unwrap();
        let wanted = EndpointSettings {
            enabled: false,
            enabled_events: vec!["case.created".to_owned(), "*".to_owned()],
            event_filter_conditions: Some(r#"{"field":"status","op":"exists"}"#.to_owned()),
            ..EndpointSettings::new("https://a.example/hook".to_owned())
        };
        assert_eq!(after, wanted);
        assert_eq!(
            named,
            [
                "label",
                "enabled",
                "enabled_events",
                "attribute_blocklist",
                "event_filter_conditions"
            ]
        );
    }

    #[test]
    fn each_offence_is_named() {
        let changes = EndpointChanges {
            url: Some(format!("https://a.example/{}", "x".repeat(2_048))),
            label: Change::Set("x".repeat(256)),
            enabled_events: texts(&["session.created", "session.*", ""]),
            attribute_blocklist: texts(&["result.ssn", "a..b", "resultSsn", "event", ""]),
            event_filter_conditions: Change::Set(json!({"any": 1})),
            ..EndpointChanges::default()
        };
        let wanted = [
            ("url", FaultCode::TooLong),
            ("label", FaultCode::TooLong),
            ("enabled_events[1]", FaultCode::UnknownValue),
            ("enabled_events[2]", FaultCode::UnknownValue),
            ("attribute_blocklist[1]", FaultCode::Invalid),
            ("attribute_blocklist[2]", FaultCode::Invalid),
            ("attribute_blocklist[3]", FaultCode::Invalid),
            ("attribute_blocklist[4]", FaultCode::TooShort),
            ("event_filter_conditions.any", FaultCode::WrongType),
        ];
        let wanted = wanted.map(|(field, code)| (field.to_owned(), code));
        assert_eq!(refused(&changes), wanted);
    }

    #[test]
    fn lists_are_bounded() {
        let many = |count: usize| Change::Set(vec!["a".to_owned(); count]);
        let changes = EndpointChanges {
            enabled_events: many(WebhookEvent::ALL.len() + 2),
            attribute_blocklist: many(101),
            ..EndpointChanges::default()
        };
        let wanted = [
            ("enabled_events".to_owned(), FaultCode::TooMany),
            ("attribute_blocklist".to_owned(), FaultCode::TooMany),
        ];
        assert_eq!(refused(&changes), wanted);
    }
}
