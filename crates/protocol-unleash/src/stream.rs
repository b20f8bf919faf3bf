//! The stream of one SDK (`oss-flags.md` §4.1): `unleash-connected` with what it does not know, `unleash-updated` with each
//! change, and heartbeats between.
//!
//! A stream holds a position in the log and no queue, as LaunchDarkly's do here.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use delivery::{EnvironmentSnapshot, KeyLookup, Snapshots};
use futures_util::{Stream, stream};
use kernel::Revision;
use tokio::sync::watch;

use crate::translate;

/// SDKs give a stream up after 60 s without a byte.
const HEARTBEAT: Duration = Duration::from_secs(30);
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
        let events = translate::events(snapshot, self.seen);
        self.seen = Some(snapshot.seq);
        let first = !std::mem::replace(&mut self.connected, true);
        let name = if first { "unleash-connected" } else { "unleash-updated" };
        match events {
            Some(events) => Some(frame(name, snapshot.seq, &events)),
            None => first.then(|| Bytes::from_static(BEAT)),
        }
    }
}

fn frame(name: &str, id: Revision, data: &[u8]) -> Bytes {
    let head = format!("event: {name}\nid: {id}\ndata: ");
    let mut frame = BytesMut::with_capacity(head.len() + data.len() + 2);
    frame.put_slice(head.as_bytes());
    frame.put_slice(data);
    frame.put_slice(b"\n\n");
    frame.freeze()
}
