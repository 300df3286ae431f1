//! What is known of webhooks without sending any (spec/resources.md, "Webhooks"): the settings of
//! endpoints, the states of deliveries, and what bodies hold.
//!
//! One description of each body serves the reference (`docs/WEBHOOK-EVENTS.md`), the `webhooks` of
//! the OpenAPI document, the tests that hold every sent body against it, and the redaction, which
//! keeps what a description calls impersonal.

mod body;
mod catalogue;
mod delivery;
mod endpoint;
mod filter;
mod impersonal;
mod reference;
mod shape;
mod subjects;

pub use body::{BodyShape, MAXIMUM_BODY, TEST_EVENT};
pub use catalogue::payload;
pub use delivery::{AttemptFailure, DeliveryStatus};
pub use endpoint::{EndpointChanges, EndpointSettings, MAXIMUM_ENDPOINTS};
pub use filter::{EventFilter, wants};
pub use impersonal::impersonal;
pub use reference::reference;
pub use shape::{Field, Kind, Payload, Sender};
