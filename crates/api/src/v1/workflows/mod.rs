//! Workflows: one file per call.

pub mod body;
pub mod create;
pub mod deactivate;
pub mod get;
pub mod list;
pub mod policies;
pub mod set_default;
pub mod trigger;
pub mod update;
pub mod versions;
pub mod view;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about workflows and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::WorkflowsRead]);
    const WRITE: Access = Access::AnyOf(&[Scope::WorkflowsWrite]);
    const TRIGGER: Access = Access::AnyOf(&[Scope::WorkflowsTrigger]);
    router
        .view::<view::WorkflowView>()
        .view::<Page<view::WorkflowView>>()
        .view::<policies::PoliciesView>()
        .view::<trigger::TriggeredView>()
        .add(READ, routes!(list::list_workflows))
        .add(WRITE, routes!(create::create_workflow))
        .add(READ, routes!(get::get_workflow))
        .add(WRITE, routes!(update::update_workflow))
        .add(READ, routes!(versions::list_workflow_versions))
        .add(READ, routes!(versions::get_workflow_version))
        .add(WRITE, routes!(set_default::set_default_workflow))
        .add(WRITE, routes!(deactivate::deactivate_workflow))
        .add(TRIGGER, routes!(trigger::trigger_workflow))
        .add(READ, routes!(policies::list_verification_policies))
}
