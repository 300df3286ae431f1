//! Decisions that others overtook: made anew, so many times, with a pause between.

use std::time::Duration;

use crate::App;

/// How often a decision that others overtook is made anew before the caller hears of it. Of calls
/// that change one thing at once, each round lets one through: so many may come together.
pub const ROUNDS: u8 = 40;

impl App {
    /// Waits for up to as many milliseconds as there were rounds, so that those who collided do
    /// not collide again.
    pub async fn step_aside(&self, round: u8) {
        let [draw] = verifa_core::random::random_bytes::<1>(&*self.random);
        let pause = u64::from(draw % round.max(1));
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}
