//! Webhooks: one file per call.

pub mod body;
pub mod clone;
pub mod create;
pub mod delete;
pub mod deliveries;
pub mod event_types;
pub mod feed;
pub mod get;
pub mod list;
pub mod recover;
pub mod retry;
pub mod rotate_secret;
pub mod session_deliveries;
pub mod test;
pub mod update;
pub mod view;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about webhooks and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::WebhooksRead]);
    const WRITE: Access = Access::AnyOf(&[Scope::WebhooksWrite]);
    const OF_SESSION: Access = Access::AnyOf(&[Scope::WebhooksRead, Scope::SessionsRead]);
    router
        .view::<view::EndpointView>()
        .view::<Page<view::EndpointView>>()
        .view::<view::DeliveryView>()
        .view::<Page<view::DeliveryView>>()
        .view::<event_types::EventTypesView>()
        .view::<delete::DeletedView>()
        .view::<test::TestedView>()
        .view::<recover::RecoveredView>()
        .view::<feed::FeedView>()
        .add(READ, routes!(list::list_webhook_endpoints))
        .add(WRITE, routes!(create::create_webhook_endpoint))
        .add(READ, routes!(event_types::list_webhook_event_types))
        .add(READ, routes!(get::get_webhook_endpoint))
        .add(WRITE, routes!(update::update_webhook_endpoint))
        .add(WRITE, routes!(delete::delete_webhook_endpoint))
        .add(WRITE, routes!(test::test_webhook_endpoint))
        .add(WRITE, routes!(rotate_secret::rotate_webhook_secret))
        .add(WRITE, routes!(clone::clone_webhook_endpoint))
        .add(WRITE, routes!(recover::recover_webhook_endpoint))
        .add(READ, routes!(deliveries::list_webhook_deliveries))
        .add(WRITE, routes!(retry::retry_webhook_delivery))
        .add(READ, routes!(feed::get_webhook_feed))
        .add(
            OF_SESSION,
            routes!(session_deliveries::list_session_webhook_deliveries),
        )
}
