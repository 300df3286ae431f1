//! What a sandbox key may not do to workflows, which both environments use: whatever live sessions
//! would notice.

use verifa_core::tenant::Tenant;
use verifa_store::workflows::{self as store, WorkflowRecord};

use crate::App;
use crate::error::AppError;

/// Refuses a sandbox key the choice of the default: live sessions take it.
///
/// # Errors
/// [`AppError::Forbidden`] for a sandbox tenant.
pub(super) fn require_live_for_default(tenant: Tenant) -> Result<(), AppError> {
    if tenant.environment.is_sandbox() {
        return Err(AppError::Forbidden(
            "The default workflow is also the live environment's: choose it with a live key.",
        ));
    }
    Ok(())
}

impl App {
    /// Refuses a sandbox key the change of a workflow that is not the sandbox's alone. Whatever
    /// makes it the default meanwhile raises its revision, so that the change is a conflict.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for a workflow that a live key made, the default one, and one that
    /// a live session was made with.
    pub(super) async fn require_changeable(
        &self,
        tenant: Tenant,
        record: &WorkflowRecord,
    ) -> Result<(), AppError> {
        if !tenant.environment.is_sandbox() {
            return Ok(());
        }
        let refusal = if !record.environment.is_sandbox() {
            "A live key made this workflow: only a live key can change it."
        } else if record.is_default {
            "The default workflow is also the live environment's: change it with a live key."
        } else {
            let live = store::live_use(tenant.organization, record.id);
            if self.db.query_opt(live).await?.is_none() {
                return Ok(());
            }
            "Live sessions have this workflow: only a live key can change it."
        };
        Err(AppError::Forbidden(refusal))
    }
}
