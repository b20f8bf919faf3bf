//! The feed by which LaunchDarkly's relay keeps members of big segments (`launchdarkly.md` §1.8), so that an unmodified one
//! may follow us: arrays of patches, polled until there are none, then streamed.
//!
//! A relay keeps the position that a patch carries, and takes a patch only if it begins where the relay stands.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use delivery::{ContextHash, EnvironmentSnapshot, FeedError, KeyLookup, MemberFeed, MemberPatch, Place};
use futures_util::{Stream, stream};
use serde::Serialize;
use tokio::sync::watch;

use crate::Sdks;

/// So many patches are answered at once: some megabytes.
const PATCHES: usize = 8;
/// Relays read for at most 5 minutes without a byte, proxies often only for one.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Pokes that come within this time share a look.
const GAP: Duration = Duration::from_millis(50);

/// A change of one segment's members, as the relay reads it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Patch {
    environment_id: String,
    segment_id: String,
    version: String,
    previous_version: String,
    changes: Changes,
}

#[derive(Debug, Default, Serialize)]
struct Changes {
    included: List,
    excluded: List,
}

/// Hashes of context keys, in base64.
#[derive(Debug, Default, Serialize)]
struct List {
    add: Vec<String>,
    remove: Vec<String>,
}

impl Patch {
    fn new(environment_id: &str, patch: MemberPatch) -> Self {
        let MemberPatch { reference, included, excluded, neither, from, to } = patch;
        let texts = |hashes: &[ContextHash]| hashes.iter().map(|hash| hash.to_base64()).collect::<Vec<_>>();
        let [added, barred, gone] = [included, excluded, neither].map(|hashes| texts(&hashes));
        // Whoever is on one list is not on the other.
        let off = |others: &[String]| others.iter().chain(&gone).cloned().collect();
        let (off_included, off_excluded) = (off(&barred), off(&added));
        Self {
            environment_id: environment_id.to_owned(),
            segment_id: reference,
            version: to,
            previous_version: from,
            changes: Changes {
                included: List { add: added, remove: off_included },
                excluded: List { add: barred, remove: off_excluded },
            },
        }
    }
}

/// Some of what comes after the relay's position.
pub(crate) async fn patches(
    feed: Option<&dyn MemberFeed>,
    snapshot: &EnvironmentSnapshot,
    mut after: String,
) -> Result<Vec<Patch>, FeedError> {
    let feed = feed.ok_or_else(unknown)?;
    let mut patches = Vec::new();
    while patches.len() < PATCHES
        && let Some(patch) = feed.next(&snapshot.place, &after).await?
    {
        after.clone_from(&patch.to);
        patches.push(Patch::new(snapshot.client_side_id(), patch));
    }
    Ok(patches)
}

/// An edge has no members: an empty answer would tell the relay that nobody is in.
fn unknown() -> FeedError {
    FeedError("members are not known here".into())
}

/// What a relay's stream follows.
struct Follower {
    sdks: Sdks,
    feed: Arc<dyn MemberFeed>,
    pokes: watch::Receiver<u64>,
    key: String,
    place: Place,
    after: String,
}

/// What happens from now on, for the holder of `key`; ends when the key stops being valid, and when changes
/// cannot be read: the relay then polls and comes back.
pub(crate) async fn frames(
    sdks: Sdks,
    key: String,
    snapshot: &EnvironmentSnapshot,
) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + Send + use<>, FeedError> {
    let feed = sdks.members.clone().ok_or_else(unknown)?;
    let (pokes, place) = (feed.pokes(), snapshot.place.clone());
    let after = feed.head(&place).await?;
    let follower = Follower { sdks, feed, pokes, key, place, after };
    Ok(stream::unfold(follower, |mut follower| async move {
        let frame = follower.next().await?;
        Some((Ok(frame), follower))
    }))
}

impl Follower {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.pokes.mark_unchanged();
            let KeyLookup::Active(_, snapshot) = self.sdks.snapshots.by_key(&self.key).await else { return None };
            let patch = match self.feed.next(&self.place, &self.after).await {
                Ok(patch) => patch,
                Err(error) => {
                    tracing::warn!(error = %error, "a relay's stream of members ends");
                    return None;
                }
            };
            if let Some(patch) = patch {
                self.after.clone_from(&patch.to);
                return Some(frame(&Patch::new(snapshot.client_side_id(), patch)));
            }
            tokio::select! {
                () = poked(&mut self.pokes) => {}
                () = tokio::time::sleep(HEARTBEAT) => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }
}

/// Waits for a poke and for those that come with it.
async fn poked(pokes: &mut watch::Receiver<u64>) {
    if pokes.changed().await.is_ok() {
        tokio::time::sleep(GAP).await;
    }
}

fn frame(patch: &Patch) -> Bytes {
    let json = serde_json::to_string(&[patch]).expect("texts always serialise");
    format!("data: {json}\n\n").into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_takes_each_key_off_the_list_that_it_is_not_on() {
        let [ada, bob, cem] = ["ada", "bob", "cem"].map(ContextHash::of);
        let patch = MemberPatch {
            reference: "beta.g7".to_owned(),
            included: vec![ada],
            excluded: vec![bob],
            neither: vec![cem],
            from: "3".to_owned(),
            to: "4".to_owned(),
        };
        let [ada, bob, cem] = [ada, bob, cem].map(ContextHash::to_base64);
        let expected = json!({"environmentId": "env", "segmentId": "beta.g7", "version": "4", "previousVersion": "3",
            "changes": {"included": {"add": [ada], "remove": [bob, cem]}, "excluded": {"add": [bob], "remove": [ada, cem]}}});
        assert_eq!(serde_json::to_value(Patch::new("env", patch)).unwrap(), expected);
    }
}
