//! An answer, and what every answer of the API must have.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub bytes: Vec<u8>,
    /// What was asked: method and path.
    pub call: String,
}

impl Answer {
    /// A header's text, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The body as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("the body is no UTF-8")
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.bytes) {
            Ok(value) => value,
            Err(error) => panic!(
                "{}: the body is no JSON: {error}: {}",
                self.call,
                self.shown()
            ),
        }
    }

    /// The JSON body of an answer with this status.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.call, self.shown());
        let body = self.json();
        assert!(
            body.get("request_id").is_none(),
            "{}: a success must not carry request_id",
            self.call
        );
        body
    }

    /// The body of a refusal, whose whole shape is checked (spec/conventions.md, "Errors").
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.call, self.shown());
        let body = self.json();
        let call = &self.call;
        assert_eq!(body["error"], code, "{call}: {body}");
        assert_eq!(body["status_code"], status, "{call}: {body}");
        assert_eq!(self.header("content-type"), "application/json", "{call}");
        assert_eq!(
            body["request_id"],
            self.header("x-request-id"),
            "{call}: {body}"
        );
        let detail = body["detail"].as_str().unwrap_or_default();
        assert!(
            detail.ends_with('.') && detail.len() < 400,
            "{call}: the detail is no sentence: {detail:?}"
        );
        for secret in [
            "SELECT ", "INSERT ", "UPDATE ", "/src/", "panicked", ".rs:", "/tmp/",
        ] {
            assert!(
                !detail.contains(secret),
                "{call}: the detail leaks: {detail:?}"
            );
        }
        let errors = body.get("errors");
        assert_eq!(
            errors.is_some(),
            code == "validation_error",
            "{call}: {body}"
        );
        for error in errors.and_then(Value::as_array).into_iter().flatten() {
            assert!(error["field"].is_string(), "{call}: {body}");
            assert!(error["code"].is_string(), "{call}: {body}");
            assert!(error["message"].is_string(), "{call}: {body}");
        }
        body
    }

    /// A refusal for invalid input: the fields that it names.
    #[track_caller]
    pub fn invalid(&self) -> Vec<String> {
        let body = self.refused(422, "validation_error");
        let errors = body["errors"].as_array().expect("errors");
        assert!(!errors.is_empty(), "{}: names no field", self.call);
        let fields = errors.iter().map(|error| error["field"].as_str());
        fields
            .map(|field| field.unwrap_or_default().to_owned())
            .collect()
    }

    /// A refusal for invalid input that names exactly this field.
    #[track_caller]
    pub fn invalid_field(&self, field: &str) {
        let fields = self.invalid();
        assert_eq!(fields, [field], "{}: {}", self.call, self.shown());
    }

    /// The start of the body, for messages.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.bytes)
            .chars()
            .take(600)
            .collect()
    }
}
