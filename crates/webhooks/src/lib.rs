//! One signed webhook on its way: secrets, signatures, the guard against addresses that are
//! nobody's business, the HTTP client, and the schedule of tries (spec/resources.md, "Webhooks").
//!
//! Knows neither the database nor the use cases; what is sent when is decided in `verifa-app`.

mod address;
mod connect;
mod guard;
mod retry_after;
mod schedule;
mod secret;
mod send;
mod sign;

pub use connect::{Resolve, SystemResolver};
pub use guard::{Guard, MAXIMUM_URL, Target, UrlRefused};
pub use retry_after::RetryAfter;
pub use schedule::{Disabling, Overdue, next_delay, tries};
pub use secret::{MalformedWebhookSecret, WebhookSecret};
pub use send::{EXCERPT, Letter, Outcome, Sender, SenderSettings};
pub use sign::{Message, Signatures};
