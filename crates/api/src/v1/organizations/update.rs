//! `PATCH /api/v1/organizations/{id}`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_app::organizations::OrganizationChange;
use verifa_core::id::OrganizationId;
use verifa_core::organization::Plan;

use super::view::OrganizationView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::operator_call::OperatorCall;
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// What can change; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[schema(as = OrganizationUpdate)]
pub struct Body {
    /// Display name, 1 to 200 characters.
    #[schema(example = "Example Bank", min_length = 1, max_length = 200)]
    name: Option<String>,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`.
    #[schema(value_type = Option<String>, example = "starter")]
    plan: Option<Plan>,
}
impl RequestBody for Body {}

/// Change an organization
///
/// Its name and its plan; what it decides for itself is under `/api/v1/settings`. Needs an admin
/// token.
#[utoipa::path(
    patch, path = "/api/v1/organizations/{id}", tag = "Organizations",
    operation_id = "update_organization",
    params(("id" = String, Path, description = "The organization.")),
    request_body = Body,
    responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn update_organization(
    State(state): State<ApiState>,
    IdPath(id): IdPath<OrganizationId>,
    mut call: OperatorCall,
) -> Result<Found<OrganizationView>, ApiError> {
    let app = &*state.app;
    let body: Body = match call.json().await {
        Ok(body) => body,
        Err(error) => {
            // What is wrong with a body only counts when the organization is there.
            app.organization(id).await?;
            return Err(error);
        }
    };
    let asked = OrganizationChange {
        name: body.name,
        plan: body.plan,
    };
    call.run(
        app,
        || app.update_organization(call.author(), id, &asked),
        OrganizationView::of,
    )
    .await
}
