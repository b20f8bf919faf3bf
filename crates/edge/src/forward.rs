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
        let gauge = self.outlet.gauge();
        let words = delivery.head.words;
        let mut backoff = Backoff::default();
        loop {
            let seen = self.entry.seen();
            let (failure, why) = match self.upstream.send(delivery, &seen.client_side_id).await {
                Ok(Verdict::Taken) => {
                    gauge.forwarded.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Ok(Verdict::Never) => return self.drop_for_good(delivery),
                Ok(Verdict::Later(Failure::Refused)) if words != Words::LaunchDarkly => match is_read(&seen, words) {
                    // Upstream was a Steadfast when this was taken: nothing behind it must wait for ever.
                    Some(false) => return self.drop_for_good(delivery),
                    None => (Failure::Passing, "it is not known yet what upstream reads".to_owned()),
                    Some(true) => (Failure::Refused, "it was refused".to_owned()),
                },
                Ok(Verdict::Later(failure)) => (failure, "it was refused".to_owned()),
                Err(error) => (Failure::Passing, causes(&error)),
            };
            let pause = backoff.pause(failure, Duration::ZERO, self.rng.next_u64());
            let again = span(pause);
            tracing::debug!(payload = delivery.head.payload_id, why, again, "a delivery of events waits in the spool");
            tokio::time::sleep(pause).await;
        }
    }

    fn drop_for_good(&self, delivery: &Delivery) {
        self.outlet.gauge().dropped.fetch_add(1, Ordering::Relaxed);
        let (payload, bytes) = (&delivery.head.payload_id, delivery.body.len());
        tracing::warn!(payload, bytes, "upstream will never take a delivery of events, so it is dropped");
    }
}

/// Whether upstream understands these words; `None` as long as it is not followed, since it may be another than it was.
fn is_read(seen: &Seen, words: Words) -> Option<bool> {
    (seen.state == State::Valid).then(|| seen.upstream_reads(words))
}
