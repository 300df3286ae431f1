//! The outermost middleware: what holds for every answer of every route.
//!
//! It gives each request its id, address and clock reading, contains panics and overlong calls,
//! writes views and errors as bytes in the agreed casing, adds the common headers, and logs and
//! measures the call. Nothing else renders a body of the API.

use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tokio::time::Instant;
use tracing::Instrument;

use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::inflection::to_bytes;
use crate::limits::Standing;
use crate::linger::keep_hold;
use crate::observe;
use crate::respond::PendingBody;
use crate::state::Shared;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Applies the conventions around everything inside.
pub async fn conventions(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let exchange = Arc::new(Exchange::new(shared, peer, request.headers()));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        request_id = exchange.request_id(),
        method = observe::known_method(&method),
        route
    );
    let in_flight = observe::in_flight();
    request.extensions_mut().insert(Arc::clone(&exchange));
    let (request, remains) = keep_hold(request);

    let response = contained(&exchange, request, next)
        .instrument(span.clone())
        .await;
    let response = span.in_scope(|| finish(&exchange, &method, response));
    if let Some(remains) = remains {
        remains.drain().await;
    }
    observe::finished(&method, route, response.status(), started.elapsed(), &span);
    drop(in_flight);
    response
}

/// Runs the inner service; a panic becomes a 500, an overlong call a 503.
async fn contained(exchange: &Exchange, request: Request, next: Next) -> Response {
    let limit = exchange.shared().request_timeout;
    let inner = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, inner).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => ApiError::internal(panic_cause(&*panic)).into_response(),
        Err(_) => ApiError::unavailable(5, "the call took longer than its limit").into_response(),
    }
}

/// What may be logged of a panic: a literal message is code, a formatted one may hold data.
fn panic_cause(panic: &(dyn Any + Send)) -> String {
    match panic.downcast_ref::<&'static str>() {
        Some(message) => format!("a handler panicked: {message}"),
        None => "a handler panicked (formatted message withheld)".to_owned(),
    }
}

fn finish(exchange: &Exchange, method: &Method, mut response: Response) -> Response {
    if exchange.standing().is_none() {
        // Unknown routes and open ones that nothing counted yet.
        if let Err(error) = exchange.count_anonymous() {
            response = error.into_response();
        }
    }
    let status = response.status();
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        response = render_error(exchange, &error, &response);
    } else if status.is_client_error() || status.is_server_error() {
        response = render_error(exchange, &ApiError::from_status(status), &response);
    } else if let Some(pending) = response.extensions_mut().remove::<PendingBody>() {
        response = match pending.render(exchange.negotiated().inflection) {
            Ok(bytes) => with_json(response, bytes.into()),
            Err(error) => render_error(exchange, &ApiError::from_fault(&error), &response),
        };
    }
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    common_headers(exchange, response.headers_mut());
    response
}

fn render_error(exchange: &Exchange, error: &ApiError, former: &Response) -> Response {
    if let Some(cause) = error.cause() {
        if error.status().is_server_error() {
            tracing::error!(cause, code = error.code().as_str(), "request failed");
        } else {
            tracing::info!(cause, code = error.code().as_str(), "request refused");
        }
    }
    let body = error.body(exchange.request_id());
    // The error body consists of texts and numbers, which always are JSON.
    let bytes = to_bytes(&body, exchange.negotiated().inflection).unwrap_or_default();
    let allow = former.headers().get(http::header::ALLOW).cloned();
    let mut response = with_json(error.status().into_response(), bytes.into());
    if let Some(allow) = allow {
        response.headers_mut().insert(http::header::ALLOW, allow);
    }
    if let Some(seconds) = error.retry_after_seconds() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn with_json(mut response: Response, body: Body) -> Response {
    *response.body_mut() = body;
    response.headers_mut().remove(CONTENT_LENGTH);
    if response.status() != StatusCode::NO_CONTENT {
        response.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    response
}

fn common_headers(exchange: &Exchange, headers: &mut HeaderMap) {
    let put = |headers: &mut HeaderMap, name: &'static str, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put(headers, "x-request-id", exchange.request_id());
    put(
        headers,
        "verifa-version",
        &exchange.negotiated().version.to_string(),
    );
    if let Some(standing) = exchange.standing() {
        let names = [
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
        ];
        standing_headers(headers, names, standing);
    }
    if let Some(quota) = exchange.quota() {
        let names = ["x-quota-limit", "x-quota-remaining", "x-quota-reset"];
        standing_headers(headers, names, quota);
    }
    headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Some(origin) = exchange.allowed_origin() {
        headers.insert(http::header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.append(VARY, HeaderValue::from_static("origin"));
        headers.insert(
            http::header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "x-request-id, verifa-version, retry-after, idempotent-replayed, \
                 x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
            ),
        );
    }
}

fn standing_headers(headers: &mut HeaderMap, names: [&'static str; 3], standing: Standing) {
    let [limit, remaining, reset] = names;
    headers.insert(limit, standing.limit.into());
    headers.insert(remaining, standing.remaining.into());
    headers.insert(reset, standing.reset_unix_seconds().into());
}
