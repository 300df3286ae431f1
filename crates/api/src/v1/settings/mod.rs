//! What an organization decides for itself: one file per call.

pub mod body;
pub mod get;
pub mod rotate_reference_secret;
pub mod update;
pub mod view;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::routes::ApiRouter;

/// The calls about settings and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::SettingsRead]);
    const WRITE: Access = Access::AnyOf(&[Scope::SettingsWrite]);
    router
        .view::<view::SettingsView>()
        .view::<rotate_reference_secret::ReferenceSecretView>()
        .add(READ, routes!(get::get_settings))
        .add(WRITE, routes!(update::update_settings))
        .add(
            WRITE,
            routes!(rotate_reference_secret::rotate_reference_secret),
        )
}
