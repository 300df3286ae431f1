//! The HTTP API: routes, handlers and the conventions of spec/conventions.md.
//!
//! A request passes [`conventions::conventions`] (id, limits, rendering), the guard of its route
//! ([`auth::authorise`]), and one handler, which parses, asks the application and returns a typed
//! answer. Rules of the domain live in `verifa-app` and `verifa-core`, none here.

pub mod acting;
pub mod api_state;
mod assemble;
pub mod auth;
pub mod body;
pub mod call;
pub mod capture;
pub mod contest;
pub mod conventions;
pub mod docs;
pub mod error;
pub mod exchange;
pub mod health;
mod idempotency;
pub mod inflection;
mod keys;
pub mod limits;
mod linger;
mod links;
pub mod mutation;
pub mod observe;
pub mod openapi;
pub mod operator_call;
mod outcome;
pub mod page;
pub mod path;
pub mod probe;
mod qr;
mod quota;
mod refusal;
pub mod respond;
pub mod routes;
pub mod state;
pub mod v1;
pub mod version;
mod webhook_events;

pub use assemble::{AssembleError, assemble, openapi_json, service};
pub use error::{ApiError, Code, FieldError};
pub use health::with_health;
