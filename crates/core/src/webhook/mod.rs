//! What webhook bodies hold: the description of every event (spec/resources.md, "Webhooks").
//!
//! One description serves the reference (`docs/WEBHOOK-EVENTS.md`), the `webhooks` of the OpenAPI
//! document, the tests that hold every sent body against it, and the redaction, which keeps what a
//! description calls impersonal.

mod catalogue;
mod impersonal;
mod reference;
mod shape;
mod subjects;

pub use catalogue::payload;
pub use impersonal::impersonal;
pub use reference::reference;
pub use shape::{Field, Kind, Payload, Sender};
