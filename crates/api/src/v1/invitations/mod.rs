//! Ways for a person to reach a session's capture: one file per call.

pub mod client_token;
pub mod generate_link;
pub mod link_view;
pub mod list_links;
pub mod resend;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::routes::ApiRouter;

/// The calls about links, client tokens and invitations, and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::SessionsRead]);
    const WRITE: Access = Access::AnyOf(&[Scope::SessionsWrite]);
    const CREATE: Access = Access::AnyOf(&[Scope::SessionsCreate]);
    router
        .view::<resend::InvitedView>()
        .view::<link_view::LinkView>()
        .view::<list_links::LinksView>()
        .view::<client_token::ClientTokenView>()
        .add(WRITE, routes!(resend::resend_session_invite))
        .add(WRITE, routes!(generate_link::generate_one_time_link))
        .add(READ, routes!(list_links::list_one_time_links))
        .add(CREATE, routes!(client_token::create_client_token))
}
