//! The organizations of the server, for its operator: one file per call.

pub mod create;
pub mod get;
pub mod keys;
pub mod list;
pub mod update;
pub mod view;

use utoipa_axum::routes;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about organizations; all demand an admin token.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const OPERATOR: Access = Access::Operator;
    router
        .view::<view::OrganizationView>()
        .view::<view::MadeOrganizationView>()
        .view::<Page<view::OrganizationView>>()
        .add(OPERATOR, routes!(list::list_organizations))
        .add(OPERATOR, routes!(create::create_organization))
        .add(OPERATOR, routes!(get::get_organization))
        .add(OPERATOR, routes!(update::update_organization))
        .add(OPERATOR, routes!(keys::list_organization_api_keys))
        .add(OPERATOR, routes!(keys::create_organization_api_key))
        .add(OPERATOR, routes!(keys::expire_organization_api_key))
}
