//! What no JSON body may hold, whatever its type: NUL, absurd numbers, deep nesting.

use std::fmt::Write as _;

use serde_json::{Number, Value};

use crate::error::FieldError;

/// Whether the text nests deeper than `limit`; a scan without recursion, run before the parser.
pub(super) fn too_deep(text: &[u8], limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// How `serde_json` marks, by an object's first key, what is no object: a number, or a text that is
/// a document of its own and is read as one, however deep.
const LIBRARY_KEY: &str = "$serde_json::private::";

/// Whether an object of the text has a key that the parser would take for its own. From a caller it
/// would be a way around the bound on nesting: what is stored could not be read again.
pub(super) fn has_library_key(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(start) = rest.iter().position(|byte| *byte == b'"') {
        let (string, after) = split_string(rest.split_at(start).1);
        if after.trim_ascii_start().starts_with(b":") && is_library_key(string) {
            return true;
        }
        rest = after;
    }
    false
}

/// Splits a text that begins with a quote behind the quote that closes it.
fn split_string(text: &[u8]) -> (&[u8], &[u8]) {
    let mut escaped = false;
    let closing = text.iter().skip(1).position(|byte| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    });
    text.split_at(closing.map_or(text.len(), |at| at + 2))
}

fn is_library_key(string: &[u8]) -> bool {
    // An escape may hide the first character, and any other.
    matches!(string.get(1), Some(b'$' | b'\\'))
        && serde_json::from_slice::<String>(string).is_ok_and(|key| key.starts_with(LIBRARY_KEY))
}

/// Whether text may be stored: PostgreSQL has no NUL in text, so no text of the API has.
pub(crate) fn clean_text(text: &str) -> bool {
    !text.contains('\0')
}

fn representable(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(f64::is_finite)
}

/// Every offence of keys, texts and numbers against the rules for all bodies.
pub(super) fn offences(value: &Value) -> Vec<FieldError> {
    let mut found = Vec::new();
    walk(value, &mut String::new(), &mut found);
    found
}

fn walk(value: &Value, path: &mut String, found: &mut Vec<FieldError>) {
    const MOST: usize = 20;
    if found.len() >= MOST {
        return;
    }
    match value {
        Value::String(text) if !clean_text(text) => found.push(FieldError::new(
            path.as_str(),
            "nul_character",
            "NUL characters are not allowed.",
        )),
        Value::Number(number) if !representable(number) => found.push(FieldError::new(
            path.as_str(),
            "out_of_range",
            "The number is outside the range of a 64-bit integer and of a double.",
        )),
        Value::Array(items) => {
            let length = path.len();
            for (index, item) in items.iter().enumerate() {
                let _ = write!(path, "[{index}]");
                walk(item, path, found);
                path.truncate(length);
            }
        }
        Value::Object(map) => {
            let length = path.len();
            for (key, item) in map {
                if length > 0 {
                    path.push('.');
                }
                if clean_text(key) {
                    path.push_str(key);
                    walk(item, path, found);
                } else {
                    path.push_str(&key.replace('\0', "\u{fffd}"));
                    found.push(FieldError::new(
                        path.as_str(),
                        "nul_character",
                        "NUL characters are not allowed in keys.",
                    ));
                }
                path.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings() {
        let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert!(!too_deep(nested(32).as_bytes(), 32));
        assert!(too_deep(nested(33).as_bytes(), 32));
        assert!(!too_deep(br#"{"a":"[[[[\"[[[["}"#, 1));
        assert!(!too_deep(br"[[],[],[]]", 2));
    }

    #[test]
    fn keys_of_the_parser_are_found_however_they_are_written() {
        for text in [
            r#"{"$serde_json::private::Number":"1"}"#,
            r#"[{"a":"\"","b":{"$serde_json::private::RawValue" : "[]"}}]"#,
            r#"{"\u0024serde_json::private::RawValue":"[]"}"#,
            r#"{"$serde\u005fjson::private::x":1"#,
        ] {
            assert!(has_library_key(text.as_bytes()), "{text}");
        }
        for text in [
            r#"{"a":"$serde_json::private::Number","b":["\"$serde_json::private::RawValue\":"]}"#,
            r#"{"$serde":1,"\\":2}"#,
            r#"{"open"#,
            "",
        ] {
            assert!(!has_library_key(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn nul_and_numbers_are_found_with_their_path() {
        let value = serde_json::from_str(
            r#"{"metadata":{"a":["x",{"b":"\u0000"}],"k\u0000":1},"n":1e400,
                "ok":[18446744073709551615,-9223372036854775808,1.5e300]}"#,
        )
        .unwrap();
        let fields: Vec<_> = offences(&value)
            .into_iter()
            .map(|e| (e.field, e.code))
            .collect();
        assert_eq!(
            fields,
            [
                ("metadata.a[1].b".to_owned(), "nul_character".into()),
                ("metadata.k\u{fffd}".to_owned(), "nul_character".into()),
                ("n".to_owned(), "out_of_range".into()),
            ]
        );
    }
}
