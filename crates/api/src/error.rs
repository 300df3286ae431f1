//! Every refusal of the API as one value, and the body it becomes.
//!
//! Handlers and middleware return [`ApiError`]; only [`crate::conventions`] turns it into bytes,
//! so that the form of spec/conventions.md ("Errors") holds for every route.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:ident;)+) => {
        /// The machine-readable codes and the status each one is sent with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in the body.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Its HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }
        }
    };
}

codes! {
    /// The request can't be understood, or the thing's state forbids it.
    BadRequest = "bad_request", BAD_REQUEST;
    /// No valid credential.
    Unauthorized = "unauthorized", UNAUTHORIZED;
    /// A valid credential that may not do this.
    Forbidden = "forbidden", FORBIDDEN;
    /// Unknown to this tenant.
    NotFound = "not_found", NOT_FOUND;
    /// The route exists with other methods.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED;
    /// The thing is not in the state that the call needs.
    Conflict = "conflict", CONFLICT;
    /// It was there and has been removed by rule.
    Gone = "gone", GONE;
    /// The body is over its limit.
    PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE;
    /// The body is of a kind that the route does not read.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    /// The body or the query breaks a rule; the fields are named.
    ValidationError = "validation_error", UNPROCESSABLE_ENTITY;
    /// An idempotency key came again with other parameters.
    IdempotencyMismatch = "idempotency_mismatch", UNPROCESSABLE_ENTITY;
    /// Too many calls.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS;
    /// A fault of the server.
    InternalError = "internal_error", INTERNAL_SERVER_ERROR;
    /// The server can't answer now.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE;
}

/// One offending field of a 422.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the field, such as `metadata.plan` or `steps[2].on_fail`.
    pub field: String,
    /// Stable code, such as `required`, `too_long` or `wrong_type`.
    pub code: Cow<'static, str>,
    /// A sentence for people.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// An offence of `field`.
    pub fn new(
        field: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            field: field.into(),
            code: code.into(),
            message: message.into(),
        }
    }
}

/// A refusal or a fault, on its way to the caller.
#[derive(Debug, Clone)]
pub struct ApiError {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    cause: Option<Arc<str>>,
}

impl ApiError {
    /// A refusal with a code and a sentence. The sentence never holds data of people.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// 400: the call as such, or the state of the thing.
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::BadRequest, detail)
    }

    /// 401. One sentence for every cause, so that nothing can be probed.
    pub fn unauthorized() -> Self {
        Self::new(
            Code::Unauthorized,
            "A valid API key is required in the X-API-Key header.",
        )
    }

    /// 403.
    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Forbidden, detail)
    }

    /// 404 of a thing, named as in `Session`.
    pub fn not_found(noun: &str) -> Self {
        Self::new(Code::NotFound, format!("{noun} not found."))
    }

    /// 409.
    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Conflict, detail)
    }

    /// 413.
    pub fn too_large(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::PayloadTooLarge, detail)
    }

    /// 415.
    pub fn unsupported_media_type(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::UnsupportedMediaType, detail)
    }

    /// 422 that names the offending fields, up to a hundred: a small body may have very many.
    pub fn invalid(mut errors: Vec<FieldError>) -> Self {
        const MOST: usize = 100;
        let mut error = Self::new(Code::ValidationError, "The request has invalid fields.");
        errors.truncate(MOST);
        error.errors = errors;
        error
    }

    /// 422 of a single field.
    pub fn invalid_field(
        field: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::invalid(vec![FieldError::new(field, code, message)])
    }

    /// 422 of an idempotency key that was used for something else.
    pub fn idempotency_mismatch() -> Self {
        Self::new(
            Code::IdempotencyMismatch,
            "Idempotency key has already been used with different parameters.",
        )
    }

    /// 429; the caller may try again in `seconds`.
    pub fn rate_limited(seconds: u64) -> Self {
        let plural = if seconds == 1 { "" } else { "s" };
        let detail = format!("Rate limit exceeded. Retry after {seconds} second{plural}.");
        Self::new(Code::RateLimited, detail).retry_after(seconds)
    }

    /// 500. The cause goes to the log under the request id and nowhere else.
    pub fn internal(cause: impl Into<String>) -> Self {
        let mut error = Self::new(Code::InternalError, "An internal error occurred.");
        error.cause = Some(Arc::from(cause.into()));
        error
    }

    /// 500 from an error of a lower layer, with its whole chain in the log.
    pub fn from_fault(fault: &(dyn Error + 'static)) -> Self {
        Self::internal(chain(fault))
    }

    /// 503; the caller may try again in `seconds`.
    pub fn unavailable(seconds: u64, cause: impl Into<String>) -> Self {
        let mut error = Self::new(
            Code::Unavailable,
            "The service is temporarily unavailable. Try again.",
        );
        error.cause = Some(Arc::from(cause.into()));
        error.retry_after(seconds)
    }

    /// Tells the caller when to come again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.code.status()
    }

    /// The offending fields.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Seconds for `Retry-After`.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
    }

    /// What goes to the log and not to the caller.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The body, under the id of its request.
    pub fn body<'a>(&'a self, request_id: &'a str) -> ErrorBody<'a> {
        ErrorBody {
            error: self.code.as_str(),
            detail: &self.detail,
            status_code: self.status().as_u16(),
            errors: (!self.errors.is_empty()).then_some(&self.errors),
            request_id,
        }
    }

    /// The error that stands for a bare status, as made by the router or a library.
    pub fn from_status(status: StatusCode) -> Self {
        let code = Code::ALL
            .iter()
            .copied()
            .find(|code| code.status() == status);
        match code {
            Some(Code::NotFound) => Self::new(Code::NotFound, "There is no such route."),
            Some(Code::MethodNotAllowed) => Self::new(
                Code::MethodNotAllowed,
                "This route does not answer this method; see the Allow header.",
            ),
            Some(Code::PayloadTooLarge) => Self::too_large("The request body is too large."),
            Some(Code::UnsupportedMediaType) => {
                Self::unsupported_media_type("The request body is of an unsupported media type.")
            }
            Some(Code::Unauthorized) => Self::unauthorized(),
            Some(code) if status.is_client_error() => Self::new(code, "The request was refused."),
            Some(Code::Unavailable) => Self::unavailable(1, "bare status 503"),
            None if status.is_client_error() => Self::bad_request("The request was refused."),
            _ => Self::internal(format!("bare status {status}")),
        }
    }
}

/// An error and its sources as one line.
fn chain(fault: &(dyn Error + 'static)) -> String {
    let mut text = fault.to_string();
    let mut source = fault.source();
    while let Some(error) = source {
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}

/// The body of every answer that is not 2xx.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody<'a> {
    /// Machine-readable code.
    #[schema(example = "not_found")]
    pub error: &'a str,
    /// A sentence for people.
    #[schema(example = "Session not found.")]
    pub detail: &'a str,
    /// The HTTP status again.
    #[schema(example = 404)]
    pub status_code: u16,
    /// Each offending field; on `validation_error` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<&'a [FieldError]>,
    /// The id under which the server's log knows this call.
    pub request_id: &'a str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_fixed_fields_in_order() {
        let error = ApiError::not_found("Session");
        let text = serde_json::to_string(&error.body("req_1")).unwrap();
        assert_eq!(
            text,
            r#"{"error":"not_found","detail":"Session not found.","status_code":404,"request_id":"req_1"}"#
        );
        let error = ApiError::rate_limited(12);
        assert_eq!(
            error.body("r").detail,
            "Rate limit exceeded. Retry after 12 seconds."
        );
        assert_eq!(error.retry_after_seconds(), Some(12));
    }

    #[test]
    fn bare_statuses_get_their_code() {
        for code in Code::ALL {
            let error = ApiError::from_status(code.status());
            assert_eq!(error.status(), code.status());
        }
        assert_eq!(
            ApiError::from_status(StatusCode::LENGTH_REQUIRED).code(),
            Code::BadRequest
        );
        assert_eq!(
            ApiError::from_status(StatusCode::BAD_GATEWAY).code(),
            Code::InternalError
        );
    }
}
