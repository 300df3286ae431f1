//! The browser's question before a page may create a session (CORS, WHATWG Fetch §3.2.2).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::error::ApiError;
use crate::exchange::CurrentExchange;
use crate::state::Shared;

const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-type, x-api-key, idempotency-key, key-inflection, verifa-version",
);

/// Answers a preflight: with permission for the origins of publishable keys, else without.
pub(crate) async fn preflight(
    State(shared): State<Arc<Shared>>,
    CurrentExchange(exchange): CurrentExchange,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // Before anything is looked for.
    exchange.count_anonymous()?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("origin"));
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(response);
    };
    let origins = shared.keys.browser_origins(exchange.now()).await;
    let origins = origins.map_err(|fault| ApiError::unavailable(1, fault.to_string()))?;
    if origin.to_str().is_ok_and(|text| origins.allow(text)) {
        let answer = response.headers_mut();
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("POST"),
        );
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    Ok(response)
}
