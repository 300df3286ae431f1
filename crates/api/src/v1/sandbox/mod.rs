//! The sandbox's own calls: one file per call.

pub mod advance_clock;
pub mod clock;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::routes::ApiRouter;

/// The calls about the sandbox's clock and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const WRITE: Access = Access::AnyOf(&[Scope::SessionsWrite]);
    router
        .view::<clock::ClockView>()
        .add(WRITE, routes!(clock::get_sandbox_clock))
        .add(WRITE, routes!(advance_clock::advance_sandbox_clock))
}
