//! Puts the router together: guarded routes, the reference, and the conventions around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::from_fn_with_state;
use utoipa_axum::routes;

use crate::auth::Access;
use crate::conventions::conventions;
use crate::error::{ApiError, Code};
use crate::routes::ApiRouter;
use crate::state::Shared;
use crate::{docs, health};

/// A router could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The document can't be written as JSON.
    #[error("the OpenAPI document can't be written: {0}")]
    Document(#[from] serde_json::Error),
}

/// Adds the routes about the server itself.
#[must_use]
pub fn with_health<S>(router: ApiRouter<S>) -> ApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Shared>: FromRef<S>,
{
    router
        .view::<health::Health>()
        .view::<health::Readiness>()
        .add(Access::Open, routes!(health::healthz))
        .add(Access::Open, routes!(health::readyz))
}

/// The finished service: `routes` and `extra` under the conventions, 404 for the rest.
///
/// # Errors
/// When the document can't be written.
pub fn assemble<S: Clone + Send + Sync + 'static>(
    routes: ApiRouter<S>,
    extra: Router<S>,
    state: S,
    shared: &Arc<Shared>,
) -> Result<Router, AssembleError> {
    let (router, document, _) = routes.into_parts();
    let reference = docs::routes(&document, &shared.public_url)?;
    Ok(router
        .merge(reference)
        .merge(extra)
        .fallback(|| async { ApiError::new(Code::NotFound, "There is no such route.") })
        .layer(from_fn_with_state(Arc::clone(shared), conventions))
        .with_state(state))
}
