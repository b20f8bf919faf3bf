//! How many processes of one SDK there are, as far as they say who they are.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use kernel::Timestamp;

use super::report;

/// One that never held a stream is taken for gone after so long; SDKs send diagnostics every 15 minutes (`launchdarkly.md` §1.7).
const SILENCE: Duration = Duration::from_mins(16);
/// One that held a stream opens the next within half a minute (`launchdarkly.md` §1.2), or is gone.
const RETURN: Duration = Duration::from_mins(1);
/// So many are listed one by one, so that nodes can tell which of them they share.
const MOST_LISTED: usize = 64;

/// The instances of one SDK by the hash of their id.
#[derive(Debug, Default)]
pub(super) struct Running(HashMap<u64, Instance>);

#[derive(Debug)]
struct Instance {
    last_seen: Timestamp,
    streams: u32,
    has_streamed: bool,
}

impl Instance {
    fn is_gone(&self, now: Timestamp) -> bool {
        let patience = if self.has_streamed { RETURN } else { SILENCE };
        self.streams == 0 && now.since(self.last_seen) >= patience
    }
}

/// Stands for an instance's id; the same in every process, so that nodes can tell whether they have seen the same.
pub(super) fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

impl Running {
    /// Takes note of one that was heard from; `false` when it is not known and `has_room` says that there is none for another.
    pub(super) fn see(&mut self, id: u64, now: Timestamp, has_room: impl FnOnce() -> bool) -> bool {
        if let Some(known) = self.0.get_mut(&id) {
            known.last_seen = now;
            return true;
        }
        let fits = has_room();
        if fits {
            self.0.insert(id, Instance { last_seen: now, streams: 0, has_streamed: false });
        }
        fits
    }

    /// One of them opened a stream.
    pub(super) fn open(&mut self, id: u64) {
        if let Some(known) = self.0.get_mut(&id) {
            known.streams += 1;
            known.has_streamed = true;
        }
    }

    /// A stream of one of them has ended.
    pub(super) fn close(&mut self, id: u64, now: Timestamp) {
        if let Some(known) = self.0.get_mut(&id) {
            known.streams = known.streams.saturating_sub(1);
            known.last_seen = now;
        }
    }

    /// Forgets those that are gone; says how many.
    pub(super) fn forget_gone(&mut self, now: Timestamp) -> usize {
        let before = self.0.len();
        self.0.retain(|_, one| !one.is_gone(now));
        before - self.0.len()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn report(&self) -> report::Instances {
        if self.0.len() > MOST_LISTED {
            return report::Instances::Counted(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        }
        let mut hashes: Vec<u64> = self.0.keys().copied().collect();
        hashes.sort_unstable();
        report::Instances::Listed(hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_without_a_stream_is_gone_after_a_while_and_one_with_a_stream_is_not() {
        let start = Timestamp::from_secs(1_000);
        let mut running = Running::default();
        for id in [1, 2] {
            assert!(running.see(id, start, || true));
        }
        running.open(1);
        let later = start.plus(Duration::from_hours(1));
        assert_eq!(running.forget_gone(later), 1);
        running.close(1, later);
        assert_eq!((running.forget_gone(later.plus(RETURN / 2)), running.forget_gone(later.plus(RETURN))), (0, 1));
        assert_eq!(running.report(), report::Instances::Listed(vec![]));
    }

    #[test]
    fn many_are_counted_and_no_more_are_taken_than_there_is_room_for() {
        let mut running = Running::default();
        for id in 0..100 {
            running.see(id, Timestamp::EPOCH, || true);
        }
        assert!(!running.see(100, Timestamp::EPOCH, || false));
        assert!(running.see(7, Timestamp::EPOCH, || false), "it is known");
        assert_eq!(running.report(), report::Instances::Counted(100));
    }
}
