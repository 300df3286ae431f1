//! The person's side, `/verify/{token}/…`: the token is the credential, one file per call.

pub mod start;

use utoipa_axum::routes;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::routes::ApiRouter;

/// The calls of the capture flow; open, and counted by address.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    router
        .view::<start::StartedView>()
        .add(Access::Open, routes!(start::start_capture))
}
