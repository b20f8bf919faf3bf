//! The stream of one server SDK: first what it lacks, then each change, and heartbeats between.
//!
//! A stream holds a position in the log and no queue: when the snapshot moves, it writes what lies between, or a whole
//! `put` when the snapshot no longer remembers so far back. A slow reader costs nothing but its own lateness.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use delivery::{CatchUp, EnvironmentSnapshot, KeyLookup, Snapshots};
use futures_util::{Stream, stream};
use kernel::Revision;
use tokio::sync::watch;

/// SDKs read for at most 5 minutes without a byte, proxies often only for one.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(30);
/// An SSE comment (§1.2): any named event would be an error to the Rust SDK.
pub(crate) const BEAT: &[u8] = b":\n\n";

/// What one connection follows.
struct Follower<S> {
    snapshots: Snapshots,
    key: String,
    changes: watch::Receiver<Arc<EnvironmentSnapshot>>,
    speech: S,
}

/// What a generation of SDKs is told of a snapshot.
pub(crate) trait Speech: Send + 'static {
    /// What this SDK does not know yet, if anything.
    fn tell(&mut self, snapshot: &EnvironmentSnapshot) -> Option<Bytes>;
}

/// A `put`, then `patch` and `delete` (`launchdarkly.md` §1.2).
#[derive(Default)]
pub(crate) struct FirstGeneration {
    /// The position in the log up to which this SDK knows everything; `None` before the first `put`.
    seen: Option<Revision>,
}

impl Speech for FirstGeneration {
    fn tell(&mut self, snapshot: &EnvironmentSnapshot) -> Option<Bytes> {
        let Some(seen) = self.seen.replace(snapshot.seq) else { return Some(snapshot.put_frame().clone()) };
        match snapshot.catch_up(seen) {
            CatchUp::Nothing => None,
            CatchUp::Frames(frames) => Some(frames),
            CatchUp::Whole(put) => Some(put),
        }
    }
}

/// The same for an edge, which serves other families too: before the frames, whenever they differ from what it was told, the
/// flags by Unleash's rules, of which LaunchDarkly's SDKs are not told.
#[derive(Default)]
pub(crate) struct ForEdge {
    frames: FirstGeneration,
    told: Option<Bytes>,
}

impl Speech for ForEdge {
    fn tell(&mut self, snapshot: &EnvironmentSnapshot) -> Option<Bytes> {
        let frames = self.frames.tell(snapshot);
        let features = snapshot.features();
        if self.told.replace(features.clone()).as_ref() == Some(features) {
            return frames;
        }
        let frames = frames.unwrap_or_default();
        let mut whole = BytesMut::with_capacity(features.len() + frames.len() + 48);
        whole.put_slice(format!("event: features\ndata: {{\"seq\":{},\"features\":", snapshot.seq).as_bytes());
        whole.put_slice(features);
        whole.put_slice(b"}\n\n");
        whole.put_slice(&frames);
        Some(whole.freeze())
    }
}

/// The frames for the holder of `key`; ends when the key stops being valid.
pub(crate) fn frames<S: Speech>(
    (snapshots, key): (Snapshots, String),
    changes: watch::Receiver<Arc<EnvironmentSnapshot>>,
    speech: S,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    let follower = Follower { snapshots, key, changes, speech };
    stream::unfold(follower, |mut follower| async move {
        let frame = follower.next().await?;
        Some((Ok(frame), follower))
    })
}

impl<S: Speech> Follower<S> {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            // Looked up each time, so that a revoked or expired key ends its streams at the next frame or heartbeat.
            let KeyLookup::Active(_, snapshot) = self.snapshots.by_key(&self.key).await else { return None };
            if let Some(frame) = self.speech.tell(&snapshot) {
                return Some(frame);
            }
            tokio::select! {
                changed = self.changes.changed() => changed.ok()?,
                () = tokio::time::sleep(HEARTBEAT) => return Some(Bytes::from_static(BEAT)),
            }
        }
    }
}
