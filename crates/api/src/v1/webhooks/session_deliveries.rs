//! `GET /api/v1/sessions/{id}/webhook-deliveries`

use axum::extract::State;
use verifa_core::id::SessionId;

use super::deliveries::DEFAULT_LIMIT;
use super::view::DeliveryView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// List the webhook deliveries of a session
///
/// Those of its events to all endpoints, newest first.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/webhook-deliveries", tag = "Sessions",
    operation_id = "list_session_webhook_deliveries",
    params(("id" = String, Path, description = "The session."), PageParameters),
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn list_session_webhook_deliveries(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<SessionId>,
    mut query: Query,
) -> Result<Found<Page<DeliveryView>>, ApiError> {
    let app = &*state.app;
    let paging = query.paging(DEFAULT_LIMIT);
    if let Err(error) = query.finish() {
        // What is wrong with a query only counts when the session is there.
        app.session(caller.tenant(), id).await?;
        return Err(error);
    }
    let page = app
        .list_session_deliveries(caller.tenant(), id, paging)
        .await?;
    Ok(Found::new(Page::of(page, |delivery| {
        DeliveryView::of(&delivery)
    })))
}
