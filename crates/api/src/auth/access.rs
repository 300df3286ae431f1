//! What a route demands of its caller, and the middleware that demands it.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::ORIGIN;
use verifa_core::tenant::Scope;

use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::keys::{ApiKey, Caller, Operator};

/// What a route demands of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nobody has to say who they are.
    Open,
    /// As [`Access::Open`], and nothing is counted: a balancer asks for the whole of its clients,
    /// and a 429 would take the node out of it. For what costs next to nothing alone.
    Probe,
    /// Any valid secret key.
    AnyKey,
    /// A secret key with one of these scopes; the first is the one that refusals name.
    AnyOf(&'static [Scope]),
    /// A secret key with each of these scopes.
    AllOf(&'static [Scope]),
    /// As [`Access::AnyOf`], and publishable keys too.
    Publishable(&'static [Scope]),
    /// An operator's admin token; no API key will do.
    Operator,
}

impl Access {
    /// The scopes of which one is needed, or with [`Access::AllOf`] each; empty when none is.
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Open | Self::Probe | Self::AnyKey | Self::Operator => &[],
            Self::AnyOf(scopes) | Self::AllOf(scopes) | Self::Publishable(scopes) => scopes,
        }
    }

    /// Whether each of the scopes is needed, not one of them.
    pub const fn needs_all(self) -> bool {
        matches!(self, Self::AllOf(_))
    }

    /// Whether a key is needed at all.
    pub const fn needs_key(self) -> bool {
        !matches!(self, Self::Open | Self::Probe)
    }

    fn check(self, key: &ApiKey) -> Result<(), ApiError> {
        if key.publishable {
            return if matches!(self, Self::Publishable(_)) {
                Ok(())
            } else {
                Err(ApiError::forbidden(
                    "A publishable API key may only create sessions.",
                ))
            };
        }
        let scopes = self.scopes();
        let lacking = scopes.iter().filter(|scope| !key.scopes.allows(**scope));
        let missing: Vec<_> = lacking.collect();
        if missing.is_empty() || (!self.needs_all() && missing.len() < scopes.len()) {
            return Ok(());
        }
        let names: Vec<_> = missing.iter().map(|scope| format!("`{scope}`")).collect();
        let joined = if self.needs_all() { " and " } else { " or " };
        Err(ApiError::forbidden(format!(
            "This API key lacks the scope {}.",
            names.join(joined)
        )))
    }
}

/// Lets a request through to its handler if `access` allows it.
///
/// 401 comes first, then the rate limit, then 403, then the two negotiated headers (400).
pub async fn authorise(access: Access, request: Request, next: Next) -> Response {
    let exchange = match Exchange::of(request.extensions()) {
        Ok(exchange) => Arc::clone(exchange),
        Err(error) => return error.into_response(),
    };
    let admitted = match access {
        Access::Open => exchange
            .count_anonymous()
            .and_then(|()| exchange.negotiate(None)),
        Access::Probe => {
            exchange.count_nothing();
            exchange.negotiate(None)
        }
        Access::Operator => admit_operator(&exchange, request.headers()).await,
        _ => admit(access, &exchange, request.headers()).await,
    };
    match admitted {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

async fn admit(access: Access, exchange: &Exchange, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(key) = find_key(exchange, headers).await? else {
        exchange.count_anonymous()?;
        return Err(ApiError::unauthorized());
    };
    let caller = Caller::new(Arc::clone(&key), exchange.client_address());
    exchange.set_caller(caller);
    // Before the limit is counted, so that an allowed page can read its 429.
    let origin = check_origin(&key, exchange, headers);
    exchange.count_caller()?;
    origin?;
    access.check(&key)?;
    exchange.negotiate(Some(&key))
}

/// Admin tokens are looked for among admin tokens alone, so that no API key opens these routes and
/// no admin token any other.
async fn admit_operator(exchange: &Exchange, headers: &HeaderMap) -> Result<(), ApiError> {
    let shared = exchange.shared();
    let found = match presented(headers) {
        Some(secret) => shared.keys.find_operator(secret, exchange.now()).await,
        None => Ok(None),
    };
    let token = found.map_err(|fault| ApiError::unavailable(1, fault.to_string()))?;
    let Some(token) = token else {
        exchange.count_anonymous()?;
        return Err(ApiError::unauthorized());
    };
    let address = exchange.client_address();
    let operator = Operator { token, address };
    exchange.set_operator(operator);
    exchange.count_operator(&operator)?;
    exchange.negotiate(None)
}

fn presented(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-api-key")?.to_str().ok()
}

/// The active key of the request, if it may be used from where the request came.
async fn find_key(
    exchange: &Exchange,
    headers: &HeaderMap,
) -> Result<Option<Arc<ApiKey>>, ApiError> {
    let Some(presented) = presented(headers) else {
        return Ok(None);
    };
    let shared = exchange.shared();
    let found = shared.keys.find(presented, exchange.now()).await;
    let key = found.map_err(|fault| ApiError::unavailable(1, fault.to_string()))?;
    Ok(key.filter(|key| key.allows_address(exchange.client_address())))
}

/// A publishable key may be bound to origins; answers to the allowed ones may be read there.
fn check_origin(key: &ApiKey, exchange: &Exchange, headers: &HeaderMap) -> Result<(), ApiError> {
    if !key.publishable {
        return Ok(());
    }
    let origin = headers.get(ORIGIN);
    match origin.and_then(|value| value.to_str().ok()) {
        Some(text) if key.allows_origin(text) => {
            if let Some(value) = origin {
                exchange.allow_origin(value.clone());
            }
            Ok(())
        }
        // Without an allow-list the key may also be used outside of browsers.
        None if key.allowed_origins.is_none() => Ok(()),
        _ => Err(ApiError::forbidden(
            "This publishable API key may not be used by this origin.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use verifa_core::id::{ApiKeyId, Id, OrganizationId};
    use verifa_core::tenant::{Environment, Scopes, Tenant};

    use super::*;
    use crate::inflection::Inflection;
    use crate::limits::Plan;

    fn key(publishable: bool, scopes: &[Scope]) -> ApiKey {
        let organization = OrganizationId::from_uuid(uuid::Uuid::nil());
        ApiKey {
            id: ApiKeyId::from_uuid(uuid::Uuid::nil()),
            tenant: Tenant {
                organization,
                environment: Environment::Live,
            },
            publishable,
            scopes: Scopes::new(scopes.iter().copied()),
            api_version: None,
            inflection: Inflection::Snake,
            allowed_ips: Some(vec!["192.0.2.0/24".parse().unwrap()]),
            allowed_origins: Some(vec!["https://shop.example".to_owned()]),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            plan: Plan::Unlimited,
        }
    }

    fn detail(result: Result<(), ApiError>) -> String {
        result.unwrap_err().body("").detail.to_owned()
    }

    #[test]
    fn a_missing_scope_is_named_and_broader_ones_are_accepted() {
        let create = Access::Publishable(&[Scope::SessionsCreate]);
        assert!(create.check(&key(false, &[Scope::SessionsWrite])).is_ok());
        assert_eq!(
            detail(create.check(&key(false, &[Scope::SessionsRead]))),
            "This API key lacks the scope `sessions:create`."
        );
        let redact = Access::AnyOf(&[Scope::RedactWrite, Scope::SessionsWrite]);
        assert!(redact.check(&key(false, &[Scope::SessionsWrite])).is_ok());
        assert_eq!(
            detail(redact.check(&key(false, &[]))),
            "This API key lacks the scope `redact:write` or `sessions:write`."
        );
        assert!(Access::AnyKey.check(&key(false, &[])).is_ok());
    }

    #[test]
    fn where_all_scopes_are_needed_each_missing_one_is_named() {
        const ALL: &[Scope] = &[
            Scope::SessionsRead,
            Scope::VerificationsRead,
            Scope::DocumentsRead,
        ];
        let export = Access::AllOf(ALL);
        assert!(export.check(&key(false, ALL)).is_ok());
        for missing in ALL {
            let others: Vec<Scope> = ALL
                .iter()
                .copied()
                .filter(|scope| scope != missing)
                .collect();
            assert_eq!(
                detail(export.check(&key(false, &others))),
                format!("This API key lacks the scope `{missing}`.")
            );
        }
        assert_eq!(
            detail(export.check(&key(false, &[Scope::SessionsRead]))),
            "This API key lacks the scope `verifications:read` and `documents:read`."
        );
    }

    #[test]
    fn publishable_keys_may_only_create_sessions() {
        let publishable = key(true, Scope::ALL);
        assert!(
            Access::Publishable(&[Scope::SessionsCreate])
                .check(&publishable)
                .is_ok()
        );
        assert!(Access::AnyKey.check(&publishable).is_err());
        assert!(
            Access::AnyOf(&[Scope::SessionsRead])
                .check(&publishable)
                .is_err()
        );
    }

    #[test]
    fn addresses_and_origins_are_matched_whole() {
        let key = key(true, &[]);
        assert!(key.allows_address("192.0.2.77".parse().unwrap()));
        assert!(!key.allows_address("192.0.3.1".parse().unwrap()));
        assert!(key.allows_origin("https://shop.example"));
        assert!(!key.allows_origin("https://shop.example.evil.example"));
        assert!(!key.allows_origin("http://shop.example"));
    }
}
