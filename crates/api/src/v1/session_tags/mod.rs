//! Tags of sessions: one file per call.

pub mod add;
pub mod remove;
pub mod set;
pub mod view;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::routes::ApiRouter;

/// The calls about tags and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const WRITE: Access = Access::AnyOf(&[Scope::SessionsWrite]);
    router
        .view::<view::TagsView>()
        .add(WRITE, routes!(add::add_session_tag))
        .add(WRITE, routes!(remove::remove_session_tag))
        .add(WRITE, routes!(set::set_session_tags))
}
