//! `GET /api/v1/settings`

use axum::extract::State;

use super::view::SettingsView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::respond::Found;

/// Get the settings
///
/// Those of the calling key's organization and environment. The sandbox has the live settings until
/// a sandbox key first changes one; from then on it has its own.
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
    let loaded = state.app.settings_of(caller.tenant()).await?;
    Ok(Found::new(SettingsView::of(&loaded)))
}
