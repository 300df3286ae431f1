//! Ids in paths: a malformed id and an id of another kind are answered as unknown ones.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use verifa_core::id::{
    ApiKeyId, CaseId, DeliveryId, OrganizationId, SessionId, WebhookEndpointId, WorkflowId,
};

use crate::error::ApiError;

/// A kind of thing that a path names.
pub trait PathId: std::str::FromStr + Send {
    /// What refusals call it.
    const NOUN: &'static str;
}

impl PathId for SessionId {
    const NOUN: &'static str = "Session";
}
impl PathId for ApiKeyId {
    const NOUN: &'static str = "API key";
}
impl PathId for OrganizationId {
    const NOUN: &'static str = "Organization";
}
impl PathId for WorkflowId {
    const NOUN: &'static str = "Workflow";
}
impl PathId for CaseId {
    const NOUN: &'static str = "Case";
}
impl PathId for WebhookEndpointId {
    const NOUN: &'static str = "Webhook endpoint";
}
impl PathId for DeliveryId {
    const NOUN: &'static str = "Delivery";
}

/// The first path parameter as an id.
#[derive(Debug, Clone, Copy)]
pub struct IdPath<T>(pub T);

impl<T: PathId, S: Send + Sync> FromRequestParts<S> for IdPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        params
            .ok()
            .and_then(|params| {
                params
                    .iter()
                    .next()
                    .and_then(|(_, value)| value.parse().ok())
            })
            .map(Self)
            .ok_or_else(|| ApiError::not_found(T::NOUN))
    }
}
