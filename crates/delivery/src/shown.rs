//! What is shown of every environment: many look, one shows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use evaluation::unleash::Moment;
use evaluation::{Context, Snapshot};
use kernel::{Clock, Revision};
use tokio::sync::watch;

use crate::{EnvironmentSnapshot, Grant, KeyDirectory, KeyKind, KeyLookup, MembershipStore, Memberships, Place};

/// What looks at the snapshots of all environments; a cheap handle to clone.
#[derive(Clone)]
pub struct Snapshots {
    inner: Arc<Inner>,
}

/// What shows them; there is one.
pub struct Publisher {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    directory: Arc<dyn KeyDirectory>,
    members: Arc<dyn MembershipStore>,
    shown: RwLock<Shown>,
    /// How many moments were given out; it begins anywhere, so that nodes draw apart.
    evaluations: AtomicU64,
}

#[derive(Default)]
struct Shown {
    ready: bool,
    grants: Arc<HashMap<String, Grant>>,
    /// Those for servers, also such as have ended since, by what they open.
    sdk_keys: HashMap<Place, Vec<String>>,
    environments: HashMap<Place, Channels>,
}

/// How an environment is shown.
struct Channels {
    snapshot: watch::Sender<Arc<EnvironmentSnapshot>>,
    /// The place up to which its engine has taken everything in.
    evaluable: watch::Sender<Revision>,
}

impl Channels {
    fn new(snapshot: Arc<EnvironmentSnapshot>) -> Self {
        Self { evaluable: watch::Sender::new(snapshot.compiled_seq), snapshot: watch::Sender::new(snapshot) }
    }

    fn shown(&self) -> Arc<EnvironmentSnapshot> {
        Arc::clone(&self.snapshot.borrow())
    }

    /// Wakes who follows the snapshot, and who evaluates too unless its own engine is still to come.
    fn replace(&self, snapshot: Arc<EnvironmentSnapshot>) -> Arc<EnvironmentSnapshot> {
        let evaluable = (snapshot.compiled_seq == snapshot.seq).then_some(snapshot.seq);
        let replaced = self.snapshot.send_replace(snapshot);
        evaluable.map(|seq| self.evaluable.send_replace(seq));
        replaced
    }
}

/// Nothing is shown until the first [`Publisher::show`]; `directory` is asked about keys that were not shown,
/// and `members` about who is in big segments.
pub fn channel(
    clock: Arc<dyn Clock>,
    directory: Arc<dyn KeyDirectory>,
    members: Arc<dyn MembershipStore>,
) -> (Publisher, Snapshots) {
    let evaluations = AtomicU64::new(clock.now().as_micros().unsigned_abs() << 20);
    let inner = Arc::new(Inner { clock, directory, members, shown: RwLock::default(), evaluations });
    (Publisher { inner: Arc::clone(&inner) }, Snapshots { inner })
}

impl Snapshots {
    /// The snapshot of an environment; `None` when there is no such environment, or nothing is known yet.
    pub fn get(&self, place: &Place) -> Option<Arc<EnvironmentSnapshot>> {
        self.inner.read().environments.get(place).map(Channels::shown)
    }

    /// Wakes with each new snapshot of the environment, and when its keys change.
    pub fn subscribe(&self, place: &Place) -> Option<watch::Receiver<Arc<EnvironmentSnapshot>>> {
        self.inner.read().environments.get(place).map(|channels| channels.snapshot.subscribe())
    }

    /// Wakes when the environment's engine has taken a change in, and when its keys or its secure mode change: for those who
    /// evaluate, some milliseconds after those who only pass on what is written down.
    pub fn subscribe_evaluable(&self, place: &Place) -> Option<watch::Receiver<Revision>> {
        self.inner.read().environments.get(place).map(|channels| channels.evaluable.subscribe())
    }

    /// The SDK keys that open the environment now: each can prove a context in secure mode.
    pub fn sdk_keys(&self, place: &Place) -> Vec<String> {
        let (now, shown) = (self.inner.clock.now(), self.inner.read());
        let keys = shown.sdk_keys.get(place).into_iter().flatten();
        keys.filter(|key| shown.grants.get(*key).is_some_and(|grant| grant.is_active(now))).cloned().collect()
    }

    /// In which big segments of a snapshot a context is: read this before you evaluate by that snapshot, and evaluate with it.
    /// Never an error, and no read where there are no big segments.
    pub async fn memberships(&self, of: &Snapshot, context: &Context) -> Memberships {
        Memberships::read(&*self.inner.members, of, context).await
    }

    /// The moment at which something is evaluated now, with a draw of its own: what Unleash's dates and random rollouts go
    /// by. Contexts that come from outside are evaluated at it.
    pub fn moment(&self) -> Moment {
        // Engines mix it, so a count is as good as a draw.
        let chance = self.inner.evaluations.fetch_add(1, Ordering::Relaxed);
        Moment { now_ms: Some(self.inner.clock.now().as_millis()), chance }
    }

    /// What an SDK's key opens. From memory, but for keys that are not known here: another node may just have made them,
    /// so the directory is asked before such a key is called unknown.
    pub async fn by_key(&self, key: &str) -> KeyLookup {
        if let Some(known) = self.known(key) {
            return known;
        }
        match self.inner.directory.knows(key).await {
            Ok(false) => KeyLookup::Unknown,
            Ok(true) | Err(_) => KeyLookup::NotReady,
        }
    }

    /// What memory knows of the key.
    fn known(&self, key: &str) -> Option<KeyLookup> {
        let shown = self.inner.read();
        if !shown.ready {
            return Some(KeyLookup::NotReady);
        }
        let grant = shown.grants.get(key)?;
        if !grant.is_active(self.inner.clock.now()) {
            return Some(KeyLookup::Ended);
        }
        let snapshot = shown.environments.get(&grant.place).map(Channels::shown);
        Some(snapshot.map_or(KeyLookup::NotReady, |snapshot| KeyLookup::Active(grant.kind, snapshot)))
    }
}

impl Publisher {
    /// Shows new snapshots, and wakes whoever follows them. `grants` are all keys there are, by the key; `None` leaves them.
    pub fn show(&self, fresh: &[Arc<EnvironmentSnapshot>], grants: Option<Arc<HashMap<String, Grant>>>) {
        // Dropped after the lock is given back: taking a large snapshot apart takes a while.
        let mut replaced = Vec::with_capacity(fresh.len());
        let sdk_keys = grants.as_deref().map(sdk_keys);
        let mut shown = self.inner.write();
        if let (Some(grants), Some(sdk_keys)) = (grants, sdk_keys) {
            (shown.grants, shown.sdk_keys) = (grants, sdk_keys);
        }
        for snapshot in fresh {
            if let Some(channels) = shown.environments.get(&snapshot.place) {
                replaced.push(channels.replace(Arc::clone(snapshot)));
            } else {
                shown.environments.insert(snapshot.place.clone(), Channels::new(Arc::clone(snapshot)));
            }
        }
        shown.ready = true;
        drop(shown);
        drop(replaced);
    }

    /// Gives the snapshot of an environment its own engine; only those who evaluate are woken.
    pub fn exchange(&self, place: &Place, compiled: Arc<Snapshot>) {
        let mut replaced = None;
        if let Some(channels) = self.inner.read().environments.get(place) {
            channels.snapshot.send_if_modified(|shown| {
                let (compiled_seq, reached) = (shown.seq, Arc::default());
                let engined =
                    EnvironmentSnapshot { compiled, compiled_seq, reached, ..EnvironmentSnapshot::clone(shown) };
                replaced = Some(std::mem::replace(shown, Arc::new(engined)));
                false
            });
            channels.evaluable.send_replace(channels.shown().compiled_seq);
        }
        drop(replaced);
    }
}

/// The SDK keys among the grants, by what they open.
fn sdk_keys(grants: &HashMap<String, Grant>) -> HashMap<Place, Vec<String>> {
    let mut keys: HashMap<Place, Vec<String>> = HashMap::new();
    for (key, grant) in grants.iter().filter(|(_, grant)| grant.kind == KeyKind::Sdk) {
        keys.entry(grant.place.clone()).or_default().push(key.clone());
    }
    keys
}

impl Inner {
    fn read(&self) -> RwLockReadGuard<'_, Shown> {
        // Nothing that holds the lock can panic half-way through a change.
        self.shown.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Shown> {
        self.shown.write().unwrap_or_else(PoisonError::into_inner)
    }
}
