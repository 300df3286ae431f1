//! `GET /api/v1/settings`

use axum::extract::State;

use super::view::SettingsView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::respond::Found;

/// Get the settings
///
/// Those of the organization of the calling key; both environments share them.
#[utoipa::path(
    get,
    path = "/api/v1/settings",
    tag = "Account",
    operation_id = "get_settings"
)]
pub async fn get_settings(
    State(state): State<ApiState>,
    caller: Caller,
) -> Result<Found<SettingsView>, ApiError> {
    let loaded = state.app.settings_of(caller.tenant().organization).await?;
    Ok(Found::new(SettingsView::of(&loaded)))
}
