//! `/healthz` (the process is up) and `/readyz` (it can do its work).

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use axum::extract::FromRef;
use utoipa_axum::routes;

use crate::auth::Access;
use crate::error::{ApiError, Code};
use crate::respond::{Found, answers};
use crate::routes::ApiRouter;
use crate::state::Shared;

/// That the process answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    pub status: &'static str,
}

/// What the server needs, and whether it is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// Always `ready`; anything else is a 503.
    #[schema(example = "ready")]
    pub status: &'static str,
    /// Each thing that was asked.
    pub checks: Vec<ReadinessCheck>,
}

/// One thing that the server needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadinessCheck {
    /// Its name.
    #[schema(example = "database")]
    pub name: &'static str,
    /// Whether it works.
    pub ok: bool,
}

/// Process up
///
/// Answers as long as the process does; asks nothing else.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Operations",
    operation_id = "get_health"
)]
pub async fn healthz() -> Found<Health> {
    Found::new(Health { status: "ok" })
}

/// Ready for work
///
/// Asks the database, the blob store and the job workers. 503 while one of them fails and during
/// a shutdown; the detail names what fails, the log says why. What was found is told again for
/// five seconds, a failure for one.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Operations",
    operation_id = "get_readiness",
    responses(answers::Unavailable)
)]
pub async fn readyz(State(shared): State<Arc<Shared>>) -> Result<Found<Readiness>, ApiError> {
    let probed = shared.probes.ask(&shared.clock).await;
    if shared.is_draining() {
        return Err(not_ready("The server is shutting down.".to_owned()));
    }
    let probed = probed.ok_or_else(|| not_ready("Not ready.".to_owned()))?;
    let missing = probed.iter().filter(|probed| probed.is_missing());
    let missing: Vec<_> = missing.map(|probed| probed.name).collect();
    if !missing.is_empty() {
        return Err(not_ready(format!("Not ready: {}.", missing.join(", "))));
    }
    let checks = probed.iter().map(|probed| ReadinessCheck {
        name: probed.name,
        ok: probed.ok,
    });
    Ok(Found::new(Readiness {
        status: "ready",
        checks: checks.collect(),
    }))
}

fn not_ready(detail: String) -> ApiError {
    ApiError::new(Code::Unavailable, detail).retry_after(1)
}

/// Adds the routes about the server itself.
#[must_use]
pub fn with_health<S>(router: ApiRouter<S>) -> ApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Shared>: FromRef<S>,
{
    router
        .view::<Health>()
        .view::<Readiness>()
        .add(Access::Open, routes!(healthz))
        .add(Access::Open, routes!(readyz))
}
