//! Who acts by a call that reads and is noted in the audit trail all the same.

use axum::extract::{FromRequestParts, MatchedPath};
use http::request::Parts;
use verifa_app::actor::{Actor, RequestInfo, Who};

use crate::error::ApiError;
use crate::keys::Caller;

/// The caller, as the audit trail names it.
pub struct Acting(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Acting {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let route = parts
            .extensions
            .get::<MatchedPath>()
            .map_or("", MatchedPath::as_str);
        Ok(Self(Actor {
            tenant: caller.tenant(),
            who: Who::ApiKey(caller.key().id),
            request: Some(RequestInfo {
                method: parts.method.to_string(),
                route: route.to_owned(),
                ip: Some(caller.address),
            }),
        }))
    }
}
