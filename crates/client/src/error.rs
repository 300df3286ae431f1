//! Why a call did not give what was asked for.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// A refusal in the API's own words (docs/API-DESIGN.md, "Errors"). Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// The stable code: `not_found`, `conflict`, …
    #[serde(rename = "error")]
    pub code: String,
    /// A sentence for people.
    pub detail: String,
    /// The HTTP status.
    pub status_code: u16,
    /// The id under which the server's log knows the call.
    #[serde(default)]
    pub request_id: Option<String>,
    /// Each offending field, on `validation_error`.
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// When to come again, if the server said so.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

/// One offending field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldError {
    /// Its path, such as `metadata.plan`.
    pub field: String,
    /// The stable code.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status_code, self.code, self.detail)?;
        for error in &self.errors {
            write!(f, " {}: {}", error.field, error.message)?;
        }
        Ok(())
    }
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client can't be built like this.
    #[error("{0}")]
    Setup(&'static str),
    /// The server answered, and said no.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// No answer, or none to its end. The address is left out: signed links are secrets.
    #[error("no answer: {0}")]
    Connection(reqwest::Error),
    /// The answer, or what was to be sent, is not what the API describes.
    #[error("{0}")]
    Unexpected(String),
}

impl Error {
    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The HTTP status of a refusal.
    pub fn status(&self) -> Option<u16> {
        self.refusal().map(|refusal| refusal.status_code)
    }
}

impl From<std::string::FromUtf8Error> for Error {
    fn from(_: std::string::FromUtf8Error) -> Self {
        Self::Unexpected("the answer is no text".to_owned())
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(error.without_url())
    }
}
