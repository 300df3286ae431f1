//! `GET /api/v1/events`

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use verifa_app::audit_events::{AuditView, SEARCHED};
use verifa_core::id::AuditEventId;
use verifa_core::time::Timestamp;
use verifa_store::audit::{AuditFilter, AuditSearch};

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::inflection::Fields;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 50;
/// Most characters of a filter.
const MAXIMUM_FILTER: usize = 255;
// The description of `q` names the number.
const _: () = assert!(SEARCHED == 10_000);

/// The filters, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct Filters {
    /// What happened, such as `session.created`.
    #[param(max_length = 255)]
    action: Option<String>,
    /// The kind of thing it happened to, such as `session`.
    #[param(max_length = 255)]
    resource_type: Option<String>,
    /// The id of the thing it happened to.
    #[param(max_length = 255)]
    resource_id: Option<String>,
    /// At or after this time.
    created_after: Option<String>,
    /// Before this time.
    created_before: Option<String>,
    /// The beginning of action, id of the thing, or actor. Searches the newest 10,000 events that
    /// fit the other filters; `created_before` moves it to older ones.
    #[param(max_length = 255)]
    q: Option<String>,
}

/// One fact, without personal data.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub struct AuditEventView {
    /// Its id.
    #[schema(value_type = String, example = "aud_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: AuditEventId,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "session.created")]
    event_type: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The kind of thing it happened to.
    #[schema(example = "session")]
    resource_type: String,
    /// Its id.
    #[schema(example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    resource_id: String,
    /// Who: an API key's or admin token's id, `system` or `cli`.
    #[schema(example = "key_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    actor: String,
    /// Details.
    #[schema(value_type = HashMap<String, Value>, example = json!({}))]
    metadata: Fields,
    /// Where the call came from; null for none, and once the session's data is deleted.
    #[schema(example = "203.0.113.7")]
    ip_address: Option<String>,
    /// The call's method; null where no call caused it.
    #[schema(example = "POST")]
    request_method: Option<String>,
    /// The route's template, never the path.
    #[schema(example = "/api/v1/sessions")]
    request_path: Option<String>,
    /// Its number in the chain of the whole server; null until it is sealed, a second at most.
    #[schema(example = 17)]
    seq: Option<i64>,
    /// The chain's SHA-256 up to it, in hexadecimal; null until it is sealed.
    hash: Option<String>,
}

impl AuditEventView {
    fn of(view: AuditView) -> Self {
        let record = view.record;
        Self {
            id: record.id,
            event_type: record.event_type,
            created_at: record.created_at,
            resource_type: record.resource_type,
            resource_id: record.resource_id,
            actor: record.actor,
            metadata: Fields(view.metadata),
            ip_address: view.ip_address,
            request_method: record.request_method,
            request_path: record.request_path,
            seq: record.seq,
            hash: record.hash.map(hex::encode),
        }
    }
}

/// List audit events
///
/// Those of the environment of the calling key, newest first. Facts about the organization itself
/// stand in the environment of the key that caused them, those of the operator in `live`. Every
/// filter but `q` finds events of any age.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "Account",
    operation_id = "list_audit_events",
    params(Filters, PageParameters),
    responses(answers::Invalid)
)]
pub async fn list_audit_events(
    State(state): State<ApiState>,
    caller: Caller,
    mut query: Query,
) -> Result<Found<Page<AuditEventView>>, ApiError> {
    let filter = AuditFilter {
        action: query.text("action", MAXIMUM_FILTER),
        resource_type: query.text("resource_type", MAXIMUM_FILTER),
        resource_id: query.text("resource_id", MAXIMUM_FILTER),
        created_after: query.time("created_after"),
        created_before: query.time("created_before"),
        search: query
            .text("q", MAXIMUM_FILTER)
            .map(|beginning| AuditSearch {
                beginning,
                among: SEARCHED,
            }),
    };
    let paging = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let page = state
        .app
        .audit_events(caller.tenant(), &filter, paging)
        .await?;
    Ok(Found::new(Page::of(page, AuditEventView::of)))
}
