//! The operator's own data: a map merged key by key (spec/sessions.md, "Create" and "update").
//!
//! Each value is kept as the text that was sent, because a parser would respell it: `serde_json`
//! keeps the digits of a number, but writes `1e2` as `1e+2`.

use std::{fmt, io};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::fault::{Fault, FaultCode};

/// Most keys of a map, counted after a merge.
pub const MAXIMUM_KEYS: usize = 50;
/// Most bytes of one value as compact UTF-8 JSON.
pub const MAXIMUM_VALUE_BYTES: usize = 16_384;
/// Most bytes of the whole map as compact UTF-8 JSON.
pub const MAXIMUM_TOTAL_BYTES: usize = 65_536;

/// A map of free keys in the order in which they came, each value as its JSON text was sent:
/// compact and in UTF-8, its numbers as they were spelled.
///
/// It may hold anything, so `Debug` shows how many keys there are and nothing else.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(IndexMap<String, Box<RawValue>>);

impl Metadata {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the text of a JSON object; `None` for any other text.
    pub fn from_text(text: &str) -> Option<Self> {
        let sent: IndexMap<String, &RawValue> = serde_json::from_str(text).ok()?;
        let kept = |(key, value): (String, &RawValue)| {
            let value = RawValue::from_string(compact(value.get())?).ok()?;
            Some((key, value))
        };
        sent.into_iter().map(kept).collect::<Option<_>>().map(Self)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The value of a key, as a parser reads it.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.0.get(key).map(|value| parsed(value))
    }

    /// Keys and values, as a parser reads them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value)> {
        let entries = self.0.iter();
        entries.map(|(key, value)| (key.as_str(), parsed(value)))
    }
}

/// The values were JSON when the map was made.
fn parsed(value: &RawValue) -> Value {
    serde_json::from_str(value.get()).unwrap_or_default()
}

/// A well-formed JSON text without blanks between its tokens and with its texts in UTF-8; numbers
/// stay as they are spelled.
fn compact(json: &str) -> Option<String> {
    let mut compact = String::with_capacity(json.len());
    let mut rest = json;
    while !rest.is_empty() {
        let length = if rest.starts_with('"') {
            let length = string_length(rest)?;
            let text: String = serde_json::from_str(rest.get(..length)?).ok()?;
            compact.push_str(&serde_json::to_string(&text).ok()?);
            length
        } else {
            let length = rest.find('"').unwrap_or(rest.len());
            let tokens = rest.get(..length)?.chars();
            compact.extend(tokens.filter(|letter| !letter.is_ascii_whitespace()));
            length
        };
        rest = rest.get(length..)?;
    }
    Some(compact)
}

/// The bytes of the string that a text begins with, both quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    let closing = text.bytes().skip(1).position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    closing.map(|position| position + 2)
}

impl FromIterator<(String, Value)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        // A value with text keys always is JSON.
        Self(
            entries
                .filter_map(|(key, value)| Some((key, to_raw_value(&value).ok()?)))
                .collect(),
        )
    }
}

impl From<Map<String, Value>> for Metadata {
    fn from(map: Map<String, Value>) -> Self {
        map.into_iter().collect()
    }
}

/// Equal by the texts, in their order.
impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        let texts = |map: &Self| -> Vec<(String, String)> {
            let entries = map.0.iter();
            entries
                .map(|(key, value)| (key.clone(), value.get().to_owned()))
                .collect()
        };
        texts(self) == texts(other)
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Metadata of {} keys", self.0.len())
    }
}

/// Checks a whole new map. Values of `null` stay: nothing is removed from what never was.
/// `field` is the name in the answer, such as `metadata`.
pub fn check(field: &str, map: &Metadata) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    check_entries(field, map, &mut faults);
    check_sum(field, map, &mut faults);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Checks the map that comes with a gate decision: keys and values as above, no bound on the sum
/// (spec/workflows.md, "Engine rules").
pub fn check_decision(field: &str, map: &Metadata) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    check_entries(field, map, &mut faults);
    check_keys(field, map, &mut faults);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Merges `patch` into `current`: a key with `null` is removed, any other is set, an absent key
/// stays. A replaced key keeps its place, a new one goes to the end.
pub fn merge(field: &str, current: &Metadata, patch: &Metadata) -> Result<Metadata, Vec<Fault>> {
    let mut faults = Vec::new();
    check_entries(field, patch, &mut faults);
    let mut merged = current.clone();
    for (key, value) in &patch.0 {
        if value.get() == "null" {
            merged.0.shift_remove(key);
        } else {
            merged.0.insert(key.clone(), value.clone());
        }
    }
    check_sum(field, &merged, &mut faults);
    if faults.is_empty() {
        Ok(merged)
    } else {
        Err(faults)
    }
}

fn check_entries(field: &str, map: &Metadata, faults: &mut Vec<Fault>) {
    for (key, value) in map.iter() {
        let path = format!("{field}.{key}");
        if key.contains('\0') {
            faults.push(nul(&path));
        }
        check_value(&path, &value, faults);
        if compact_length(&value) > MAXIMUM_VALUE_BYTES {
            faults.push(Fault::new(
                &path,
                FaultCode::TooLong,
                format_args!("A value may have at most {MAXIMUM_VALUE_BYTES} bytes as JSON."),
            ));
        }
    }
}

fn check_keys(field: &str, map: &Metadata, faults: &mut Vec<Fault>) {
    if map.len() > MAXIMUM_KEYS {
        faults.push(Fault::new(
            field,
            FaultCode::TooMany,
            format_args!("At most {MAXIMUM_KEYS} keys are allowed."),
        ));
    }
}

fn check_sum(field: &str, map: &Metadata, faults: &mut Vec<Fault>) {
    check_keys(field, map, faults);
    let whole: Map<String, Value> = map
        .iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    if compact_length(&whole) > MAXIMUM_TOTAL_BYTES {
        faults.push(Fault::new(
            field,
            FaultCode::TooLong,
            format_args!("The map may have at most {MAXIMUM_TOTAL_BYTES} bytes as JSON."),
        ));
    }
}

/// Refuses what no free value may hold: NUL characters in texts and keys, and numbers outside
/// i64, u64 and f64 (spec/conventions.md, "Body limits").
pub fn check_value(path: &str, value: &Value, faults: &mut Vec<Fault>) {
    // Iterative, so that the depth of a hostile value is not the depth of our stack.
    let mut open = vec![value];
    let (mut has_nul, mut has_large_number) = (false, false);
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => has_nul |= text.contains('\0'),
            Value::Number(number) => {
                has_large_number |= number.as_i64().is_none()
                    && number.as_u64().is_none()
                    && number.as_f64().is_none();
            }
            Value::Array(items) => open.extend(items),
            Value::Object(map) => {
                has_nul |= map.keys().any(|key| key.contains('\0'));
                open.extend(map.values());
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
    if has_nul {
        faults.push(nul(path));
    }
    if has_large_number {
        faults.push(Fault::new(
            path,
            FaultCode::OutOfRange,
            "A number must fit into a 64-bit integer or float.",
        ));
    }
}

fn nul(path: &str) -> Fault {
    Fault::new(
        path,
        FaultCode::NulCharacter,
        "NUL characters are not allowed.",
    )
}

/// Bytes of a value as compact UTF-8 JSON, counted without writing it.
pub fn compact_length(value: &impl serde::Serialize) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn map(text: &str) -> Metadata {
        Metadata::from_text(text).unwrap()
    }

    fn fields(result: Result<Metadata, Vec<Fault>>) -> Vec<(String, FaultCode)> {
        let faults = result.unwrap_err();
        faults
            .into_iter()
            .map(|fault| (fault.field, fault.code))
            .collect()
    }

    #[test]
    fn merges_key_by_key_and_keeps_the_text() {
        let current = map(r#"{"z":1.10,"a":{"n":1.50e5},"m":"x","big":123456789012345678}"#);
        let merged = merge(
            "metadata",
            &current,
            &map(r#"{"z":null,"m":2.50,"new":-0}"#),
        )
        .unwrap();
        assert_eq!(
            serde_json::to_string(&merged).unwrap(),
            r#"{"a":{"n":1.50e5},"m":2.50,"big":123456789012345678,"new":-0}"#
        );
    }

    #[test]
    fn every_spelling_survives_being_stored() {
        let sent =
            r#"{ "n" : [1e2, 1E2, 1E+02, -0.0, 1.50] , "s": "\u00e9 \"e\\" ,"o":{"b": 1,"a" :2}}"#;
        let kept = r#"{"n":[1e2,1E2,1E+02,-0.0,1.50],"s":"é \"e\\","o":{"b":1,"a":2}}"#;
        let stored = serde_json::to_vec(&map(sent)).unwrap();
        assert_eq!(std::str::from_utf8(&stored).unwrap(), kept);
        let again: Metadata = serde_json::from_slice(&stored).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), kept);
        assert_eq!(again, map(sent));
        assert_eq!(again.get("s"), Some(json!("é \"e\\")));
        assert_eq!(format!("{again:?}"), "Metadata of 3 keys");
        for wrong in ["", "null", "[]", "{", "7"] {
            assert!(Metadata::from_text(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn fifty_keys_count_after_the_merge() {
        let numbered = |range: std::ops::Range<usize>| -> Metadata {
            range.map(|n| (format!("k{n}"), json!(n))).collect()
        };
        let current = numbered(0..50);
        assert!(merge("metadata", &current, &map(r#"{"k0":null,"x":1}"#)).is_ok());
        assert_eq!(
            fields(merge("metadata", &current, &map(r#"{"x":1}"#))),
            [("metadata".into(), FaultCode::TooMany)]
        );
        assert!(check("metadata", &numbered(0..51)).is_err());
    }

    #[test]
    fn sixteen_kilobytes_are_counted_as_utf8_json() {
        // Two quotes and two bytes per letter: exactly at the limit, then one over it.
        let full = "é".repeat((MAXIMUM_VALUE_BYTES - 2) / 2);
        assert!(
            merge(
                "metadata",
                &map("{}"),
                &Metadata::from_iter([("a".into(), json!(full))])
            )
            .is_ok()
        );
        let over = Metadata::from_iter([("a".into(), json!(format!("{full}x")))]);
        assert_eq!(
            fields(merge("metadata", &map("{}"), &over)),
            [("metadata.a".into(), FaultCode::TooLong)]
        );
    }

    #[test]
    fn the_whole_map_is_bounded() {
        let value = json!("x".repeat(16_000));
        let five: Metadata = (0..5).map(|n| (n.to_string(), value.clone())).collect();
        assert_eq!(
            fields(merge("metadata", &map("{}"), &five)),
            [("metadata".into(), FaultCode::TooLong)]
        );
    }

    #[test]
    fn nul_and_numbers_beyond_every_type_are_refused() {
        let faults = fields(merge(
            "metadata",
            &map("{}"),
            &map(r#"{"a":["x\u0000"],"b":{"k\u0000":1},"c\u0000":1,"d":[1e400],"e":1e308}"#),
        ));
        assert_eq!(
            faults,
            [
                ("metadata.a".into(), FaultCode::NulCharacter),
                ("metadata.b".into(), FaultCode::NulCharacter),
                ("metadata.c\u{fffd}".into(), FaultCode::NulCharacter),
                ("metadata.d".into(), FaultCode::OutOfRange),
            ]
        );
    }

    proptest! {
        #[test]
        fn merging_is_idempotent(
            current in prop::collection::btree_map("[a-e]", 0..9_i32, 0..5),
            patch in prop::collection::btree_map("[a-h]", prop::option::of(0..9_i32), 0..8),
        ) {
            let current: Metadata = current.into_iter().map(|(k, v)| (k, json!(v))).collect();
            let patch: Metadata = patch.into_iter().map(|(k, v)| (k, json!(v))).collect();
            let once = merge("metadata", &current, &patch).unwrap();
            let twice = merge("metadata", &once, &patch).unwrap();
            prop_assert_eq!(&once, &twice);
            for (key, value) in patch.iter() {
                prop_assert_eq!(once.get(key), (!value.is_null()).then_some(value));
            }
            for (key, value) in current.iter() {
                prop_assert!(patch.get(key).is_some() || once.get(key) == Some(value));
            }
        }
    }
}
