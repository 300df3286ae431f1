//! What `/readyz` asks.

use futures::future::BoxFuture;

/// One thing that the server needs to do its work.
pub trait Probe: Send + Sync {
    /// Its name, such as `database`.
    fn name(&self) -> &'static str;
    /// Whether the server can't work without it. What is not essential is told in the answer and
    /// refuses nothing: calls that do not need it go on.
    fn is_essential(&self) -> bool {
        true
    }
    /// Whether it works; the error goes to the log.
    fn check(&self) -> BoxFuture<'_, Result<(), String>>;
}
