//! Puts the router together: guarded routes, the reference, and the conventions around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::from_fn_with_state;
use axum::routing::options;
use tower_http::normalize_path::NormalizePathLayer;
use tower_layer::Layer;
use verifa_app::App;

use crate::api_state::ApiState;
use crate::auth::preflight;
use crate::conventions::conventions;
use crate::error::{ApiError, Code};
use crate::links::add_links;
use crate::routes::ApiRouter;
use crate::state::Shared;
use crate::{docs, v1};

/// A router could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The document can't be written as JSON.
    #[error("the OpenAPI document can't be written: {0}")]
    Document(#[from] serde_json::Error),
}

/// The whole HTTP API of a server.
///
/// # Errors
/// When the document can't be written.
pub fn service(app: Arc<App>, shared: &Arc<Shared>) -> Result<Router, AssembleError> {
    let state = ApiState {
        app,
        shared: Arc::clone(shared),
    };
    assemble(v1::routes(), browsers(), state, shared)
}

/// What browsers ask before a page may use a publishable key.
pub fn browsers<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Shared>: FromRef<S>,
{
    Router::new().route("/api/v1/sessions", options(preflight))
}

/// The OpenAPI document as JSON text.
///
/// # Errors
/// When the document can't be written.
pub fn openapi_json() -> Result<String, AssembleError> {
    let mut document = v1::routes().into_parts().1;
    add_links(&mut document);
    Ok(docs::to_json(&document)?)
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
    let (router, mut document, _) = routes.into_parts();
    add_links(&mut document);
    let reference = docs::routes(&document, &shared.public_url)?;
    let inner = router
        .merge(reference)
        .merge(extra)
        .fallback(|| async { ApiError::new(Code::NotFound, "There is no such route.") })
        .layer(from_fn_with_state(Arc::clone(shared), conventions))
        .with_state(state);
    // `/api/v1/sessions/` is `/api/v1/sessions`.
    let trimmed = NormalizePathLayer::trim_trailing_slash().layer(inner);
    Ok(Router::new().fallback_service(trimmed))
}
