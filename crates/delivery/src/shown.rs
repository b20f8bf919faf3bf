//! What is shown of every environment: many look, one shows.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use evaluation::Snapshot;
use kernel::Clock;
use tokio::sync::watch;

use crate::{EnvironmentSnapshot, Grant, KeyDirectory, KeyLookup, Place};

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
    shown: RwLock<Shown>,
}

#[derive(Default)]
struct Shown {
    ready: bool,
    grants: Arc<HashMap<String, Grant>>,
    environments: HashMap<Place, watch::Sender<Arc<EnvironmentSnapshot>>>,
}

/// Nothing is shown until the first [`Publisher::show`]; `directory` is asked about keys that were not shown.
pub fn channel(clock: Arc<dyn Clock>, directory: Arc<dyn KeyDirectory>) -> (Publisher, Snapshots) {
    let inner = Arc::new(Inner { clock, directory, shown: RwLock::default() });
    (Publisher { inner: Arc::clone(&inner) }, Snapshots { inner })
}

impl Snapshots {
    /// The snapshot of an environment; `None` when there is no such environment, or nothing is known yet.
    pub fn get(&self, place: &Place) -> Option<Arc<EnvironmentSnapshot>> {
        self.inner.read().environments.get(place).map(|sender| Arc::clone(&sender.borrow()))
    }

    /// Wakes with each new snapshot of the environment, and when its keys change.
    pub fn subscribe(&self, place: &Place) -> Option<watch::Receiver<Arc<EnvironmentSnapshot>>> {
        self.inner.read().environments.get(place).map(watch::Sender::subscribe)
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
        let snapshot = shown.environments.get(&grant.place).map(|sender| Arc::clone(&sender.borrow()));
        Some(snapshot.map_or(KeyLookup::NotReady, |snapshot| KeyLookup::Active(grant.kind, snapshot)))
    }
}

impl Publisher {
    /// Shows new snapshots, and wakes whoever follows them. `grants` are all keys there are, by the key; `None` leaves them.
    pub fn show(&self, fresh: &[Arc<EnvironmentSnapshot>], grants: Option<Arc<HashMap<String, Grant>>>) {
        // Dropped after the lock is given back: taking a large snapshot apart takes a while.
        let mut replaced = Vec::with_capacity(fresh.len());
        let mut shown = self.inner.write();
        for snapshot in fresh {
            if let Some(sender) = shown.environments.get(&snapshot.place) {
                replaced.push(sender.send_replace(Arc::clone(snapshot)));
            } else {
                let sender = watch::Sender::new(Arc::clone(snapshot));
                shown.environments.insert(snapshot.place.clone(), sender);
            }
        }
        if let Some(grants) = grants {
            shown.grants = grants;
        }
        shown.ready = true;
        drop(shown);
        drop(replaced);
    }

    /// Gives the snapshot of an environment its own engine; nobody is woken.
    pub fn exchange(&self, place: &Place, compiled: Arc<Snapshot>) {
        let mut replaced = None;
        if let Some(sender) = self.inner.read().environments.get(place) {
            sender.send_if_modified(|shown| {
                let engined = EnvironmentSnapshot { compiled, ..EnvironmentSnapshot::clone(shown) };
                replaced = Some(std::mem::replace(shown, Arc::new(engined)));
                false
            });
        }
        drop(replaced);
    }
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
