//! How often passwords may be tried: per e-mail address, and in this process.

use std::collections::HashMap;
use std::time::Duration;

use kernel::Timestamp;

use crate::Email;

/// One address: five tries at once, then one each 12 s, some 7,000 a day. Against twelve characters that is hopeless.
const PER_EMAIL: Rate = Rate { burst: 5, refill: Duration::from_secs(12) };

/// The process: fifty at once, then five a second. This bounds the work, and with it the number of addresses remembered.
const PER_PROCESS: Rate = Rate { burst: 50, refill: Duration::from_millis(200) };

/// When so many addresses are remembered, those that may try freely again are forgotten.
const REMEMBERED: usize = 1_024;

struct Rate {
    burst: u32,
    refill: Duration,
}

/// Too many tries; the next is free after this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// How long to wait.
    pub retry_after: Duration,
}

/// The tries so far.
#[derive(Debug, Default)]
pub struct Throttle {
    process: Bucket,
    emails: HashMap<Email, Bucket>,
}

impl Throttle {
    /// Counts a try to log in as `email` at `now`, unless there were too many.
    pub fn admit(&mut self, email: &Email, now: Timestamp) -> Result<(), TooMany> {
        let mut bucket = self.emails.get(email).copied().unwrap_or_default();
        // The address goes first: who hammers one does not use up everybody's share.
        bucket.take(&PER_EMAIL, now)?;
        self.process.take(&PER_PROCESS, now)?;
        if self.emails.len() >= REMEMBERED {
            self.emails.retain(|_, bucket| bucket.free_at > now);
        }
        self.emails.insert(email.clone(), bucket);
        Ok(())
    }

    /// Forgets the tries of `email`, which has just proved itself.
    pub fn forgive(&mut self, email: &Email) {
        self.emails.remove(email);
    }
}

/// A token bucket kept as the instant at which it is full again (the generic cell rate algorithm, ITU-T I.371).
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    free_at: Timestamp,
}

impl Bucket {
    fn take(&mut self, rate: &Rate, now: Timestamp) -> Result<(), TooMany> {
        let filled = self.free_at.max(now).plus(rate.refill);
        let excess = filled.since(now).saturating_sub(rate.refill * rate.burst);
        if excess > Duration::ZERO {
            return Err(TooMany { retry_after: excess });
        }
        self.free_at = filled;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(n: usize) -> Email {
        Email::new(&format!("p{n}@example.com")).unwrap()
    }

    #[test]
    fn an_address_has_five_tries_and_then_one_each_twelve_seconds() {
        let (mut throttle, now) = (Throttle::default(), Timestamp::from_secs(1_000));
        for _ in 0..5 {
            throttle.admit(&email(1), now).unwrap();
        }
        assert_eq!(throttle.admit(&email(1), now), Err(TooMany { retry_after: Duration::from_secs(12) }));
        throttle.admit(&email(2), now).unwrap();
        let later = now.plus(Duration::from_secs(12));
        throttle.admit(&email(1), later).unwrap();
        assert!(throttle.admit(&email(1), later).is_err());
        throttle.forgive(&email(1));
        throttle.admit(&email(1), later).unwrap();
    }

    #[test]
    fn the_process_has_its_own_bound_and_remembers_few_addresses() {
        let (mut throttle, start) = (Throttle::default(), Timestamp::from_secs(1_000));
        let admitted = (0..60).filter(|n| throttle.admit(&email(*n), start).is_ok()).count();
        assert_eq!(admitted, 50);
        for n in 0..5_000 {
            let now = start.plus(Duration::from_secs(60 + u64::try_from(n).unwrap()));
            throttle.admit(&email(n), now).unwrap();
        }
        assert!(throttle.emails.len() <= REMEMBERED, "{}", throttle.emails.len());
    }
}
