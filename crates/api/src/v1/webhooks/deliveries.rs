//! `GET /api/v1/webhooks/endpoints/{id}/deliveries`

use axum::extract::State;
use utoipa::IntoParams;
use verifa_core::id::WebhookEndpointId;
use verifa_core::session::WebhookEvent;
use verifa_core::webhook::DeliveryStatus;
use verifa_store::webhook_deliveries::DeliveryFilter;

use super::view::DeliveryView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::path::IdPath;
use crate::respond::{Found, answers};

pub(super) const DEFAULT_LIMIT: u32 = 50;

/// The filters, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct Filters {
    /// Made at or after this time.
    date_from: Option<String>,
    /// Made at or before this time.
    date_to: Option<String>,
    /// Only this event.
    event_type: Option<String>,
    /// Only this status: `pending`, `succeeded` or `failed`.
    status: Option<String>,
}

/// List the deliveries of a webhook endpoint
///
/// With each try and the body as it is sent. Newest first.
#[utoipa::path(
    get, path = "/api/v1/webhooks/endpoints/{id}/deliveries", tag = "Webhooks",
    operation_id = "list_webhook_deliveries",
    params(("id" = String, Path, description = "The endpoint."), Filters, PageParameters),
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn list_webhook_deliveries(
    State(state): State<ApiState>,
    caller: Caller,
    IdPath(id): IdPath<WebhookEndpointId>,
    mut query: Query,
) -> Result<Found<Page<DeliveryView>>, ApiError> {
    let app = &*state.app;
    let tenant = caller.tenant();
    let statuses: Vec<_> = DeliveryStatus::ALL
        .iter()
        .map(|word| word.as_str())
        .collect();
    let event = query.value::<WebhookEvent>("event_type", "the name of an event");
    let filter = DeliveryFilter {
        date_from: query.time("date_from"),
        date_to: query.time_through("date_to"),
        event_type: event.map(|event| event.as_str().to_owned()),
        status: query.word("status", &statuses),
    };
    let paging = query.paging(DEFAULT_LIMIT);
    if let Err(error) = query.finish() {
        // What is wrong with a query only counts when the endpoint is there.
        app.webhook_endpoint(tenant, id).await?;
        return Err(error);
    }
    let page = app.list_deliveries(tenant, id, &filter, paging).await?;
    Ok(Found::new(Page::of(page, |delivery| {
        DeliveryView::of(&delivery)
    })))
}
