//! Sessions: one file per call.

pub mod create;
pub mod expire;
pub mod external_decision;
pub mod get;
pub mod list;
pub mod redact;
pub mod report;
pub mod result;
pub mod resume;
pub mod submit;
pub mod update;
pub mod verifications;
pub mod view;
pub mod workflow_run;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about sessions and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::SessionsRead]);
    const WRITE: Access = Access::AnyOf(&[Scope::SessionsWrite]);
    const JUDGED: Access = Access::AnyOf(&[Scope::VerificationsRead]);
    const RUNS: Access = Access::AnyOf(&[Scope::WorkflowsRead, Scope::VerificationsRead]);
    const REDACT: Access = Access::AnyOf(&[Scope::RedactWrite, Scope::SessionsWrite]);
    router
        .view::<view::SessionView>()
        .view::<Page<view::SessionView>>()
        .view::<create::CreatedView>()
        .view::<submit::SubmittedView>()
        .view::<expire::ExpiredView>()
        .view::<resume::ResumedView>()
        .view::<redact::RedactedView>()
        .view::<external_decision::DecidedView>()
        .view::<result::ResultView>()
        .view::<verifications::VerificationsView>()
        .view::<workflow_run::RunView>()
        .add(READ, routes!(list::list_sessions))
        .add(
            Access::Publishable(&[Scope::SessionsCreate]),
            routes!(create::create_session),
        )
        .add(READ, routes!(get::get_session))
        .add(WRITE, routes!(update::update_session))
        .add(WRITE, routes!(submit::submit_session))
        .add(WRITE, routes!(resume::resume_session))
        .add(WRITE, routes!(expire::expire_session))
        .add(WRITE, routes!(external_decision::decide_external_gate))
        .add(REDACT, routes!(redact::redact_session))
        .add(JUDGED, routes!(result::get_session_result))
        .add(JUDGED, routes!(report::get_session_report))
        .add(JUDGED, routes!(verifications::list_session_verifications))
        .add(RUNS, routes!(workflow_run::get_session_workflow_run))
}
