//! Updating a case: priority, labels and the operator's free data.

use serde_json::json;
use verifa_core::case::CasePriority;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::CaseId;
use verifa_core::session::{Metadata, Tags, metadata};
use verifa_core::tenant::Tenant;
use verifa_store::cases as store;

use super::claim::decided;
use super::load::Case;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// What can change; absent fields stay.
#[derive(Clone, Default)]
pub struct UpdateCase {
    /// How urgent the operator holds it: one of [`CasePriority`].
    pub priority: Option<String>,
    /// The labels, all of them.
    pub tags: Option<Vec<String>>,
    /// Keys to set; `null` removes a key.
    pub metadata: Option<Metadata>,
    /// Keys to set; `null` removes a key.
    pub custom_fields: Option<Metadata>,
}

impl App {
    /// Updates a case, at any status.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for offences of the input and for a case whose session's
    /// data is deleted.
    pub async fn update_case(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: CaseId,
        command: &UpdateCase,
    ) -> Result<Decided<Case>, AppError> {
        let mut case = self.case(tenant, id).await?;
        if case.key.is_none() {
            return Err(Fault::new(
                "",
                FaultCode::Invalid,
                "The session's data has been deleted; its case can no longer change.",
            )
            .into());
        }
        let changed = change_fields(&mut case, command)?;
        let mut change = Change::after(self, actor, case.record.updated_at);
        case.keep_claim(&mut change);
        case.audited(&mut change, "case.updated", &json!({ "fields": changed }))?;
        case.write(&mut change)?;
        if command.tags.is_some() {
            change.extend(store::replace_tags(&case.record));
        }
        Ok(decided(change, case))
    }
}

/// Applies a command to a case; answers the names of the fields that it names.
fn change_fields(case: &mut Case, command: &UpdateCase) -> Result<Vec<&'static str>, AppError> {
    let mut faults = Vec::new();
    let mut changed = Vec::new();
    if let Some(word) = &command.priority {
        match CasePriority::parse(word) {
            Some(priority) => case.record.priority = priority,
            None => faults.push(Fault::new(
                "priority",
                FaultCode::UnknownValue,
                "Must be low, normal, high or urgent.",
            )),
        }
        changed.push("priority");
    }
    if let Some(tags) = &command.tags {
        match Tags::new(tags.iter().cloned()) {
            Ok(tags) => case.record.tags = tags.as_slice().to_vec(),
            Err(found) => faults.extend(found),
        }
        changed.push("tags");
    }
    let private = &mut case.private;
    for (name, patch, map) in [
        ("metadata", &command.metadata, &mut private.metadata),
        (
            "custom_fields",
            &command.custom_fields,
            &mut private.custom_fields,
        ),
    ] {
        let Some(patch) = patch else { continue };
        match metadata::merge(name, map, patch) {
            Ok(merged) => *map = merged,
            Err(found) => faults.extend(found),
        }
        changed.push(name);
    }
    if faults.is_empty() {
        Ok(changed)
    } else {
        Err(AppError::Invalid(faults))
    }
}
