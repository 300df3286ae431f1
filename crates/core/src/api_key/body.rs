//! The bodies of the calls that make and change API keys.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;
use url::Url;

use crate::api_version::ApiVersion;
use crate::change::Change;
use crate::fault::{Fault, FaultCode};
use crate::object::{Object, unknown_value, wrong_type};
use crate::session::check_text;
use crate::tenant::{Environment, Scope, Scopes};
use crate::time::Timestamp;

/// Most characters of a label.
const MAXIMUM_LABEL: usize = 255;
/// Most characters of a note.
const MAXIMUM_NOTE: usize = 2_000;
/// Most networks or origins of one key.
const MOST_ENTRIES: usize = 100;
/// Most entries of `scopes`: each scope, and room for repeats.
const MOST_SCOPES: usize = Scope::ALL.len() * 2;
/// The casings that a key may ask for.
const INFLECTIONS: &[&str] = &["snake", "camel", "kebab"];

/// What of a key can change. Networks are as they are compared: without host bits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApiKeyChange {
    /// Short name.
    pub label: Change<String>,
    /// Free text.
    pub note: Change<String>,
    /// What it may do; `None`: as before, or the default for a new key.
    pub scopes: Option<Scopes>,
    /// The API version of calls that name none.
    pub api_version: Change<String>,
    /// The casing of calls that name none.
    pub default_key_inflection: Change<String>,
    /// Networks it may be used from; cleared: all.
    pub allowed_ips: Change<Vec<IpNet>>,
    /// Origins of pages that may use a publishable key; cleared: all.
    pub allowed_origins: Change<Vec<String>>,
    /// When it stops working; cleared: never.
    pub expires_at: Change<Timestamp>,
}

/// What a key is made with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewApiKeyInput {
    /// Whether it is for browsers.
    pub publishable: bool,
    /// The environment that was named, if one was.
    pub environment: Option<Environment>,
    /// Everything else.
    pub attributes: ApiKeyChange,
}

/// Reads the body of a create call; unknown fields are ignored.
///
/// # Errors
/// Every offence, with its path.
pub fn read_new(body: &Value, now: Timestamp) -> Result<NewApiKeyInput, Vec<Fault>> {
    let mut faults = Vec::new();
    let Some(mut object) = Object::open("", body, &mut faults) else {
        return Err(faults);
    };
    let publishable = object.flag("publishable", &mut faults).unwrap_or(false);
    let environment = object.text("environment", &mut faults).and_then(|text| {
        let environment = text.parse().ok();
        if environment.is_none() {
            faults.push(unknown_value("environment", &["live", "sandbox"]));
        }
        environment
    });
    let attributes = read_attributes(&mut object, publishable, now, &mut faults);
    if faults.is_empty() {
        return Ok(NewApiKeyInput {
            publishable,
            environment,
            attributes,
        });
    }
    Err(faults)
}

/// Reads the body of a change; unknown fields are ignored.
///
/// # Errors
/// Every offence, with its path.
pub fn read_change(
    body: &Value,
    publishable: bool,
    now: Timestamp,
) -> Result<ApiKeyChange, Vec<Fault>> {
    let mut faults = Vec::new();
    let Some(mut object) = Object::open("", body, &mut faults) else {
        return Err(faults);
    };
    let change = read_attributes(&mut object, publishable, now, &mut faults);
    if faults.is_empty() {
        return Ok(change);
    }
    Err(faults)
}

fn read_attributes(
    object: &mut Object<'_>,
    publishable: bool,
    now: Timestamp,
    faults: &mut Vec<Fault>,
) -> ApiKeyChange {
    ApiKeyChange {
        label: text(object, "label", faults, |path, text| {
            check_text(path, text, MAXIMUM_LABEL)
        }),
        note: text(object, "note", faults, |path, text| {
            check_text(path, text, MAXIMUM_NOTE)
        }),
        scopes: read_scopes(object, publishable, faults),
        api_version: text(object, "api_version", faults, |path, text| {
            let version = ApiVersion::resolve(text, now);
            version.map(drop).map_err(|_| {
                let message = "Must be a date from the first version, 2026-01-01, to today.";
                Fault::new(path, FaultCode::Invalid, message)
            })
        }),
        default_key_inflection: text(object, "default_key_inflection", faults, |path, text| {
            if INFLECTIONS.contains(&text) {
                return Ok(());
            }
            Err(unknown_value(path, INFLECTIONS))
        }),
        allowed_ips: entries(object, "allowed_ips", faults, read_network),
        allowed_origins: read_origins(object, publishable, faults),
        expires_at: read_expiry(object, now, faults),
    }
}

fn text(
    object: &mut Object<'_>,
    name: &'static str,
    faults: &mut Vec<Fault>,
    check: impl FnOnce(&str, &str) -> Result<(), Fault>,
) -> Change<String> {
    match object.raw(name) {
        None => return Change::Keep,
        Some(Value::Null) => return Change::Clear,
        Some(_) => {}
    }
    let Some(text) = object.text(name, faults) else {
        return Change::Keep;
    };
    match check(&object.at(name), text) {
        Ok(()) => Change::Set(text.to_owned()),
        Err(fault) => {
            faults.push(fault);
            Change::Keep
        }
    }
}

/// A list that `null` takes away. An empty one would lock everybody out and is refused.
fn entries<T>(
    object: &mut Object<'_>,
    name: &'static str,
    faults: &mut Vec<Fault>,
    read: fn(&str, &str) -> Result<T, Fault>,
) -> Change<Vec<T>> {
    match object.raw(name) {
        None => return Change::Keep,
        Some(Value::Null) => return Change::Clear,
        Some(_) => {}
    }
    let Some(items) = object.list(name, faults) else {
        return Change::Keep;
    };
    let path = object.at(name);
    if items.is_empty() {
        let message = "May not be empty; null allows all.";
        faults.push(Fault::new(path, FaultCode::TooShort, message));
        return Change::Keep;
    }
    if items.len() > MOST_ENTRIES {
        let message = format_args!("May have at most {MOST_ENTRIES} entries.");
        faults.push(Fault::new(path, FaultCode::TooMany, message));
        return Change::Keep;
    }
    let mut read_items = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let path = format!("{path}[{position}]");
        let outcome = match item.as_str() {
            Some(text) => read(&path, text),
            None => Err(wrong_type(path, "a string")),
        };
        match outcome {
            Ok(item) => read_items.push(item),
            Err(fault) => faults.push(fault),
        }
    }
    Change::Set(read_items)
}

/// A CIDR block, or a single address.
fn read_network(path: &str, text: &str) -> Result<IpNet, Fault> {
    let network = text.parse::<IpNet>();
    let network = network.or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map(|network| network.trunc()).map_err(|_| {
        let message = "Must be a network such as 203.0.113.0/24 or 2001:db8::/32.";
        Fault::new(path, FaultCode::Invalid, message)
    })
}

fn read_origins(
    object: &mut Object<'_>,
    publishable: bool,
    faults: &mut Vec<Fault>,
) -> Change<Vec<String>> {
    if !publishable && object.has("allowed_origins") {
        let message = "Only publishable keys are bound to origins.";
        let path = object.at("allowed_origins");
        faults.push(Fault::new(path, FaultCode::Invalid, message));
        return Change::Keep;
    }
    entries(object, "allowed_origins", faults, read_origin)
}

/// An origin as browsers write it (WHATWG HTML §7.1.1): scheme, host, and a port that is not the
/// scheme's own.
fn read_origin(path: &str, text: &str) -> Result<String, Fault> {
    let written = Url::parse(text).ok().filter(|url| {
        ["https", "http"].contains(&url.scheme()) && url.origin().ascii_serialization() == text
    });
    if written.is_some() {
        return Ok(text.to_owned());
    }
    let message = "Must be an origin such as https://shop.example, without a path.";
    Err(Fault::new(path, FaultCode::Invalid, message))
}

fn read_scopes(
    object: &mut Object<'_>,
    publishable: bool,
    faults: &mut Vec<Fault>,
) -> Option<Scopes> {
    let items = object.list("scopes", faults)?;
    if items.len() > MOST_SCOPES {
        let message = format_args!("May have at most {MOST_SCOPES} entries.");
        faults.push(Fault::new(object.at("scopes"), FaultCode::TooMany, message));
        return None;
    }
    let before = faults.len();
    let mut scopes = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let path = format!("{}[{position}]", object.at("scopes"));
        match item.as_str().map(str::parse::<Scope>) {
            Some(Ok(scope)) => scopes.push(scope),
            Some(Err(_)) => {
                let names: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
                faults.push(unknown_value(path, &names));
            }
            None => faults.push(wrong_type(path, "a string")),
        }
    }
    if scopes.is_empty() && faults.len() == before {
        let message = "A key needs a scope.";
        faults.push(Fault::new("scopes", FaultCode::TooShort, message));
    }
    if publishable && scopes.iter().any(|scope| *scope != Scope::SessionsCreate) {
        let message = "A publishable key may only create sessions.";
        faults.push(Fault::new("scopes", FaultCode::Invalid, message));
    }
    (faults.len() == before).then(|| Scopes::new(scopes))
}

fn read_expiry(
    object: &mut Object<'_>,
    now: Timestamp,
    faults: &mut Vec<Fault>,
) -> Change<Timestamp> {
    let mut expires_at = None;
    let read = text(object, "expires_at", faults, |path, text| {
        expires_at = text.parse::<Timestamp>().ok();
        let fault = match expires_at {
            Some(end) if end > now => return Ok(()),
            Some(_) => "Must lie in the future.",
            None => "Must be an ISO 8601 time in UTC, such as 2026-02-01T12:00:00Z.",
        };
        Err(Fault::new(path, FaultCode::Invalid, fault))
    });
    match (read, expires_at) {
        (Change::Set(_), Some(end)) => Change::Set(end),
        (Change::Clear, _) => Change::Clear,
        _ => Change::Keep,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    fn refused(body: &Value) -> Vec<(String, FaultCode)> {
        let faults = read_new(body, now()).unwrap_err();
        faults
            .into_iter()
            .map(|fault| (fault.field, fault.code))
            .collect()
    }

    #[test]
    fn a_whole_body_in_any_casing() {
        let body = json!({"label": "Shop", "note": null, "publishable": true,
            "environment": "sandbox", "apiVersion": "2026-01-01",
            "default-key-inflection": "camel", "allowedIps": ["203.0.113.7/24", "2001:db8::1"],
            "allowed_origins": ["https://shop.example", "http://localhost:3000"],
            "expires_at": "2027-01-01T00:00:00Z", "is_active": false});
        let new = read_new(&body, now()).unwrap();
        assert!(new.publishable);
        assert_eq!(new.environment, Some(Environment::Sandbox));
        let made = new.attributes;
        assert_eq!(made.label, Change::Set("Shop".to_owned()));
        assert_eq!(made.note, Change::Clear);
        let Change::Set(networks) = made.allowed_ips else {
            panic!("no networks")
        };
        let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["203.0.113.0/24", "2001:db8::1/128"]);
        assert!(matches!(made.expires_at, Change::Set(_)));
        assert_eq!(made.scopes, None);
    }

    #[test]
    fn offences_name_their_paths() {
        let found = refused(&json!({
            "label": "", "note": 3, "environment": "test", "api_version": "2025-12-31",
            "default_key_inflection": "SNAKE", "allowed_ips": ["10.0.0.0/33", 1],
            "allowed_origins": ["https://shop.example"], "expires_at": "2026-11-21T00:00:00Z",
            "scopes": ["sessions:read", "sessions:eat"], "publishable": "no",
        }));
        let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "publishable",
                "environment",
                "label",
                "note",
                "scopes[1]",
                "api_version",
                "default_key_inflection",
                "allowed_ips[0]",
                "allowed_ips[1]",
                "allowed_origins",
                "expires_at"
            ]
        );
        assert_eq!(refused(&json!({"scopes": []}))[0].1, FaultCode::TooShort);
        assert_eq!(
            refused(&json!({"allowed_ips": []}))[0].1,
            FaultCode::TooShort
        );
        let repeated = |count| json!({"scopes": vec!["sessions:read"; count]});
        assert!(read_new(&repeated(MOST_SCOPES), now()).is_ok());
        assert_eq!(
            refused(&repeated(MOST_SCOPES + 1)),
            [("scopes".to_owned(), FaultCode::TooMany)]
        );
        let browser = json!({"publishable": true, "scopes": ["sessions:read"]});
        assert_eq!(refused(&browser)[0].0, "scopes");
        for origin in [
            "https://shop.example/",
            "https://SHOP.example",
            "null",
            "shop.example",
        ] {
            let body = json!({"publishable": true, "allowed_origins": [origin]});
            assert_eq!(refused(&body)[0].0, "allowed_origins[0]", "{origin}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_texts_are_judged(texts in proptest::collection::vec(".{0,24}", 8)) {
            let body = json!({"label": texts[0], "note": texts[1], "api_version": texts[2],
                "default_key_inflection": texts[3], "allowed_ips": [texts[4]],
                "allowed_origins": [texts[5]], "expires_at": texts[6], "scopes": [texts[7]],
                "publishable": true});
            let _judged = read_new(&body, now());
        }
    }
}
