//! The calls under `/api/v1`: one file per endpoint, the lists of them per noun.

pub mod api_keys;
pub mod cases;
pub mod documents;
pub mod events;
pub mod invitations;
pub mod organizations;
pub mod rate_limits;
pub mod results;
pub mod sandbox;
pub mod session_tags;
pub mod sessions;
pub mod settings;
pub mod verifications;
pub mod webhooks;
pub mod workflows;

use utoipa_axum::routes;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::capture;
use crate::contest;
use crate::health::with_health;
use crate::openapi;
use crate::routes::ApiRouter;

/// Every route of the server, guarded and documented.
#[must_use]
pub fn routes() -> ApiRouter<ApiState> {
    let router = with_health(ApiRouter::new(openapi::frame()));
    let router = sessions::routes(router);
    let router = session_tags::routes(router);
    let router = invitations::routes(router);
    let router = verifications::routes(router);
    let router = documents::routes(router);
    let router = results::routes(router);
    let router = cases::routes(router);
    let router = workflows::routes(router);
    let router = sandbox::routes(router);
    let router = capture::routes(router);
    let router = contest::routes(router);
    let router = webhooks::routes(router);
    let router = settings::routes(router);
    let router = api_keys::routes(router);
    let router = events::routes(router);
    let router = organizations::routes(router);
    router
        .view::<rate_limits::RateLimitsView>()
        .add(Access::AnyKey, routes!(rate_limits::get_rate_limits))
}
