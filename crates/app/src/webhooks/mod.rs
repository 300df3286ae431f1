//! Webhooks: endpoints, what is sent to them, and the feed (spec/resources.md, "Webhooks").

mod bodies;
mod deliveries;
mod endpoints;
mod feed;
mod rotate;
mod secrets;

pub use deliveries::{Delivery, DeliveryAttempt};
pub use endpoints::{Endpoint, EndpointDeleted};
pub use feed::{FeedEvent, FeedPage, FeedStart};
pub use rotate::MAXIMUM_OVERLAP_HOURS;
