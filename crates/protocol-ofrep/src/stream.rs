//! The event stream (`oss-flags.md` §2.2): hints that there is something newer, for providers that hold the values of one
//! context.
//!
//! EventSource sends no headers, so the client-side id stands in the address. It is no secret, and hints tell nothing but a
//! number and a time. A stream holds its place in the log and no queue: however much has changed, one hint says it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use delivery::sdks::{Sighting, Transport, hold};
use delivery::{EnvironmentSnapshot, KeyKind, KeyLookup, Snapshots};
use futures_util::{Stream, stream};
use kernel::Revision;
use serde_json::json;
use tokio::sync::watch;

use crate::Ofrep;
use crate::routes::key::{Caller, Refused};

/// Proxies often wait for a minute for the next byte, some for half of one.
const HEARTBEAT: Duration = Duration::from_secs(25);
/// A comment: EventSource passes over it.
const BEAT: &[u8] = b":\n\n";
/// What a browser waits before it opens a stream again that has ended.
const RETRY_MS: u32 = 3_000;
/// How long a refetch waits for what a hint told of: the time that a poke takes to a node that hears of changes.
const HINTED: Duration = Duration::from_secs(2);

/// What one connection follows.
struct Follower {
    snapshots: Snapshots,
    id: String,
    moved: watch::Receiver<Revision>,
    has_begun: bool,
    /// The place up to which this client was told, or says that it knows.
    seen: Option<Revision>,
}

/// The hints for whoever knows the environment's client-side id, at once unless it has `seen` the present state: what changed
/// between the bulk answer and the opening of the stream is told too. Ends at shutdown, or when the id stops being valid.
pub(crate) async fn frames(
    ofrep: &Ofrep,
    (id, sighting): (String, Sighting<'_>),
    seen: Option<Revision>,
) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + Send + use<>, Refused> {
    let snapshot = opened(&ofrep.snapshots, &id).await?;
    let provider = ofrep.register.see(&snapshot.place, KeyKind::ClientSide, &sighting, Transport::Stream);
    let moved = ofrep.snapshots.subscribe_evaluable(&snapshot.place).ok_or(Refused::NotReady)?;
    let admitted = ofrep.admission.admit(0).await?;
    let follower = Follower { snapshots: ofrep.snapshots.clone(), id, moved, has_begun: false, seen };
    let frames = stream::unfold(follower, |mut follower| async move {
        let frame = follower.next().await?;
        Some((Ok(frame), follower))
    });
    Ok(admitted.hold(hold(Some(provider), frames)))
}

/// The environment of a client-side id. Other keys open nothing here: they are secrets, and have no place in an address.
async fn opened(snapshots: &Snapshots, id: &str) -> Result<Arc<EnvironmentSnapshot>, Refused> {
    match snapshots.by_key(id).await {
        KeyLookup::Active(KeyKind::ClientSide, snapshot) => Ok(snapshot),
        KeyLookup::NotReady => Err(Refused::NotReady),
        KeyLookup::Active(..) | KeyLookup::Ended | KeyLookup::Unknown => Err(Refused::WrongKey),
    }
}

impl Follower {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            // Looked up each time, so that an id that is revoked or expires ends its streams at the next hint or heartbeat.
            let snapshot = opened(&self.snapshots, &self.id).await.ok()?;
            if let Some(frame) = self.advance(&snapshot) {
                return Some(frame);
            }
            tokio::select! {
                // Not the snapshot's own: a refetch must find the engine that has taken the change in.
                moved = self.moved.changed() => moved.ok()?,
                () = tokio::time::sleep(HEARTBEAT) => return Some(Bytes::from_static(BEAT)),
            }
        }
    }

    /// What this client is to be told now, if anything: how to come back, first of all.
    fn advance(&mut self, snapshot: &EnvironmentSnapshot) -> Option<Bytes> {
        let here = snapshot.compiled_seq();
        let is_news = self.seen.replace(here) != Some(here);
        let hint = is_news.then(|| hint(here, snapshot.changed_at().map(|at| at.as_millis() / 1_000)));
        if std::mem::replace(&mut self.has_begun, true) {
            return hint.map(Bytes::from);
        }
        Some(format!("retry: {RETRY_MS}\n{}", hint.unwrap_or_else(|| "\n".to_owned())).into())
    }
}

/// One hint, by which a client fetches its values again; `changed_at` in seconds of Unix time.
fn hint(seq: Revision, changed_at: Option<i64>) -> String {
    let mut data = json!({"type": "refetchEvaluation", "etag": format!("\"{seq}\"")});
    if let Some(changed_at) = changed_at {
        data["lastModified"] = json!(changed_at);
    }
    format!("id: {seq}\ndata: {data}\n\n")
}

/// The caller at a state that has what the hint of this `flagConfigEtag` told of: another node may have sent it, and an answer
/// from before would be taken for the newest. Not ready when that takes too long; any other tag waits for nothing.
pub(crate) async fn await_hinted(snapshots: &Snapshots, caller: Caller, tag: &str) -> Result<Caller, Refused> {
    let tag = tag.trim_start_matches("W/").trim_matches('"');
    let Ok(hinted) = tag.parse().map(Revision) else { return Ok(caller) };
    if caller.snapshot.compiled_seq() >= hinted {
        return Ok(caller);
    }
    let place = &caller.snapshot.place;
    let mut moved = snapshots.subscribe_evaluable(place).ok_or(Refused::NotReady)?;
    let known = tokio::time::timeout(HINTED, moved.wait_for(|here| *here >= hinted)).await;
    known.map_err(|_| Refused::NotReady)?.map_err(|_| Refused::NotReady)?;
    let snapshot = snapshots.get(place).ok_or(Refused::NotReady)?;
    Ok(Caller { snapshot, ..caller })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_says_which_state_and_since_when() {
        let expected = "id: 1729\ndata: {\"etag\":\"\\\"1729\\\"\",\"lastModified\":1771622898,\"type\":\"refetchEvaluation\"}\n\n";
        assert_eq!(hint(Revision(1_729), Some(1_771_622_898)), expected);
        assert!(!hint(Revision(3), None).contains("lastModified"));
    }
}
