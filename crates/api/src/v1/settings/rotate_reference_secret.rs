//! `POST /api/v1/settings/rotate-reference-secret`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::organizations::ReferenceSecret;
use verifa_core::id::OrganizationId;

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::mutation::{Mutation, Outcome};
use crate::respond::{Found, answers};

/// What an organization signs external references with.
#[derive(Serialize, ToSchema)]
#[schema(as = ReferenceSecret)]
pub struct ReferenceSecretView {
    /// Whose it is, in both environments.
    #[schema(value_type = String, example = "org_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    organization: OrganizationId,
    /// The new secret, shown this once.
    #[schema(example = "refsec_0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefghjk")]
    secret: String,
}

impl ReferenceSecretView {
    fn of(made: &ReferenceSecret) -> Self {
        Self {
            organization: made.organization,
            secret: made.secret.reveal().to_owned(),
        }
    }
}

impl Outcome for ReferenceSecret {
    fn organization(&self) -> Option<OrganizationId> {
        Some(self.organization)
    }
}

/// Replace the reference secret
///
/// A publishable key may name an `external_ref` only with its hexadecimal HMAC-SHA-256 under this
/// secret. The answer shows the new one, this once; signatures of the former one are refused from
/// now on, in both environments: needs a live key (403).
#[utoipa::path(
    post,
    path = "/api/v1/settings/rotate-reference-secret",
    tag = "Account",
    operation_id = "rotate_reference_secret",
    responses(answers::Invalid, answers::Conflict)
)]
pub async fn rotate_reference_secret(
    State(state): State<ApiState>,
    call: Mutation,
) -> Result<Found<ReferenceSecretView>, ApiError> {
    let app = &*state.app;
    call.run(
        app,
        || app.rotate_reference_secret(call.actor()),
        ReferenceSecretView::of,
    )
    .await
}
