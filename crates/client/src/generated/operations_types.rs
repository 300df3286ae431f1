// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `operations`.

use serde::Deserialize;
use serde::Serialize;

/// That the process answers.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Always `ok`.
    pub status: String,
}

/// What the server needs, and whether it is there.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// Always `ready`; anything else is a 503.
    pub status: String,
    /// Each thing that was asked.
    pub checks: Vec<ReadinessCheck>,
}

/// One thing that the server needs.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadinessCheck {
    /// Its name.
    pub name: String,
    /// Whether it works.
    pub ok: bool,
}
