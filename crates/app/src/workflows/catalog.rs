//! What the workflow compiler asks about checks, answered by the registry.

use serde_json::Value;
use verifa_checks::Registry;
use verifa_core::fault::Fault;
use verifa_core::workflow::PolicyCatalog;

/// The registry as the compiler sees it: only checks that operators may place.
pub(crate) struct Catalog<'a>(pub(crate) &'a Registry);

impl PolicyCatalog for Catalog<'_> {
    fn known(&self, name: &str) -> bool {
        self.0.operator_placeable(name).is_some()
    }

    fn validate_config(&self, name: &str, config: &Value) -> Vec<Fault> {
        match self.0.operator_placeable(name) {
            Some(check) => check.validate_config(config).err().unwrap_or_default(),
            None => Vec::new(),
        }
    }
}
