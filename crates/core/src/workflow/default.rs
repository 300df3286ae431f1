//! The workflow that every organization starts with.

use serde_json::{Value, json};

/// Its name (F).
pub const DEFAULT_NAME: &str = "ID & Selfie + Age Verification";

/// Its steps: scan, expiry, age, decision; `face_match` joins when it is real.
pub fn default_steps() -> Value {
    json!([
        {"id": "scan", "type": "policy", "policy": "document_ocr", "on_fail": "review"},
        {"id": "expiry", "type": "policy", "policy": "document_expiration"},
        {"id": "age", "type": "policy", "policy": "age_verification", "config": {"minimum_age": 18}},
        {"id": "decision", "type": "policy", "policy": "auto_approve"},
    ])
}
