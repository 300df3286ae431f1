//! `GET /api/v1/organizations/{id}`

use axum::extract::State;
use verifa_core::id::OrganizationId;

use super::view::OrganizationView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Operator;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// Get an organization
///
/// Needs an admin token.
#[utoipa::path(
    get, path = "/api/v1/organizations/{id}", tag = "Organizations",
    operation_id = "get_organization",
    params(("id" = String, Path, description = "The organization.")),
    responses(answers::NotFound)
)]
pub async fn get_organization(
    State(state): State<ApiState>,
    _: Operator,
    IdPath(id): IdPath<OrganizationId>,
) -> Result<Found<OrganizationView>, ApiError> {
    let record = state.app.organization(id).await?;
    Ok(Found::new(OrganizationView::of(&record)))
}
