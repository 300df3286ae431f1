//! API keys: one file per call.

pub mod body;
pub mod copy;
pub mod create;
pub mod expire;
pub mod get;
pub mod list;
pub mod update;
pub mod view;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about API keys and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::ApiKeysRead]);
    const WRITE: Access = Access::AnyOf(&[Scope::ApiKeysWrite]);
    router
        .view::<view::ApiKeyView>()
        .view::<view::MadeApiKeyView>()
        .view::<Page<view::ApiKeyView>>()
        .add(READ, routes!(list::list_api_keys))
        .add(WRITE, routes!(create::create_api_key))
        .add(READ, routes!(get::get_api_key))
        .add(WRITE, routes!(update::update_api_key))
        .add(WRITE, routes!(expire::expire_api_key))
        .add(WRITE, routes!(copy::clone_api_key))
}
