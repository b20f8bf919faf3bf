//! How long to wait before upstream is asked again. Pure.

use std::time::Duration;

/// A connection that held this long has proved itself: the next pause is the first again.
const HEALTHY: Duration = Duration::from_mins(1);
/// After a failure that passes: at first, and at most.
const PASSING: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// After a refusal of the key, which a person must mend: asking more often only fills logs.
const REFUSED: (Duration, Duration) = (Duration::from_secs(30), Duration::from_mins(5));

/// What kind of failure is waited out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may be over in a second: a restart, a network, a 503.
    Passing,
    /// Upstream does not take the key, or has nothing at this address.
    Refused,
}

/// How many failures have come in a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next pause: doubled with each failure, less up to half of it by chance (`chance` is 64 random bits), so that
    /// edges that lost their upstream together do not come back together. `lasted` is how long the connection was good.
    pub fn pause(&mut self, failure: Failure, lasted: Duration, chance: u64) -> Duration {
        if lasted >= HEALTHY {
            self.failures = 0;
        }
        let (first, most) = match failure {
            Failure::Passing => PASSING,
            Failure::Refused => REFUSED,
        };
        let whole = first.saturating_mul(1 << self.failures.min(16)).min(most);
        self.failures = self.failures.saturating_add(1);
        let share = (chance >> 11) as f64 / (1_u64 << 53) as f64;
        whole.mul_f64(1.0 - share / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(failure: Failure, chance: u64) -> Vec<u128> {
        let mut backoff = Backoff::default();
        (0..7).map(|_| backoff.pause(failure, Duration::ZERO, chance).as_millis()).collect()
    }

    #[test]
    fn pauses_double_up_to_a_limit_and_chance_takes_at_most_half() {
        assert_eq!(pauses(Failure::Passing, 0), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(pauses(Failure::Refused, 0), [30_000, 60_000, 120_000, 240_000, 300_000, 300_000, 300_000]);
        let shortest = pauses(Failure::Passing, u64::MAX);
        assert!(shortest[0] >= 500 && shortest[6] >= 15_000 && shortest[6] < 15_001, "{shortest:?}");
    }

    #[test]
    fn a_connection_that_held_starts_the_pauses_anew() {
        let mut backoff = Backoff::default();
        for _ in 0..9 {
            backoff.pause(Failure::Passing, Duration::from_secs(59), 0);
        }
        assert_eq!(backoff.pause(Failure::Passing, Duration::from_secs(59), 0), Duration::from_secs(30));
        assert_eq!(backoff.pause(Failure::Passing, Duration::from_mins(1), 0), Duration::from_secs(1));
    }
}
