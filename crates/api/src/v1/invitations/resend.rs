//! `POST /api/v1/sessions/{id}/resend-invite`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::Reinvited;
use verifa_core::id::SessionId;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// An invitation on its way again.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionInvited)]
pub struct InvitedView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: SessionId,
    /// Invitations so far, this one included.
    #[schema(example = 2)]
    invites_sent: u32,
    /// When this one was asked for.
    #[schema(value_type = String, format = DateTime)]
    last_invited_at: Timestamp,
}

impl Outcome for Reinvited {}

/// Send the invitation again
///
/// For pending and capturing sessions that were created with `send_email`, up to five times. Who
/// has begun is asked to complete the verification.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/resend-invite", tag = "Sessions",
    operation_id = "resend_session_invite",
    params(("id" = String, Path, description = "The session.")), responses(answers::NotFound)
)]
pub async fn resend_session_invite(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    call: Mutation,
) -> Result<Found<InvitedView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.resend_invite(call.actor(), call.tenant(), id),
        |invited| InvitedView {
            id: invited.id,
            invites_sent: invited.invites_sent,
            last_invited_at: invited.last_invited_at,
        },
    )
    .await
}
