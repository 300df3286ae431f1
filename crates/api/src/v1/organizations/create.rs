//! `POST /api/v1/organizations`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use verifa_app::organizations::NewOrganization;
use verifa_core::organization::Plan;

use super::view::MadeOrganizationView;
use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::operator_call::OperatorCall;
use crate::respond::{Created, answers};

/// What an organization is made with.
#[derive(Deserialize, ToSchema)]
#[schema(as = OrganizationCreate)]
pub struct Body {
    /// Display name, 1 to 200 characters.
    #[schema(example = "Example Bank", min_length = 1, max_length = 200)]
    name: String,
    /// Short name of lower-case letters, digits and hyphens; default: made from the name.
    #[schema(example = "example-bank", pattern = "^[a-z0-9-]+$", max_length = 63)]
    slug: Option<String>,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`; default: unlimited.
    #[schema(example = "unlimited")]
    #[schema(value_type = Option<String>)]
    plan: Option<Plan>,
}
impl RequestBody for Body {}

/// Create an organization
///
/// With its key, its default workflow and one API key of each kind, whose secrets are in this
/// answer alone. Needs an admin token.
#[utoipa::path(
    post, path = "/api/v1/organizations", tag = "Organizations",
    operation_id = "create_organization", request_body = Body,
    responses(answers::Invalid, answers::Conflict)
)]
pub async fn create_organization(
    State(state): State<ApiState>,
    mut call: OperatorCall,
) -> Result<Created<MadeOrganizationView>, ApiError> {
    let app = &*state.app;
    let body: Body = call.json().await?;
    let new = NewOrganization {
        name: body.name,
        slug: body.slug,
        plan: body.plan,
    };
    call.run(
        app,
        || app.create_organization(call.author(), &new),
        MadeOrganizationView::of,
    )
    .await
}
