//! `POST /api/v1/workflows/{id}/trigger`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use verifa_app::sessions::Triggered;
use verifa_core::id::{SessionId, WorkflowId};
use verifa_core::session::Status;

use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Accepted, answers};

/// The session to judge again.
#[derive(Deserialize, ToSchema)]
#[schema(as = WorkflowTrigger)]
pub struct Body {
    /// A completed or failed session.
    #[schema(example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: String,
}
impl RequestBody for Body {}

/// A triggered run.
#[derive(Serialize, ToSchema)]
#[schema(as = WorkflowTriggered)]
pub struct TriggeredView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// `processing`.
    #[schema(value_type = String, example = "processing")]
    status: Status,
}

impl Outcome for Triggered {}

/// Trigger a workflow
///
/// Runs the workflow's current version on a completed or failed session.
#[utoipa::path(
    post, path = "/api/v1/workflows/{id}/trigger", tag = "Workflows",
    operation_id = "trigger_workflow",
    params(("id" = String, Path, description = "The workflow.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn trigger_workflow(
    State(state): State<ApiState>,
    IdPath(id): IdPath<WorkflowId>,
    mut call: Mutation,
) -> Result<Accepted<TriggeredView>, ApiError> {
    let app = &*state.app;
    let body: Result<Body, ApiError> = call.json().await;
    app.workflow(call.tenant().organization, id).await?;
    let session = body?
        .session_id
        .parse()
        .map_err(|_| ApiError::not_found("Session"))?;
    call.run(
        app,
        || app.trigger_workflow(call.actor(), call.tenant(), id, session),
        |triggered| TriggeredView {
            session_id: triggered.session_id,
            status: triggered.status,
        },
    )
    .await
}
