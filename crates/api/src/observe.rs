//! Metrics and the access log: route templates, never paths; no data of people.

use std::time::Duration;

use http::{Method, StatusCode};
use metrics::{counter, gauge, histogram};

/// Requests answered, by method, route and status.
pub const REQUESTS_TOTAL: &str = "verifa_http_requests_total";
/// Seconds from the first byte of a request to its answer, by method and route.
pub const REQUEST_SECONDS: &str = "verifa_http_request_duration_seconds";
/// Requests under way.
pub const IN_FLIGHT: &str = "verifa_http_requests_in_flight";

/// Tells the metrics recorder what the figures mean; called once by the binary.
pub fn describe() {
    metrics::describe_counter!(REQUESTS_TOTAL, "Requests answered");
    metrics::describe_histogram!(
        REQUEST_SECONDS,
        metrics::Unit::Seconds,
        "Time from request to answer"
    );
    metrics::describe_gauge!(IN_FLIGHT, "Requests under way");
}

/// Makes panics say where they happened and no more than literal messages: a formatted one may
/// hold somebody's data. Called once by the binary.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let message = panic.payload().downcast_ref::<&'static str>().copied();
        tracing::error!(place, message = message.unwrap_or("(withheld)"), "panicked");
    }));
}

/// Counts a request as under way while it lives.
pub(crate) struct InFlight;

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
    }
}

pub(crate) fn in_flight() -> InFlight {
    gauge!(IN_FLIGHT).increment(1.0);
    InFlight
}

pub(crate) fn finished(
    method: &Method,
    route: &str,
    status: StatusCode,
    duration: Duration,
    span: &tracing::Span,
) {
    let method_label = known_method(method);
    let route_label = route.to_owned();
    counter!(REQUESTS_TOTAL, "method" => method_label, "route" => route_label.clone(),
        "status" => status.as_u16().to_string())
    .increment(1);
    histogram!(REQUEST_SECONDS, "method" => method_label, "route" => route_label)
        .record(duration.as_secs_f64());
    span.in_scope(|| {
        tracing::info!(
            target: "verifa::access",
            method = method_label,
            route,
            status = status.as_u16(),
            duration_ms = duration.as_secs_f64() * 1000.0,
            "answered"
        );
    });
}

/// A caller can send any method word; labels come from a closed set.
pub(crate) fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}
