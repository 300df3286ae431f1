//! Tells waiting workers that a commit made a job due.
//!
//! A wake is only a hint that shortens the wait: workers also look by the clock.

use tokio::sync::watch;

/// The sending side, shared by everything that can learn of new jobs.
#[derive(Clone)]
pub(crate) struct WakeSender(watch::Sender<u64>);

impl WakeSender {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Wakes every waiting worker.
    pub(crate) fn wake(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn subscribe(&self) -> Wakes {
        Wakes(self.0.subscribe())
    }
}

/// One worker's ear for new jobs.
///
/// It remembers what it has heard: a wake that comes between a worker's look into the table and
/// its call of [`Wakes::woken`] ends that call at once, so that none is lost.
#[derive(Clone)]
pub struct Wakes(watch::Receiver<u64>);

impl Wakes {
    /// Waits for a wake since the last return of this function, or since the handle was made.
    /// Never returns once the database is closed.
    pub async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wake_before_the_wait_is_heard_once() {
        let sender = WakeSender::new();
        let mut wakes = sender.subscribe();
        sender.wake();
        sender.wake();
        wakes.woken().await;
        let again = tokio::time::timeout(std::time::Duration::from_millis(20), wakes.woken());
        assert!(
            again.await.is_err(),
            "both wakes were heard by the first wait"
        );
    }
}
