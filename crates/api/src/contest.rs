//! `GET /verify/{token}/outcome` and `POST /verify/{token}/contest`: the decision in plain words for
//! the person it was made about, and the person's objection to it (GDPR Art. 22).

use axum::body::Body as HttpBody;
use axum::extract::{MatchedPath, Path, State};
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use verifa_app::ROUNDS;
use verifa_app::actor::RequestInfo;
use verifa_app::cases::Outcome;
use verifa_core::session::{RejectionReasonCode, ResultStatus, Status};
use verifa_core::time::Timestamp;
use verifa_store::db::DbError;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::body::{RequestBody, parse_json, read_json};
use crate::error::ApiError;
use crate::exchange::CurrentExchange;
use crate::refusal::busy;
use crate::respond::{Found, answers};
use crate::routes::ApiRouter;

/// The calls of a person about a decision; open, and counted by address.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    router
        .view::<OutcomeView>()
        .add(Access::Open, routes!(get_outcome))
        .add(Access::Open, routes!(contest_decision))
}

/// What a person is told of a decision.
#[derive(Serialize, ToSchema)]
#[schema(as = VerificationOutcome)]
pub struct OutcomeView {
    /// Where the session stands.
    #[schema(value_type = String, example = "completed")]
    status: Status,
    /// `approved`, `rejected` or `needs_review`; null while nothing is decided.
    #[schema(value_type = Option<String>, example = "rejected")]
    decision: Option<ResultStatus>,
    /// The reason in plain words.
    #[schema(example = "Your document has expired.")]
    reason: &'static str,
    /// The same as a stable code, where it may be told.
    #[schema(value_type = Option<String>, example = "document_expired")]
    reason_code: Option<RejectionReasonCode>,
    /// Whether a program alone decided.
    #[schema(example = true)]
    automated: Option<bool>,
    /// When the decision fell.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// Until when it may be contested; null where there is nothing to contest.
    #[schema(value_type = Option<String>, format = DateTime)]
    contest_until: Option<Timestamp>,
    /// When it was contested.
    #[schema(value_type = Option<String>, format = DateTime)]
    contested_at: Option<Timestamp>,
}

impl From<Outcome> for OutcomeView {
    fn from(outcome: Outcome) -> Self {
        Self {
            status: outcome.status,
            decision: outcome.decision,
            reason: outcome.reason,
            reason_code: outcome.reason_code,
            automated: outcome.automated,
            decided_at: outcome.decided_at,
            contest_until: outcome.contest_until,
            contested_at: outcome.contested_at,
        }
    }
}

/// A person's objection.
#[derive(Deserialize, ToSchema)]
#[schema(as = Contest)]
pub struct Body {
    /// Why the decision is wrong, 1 to 4,000 characters; kept encrypted.
    #[schema(example = "My document was renewed, the new one is valid until 2034.")]
    message: String,
}
impl RequestBody for Body {}

/// Tell a decision
///
/// For the person: the decision and its reason in plain words. The token is that of the capture
/// page, which opens nothing else any more.
#[utoipa::path(
    get, path = "/verify/{token}/outcome", tag = "Capture", operation_id = "get_outcome",
    params(("token" = String, Path, description = "The token of the page's address."))
)]
pub async fn get_outcome(
    State(state): State<ApiState>,
    Path(token): Path<String>,
) -> Result<Found<OutcomeView>, ApiError> {
    let outcome = state.app.outcome_for_person(&token).await?;
    Ok(Found::new(outcome.into()))
}

/// Contest a decision
///
/// The person objects, and a person will look: a case is opened, or opened again. Within 30 days of
/// the decision. Repeated: the same answer, the first words stand.
#[utoipa::path(
    post, path = "/verify/{token}/contest", tag = "Capture", operation_id = "contest_decision",
    params(("token" = String, Path, description = "The token of the page's address.")),
    request_body = Body,
    responses(answers::Invalid, answers::Conflict)
)]
pub async fn contest_decision(
    State(state): State<ApiState>,
    CurrentExchange(exchange): CurrentExchange,
    route: MatchedPath,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: HttpBody,
) -> Result<Found<OutcomeView>, ApiError> {
    let app = &*state.app;
    // A dead token is told before anything of the body is looked at.
    app.outcome_for_person(&token).await?;
    let text = read_json(&headers, body).await?;
    let (body, _): (Body, _) = parse_json(&text)?;
    let request = RequestInfo {
        method: Method::POST.to_string(),
        route: route.as_str().to_owned(),
        ip: Some(exchange.client_address()),
    };
    for round in 0..ROUNDS {
        let decided = app
            .contest_decision(&request, &token, &body.message)
            .await?;
        match app.apply(decided.commit).await {
            Ok(()) => return Ok(Found::new(decided.answer.into())),
            // Two of the same moment: the second finds what the first left.
            Err(DbError::Conflict { .. } | DbError::Unique { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        app.step_aside(round).await;
    }
    Err(busy())
}
