//! `PATCH /api/v1/settings`

use axum::extract::State;
use verifa_app::organizations::SettingsView as Loaded;
use verifa_core::id::OrganizationId;

use super::body::SettingsUpdate;
use super::view::SettingsView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::respond::{Found, answers};

impl Outcome for Loaded {
    fn organization(&self) -> Option<OrganizationId> {
        Some(self.record.id)
    }
}

/// Change the settings
///
/// Absent fields stay; null gives a field's default, or switches it off where that is said. Lists
/// and maps take the place of the former ones. Signed links, capture tokens, the filter of personal
/// data and limits follow within a second.
///
/// A sandbox key changes the sandbox's settings only. `name`, `plan` and `default_workflow_id` are the
/// organization's: another value than the present one is a 403.
#[utoipa::path(
    patch, path = "/api/v1/settings", tag = "Account", operation_id = "update_settings",
    request_body = SettingsUpdate,
    responses(answers::Invalid, answers::Conflict)
)]
pub async fn update_settings(
    State(state): State<ApiState>,
    mut call: Mutation,
) -> Result<Found<SettingsView>, ApiError> {
    let app = &*state.app;
    let body = call.value().await?;
    call.run(
        app,
        || app.update_settings(call.actor(), &body),
        SettingsView::of,
    )
    .await
}
