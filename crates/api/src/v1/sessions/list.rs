//! `GET /api/v1/sessions`

use axum::extract::State;
use utoipa::IntoParams;
use uuid::Uuid;
use verifa_core::id::{Id, SessionId, WorkflowId};
use verifa_core::session::Status;
use verifa_store::sessions::SessionFilter;

use super::view::SessionView;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::keys::Caller;
use crate::page::{Page, PageParameters, Query};
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 50;

/// The filters, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct Filters {
    /// Only this status.
    status: Option<String>,
    /// The beginning of an id or of an `external_ref`.
    q: Option<String>,
    /// Exactly this `external_ref`.
    external_ref: Option<String>,
    /// Only sessions with this tag.
    tag: Option<String>,
    /// Only sessions of this workflow.
    workflow_id: Option<String>,
    /// Created at or after this time.
    created_after: Option<String>,
    /// Created before this time.
    created_before: Option<String>,
}

/// List sessions
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "Sessions",
    operation_id = "list_sessions",
    params(Filters, PageParameters),
    responses(answers::Invalid)
)]
pub async fn list_sessions(
    State(state): State<ApiState>,
    caller: Caller,
    mut query: Query,
) -> Result<Found<Page<SessionView>>, ApiError> {
    let words: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
    let search = query.text("q", 255);
    let filter = SessionFilter {
        status: query.word("status", &words),
        query_ids: search.as_deref().and_then(id_range),
        query: search,
        external_ref: query.text("external_ref", 255),
        tag: query.text("tag", 64),
        // An id that can't exist finds nothing, like one that doesn't.
        workflow_id: query
            .text("workflow_id", 64)
            .map(|text| text.parse().unwrap_or(WorkflowId::from_uuid(Uuid::nil()))),
        created_after: query.time("created_after"),
        created_before: query.time("created_before"),
    };
    let paging = query.paging(DEFAULT_LIMIT);
    query.finish()?;
    let page = state
        .app
        .list_sessions(caller.tenant(), &filter, paging)
        .await?;
    Ok(Found::new(Page::of(page, |session| {
        SessionView::of(&state.app, &session)
    })))
}

/// The ids that begin with a text: the smallest and the largest.
fn id_range(prefix: &str) -> Option<(Uuid, Uuid)> {
    const LENGTH: usize = 26;
    let begun = prefix.strip_prefix(SessionId::PREFIX)?;
    let missing = LENGTH.checked_sub(begun.len())?;
    // 26 characters carry 130 bits, so the first one ends at 7.
    let highest = if begun.is_empty() {
        format!("7{}", "z".repeat(missing - 1))
    } else {
        "z".repeat(missing)
    };
    let parse = |rest: &str| {
        let id = format!("{}{begun}{rest}", SessionId::PREFIX).parse::<SessionId>();
        id.ok().map(Id::uuid)
    };
    Some((parse(&"0".repeat(missing))?, parse(&highest)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_texts_are_no_beginning_of_an_id() {
        for text in ["", "ses", "wfl_0", "ses_U", "ses_8", "ses_é", "customer-1"] {
            assert_eq!(id_range(text), None, "{text}");
        }
        let all = id_range("ses_").unwrap();
        assert_eq!(all, (Uuid::nil(), Uuid::max()));
        assert_eq!(id_range(&format!("ses_{}", "0".repeat(27))), None);
    }

    proptest! {
        #[test]
        fn an_id_lies_in_the_range_of_each_of_its_beginnings(id: u128, length in 4_usize..31) {
            let id = Uuid::from_u128(id);
            let text = SessionId::from_uuid(id).to_string();
            let (low, high) = id_range(&text[..length.min(text.len())]).unwrap();
            prop_assert!((low..=high).contains(&id));
        }
    }
}
