//! Hands spooled deliveries on to upstream, until it has them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use delivery::event::Words;
use futures_util::StreamExt;
use kernel::Rng;
use kernel::words::{causes, span};
use tokio_util::sync::CancellationToken;

use crate::backoff::{Backoff, Failure};
use crate::board::{Entry, Seen, State};
use crate::spool::{Delivery, Outlet};
use crate::upstream::{Upstream, Verdict};

/// So many deliveries are on their way at once.
const AT_ONCE: usize = 16;
/// Where nothing was found so often, with the pauses between, there is nothing: no proxy that has just lost its servers.
const NOT_THERE: u32 = 3;

/// What forwards the deliveries of one environment.
pub(crate) struct Forwarder {
    pub(crate) outlet: Outlet,
    pub(crate) upstream: Upstream,
    pub(crate) entry: Entry,
    pub(crate) rng: Arc<dyn Rng>,
}

impl Forwarder {
    /// Forwards until `stop`; what is not forwarded by then stays on disk.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let forwarding = async {
            while let Some(batch) = self.outlet.next().await {
                let sending: Vec<_> = batch.deliveries.iter().map(|delivery| self.deliver(delivery)).collect();
                let mut sent = futures_util::stream::iter(sending).buffer_unordered(AT_ONCE);
                while sent.next().await.is_some() {}
                drop(sent);
                self.outlet.done(batch).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = forwarding => {}
        }
    }

    /// Until upstream has it, or says that it never will.
    async fn deliver(&self, delivery: &Delivery) {
        let words = delivery.head.words;
        let (mut backoff, mut absent) = (Backoff::default(), 0);
        loop {
            let seen = self.entry.seen();
            let (failure, why) = match self.upstream.send(delivery, &seen.client_side_id).await {
                Ok(verdict) => {
                    absent += u32::from(verdict == Verdict::Absent);
                    match next(words, verdict, is_read(&seen, words), absent) {
                        Next::Done => {
                            self.outlet.gauge().forwarded.fetch_add(1, Ordering::Relaxed);
                            return;
                        }
                        Next::GiveUp => return self.give_up(delivery, verdict),
                        Next::Wait(failure, why) => (failure, why.to_owned()),
                    }
                }
                Err(error) => (Failure::Passing, causes(&error)),
            };
            let pause = backoff.pause(failure, Duration::ZERO, self.rng.next_u64());
            let (payload, again) = (&delivery.head.payload_id, span(pause));
            match failure {
                Failure::Passing => tracing::debug!(payload, why, again, "a delivery of events waits in the spool"),
                Failure::Refused => tracing::warn!(payload, why, again, "a delivery of events waits in the spool"),
            }
            tokio::time::sleep(pause).await;
        }
    }

    fn give_up(&self, delivery: &Delivery, verdict: Verdict) {
        if verdict == Verdict::Absent {
            // What comes from now on is told in words that have a place there.
            self.entry.note(|seen| seen.lacks_unleash = true);
        }
        self.outlet.gauge().dropped.fetch_add(1, Ordering::Relaxed);
        let (payload, bytes) = (&delivery.head.payload_id, delivery.body.len());
        tracing::warn!(payload, bytes, "upstream will never take a delivery of events, so it is dropped");
    }
}

/// What follows upstream's answer.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Done,
    /// It will never be taken.
    GiveUp,
    Wait(Failure, &'static str),
}

/// Decides for a delivery in `words`, which upstream reads or not, as far as is known (`read`), and for which nothing was
/// at its address for the `absent`th time.
fn next(words: Words, verdict: Verdict, read: Option<bool>, absent: u32) -> Next {
    let why = match verdict {
        Verdict::Taken => return Next::Done,
        Verdict::Never => return Next::GiveUp,
        Verdict::Later(Failure::Passing) => return Next::Wait(Failure::Passing, "upstream is in trouble"),
        Verdict::Later(Failure::Refused) => "it was refused",
        Verdict::Absent => "upstream has nothing at this address",
    };
    match read {
        _ if words == Words::LaunchDarkly => Next::Wait(Failure::Refused, why),
        None => Next::Wait(Failure::Passing, "it is not known yet what upstream reads"),
        // Upstream was a Steadfast when this was taken: nothing behind it must wait for ever.
        Some(false) => Next::GiveUp,
        Some(true) if verdict == Verdict::Absent && absent >= NOT_THERE => Next::GiveUp,
        Some(true) => Next::Wait(Failure::Refused, why),
    }
}

/// Whether upstream understands these words; `None` as long as it is not followed, since it may be another than it was.
fn is_read(seen: &Seen, words: Words) -> Option<bool> {
    (seen.state == State::Valid).then(|| seen.upstream_reads(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: Verdict = Verdict::Later(Failure::Refused);

    fn waits(next: &Next) -> Option<Failure> {
        if let Next::Wait(failure, _) = next { Some(*failure) } else { None }
    }

    #[test]
    fn launch_darklys_events_wait_for_whoever_mends_key_or_address() {
        for (verdict, read) in [(REFUSED, None), (Verdict::Absent, Some(true)), (Verdict::Absent, None)] {
            assert_eq!(waits(&next(Words::LaunchDarkly, verdict, read, 9)), Some(Failure::Refused));
        }
    }

    #[test]
    fn unleashs_metrics_are_given_up_where_nobody_reads_them_and_hold_up_nothing() {
        for verdict in [REFUSED, Verdict::Absent] {
            assert_eq!(next(Words::Unleash, verdict, Some(false), 1), Next::GiveUp);
            assert_eq!(waits(&next(Words::Unleash, verdict, None, 9)), Some(Failure::Passing), "it may have changed");
        }
    }

    #[test]
    fn a_place_for_unleashs_metrics_that_is_not_there_is_asked_for_a_few_times() {
        let asked = [1, 2, 3].map(|absent| next(Words::UnleashBulk, Verdict::Absent, Some(true), absent));
        assert_eq!(waits(&asked[0]), Some(Failure::Refused));
        assert_eq!(waits(&asked[1]), Some(Failure::Refused));
        assert_eq!(asked[2], Next::GiveUp);
        assert_eq!(waits(&next(Words::Unleash, REFUSED, Some(true), 9)), Some(Failure::Refused), "a key is mended");
    }

    #[test]
    fn a_body_that_is_wrong_and_one_that_is_taken_are_done_with() {
        assert_eq!(next(Words::LaunchDarkly, Verdict::Never, None, 0), Next::GiveUp);
        assert_eq!(next(Words::Unleash, Verdict::Taken, None, 0), Next::Done);
        let passing = Verdict::Later(Failure::Passing);
        assert_eq!(waits(&next(Words::Unleash, passing, Some(false), 0)), Some(Failure::Passing));
    }
}
