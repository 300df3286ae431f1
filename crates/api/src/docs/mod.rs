//! `/openapi.json` and the reference page at `/docs`, both made from the document at start.
//!
//! The page is plain HTML with a style sheet and a small script of its own, so that it works
//! without any other host and under a policy that allows no inline code.

mod events;
mod html;
mod page;
mod parts;
mod schema;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use utoipa::openapi::OpenApi;

const STYLE: &str = include_str!("reference.css");
const SCRIPT: &str = include_str!("reference.js");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The document as JSON text, as `/openapi.json` and `verifa openapi` give it.
///
/// # Errors
/// When the document can't be written, which a test rules out.
pub fn to_json(document: &OpenApi) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    Ok(text)
}

/// The routes of the document and its page.
///
/// # Errors
/// When the document can't be written, which a test rules out.
pub fn routes<S: Clone + Send + Sync + 'static>(
    document: &OpenApi,
    public_url: &str,
) -> Result<Router<S>, serde_json::Error> {
    let json = Bytes::from(to_json(document)?);
    let value = serde_json::to_value(document)?;
    let html = Bytes::from(page::render(&value, public_url));
    let asset = |bytes: Bytes, kind: &'static str| {
        let bytes = Arc::new(bytes);
        get(move || async move { static_answer(Bytes::clone(&bytes), kind) })
    };
    Ok(Router::new()
        .route("/openapi.json", asset(json, "application/json"))
        .route("/docs", asset(html, "text/html; charset=utf-8"))
        .route(
            "/docs/reference.css",
            asset(STYLE.into(), "text/css; charset=utf-8"),
        )
        .route(
            "/docs/reference.js",
            asset(SCRIPT.into(), "text/javascript; charset=utf-8"),
        ))
}

fn static_answer(bytes: Bytes, kind: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        ),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, bytes).into_response()
}
