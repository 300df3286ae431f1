//! The state of the handlers: the application and what all requests share.

use std::sync::Arc;

use axum::extract::FromRef;
use verifa_app::App;

use crate::state::Shared;

/// What a handler can reach.
#[derive(Clone)]
pub struct ApiState {
    /// The use cases.
    pub app: Arc<App>,
    /// Clock, keys, limits, probes.
    pub shared: Arc<Shared>,
}

impl FromRef<ApiState> for Arc<Shared> {
    fn from_ref(state: &ApiState) -> Self {
        Self::clone(&state.shared)
    }
}

impl FromRef<ApiState> for Arc<App> {
    fn from_ref(state: &ApiState) -> Self {
        Self::clone(&state.app)
    }
}
