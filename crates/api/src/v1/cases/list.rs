//! `GET /api/v1/cases`

use axum::extract::State;
use utoipa::IntoParams;
use verifa_core::case::{CasePriority, CaseStatus, SlaStatus};
use verifa_store::cases::CaseFilter;

use super::view::CaseView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 25;

/// The filters, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct Filters {
    /// Only this status.
    status: Option<String>,
    /// Held, or decided, by this reviewer.
    assigned_to: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    priority: Option<String>,
    /// Only cases with this tag.
    tag: Option<String>,
    /// `green`, `yellow` or `red`.
    sla_status: Option<String>,
}

/// List review cases
///
/// Newest first. A case whose reviewer did nothing for 30 minutes counts as `open`.
#[utoipa::path(
    get,
    path = "/api/v1/cases",
    tag = "Cases",
    operation_id = "list_cases",
    params(Filters, PageParameters),
    responses(answers::Invalid)
)]
pub async fn list_cases(
    State(state): State<ApiState>,
    caller: Caller,
    mut query: Query,
) -> Result<Found<Page<CaseView>>, ApiError> {
    let statuses: Vec<_> = CaseStatus::ALL.iter().map(|one| one.as_str()).collect();
    let priorities: Vec<_> = CasePriority::ALL.iter().map(|one| one.as_str()).collect();
    let colours: Vec<_> = SlaStatus::ALL.iter().map(|one| one.as_str()).collect();
    let filter = CaseFilter {
        status: query.word("status", &statuses),
        assigned_to: query.text("assigned_to", 255),
        priority: query.word("priority", &priorities),
        tag: query.text("tag", 64),
        sla: query.word("sla_status", &colours),
    };
    let paging = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let app = &*state.app;
    let page = app.list_cases(caller.tenant(), &filter, paging).await?;
    let now = app.clock.now();
    Ok(Found::new(Page::of(page, |case| CaseView::of(&case, now))))
}
