//! `POST /api/v1/sessions/{id}/submit`

use std::net::IpAddr;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use verifa_app::sessions::Submitted;
use verifa_core::id::SessionId;
use verifa_core::privacy::Consent;
use verifa_core::session::Status;
use verifa_core::time::Timestamp;

use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::path::IdPath;
use crate::respond::{Found, answers};

/// What may be said with a submission.
#[derive(Deserialize, ToSchema)]
#[schema(as = SessionSubmit)]
pub struct Body {
    /// The kind of identity document: `passport`, `drivers_license`, `national_id` or
    /// `residence_permit`. Two-sided kinds need `id_back`.
    #[schema(example = "passport")]
    id_type: Option<String>,
    /// The person's consent; recorded with the submission, and demanded where the organization's
    /// settings say so.
    consent: Option<ConsentBody>,
}
impl RequestBody for Body {}

/// A person's consent, as the operator obtained it.
#[derive(Deserialize, ToSchema)]
#[schema(as = ConsentInput)]
pub struct ConsentBody {
    /// The version of the text that the person saw.
    #[schema(example = "2026-01")]
    version: String,
    /// When the person consented.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Whether biometric processing is included.
    #[schema(example = true)]
    biometric: bool,
    /// The person's own address, where it is known. The caller's address is never taken for it.
    #[schema(value_type = Option<String>, example = "203.0.113.7")]
    ip_address: Option<IpAddr>,
}

/// A submitted session.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionSubmitted)]
pub struct SubmittedView {
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: SessionId,
    /// `processing`; with a sandbox key `sandbox_pending`.
    #[schema(value_type = String, example = "processing")]
    status: Status,
    /// Whether it belongs to the sandbox.
    #[schema(example = false)]
    is_sandbox: bool,
    /// What happens next.
    message: &'static str,
}

impl Outcome for Submitted {}

/// Submit a session
///
/// Needs exactly what the workflow's data requirements name; a 422 names each missing thing.
#[utoipa::path(
    post, path = "/api/v1/sessions/{id}/submit", tag = "Sessions", operation_id = "submit_session",
    params(("id" = String, Path, description = "The session.")),
    request_body = Body, responses(answers::NotFound, answers::Invalid, answers::Conflict)
)]
pub async fn submit_session(
    State(state): State<ApiState>,
    IdPath(id): IdPath<SessionId>,
    mut call: Mutation,
) -> Result<Found<SubmittedView>, ApiError> {
    let app = &*state.app;
    let body: Body = match call.json().await {
        Ok(body) => body,
        Err(error) => return Err(call.unknown_first(app, id, error).await),
    };
    let kind = body.id_type.as_deref();
    let consent = body.consent.map(|given| Consent {
        version: given.version,
        given_at: given.at,
        biometric: given.biometric,
        address: given.ip_address,
    });
    let submitted = call.run(
        app,
        || app.submit_session(call.actor(), call.tenant(), id, kind, consent.as_ref()),
        |submitted| SubmittedView {
            id: submitted.id,
            status: submitted.status,
            is_sandbox: submitted.is_sandbox,
            message: if submitted.status == Status::SandboxPending {
                "Session submitted. Choose its outcome with the simulate call."
            } else {
                "Session submitted. Verification is in progress."
            },
        },
    );
    match submitted.await {
        Ok(answer) => Ok(answer),
        Err(error) => Err(call.unknown_first(app, id, error).await),
    }
}
