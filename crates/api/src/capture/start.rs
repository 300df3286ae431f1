//! `POST /verify/{token}/start`

use axum::extract::{MatchedPath, Path, State};
use http::Method;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::ROUNDS;
use verifa_app::actor::RequestInfo;
use verifa_app::capture::Begun;
use verifa_core::id::SessionId;
use verifa_core::session::Status;
use verifa_core::time::Timestamp;
use verifa_store::db::DbError;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::exchange::CurrentExchange;
use crate::refusal::busy;
use crate::respond::{Found, answers};

/// A capture that has begun.
#[derive(Serialize, ToSchema)]
#[schema(as = CaptureStarted)]
pub struct StartedView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// `capturing`.
    #[schema(value_type = String, example = "capturing")]
    status: Status,
    /// Where the capture goes on, under the session's own token.
    #[schema(example = "https://id.example.org/verify/tok_…")]
    capture_url: String,
    /// When that token dies.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Whether the session belongs to the sandbox.
    #[schema(example = false)]
    is_sandbox: bool,
}

/// Start a capture
///
/// The person pressed Start. The token is a session's own, a one-time link's or a client token;
/// the latter two are used up by this, and by nothing else. A dead token is a 400.
#[utoipa::path(
    post, path = "/verify/{token}/start", tag = "Capture", operation_id = "start_capture",
    params(("token" = String, Path, description = "The token of the page's address.")),
    responses(answers::Conflict)
)]
pub async fn start_capture(
    State(state): State<ApiState>,
    CurrentExchange(exchange): CurrentExchange,
    route: MatchedPath,
    Path(token): Path<String>,
) -> Result<Found<StartedView>, ApiError> {
    let app = &*state.app;
    let request = RequestInfo {
        method: Method::POST.to_string(),
        route: route.as_str().to_owned(),
        ip: Some(exchange.client_address()),
    };
    for round in 0..ROUNDS {
        let decided = app.begin_capture(&token, Some(&request)).await?;
        match app.apply(decided.commit).await {
            Ok(()) => return Ok(Found::new(view(decided.answer))),
            // Two of the same moment: the second looks at what the first left.
            Err(DbError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        app.step_aside(round).await;
    }
    Err(busy())
}

fn view(begun: Begun) -> StartedView {
    StartedView {
        session_id: begun.session_id,
        status: begun.status,
        capture_url: begun.capture_url,
        expires_at: begun.expires_at,
        is_sandbox: begun.is_sandbox,
    }
}
