//! When a call is sent again, and after how long.

use std::time::Duration;

use reqwest::StatusCode;

/// How often and how long a call is tried: on 429, 503 and when no answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Most tries in all, from 1.
    pub tries: u32,
    /// The first pause; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause. A server that asks for a longer one is not waited for.
    pub longest_pause: Duration,
}

impl Default for Retries {
    /// Four tries, a quarter of a second after the first, at most 30 seconds apart.
    fn default() -> Self {
        Self {
            tries: 4,
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl Retries {
    /// Each call once.
    pub const NONE: Self = Self {
        tries: 1,
        first_pause: Duration::ZERO,
        longest_pause: Duration::ZERO,
    };

    /// The pause after the `tried`th try (from 1); `None`: give up. `asked` is the server's wish,
    /// `draw` a random number that keeps clients from coming back together.
    pub(crate) fn pause(&self, tried: u32, asked: Option<Duration>, draw: u8) -> Option<Duration> {
        if tried >= self.tries {
            return None;
        }
        if let Some(asked) = asked {
            return (asked <= self.longest_pause).then_some(asked);
        }
        let doubled = 2_u32.saturating_pow(tried.saturating_sub(1));
        let pause = self.first_pause.saturating_mul(doubled);
        let pause = pause.min(self.longest_pause);
        // Between a half of it and all of it.
        let share = 0.5 + f64::from(draw) / 510.0;
        Some(pause.mul_f64(share))
    }
}

/// Whether a status says: later.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let retries = Retries::default();
        let pause = |tried| {
            retries
                .pause(tried, None, 255)
                .map(|pause| pause.as_millis())
        };
        assert_eq!(pause(1), Some(250));
        assert_eq!(pause(2), Some(500));
        assert_eq!(pause(3), Some(1_000));
        assert_eq!(pause(4), None);
        let early = retries.pause(1, None, 0).unwrap();
        assert_eq!(early.as_millis(), 125);
    }

    #[test]
    fn the_server_is_obeyed_within_bounds() {
        let retries = Retries::default();
        let seconds = Duration::from_secs;
        assert_eq!(retries.pause(1, Some(seconds(12)), 0), Some(seconds(12)));
        assert_eq!(retries.pause(1, Some(seconds(31)), 0), None);
        assert_eq!(Retries::NONE.pause(1, Some(seconds(0)), 0), None);
    }
}
