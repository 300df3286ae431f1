//! `/healthz` (the process is up) and `/readyz` (it can do its work).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use futures::future::join_all;
use serde::Serialize;
use utoipa::ToSchema;

use axum::extract::FromRef;
use utoipa_axum::routes;

use crate::auth::Access;
use crate::error::{ApiError, Code};
use crate::respond::{Found, answers};
use crate::routes::ApiRouter;
use crate::state::Shared;

/// Longest time one probe may take.
const PROBE_LIMIT: Duration = Duration::from_secs(2);

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
/// a shutdown; the detail names what fails, the log says why.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Operations",
    operation_id = "get_readiness",
    responses(answers::Unavailable)
)]
pub async fn readyz(State(shared): State<Arc<Shared>>) -> Result<Found<Readiness>, ApiError> {
    let probes = join_all(shared.probes.iter().map(|probe| async move {
        let outcome = tokio::time::timeout(PROBE_LIMIT, probe.check()).await;
        let outcome = outcome.unwrap_or_else(|_| Err("no answer within 2 seconds".to_owned()));
        if let Err(cause) = &outcome {
            tracing::warn!(probe = probe.name(), cause, "not ready");
        }
        let check = ReadinessCheck {
            name: probe.name(),
            ok: outcome.is_ok(),
        };
        (check, probe.is_essential())
    }));
    let probed = probes.await;
    let failing: Vec<_> = probed
        .iter()
        .filter(|(check, essential)| *essential && !check.ok)
        .map(|(check, _)| check.name)
        .collect();
    let checks = probed.into_iter().map(|(check, _)| check).collect();
    if shared.is_draining() {
        return Err(not_ready("The server is shutting down.".to_owned()));
    }
    if !failing.is_empty() {
        return Err(not_ready(format!("Not ready: {}.", failing.join(", "))));
    }
    Ok(Found::new(Readiness {
        status: "ready",
        checks,
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
        .add(Access::Probe, routes!(healthz))
        .add(Access::Probe, routes!(readyz))
}
