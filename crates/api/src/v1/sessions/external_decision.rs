//! `POST /api/v1/sessions/{id}/external-decision`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use verifa_app::sessions::{DecideGate, GateDecided};
use verifa_core::id::SessionId;
use verifa_core::session::{Metadata, Status};
use verifa_core::workflow::ExternalDecision;

use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::{ApiError, FieldError};
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// What is decided at an external gate.
#[derive(Deserialize, ToSchema)]
#[schema(as = ExternalDecision)]
pub struct Body {
    /// `continue`, `fail` or `reject`.
    #[schema(example = "continue")]
    decision: String,
    /// Your own data, stored on the run: at most 50 keys, 16 KB a value.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!({"case": "A-17"}))]
    metadata: Option<Metadata>,
    /// The gate meant; any other than the paused one is a 409.
    #[schema(example = json!(null))]
    node: Option<String>,
}
impl RequestBody for Body {
    fn keep_as_sent(&mut self, metadata: Metadata) {
        self.metadata = Some(metadata);
    }
}

/// An accepted decision.
#[derive(Serialize, ToSchema)]
#[schema(as = ExternalDecisionAccepted)]
pub struct DecidedView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// As sent.
    #[schema(value_type = String, example = "continue")]
    decision: ExternalDecision,
    /// `processing`.
    #[schema(value_type = String, example = "processing")]
    status: Status,
    /// What happens next.
    message: &'static str,
}

impl Outcome for GateDecided {}

/// Decide at an external gate
///
/// Answers the gate that the session's run is paused at. Of several calls at once exactly one is
/// accepted; name `node` where a repeated call must not decide the next gate by accident.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/external-decision", tag = "Sessions",
    operation_id = "decide_external_gate",
    params(("id" = String, Path, description = "The session.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn decide_external_gate(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut call: Mutation,
) -> Result<Found<DecidedView>, ApiError> {
    let app = &*state.app;
    let command = match read(&mut call).await {
        Ok(command) => command,
        Err(error) => return Err(call.unknown_first(app, id, error).await),
    };
    // Another call answered this pause: deciding anew would answer the next one.
    call.loses_on("workflow_runs.update");
    let decided = call.run(
        app,
        || app.decide_gate(call.actor(), call.tenant(), id, &command),
        |decided| DecidedView {
            session_id: decided.session_id,
            decision: decided.decision,
            status: decided.status,
            message: "External decision accepted. The workflow will resume shortly.",
        },
    );
    match decided.await {
        Ok(answer) => Ok(answer),
        Err(error) => Err(call.unknown_first(app, id, error).await),
    }
}

async fn read(call: &mut Mutation) -> Result<DecideGate, ApiError> {
    let body: Body = call.json().await?;
    let decision = verifa_app::sessions::parse_decision(&body.decision)
        .map_err(|fault| ApiError::invalid(vec![FieldError::from(fault)]))?;
    Ok(DecideGate {
        decision,
        metadata: body.metadata.unwrap_or_default(),
        node: body.node,
    })
}
