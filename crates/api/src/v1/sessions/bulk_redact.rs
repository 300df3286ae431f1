//! `POST /api/v1/sessions/bulk-redact`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use utoipa::ToSchema;
use verifa_app::sessions::BulkOutcome;
use verifa_app::{AppError, Decided};
use verifa_store::db::Commit;

use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::respond::{Found, answers};

/// Most sessions of one call.
const MOST: usize = 100;

/// The sessions to redact.
#[derive(Deserialize, ToSchema)]
#[schema(as = SessionsBulkRedact)]
pub struct Body {
    /// 1 to 100 ids, none of them empty.
    #[schema(example = json!(["ses_01kcd2fgpzeq7v5rk1yh3b6a9d"]))]
    session_ids: Vec<String>,
}
impl RequestBody for Body {}

/// What became of each session.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionsBulkRedacted)]
pub struct BulkView {
    /// How many ids were given.
    #[schema(example = 1)]
    total: usize,
    /// In the order of the ids.
    results: Vec<BulkResultView>,
}

/// What became of one session.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionBulkRedacted)]
pub struct BulkResultView {
    /// As it was given.
    #[schema(example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: String,
    /// `deleted`, `already_redacted`, `not_found` or `conflict`.
    #[schema(example = "deleted")]
    status: &'static str,
    /// Images deleted by this call.
    #[schema(example = 2)]
    documents_removed: usize,
}

/// What became of the sessions, each in a commit of its own.
#[derive(Clone)]
struct Redactions(Vec<BulkOutcome>);
impl Outcome for Redactions {}

fn view(ids: &[String], outcomes: &[BulkOutcome]) -> BulkView {
    let results = ids.iter().zip(outcomes).map(|(id, outcome)| {
        let (status, documents_removed) = match outcome {
            BulkOutcome::Deleted { documents_removed } => ("deleted", *documents_removed),
            BulkOutcome::AlreadyRedacted => ("already_redacted", 0),
            BulkOutcome::NotFound => ("not_found", 0),
            BulkOutcome::Conflict => ("conflict", 0),
        };
        BulkResultView {
            session_id: id.clone(),
            status,
            documents_removed,
        }
    });
    BulkView {
        total: ids.len(),
        results: results.collect(),
    }
}

/// Redact many sessions
///
/// Each on its own: what stands in the way of one does not stand in the way of the others. With an
/// `Idempotency-Key` a repetition gets the first answer; one that comes before the first has ended
/// tells of what is left.
#[utoipa::path(
    post, path = "/api/v1/sessions/bulk-redact", tag = "Sessions",
    operation_id = "bulk_redact_sessions",
    request_body = Body, responses(answers::Invalid, answers::Conflict)
)]
pub async fn bulk_redact_sessions(
    State(state): State<ApiState>,
    mut call: Mutation,
) -> Result<Found<BulkView>, ApiError> {
    let app = &*state.app;
    let body: Body = call.json().await?;
    let ids = body.session_ids;
    if !(1..=MOST).contains(&ids.len()) {
        return Err(ApiError::invalid_field(
            "session_ids",
            "out_of_range",
            "Name 1 to 100 sessions.",
        ));
    }
    // No path names it: who follows the answer would come to another call.
    if let Some(position) = ids.iter().position(String::is_empty) {
        return Err(ApiError::invalid_field(
            format!("session_ids[{position}]"),
            "required",
            "Must be the id of a session.",
        ));
    }
    // Decided once, however often the answer has to be kept anew.
    let done: OnceCell<Vec<BulkOutcome>> = OnceCell::new();
    call.run(
        app,
        || async {
            let redact = || app.redact_sessions(call.actor(), call.tenant(), &ids);
            let outcomes = done.get_or_try_init(redact).await?;
            Ok::<_, AppError>(Decided {
                commit: Commit::new(),
                answer: Redactions(outcomes.clone()),
                session: None,
            })
        },
        |redactions| view(&ids, &redactions.0),
    )
    .await
}
