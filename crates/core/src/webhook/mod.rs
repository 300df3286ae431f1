//! What is known of webhook deliveries without sending any (spec/resources.md, "Webhooks").

mod delivery;

pub use delivery::{AttemptFailure, DeliveryStatus};
