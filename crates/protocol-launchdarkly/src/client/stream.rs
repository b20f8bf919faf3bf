//! The stream of one client: values as they become different for its context, or pings (`launchdarkly.md` §1.4).
//!
//! A stream holds its context as text and a digest of each flag, and no queue: however much has changed since it was last
//! written to, it is told the difference to now.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use delivery::{EnvironmentSnapshot, Snapshots};
use evaluation::{Context, Flag, Item};
use futures_util::{Stream, stream};
use kernel::Revision;
use tokio::sync::watch;

use super::Wish;
use super::told::{Difference, Looked, Told, patches, put};
use crate::Sdks;
use crate::evaluated::{self, Evaluated};
use crate::key::{Door, Visitor, may_ask, opens};
use crate::stream::{BEAT, HEARTBEAT};

/// Members that could not be read are looked up again so soon: until then the rules alone decide.
const AGAIN: Duration = Duration::from_secs(5);
/// Some SSE libraries pass over an event without data.
const PING: &[u8] = b"event: ping\ndata: {}\n\n";

/// The environment behind a key, for as long as the key opens it.
struct Watch<D> {
    snapshots: Snapshots,
    key: String,
    evaluable: watch::Receiver<Revision>,
    door: PhantomData<D>,
}

/// Why a stream woke.
enum Woken {
    Moved,
    Silence,
    Ended,
}

impl<D: Door> Watch<D> {
    fn new(sdks: &Sdks, visitor: Visitor<D>) -> Option<Self> {
        let Visitor { key, snapshot, .. } = visitor;
        let evaluable = sdks.snapshots.subscribe_evaluable(&snapshot.place)?;
        Some(Self { snapshots: sdks.snapshots.clone(), key, evaluable, door: PhantomData })
    }

    /// Looked up each time, so that a revoked or expired key ends its streams at the next frame or heartbeat.
    async fn snapshot(&self) -> Option<Arc<EnvironmentSnapshot>> {
        opens::<D>(&self.snapshots, &self.key).await.ok()
    }

    async fn wait(&mut self, silence: Duration) -> Woken {
        tokio::select! {
            changed = self.evaluable.changed() => if changed.is_ok() { Woken::Moved } else { Woken::Ended },
            () = tokio::time::sleep(silence) => Woken::Silence,
        }
    }
}

/// What came of looking at a snapshot.
enum Look {
    Tell(Bytes),
    Nothing,
    /// In secure mode, without a proof.
    NotAllowed,
}

/// How a generation of SDKs is told of values.
pub(crate) trait Tongue: Send + 'static {
    /// The first word: everything, unless the client has it.
    fn first(&mut self, now: &Now<'_, '_>) -> Bytes;

    /// What has become different since the last word.
    fn next(&mut self, now: &Now<'_, '_>, difference: &Difference<'_, '_>) -> Option<Bytes>;
}

/// The values as they are now.
pub(crate) struct Now<'a, 's> {
    pub(crate) snapshot: &'s EnvironmentSnapshot,
    /// Those that were looked at: all of them, but for a difference that names what it is.
    pub(crate) flags: &'a [Evaluated<'s>],
    /// What a client knows who is told.
    pub(crate) told: &'a Told,
}

/// `put`, `patch` and `delete` (§1.4).
pub(crate) struct FirstGeneration;

impl Tongue for FirstGeneration {
    fn first(&mut self, now: &Now<'_, '_>) -> Bytes {
        put(now.flags)
    }

    fn next(&mut self, now: &Now<'_, '_>, difference: &Difference<'_, '_>) -> Option<Bytes> {
        match difference {
            Difference::Nothing => None,
            Difference::Flags { gone, changed } => Some(patches(gone, changed, now.snapshot.compiled_seq().0)),
            Difference::Unnamed => Some(put(now.flags)),
        }
    }
}

/// A client that follows the values for its context.
pub(crate) struct Subscription<D, T> {
    watch: Watch<D>,
    tongue: T,
    /// As it was sent: smaller than when it is parsed, and bounded by what a request may hold.
    context: Box<str>,
    wish: Wish,
    /// The place in the log up to which it was told everything.
    seen: Option<(Revision, Told)>,
    /// Whether members could not be read for what it was told last.
    provisional: bool,
}

impl<D: Door, T: Tongue> Subscription<D, T> {
    /// `None` when the environment is gone.
    pub(crate) fn new(sdks: &Sdks, visitor: Visitor<D>, (wish, context): (Wish, Box<str>), tongue: T) -> Option<Self> {
        Some(Self { watch: Watch::new(sdks, visitor)?, tongue, context, wish, seen: None, provisional: false })
    }

    /// Ends when the key stops being valid, or when secure mode is turned on and this client has no proof.
    pub(crate) fn frames(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        stream::unfold(self, |mut client| async move {
            let frame = client.next().await?;
            Some((Ok(frame), client))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let snapshot = self.watch.snapshot().await?;
            match self.look(&snapshot).await {
                Look::Tell(frame) => return Some(frame),
                Look::Nothing => {}
                Look::NotAllowed => return None,
            }
            let silence = if self.provisional { AGAIN } else { HEARTBEAT };
            match self.watch.wait(silence).await {
                Woken::Moved => {}
                Woken::Silence => return Some(Bytes::from_static(BEAT)),
                Woken::Ended => return None,
            }
        }
    }

    /// What this client is to be told now.
    async fn look(&mut self, snapshot: &EnvironmentSnapshot) -> Look {
        let Ok(context) = Context::from_json(&self.context) else { return Look::NotAllowed };
        let hash = self.wish.hash.as_deref();
        if !may_ask::<D>(&self.watch.snapshots, snapshot, &context.canonical_key(), hash) {
            return Look::NotAllowed;
        }
        let here = snapshot.compiled_seq();
        if !self.provisional && self.seen.as_ref().is_some_and(|(seen, _)| *seen >= here) {
            return Look::Nothing;
        }
        let context = context.at(self.watch.snapshots.moment());
        // What was told without members may be wrong everywhere.
        let seen = self.seen.as_ref().map(|(seen, _)| *seen);
        let reach = seen.filter(|_| !self.provisional).and_then(|seen| snapshot.reached_since(seen));
        let memberships = self.watch.snapshots.memberships(snapshot.compiled(), &context).await;
        self.provisional = memberships.is_passing();
        let compiled = snapshot.compiled();
        let looked_at: Vec<&Flag> = match &reach {
            Some(reach) => reach.flags(compiled).collect(),
            None => compiled.flags().collect(),
        };
        let gone = seen.filter(|_| reach.is_none()).map(|seen| gone(snapshot, seen)).unwrap_or_default();
        let keys = looked_at.iter().map(|flag| flag.key()).chain(gone).collect();
        let whom = (&context, &memberships);
        let flags =
            evaluated::these(looked_at.into_iter(), snapshot, Visitor::<D>::audience(), whom, self.wish.with_reasons);
        self.tell(snapshot, &Looked { flags: &flags, keys, all: reach.is_none() })
    }

    fn tell(&mut self, snapshot: &EnvironmentSnapshot, looked: &Looked<'_, '_>) -> Look {
        let (here, flags) = (snapshot.compiled_seq(), looked.flags);
        let Some((seen, before)) = self.seen.take() else {
            let told = Told::all(flags);
            let frame = self.tongue.first(&Now { snapshot, flags, told: &told });
            self.seen = Some((here, told));
            return Look::Tell(frame);
        };
        let difference = before.difference(looked);
        // What comes out otherwise at the same place has the versions that the client has seen, and passes over.
        let difference = if seen < here { difference } else { difference.whole() };
        let told = match &difference {
            Difference::Nothing => before,
            Difference::Flags { gone, changed } if !looked.all => before.and(gone, changed),
            Difference::Flags { .. } | Difference::Unnamed => Told::all(flags),
        };
        let frame = self.tongue.next(&Now { snapshot, flags, told: &told }, &difference);
        self.seen = Some((here, told));
        frame.map_or(Look::Nothing, Look::Tell)
    }
}

/// The keys of flags that were there at `since` and are gone now, as far as they are remembered.
fn gone(snapshot: &EnvironmentSnapshot, since: Revision) -> Vec<&str> {
    let updates = snapshot.updates_since(since).unwrap_or_default();
    let removed = updates.iter().filter(|update| update.item == Item::Flag && update.json().is_none());
    // To LaunchDarkly's server SDKs a flag that is by Unleash's rules now is gone, but it is evaluated here.
    removed.map(|update| update.key.as_str()).filter(|key| snapshot.compiled().flag(key).is_none()).collect()
}

/// A ping at once and at each change of the environment; `None` when the environment is gone.
pub(crate) fn pings<D: Door>(
    sdks: &Sdks,
    visitor: Visitor<D>,
) -> Option<impl Stream<Item = Result<Bytes, Infallible>> + Send + use<D>> {
    let watch = Watch::new(sdks, visitor)?;
    Some(stream::unfold((watch, None), |(mut watch, mut seen)| async move {
        loop {
            let here = watch.snapshot().await?.compiled_seq();
            if seen.replace(here) != Some(here) {
                return Some((Ok(Bytes::from_static(PING)), (watch, seen)));
            }
            match watch.wait(HEARTBEAT).await {
                Woken::Moved => {}
                Woken::Silence => return Some((Ok(Bytes::from_static(BEAT)), (watch, seen))),
                Woken::Ended => return None,
            }
        }
    }))
}

#[cfg(test)]
mod agreement;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;
    use delivery::{
        Environment, Grant, KeyDirectory, KeyKind, LookUpError, MembershipStore, Place, Publisher, Sought, channel,
    };
    use evaluation::Payload;
    use futures_util::StreamExt;
    use kernel::{EnvironmentKey, ProjectKey, Timestamp};
    use serde_json::json;
    use testkit::ManualClock;
    use tokio::time::Instant;

    use super::*;
    use crate::key::Browser;

    pub(super) const KEY: &str = "0123";

    /// No key but those that are shown.
    struct NoKeys;

    #[async_trait]
    impl KeyDirectory for NoKeys {
        async fn knows(&self, _: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
            Ok(false)
        }
    }

    /// Has everybody in every list, while it is there.
    #[derive(Default)]
    struct Store {
        away: AtomicBool,
    }

    #[async_trait]
    impl MembershipStore for Store {
        async fn look_up(&self, sought: &[Sought]) -> Result<Vec<(Sought, bool)>, LookUpError> {
            if self.away.load(Ordering::SeqCst) {
                return Err(LookUpError::Failed(Arc::from(Box::from("gone"))));
            }
            Ok(sought.iter().map(|one| (*one, true)).collect())
        }
    }

    pub(super) fn place() -> Place {
        Place { project: ProjectKey::new("shop").unwrap(), environment: EnvironmentKey::new("production").unwrap() }
    }

    /// A flag for members of a big segment, changed at `seq`.
    fn show(publisher: &Publisher, seq: i64) {
        let clause = json!({"contextKind": "user", "attribute": "", "op": "segmentMatch", "values": ["beta"]});
        let flag = json!({"key": "banner", "version": seq, "on": true, "variations": ["in", "out"],
            "fallthrough": {"variation": 1}, "rules": [{"id": "r", "variation": 0, "clauses": [clause]}],
            "clientSideAvailability": {"usingEnvironmentId": true, "usingMobileKey": true}});
        let beta = json!({"key": "beta", "version": 1, "unbounded": true, "generation": 7});
        let payload = json!({"flags": {"banner": flag}, "segments": {"beta": beta}});
        let payload = Payload::from_json(&payload.to_string()).unwrap();
        let mut environment = Environment::at(Revision(1));
        for data in payload.flags {
            environment.put_flag(Revision(seq), data, flag.to_string().as_bytes());
        }
        for data in payload.segments {
            environment.put_segment(Revision(1), data, beta.to_string().as_bytes());
        }
        show_environment(publisher, &mut environment);
    }

    pub(super) fn show_environment(publisher: &Publisher, environment: &mut Environment) {
        let grant = Grant { kind: KeyKind::ClientSide, place: place(), ends_at: None };
        let grants = HashMap::from([(KEY.to_owned(), grant)]);
        publisher.show(&[Arc::new(environment.snapshot(place()))], Some(Arc::new(grants)));
    }

    pub(super) fn channel_without_keys() -> (Publisher, Snapshots) {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1)));
        channel(clock, Arc::new(NoKeys), Arc::new(Store::default()))
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_told_without_members_is_told_anew_once_they_can_be_read() {
        let (clock, store) = (Arc::new(ManualClock::at(Timestamp::from_secs(1))), Arc::new(Store::default()));
        let (publisher, snapshots) = channel(clock, Arc::new(NoKeys), Arc::clone(&store) as Arc<dyn MembershipStore>);
        show(&publisher, 2);
        let evaluable = snapshots.subscribe_evaluable(&place()).unwrap();
        let watch = Watch::<Browser> { snapshots, key: KEY.to_owned(), evaluable, door: PhantomData };
        let (context, wish) = (r#"{"kind":"user","key":"ada"}"#.into(), Wish::default());
        let client = Subscription { watch, tongue: FirstGeneration, context, wish, seen: None, provisional: false };
        let mut frames = Box::pin(client.frames());
        let mut next = async || String::from_utf8(frames.next().await.unwrap().unwrap().to_vec()).unwrap();
        assert!(next().await.contains(r#""value":"in""#));

        store.away.store(true, Ordering::SeqCst);
        show(&publisher, 3);
        let told = next().await;
        assert!(told.starts_with("event: patch") && told.contains(r#""value":"out""#), "{told}");
        let begun = Instant::now();
        assert_eq!(next().await.as_bytes(), BEAT, "it is still away");
        assert_eq!(begun.elapsed(), AGAIN);
        store.away.store(false, Ordering::SeqCst);
        let told = next().await;
        assert!(told.starts_with("event: put") && told.contains(r#""value":"in""#), "{told}");
    }
}
