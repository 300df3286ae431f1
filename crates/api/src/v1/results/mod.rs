//! Results over sessions: one file per call.

pub mod get;
pub mod list;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about results and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::VerificationsRead]);
    router
        .view::<Page<list::ResultRow>>()
        .view::<get::DetailedResult>()
        .add(READ, routes!(list::list_results))
        .add(READ, routes!(get::get_result))
}
