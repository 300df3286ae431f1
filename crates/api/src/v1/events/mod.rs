//! The audit trail: one file per call.

pub mod checkpoint;
pub mod list;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about the audit trail and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::AuditRead]);
    router
        .view::<Page<list::AuditEventView>>()
        .view::<checkpoint::CheckpointView>()
        .add(READ, routes!(list::list_audit_events))
        .add(READ, routes!(checkpoint::get_audit_checkpoint))
}
