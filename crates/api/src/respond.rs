//! Typed answers: the status stands in the handler's return type, the bytes are written later.
//!
//! A handler can't know the agreed casing, so an answer carries its view to
//! [`crate::conventions`], or the finished bytes where a mutation kept them for replays.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::openapi::{Content, Ref, RefOr, Response as ResponseDoc, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use crate::error::ApiError;
use crate::inflection::{Inflection, to_bytes};

/// A view that can be written in any casing.
trait Render: Send + Sync {
    fn render(&self, inflection: Inflection) -> Result<Vec<u8>, serde_json::Error>;
}

impl<T: Serialize + Send + Sync> Render for T {
    fn render(&self, inflection: Inflection) -> Result<Vec<u8>, serde_json::Error> {
        to_bytes(self, inflection)
    }
}

/// A view on its way to the middleware that writes it.
#[derive(Clone)]
pub(crate) struct PendingBody(Arc<dyn Render>);

impl PendingBody {
    pub(crate) fn render(&self, inflection: Inflection) -> Result<Vec<u8>, serde_json::Error> {
        self.0.render(inflection)
    }
}

/// What an answer carries: a view, or bytes that are already final.
#[derive(Debug)]
pub enum Payload<T> {
    /// Written in the agreed casing at the end.
    View(T),
    /// The first answer of an idempotent call, byte for byte.
    Kept {
        /// The body.
        bytes: Bytes,
        /// Whether it was given before.
        replayed: bool,
    },
}

/// An answer whose type fixes its status.
pub trait Answer: Sized {
    /// What it shows.
    type View: Serialize + Send + Sync + 'static;
    /// Its status.
    const STATUS: StatusCode;
    /// Wraps what it carries.
    fn from_payload(payload: Payload<Self::View>) -> Self;
}

fn respond<T: Serialize + Send + Sync + 'static>(
    status: StatusCode,
    payload: Payload<T>,
) -> Response {
    match payload {
        Payload::View(view) => {
            let mut response = status.into_response();
            response
                .extensions_mut()
                .insert(PendingBody(Arc::new(view)));
            response
        }
        Payload::Kept { bytes, replayed } => {
            let json = [(
                http::header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )];
            let mut response = (status, json, bytes).into_response();
            if replayed {
                let yes = HeaderValue::from_static("true");
                response.headers_mut().insert("idempotent-replayed", yes);
            }
            response
        }
    }
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $code:literal, $text:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<T>(Payload<T>);

        impl<T> $name<T> {
            /// Answers with a view.
            pub fn new(view: T) -> Self {
                Self(Payload::View(view))
            }

            /// Whether this is an earlier answer given again.
            pub fn is_replay(&self) -> bool {
                matches!(self.0, Payload::Kept { replayed: true, .. })
            }
        }

        impl<T: Serialize + Send + Sync + 'static> Answer for $name<T> {
            type View = T;
            const STATUS: StatusCode = StatusCode::$status;
            fn from_payload(payload: Payload<T>) -> Self {
                Self(payload)
            }
        }

        impl<T: Serialize + Send + Sync + 'static> IntoResponse for $name<T> {
            fn into_response(self) -> Response {
                respond(StatusCode::$status, self.0)
            }
        }

        impl<T: ToSchema> IntoResponses for $name<T> {
            fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
                success::<T>($code, $text)
            }
        }
    )+};
}

answers! {
    /// 200 with the thing asked for, or the outcome of the call.
    Found = OK, "200", "Success.";
    /// 201 with the thing made.
    Created = CREATED, "201", "Created.";
    /// 202: begun, goes on after the answer.
    Accepted = ACCEPTED, "202", "Accepted; the work goes on after this answer.";
}

/// 204.
#[derive(Debug)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl IntoResponses for NoContent {
    fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
        let response = ResponseBuilder::new()
            .description("Done; nothing to show.")
            .build();
        BTreeMap::from([("204".to_owned(), response.into())])
    }
}

/// The views of [`crate::openapi`] are registered as components, so answers refer to them.
fn success<T: ToSchema>(code: &str, text: &str) -> BTreeMap<String, RefOr<ResponseDoc>> {
    let content = Content::new(Some(Ref::from_schema_name(T::name())));
    let response = ResponseBuilder::new()
        .description(text)
        .content("application/json", content)
        .build();
    BTreeMap::from([(code.to_owned(), response.into())])
}

impl IntoResponses for ApiError {
    /// Which refusals a route has is said beside it, with [`answers`]; those that every route
    /// has are added by [`crate::routes`].
    fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
        BTreeMap::new()
    }
}

/// The documented refusals; name them in `responses(…)` of a route.
pub mod answers {
    use std::collections::BTreeMap;

    use utoipa::IntoResponses;
    use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

    macro_rules! refusals {
        ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)+) => {
            $(
                $(#[$doc])*
                #[derive(Debug)]
                pub struct $name;

                impl IntoResponses for $name {
                    fn responses() -> BTreeMap<String, RefOr<Response>> {
                        let place = Ref::from_response_name(stringify!($name));
                        BTreeMap::from([($code.to_owned(), RefOr::Ref(place))])
                    }
                }
            )+

            /// Every refusal as a component of the document.
            pub(crate) fn components() -> Vec<(&'static str, Response)> {
                let body = || Content::new(Some(Ref::from_schema_name("Error")));
                vec![$((stringify!($name), ResponseBuilder::new()
                    .description($text).content("application/json", body()).build()),)+]
            }
        };
    }

    refusals! {
        /// 400
        BadRequest = "400", "The call can't be understood, or the state of the thing forbids it.";
        /// 401
        Unauthorized = "401", "No valid API key.";
        /// 403
        Forbidden = "403", "The API key lacks a scope, which the detail names.";
        /// 404
        NotFound = "404", "Unknown to the environment of the API key.";
        /// 409
        Conflict = "409", "The thing is in a state that does not allow the call.";
        /// 410
        Gone = "410", "It was there and has been removed by rule.";
        /// 413
        TooLarge = "413", "The body is larger than its limit.";
        /// 415
        UnsupportedMedia = "415", "The body is of an unsupported media type.";
        /// 422
        Invalid = "422", "The body or the query breaks a rule; `errors` names each field.";
        /// 429
        RateLimited = "429", "Too many calls; `Retry-After` says when to come again.";
        /// 500
        Internal = "500", "A fault of the server; quote the `request_id`.";
        /// 503
        Unavailable = "503", "The server can't answer now; `Retry-After` says when to come again.";
    }
}
