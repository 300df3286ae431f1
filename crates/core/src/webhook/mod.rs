//! What is known of webhook deliveries without sending any (spec/resources.md, "Webhooks").

mod body;
mod delivery;
mod filter;

pub use body::{BodyShape, MAXIMUM_BODY, TEST_EVENT};
pub use delivery::{AttemptFailure, DeliveryStatus};
pub use filter::{EventFilter, wants};
