//! What judged a session, and judging it again: one file per call.

pub mod attempts;
pub mod list_matches;
pub mod reprocess;
pub mod retry;
pub mod risk_assessment;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about verifications and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::VerificationsRead]);
    const WRITE: Access = Access::AnyOf(&[Scope::SessionsWrite]);
    const LISTS: Access = Access::AnyOf(&[Scope::ListsRead]);
    router
        .view::<attempts::AttemptsView>()
        .view::<retry::RetriedView>()
        .view::<reprocess::ReprocessedView>()
        .view::<risk_assessment::RiskView>()
        .view::<Page<list_matches::ListMatchView>>()
        .add(READ, routes!(attempts::list_verification_attempts))
        .add(WRITE, routes!(retry::retry_verification))
        .add(WRITE, routes!(reprocess::reprocess_session))
        .add(READ, routes!(risk_assessment::get_risk_assessment))
        .add(LISTS, routes!(list_matches::list_session_list_matches))
}
