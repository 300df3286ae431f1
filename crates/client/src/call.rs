//! A call before it is sent; its body is kept so that it can be sent again.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use crate::Error;

/// What stays as it is in a segment of a path (RFC 3986, "unreserved").
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A field of a form.
#[derive(Clone)]
pub(crate) enum Part {
    Text(String),
    File(Vec<u8>),
}

/// What is sent.
#[derive(Clone)]
pub(crate) enum Body {
    Nothing,
    Json(bytes::Bytes),
    Form(Vec<(&'static str, Part)>),
}

/// A call. May hold personal data: not `Debug`.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Body,
}

impl Call {
    /// A call of a path's template; `parameters` take the places of its names, in order.
    pub(crate) fn new(method: Method, template: &str, parameters: &[&str]) -> Self {
        let mut values = parameters.iter();
        let segments: Vec<String> = template
            .split('/')
            .map(|segment| match segment.strip_prefix('{') {
                Some(_) => segment_of(values.next().copied().unwrap_or_default()),
                None => segment.to_owned(),
            })
            .collect();
        Self {
            method,
            path: segments.join("/"),
            query: Vec::new(),
            body: Body::Nothing,
        }
    }

    /// With the fields of a query that are set.
    pub(crate) fn query(mut self, query: &impl Serialize) -> Result<Self, Error> {
        let value = serde_json::to_value(query).map_err(|_| not_written())?;
        for (name, value) in value.as_object().into_iter().flatten() {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            self.query.push((name.clone(), text));
        }
        Ok(self)
    }

    /// With a JSON body.
    pub(crate) fn body(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(body).map_err(|_| not_written())?;
        self.body = Body::Json(bytes.into());
        Ok(self)
    }

    /// With a form.
    pub(crate) fn form(mut self, fields: Vec<(&'static str, Part)>) -> Self {
        self.body = Body::Form(fields);
        self
    }

    /// Whether it may change something.
    pub(crate) fn changes(&self) -> bool {
        self.method != Method::GET
    }
}

/// A value as one segment of a path. Dots alone would be taken for directions.
fn segment_of(value: &str) -> String {
    if value == "." || value == ".." {
        return value.replace('.', "%2E");
    }
    utf8_percent_encode(value, SEGMENT).to_string()
}

fn not_written() -> Error {
    Error::Unexpected("what was to be sent can't be written as JSON".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stays_in_its_segment() {
        let path = |id: &str| Call::new(Method::GET, "/api/v1/sessions/{id}/result", &[id]).path;
        assert_eq!(path("ses_1"), "/api/v1/sessions/ses_1/result");
        assert_eq!(path("../keys?a"), "/api/v1/sessions/..%2Fkeys%3Fa/result");
        assert_eq!(path(".."), "/api/v1/sessions/%2E%2E/result");
        assert_eq!(path(""), "/api/v1/sessions//result");
    }
}
