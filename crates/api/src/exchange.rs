//! What is known of one request besides its handler: id, caller, negotiated form, standing.
//!
//! The outermost middleware makes it, the layers inside fill it, and the middleware reads it
//! again when it writes the answer.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue};
use verifa_core::random::random_bytes;
use verifa_core::time::Timestamp;

use crate::error::ApiError;
use crate::inflection::Inflection;
use crate::keys::{ApiKey, Caller, Operator};
use crate::limits::Standing;
use crate::state::Shared;
use crate::version::ApiVersion;

/// The form that caller and server agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negotiated {
    /// Casing of field names.
    pub inflection: Inflection,
    /// Version of the API.
    pub version: ApiVersion,
}

/// One request and its answer in the making.
pub struct Exchange {
    shared: Arc<Shared>,
    request_id: String,
    client_address: IpAddr,
    now: Timestamp,
    asked_inflection: Option<HeaderValue>,
    asked_version: Option<HeaderValue>,
    negotiated: OnceLock<Negotiated>,
    caller: OnceLock<Caller>,
    operator: OnceLock<Operator>,
    allowed_origin: OnceLock<HeaderValue>,
    standing: Mutex<Option<Standing>>,
    quota: Mutex<Option<Standing>>,
}

impl Exchange {
    /// For a request with these headers from `peer`.
    pub(crate) fn new(shared: Arc<Shared>, peer: IpAddr, headers: &HeaderMap) -> Self {
        let client_address = shared.proxies.client(peer, headers);
        let request_id = format!("req_{}", hex::encode(random_bytes::<16>(&*shared.random)));
        let now = shared.clock.now();
        Self {
            shared,
            request_id,
            client_address,
            now,
            asked_inflection: headers.get("key-inflection").cloned(),
            asked_version: headers.get("verifa-version").cloned(),
            negotiated: OnceLock::new(),
            caller: OnceLock::new(),
            operator: OnceLock::new(),
            allowed_origin: OnceLock::new(),
            standing: Mutex::new(None),
            quota: Mutex::new(None),
        }
    }

    /// The exchange that the outermost middleware put into the request.
    ///
    /// # Errors
    /// When the router was built without that middleware.
    pub fn of(extensions: &Extensions) -> Result<&Arc<Self>, ApiError> {
        extensions
            .get::<Arc<Self>>()
            .ok_or_else(|| ApiError::internal("the conventions middleware is missing"))
    }

    /// What all requests share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The id of this request, also in the answer's `X-Request-Id` and in the log.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Where the request came from, behind trusted proxies.
    pub fn client_address(&self) -> IpAddr {
        self.client_address
    }

    /// When the request came.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who calls, once that is known.
    pub fn caller(&self) -> Option<&Caller> {
        self.caller.get()
    }

    pub(crate) fn set_caller(&self, caller: Caller) {
        // The first caller stands: a request is authenticated once.
        let _ = self.caller.set(caller);
    }

    /// The operator who calls, once that is known.
    pub fn operator(&self) -> Option<&Operator> {
        self.operator.get()
    }

    pub(crate) fn set_operator(&self, operator: Operator) {
        let _ = self.operator.set(operator);
    }

    /// The agreed form; before the agreement the one that an error should have.
    pub fn negotiated(&self) -> Negotiated {
        self.negotiated
            .get()
            .copied()
            .unwrap_or_else(|| Negotiated {
                inflection: self.asked_inflection().ok().flatten().unwrap_or_default(),
                version: ApiVersion::current(),
            })
    }

    /// Settles casing and version from the headers and the defaults of the key.
    ///
    /// # Errors
    /// 400 for an unknown casing, and for a date that resolves to no version.
    pub(crate) fn negotiate(&self, key: Option<&ApiKey>) -> Result<(), ApiError> {
        let inflection = match self.asked_inflection()? {
            Some(inflection) => inflection,
            None => key.map(|key| key.inflection).unwrap_or_default(),
        };
        let version = match &self.asked_version {
            Some(value) => ApiVersion::resolve(value.to_str().unwrap_or(""), self.now)
                .map_err(|error| ApiError::bad_request(error.to_string()))?,
            // A pin that this release doesn't know is answered in the newest version.
            None => key
                .and_then(|key| ApiVersion::resolve(key.api_version.as_deref()?, self.now).ok())
                .unwrap_or(ApiVersion::current()),
        };
        let _ = self.negotiated.set(Negotiated {
            inflection,
            version,
        });
        Ok(())
    }

    fn asked_inflection(&self) -> Result<Option<Inflection>, ApiError> {
        let Some(value) = &self.asked_inflection else {
            return Ok(None);
        };
        let text = value.to_str().unwrap_or("");
        text.parse()
            .map(Some)
            .map_err(|_| ApiError::bad_request("Key-Inflection must be snake, camel or kebab."))
    }

    /// Counts the call against its address.
    ///
    /// # Errors
    /// 429 when the address made too many.
    pub(crate) fn count_anonymous(&self) -> Result<(), ApiError> {
        let standing = self
            .shared
            .limits
            .count_anonymous(self.client_address, self.now);
        self.settle(standing)
    }

    /// Shows the limit of the call's address and counts nothing.
    pub(crate) fn count_nothing(&self) {
        let standing = self.shared.limits.anonymous_ceiling(self.now);
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
    }

    /// Counts the call against its key's plan, or a publishable key's own limit.
    ///
    /// # Errors
    /// 429 when the limit is reached.
    pub(crate) fn count_caller(&self) -> Result<(), ApiError> {
        let Some(caller) = self.caller() else {
            return self.count_anonymous();
        };
        let key = caller.key();
        let limits = &self.shared.limits;
        let standing = if key.publishable {
            limits.count_publishable(key.id, self.client_address, self.now)
        } else {
            limits.count_tenant(key.tenant, key.plan, self.now)
        };
        self.settle(standing)
    }

    /// Counts the call against its operator's token.
    ///
    /// # Errors
    /// 429 when the limit is reached.
    pub(crate) fn count_operator(&self, operator: &Operator) -> Result<(), ApiError> {
        let limits = &self.shared.limits;
        self.settle(limits.count_operator(operator.token, self.now))
    }

    /// Counts the creation of an API key against its own limit.
    ///
    /// # Errors
    /// 429 when the limit is reached.
    pub fn count_key_creation(&self) -> Result<(), ApiError> {
        let Some(caller) = self.caller() else {
            return Ok(());
        };
        let key = caller.key();
        let limits = &self.shared.limits;
        match limits.count_key_creation(key.tenant, key.plan, self.now) {
            Some(standing) => self.settle_tighter(standing),
            None => Ok(()),
        }
    }

    /// Counts the creation of a session against its own limit.
    ///
    /// # Errors
    /// 429 when the limit is reached.
    pub fn count_session_creation(&self) -> Result<(), ApiError> {
        let Some(caller) = self.caller() else {
            return Ok(());
        };
        let key = caller.key();
        let standing = self
            .shared
            .limits
            .count_session_creation(key.tenant, key.plan, self.now);
        self.settle_tighter(standing)
    }

    /// Of two limits the tighter one is worth telling.
    fn settle_tighter(&self, standing: Standing) -> Result<(), ApiError> {
        let former = self.standing();
        if standing.exceeded || former.is_none_or(|former| standing.remaining < former.remaining) {
            return self.settle(standing);
        }
        Ok(())
    }

    fn settle(&self, standing: Standing) -> Result<(), ApiError> {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
        if standing.exceeded {
            return Err(ApiError::rate_limited(standing.seconds_left(self.now)));
        }
        Ok(())
    }

    /// Where the caller stands in its limit, once it was counted.
    pub fn standing(&self) -> Option<Standing> {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a quota in the answer's `X-Quota-*` headers.
    pub fn show_quota(&self, standing: Standing) {
        *self.quota.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
    }

    pub(crate) fn quota(&self) -> Option<Standing> {
        *self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn allow_origin(&self, origin: HeaderValue) {
        let _ = self.allowed_origin.set(origin);
    }

    pub(crate) fn allowed_origin(&self) -> Option<&HeaderValue> {
        self.allowed_origin.get()
    }
}

/// Extracts the exchange in a handler.
#[derive(Clone)]
pub struct CurrentExchange(pub Arc<Exchange>);

impl<S: Sync> FromRequestParts<S> for CurrentExchange {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Exchange::of(&parts.extensions).cloned().map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Exchange::of(&parts.extensions)?
            .caller()
            .cloned()
            .ok_or_else(|| ApiError::internal("a handler asked for the caller of an open route"))
    }
}

impl<S: Sync> FromRequestParts<S> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Exchange::of(&parts.extensions)?
            .operator()
            .copied()
            .ok_or_else(|| ApiError::internal("a handler asked for the operator of another route"))
    }
}
