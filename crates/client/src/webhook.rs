//! Receiving webhooks: is a delivery ours, and what does it say?

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::Sha256;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "X-Verifa-Signature";
/// How far a signature's time may be from now: 300 seconds (docs of the webhooks).
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// Why a delivery is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is not `t=…,v1=…`.
    #[error("the signature header can't be read")]
    Malformed,
    /// Its time is too far from now: an old delivery sent again, or a wrong clock.
    #[error("the signature is too old, or from the future")]
    OutOfTime,
    /// None of its signatures is over this body by this secret.
    #[error("the signature is not by this secret over this body")]
    Wrong,
}

/// Checks a delivery: `header` is the value of [`SIGNATURE_HEADER`], `body` the bytes as they came,
/// before anything parsed them.
///
/// The signature is HMAC-SHA-256 over `{t}.{body}` under the bytes of the endpoint's whole
/// `whsec_…` secret. While a secret is being rotated there are two; one right one is enough.
///
/// # Errors
/// [`SignatureError`]: answer such a delivery with 400 and do nothing else.
pub fn verify(
    secret: &str,
    header: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", text)) => time = Some(text),
            Some(("v1", text)) => signatures.push(text),
            // Schemes to come.
            Some(_) => {}
            None => return Err(SignatureError::Malformed),
        }
    }
    let time = time.ok_or(SignatureError::Malformed)?;
    let seconds: i64 = time.parse().map_err(|_| SignatureError::Malformed)?;
    if seconds.abs_diff(now.as_second()) > TOLERANCE.as_secs() {
        return Err(SignatureError::OutOfTime);
    }
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| SignatureError::Malformed)?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let right = signatures.iter().any(|signature| {
        // The comparison takes the same time wherever the bytes differ.
        hex::decode(signature).is_ok_and(|bytes| mac.clone().verify_slice(&bytes).is_ok())
    });
    if right {
        Ok(())
    } else {
        Err(SignatureError::Wrong)
    }
}

/// The body of a delivery. Holds personal data: not `Debug`.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// What happened: `session.approved`, …
    pub event: String,
    /// The same over all tries of a delivery: what was seen before may be dropped.
    pub idempotency_key: String,
    /// When it happened.
    pub created_at: Option<Timestamp>,
    /// Everything else, by the event.
    pub fields: Map<String, Value>,
}

impl Event {
    /// Reads a body that was verified.
    ///
    /// # Errors
    /// When it is no event.
    pub fn read(body: &[u8]) -> Result<Self, crate::Error> {
        let unexpected = || crate::Error::Unexpected("the body is no event".to_owned());
        let mut fields: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| unexpected())?;
        let mut text = |name: &str| match fields.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (event, idempotency_key) = (text("event"), text("idempotency_key"));
        let created_at = text("created_at").map(|time| time.parse()).transpose();
        Ok(Self {
            event: event.ok_or_else(unexpected)?,
            idempotency_key: idempotency_key.ok_or_else(unexpected)?,
            created_at: created_at.map_err(|_| unexpected())?,
            fields,
        })
    }

    /// The session that it is about, if any.
    pub fn session_id(&self) -> Option<&str> {
        self.fields.get("session_id")?.as_str()
    }
}
