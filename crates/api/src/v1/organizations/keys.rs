//! `/api/v1/organizations/{id}/api-keys`: an organization's keys, for its operator.

use axum::extract::{Path, State};
use verifa_core::id::{ApiKeyId, OrganizationId};

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Operator;
use crate::operator_call::OperatorCall;
use crate::page::{Page, PageParameters, Query};
use crate::path::IdPath;
use crate::respond::{Created, Found, answers};
use crate::v1::api_keys::body::ApiKeyCreate;
use crate::v1::api_keys::view::{ApiKeyView, MadeApiKeyView};

const DEFAULT_LIMIT: u32 = 25;

/// List an organization's API keys
///
/// Those of both environments, newest first, dead ones included. Needs an admin token.
#[utoipa::path(
    get, path = "/api/v1/organizations/{id}/api-keys", tag = "Organizations",
    operation_id = "list_organization_api_keys",
    params(("id" = String, Path, description = "The organization."), PageParameters),
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn list_organization_api_keys(
    State(state): State<ApiState>,
    _: Operator,
    IdPath(id): IdPath<OrganizationId>,
    mut query: Query,
) -> Result<Found<Page<ApiKeyView>>, ApiError> {
    let app = &*state.app;
    let paging = query.paging(DEFAULT_LIMIT);
    if let Err(error) = query.finish() {
        // What is wrong with a query only counts when the organization is there.
        app.organization(id).await?;
        return Err(error);
    }
    let page = app.page_of_organization_keys(id, paging).await?;
    let now = app.clock.now();
    Ok(Found::new(Page::of(page, |key| ApiKeyView::of(&key, now))))
}

/// Create an organization's API key
///
/// In the environment that the body names; live without. The secret is in this answer alone. Needs
/// an admin token.
#[utoipa::path(
    post, path = "/api/v1/organizations/{id}/api-keys", tag = "Organizations",
    operation_id = "create_organization_api_key",
    params(("id" = String, Path, description = "The organization.")),
    request_body = ApiKeyCreate,
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn create_organization_api_key(
    State(state): State<ApiState>,
    IdPath(id): IdPath<OrganizationId>,
    mut call: OperatorCall,
) -> Result<Created<MadeApiKeyView>, ApiError> {
    let app = &*state.app;
    let body = match call.value().await {
        Ok(body) => body,
        Err(error) => {
            app.organization(id).await?;
            return Err(error);
        }
    };
    call.run(
        app,
        || app.issue_api_key_as_operator(call.author(), id, &body),
        MadeApiKeyView::of,
    )
    .await
}

/// Stop an organization's API key
///
/// For good; running servers know within a second. Repeated: the same answer. Needs an admin token.
#[utoipa::path(
    post, path = "/api/v1/organizations/{id}/api-keys/{key_id}/expire", tag = "Organizations",
    operation_id = "expire_organization_api_key",
    params(
        ("id" = String, Path, description = "The organization."),
        ("key_id" = String, Path, description = "The API key.")
    ),
    responses(answers::NotFound, answers::Conflict)
)]
pub async fn expire_organization_api_key(
    State(state): State<ApiState>,
    IdPath(id): IdPath<OrganizationId>,
    path: Path<(String, String)>,
    call: OperatorCall,
) -> Result<Found<ApiKeyView>, ApiError> {
    let app = &*state.app;
    app.organization(id).await?;
    let Path((_, key)) = path;
    let key: Result<ApiKeyId, _> = key.parse();
    let key = key.map_err(|_| ApiError::not_found("API key"))?;
    call.run(
        app,
        || app.expire_api_key_as_operator(call.author(), id, key),
        |key| ApiKeyView::of(key, app.clock.now()),
    )
    .await
}
