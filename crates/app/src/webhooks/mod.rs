//! Webhooks: endpoints, what is sent to them, and the feed (spec/resources.md, "Webhooks").

mod board;
mod bodies;
mod deliver;
mod deliveries;
mod desk;
mod endpoints;
mod fan_out;
mod feed;
mod lane;
mod record;
mod recover;
mod retry;
mod rotate;
mod secrets;
mod test;

pub use deliver::Deliverer;
pub use deliveries::{Delivery, DeliveryAttempt};
pub(crate) use desk::lease;
pub use endpoints::{Endpoint, EndpointDeleted};
pub(crate) use fan_out::FanOut;
pub use feed::{FeedEvent, FeedPage, FeedStart};
pub(crate) use feed::{feed_sequence, forgotten_sequence};
pub use recover::Recovered;
pub use rotate::MAXIMUM_OVERLAP_HOURS;
pub use test::EndpointTested;
