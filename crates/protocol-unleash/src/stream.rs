//! The stream of one SDK (`oss-flags.md` §4.1): `unleash-connected` with what it does not know, `unleash-updated` with each
//! change, and heartbeats between.
//!
//! A stream holds a position in the log and no queue, as LaunchDarkly's do here, and what it is sent is [`shared`] with all
//! others at its place.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use delivery::{EnvironmentSnapshot, KeyLookup, Snapshots};
use futures_util::{Stream, stream};
use kernel::Revision;
use tokio::sync::watch;

use crate::shared::{self, Occasion};

/// SDKs give a stream up after so long without a byte: that for Node after 60 s, that for Python after 30 s.
const HEARTBEAT: Duration = Duration::from_secs(15);
const BEAT: &[u8] = b":\n\n";

/// What one connection follows.
struct Follower {
    snapshots: Snapshots,
    key: String,
    changes: watch::Receiver<Arc<EnvironmentSnapshot>>,
    /// The place in the log up to which this SDK knows everything.
    seen: Option<Revision>,
    /// Whether it was told that it is connected.
    connected: bool,
}

/// The frames for the holder of `key`; ends when the key stops being valid.
pub(crate) fn frames(
    snapshots: Snapshots,
    key: String,
    changes: watch::Receiver<Arc<EnvironmentSnapshot>>,
    seen: Option<Revision>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    let follower = Follower { snapshots, key, changes, seen, connected: false };
    stream::unfold(follower, |mut follower| async move {
        let frame = follower.next().await?;
        Some((Ok(frame), follower))
    })
}

impl Follower {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            // Looked up each time, so that a revoked or expired key ends its streams at the next frame or heartbeat.
            let KeyLookup::Active(_, snapshot) = self.snapshots.by_key(&self.key).await else { return None };
            if let Some(frame) = self.advance(&snapshot) {
                return Some(frame);
            }
            tokio::select! {
                changed = self.changes.changed() => changed.ok()?,
                () = tokio::time::sleep(HEARTBEAT) => return Some(Bytes::from_static(BEAT)),
            }
        }
    }

    /// What this SDK does not know yet. One that resumes and has missed nothing hears a heartbeat, so that it knows that
    /// it is connected.
    fn advance(&mut self, snapshot: &EnvironmentSnapshot) -> Option<Bytes> {
        let occasion = if self.connected { Occasion::Updated } else { Occasion::Connected };
        let frame = shared::frame(snapshot, self.seen.replace(snapshot.seq), occasion);
        self.connected = true;
        frame.or_else(|| (occasion == Occasion::Connected).then(|| Bytes::from_static(BEAT)))
    }
}
