//! The one list of checks.

use serde_json::{Value, json};
use verifa_core::workflow::AUTO_POLICIES;

use crate::check::Check;
use crate::typed::boxed;
use crate::{
    age_verification, auto_approve, document_expiration, document_ocr, id_document_filter,
    identity_crossref, not_available,
};

/// The checks this build knows.
pub struct Registry {
    checks: Vec<Box<dyn Check>>,
}

impl Registry {
    /// Every check of this release.
    pub fn builtin() -> Self {
        Self::new(vec![
            boxed::<document_ocr::DocumentOcr>(),
            boxed::<document_expiration::DocumentExpiration>(),
            boxed::<id_document_filter::IdDocumentFilter>(),
            boxed::<age_verification::AgeVerification>(),
            boxed::<identity_crossref::IdentityCrossref>(),
            boxed::<not_available::WatchlistScreening>(),
            boxed::<not_available::RiskAssessment>(),
            boxed::<auto_approve::AutoApprove>(),
        ])
    }

    /// A registry of these checks.
    pub fn new(checks: Vec<Box<dyn Check>>) -> Self {
        Self { checks }
    }

    /// A check by name.
    pub fn get(&self, name: &str) -> Option<&dyn Check> {
        self.checks
            .iter()
            .map(AsRef::as_ref)
            .find(|check| check.descriptor().name == name)
    }

    /// A check that operators may place, by name.
    pub fn operator_placeable(&self, name: &str) -> Option<&dyn Check> {
        self.get(name).filter(|check| check.descriptor().placeable)
    }

    /// Every check as `GET /api/v1/verification-policies` shows it; `auto` marks those that the
    /// server inserts where the operator doesn't place them.
    pub fn describe(&self) -> Vec<Value> {
        self.checks
            .iter()
            .map(|check| {
                let descriptor = check.descriptor();
                json!({
                    "name": descriptor.name,
                    "category": descriptor.category,
                    "description": descriptor.description,
                    "config_schema": check.config_schema(),
                    "inputs": descriptor.inputs,
                    "outputs": descriptor.outputs,
                    "auto": AUTO_POLICIES.contains(&descriptor.name),
                })
            })
            .collect()
    }
}
