//! The operator's own data on a session: a map merged key by key (spec/sessions.md, "Create" and
//! "update").
//!
//! Order of keys and digits of numbers are kept, because the workspace builds `serde_json` with
//! `preserve_order` and `arbitrary_precision`; only an exponent is respelt (`1E5` as `1e+5`).

use std::io;

use serde_json::{Map, Value};

use crate::fault::{Fault, FaultCode};

/// Most keys of a map, counted after a merge.
pub const MAXIMUM_KEYS: usize = 50;
/// Most bytes of one value as compact UTF-8 JSON.
pub const MAXIMUM_VALUE_BYTES: usize = 16_384;
/// Most bytes of the whole map as compact UTF-8 JSON.
pub const MAXIMUM_TOTAL_BYTES: usize = 65_536;

/// A map of free keys, as the operator sent it.
pub type Metadata = Map<String, Value>;

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
    for (key, value) in patch {
        if value.is_null() {
            merged.shift_remove(key);
        } else {
            merged.insert(key.clone(), value.clone());
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
    for (key, value) in map {
        let path = format!("{field}.{key}");
        if key.contains('\0') {
            faults.push(nul(&path));
        }
        check_value(&path, value, faults);
        if compact_length(value) > MAXIMUM_VALUE_BYTES {
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
    if compact_length(map) > MAXIMUM_TOTAL_BYTES {
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
        serde_json::from_str(text).unwrap()
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
        let current = map(r#"{"z":1.10,"a":{"n":1.50e+5},"m":"x","big":123456789012345678}"#);
        let merged = merge(
            "metadata",
            &current,
            &map(r#"{"z":null,"m":2.50,"new":-0}"#),
        )
        .unwrap();
        assert_eq!(
            serde_json::to_string(&merged).unwrap(),
            r#"{"a":{"n":1.50e+5},"m":2.50,"big":123456789012345678,"new":-0}"#
        );
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
            for (key, value) in &patch {
                prop_assert_eq!(once.get(key), (!value.is_null()).then_some(value));
            }
            for (key, value) in &current {
                prop_assert!(patch.contains_key(key) || once.get(key) == Some(value));
            }
        }
    }
}
