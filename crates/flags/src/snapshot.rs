//! What SDKs receive: one snapshot of each environment, in memory, that follows the change log.
//!
//! A poke says *look*; the log says what happened, entry by entry, so each node sees the same order. With the database gone
//! the last snapshot is still served.

mod environment;
mod update;
mod world;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use db::{Db, ReadError, sequence};
use kernel::{Clock, EnvironmentKey, ProjectKey};
use runtime::Tasks;
use tokio::sync::{Mutex, watch};

pub use self::environment::EnvironmentSnapshot;
pub use self::update::{Update, UpdateKind};
use self::world::World;
use crate::model::{KeyKind, SdkKey};
use crate::store::{changes, flags, places, segments};

/// So many entries of the log are read at once.
const STRIDE: i64 = 500;
/// Looked at least so often, should a poke be lost.
const PERIOD: Duration = Duration::from_secs(10);
/// How soon it is tried again when the database does not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// The snapshots of all environments; a cheap handle to clone.
#[derive(Clone)]
pub struct Snapshots {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    /// What is known of the log; `None` before the first look. Held while the log is read, never by readers.
    world: Mutex<Option<World>>,
    shown: RwLock<Shown>,
}

/// What readers see.
#[derive(Default)]
struct Shown {
    ready: bool,
    keys: Arc<HashMap<String, SdkKey>>,
    environments: HashMap<(ProjectKey, EnvironmentKey), watch::Sender<Arc<EnvironmentSnapshot>>>,
}

/// What an SDK's key opens.
#[derive(Clone, Debug)]
pub enum KeyLookup {
    /// This environment, for this sort of SDK.
    Active(KeyKind, Arc<EnvironmentSnapshot>),
    /// Nothing any more: it has expired or was revoked.
    Ended,
    /// Nothing: there was never such a key.
    Unknown,
    /// It is not known yet what it opens: ask again. Never answer 401 here, it would stop SDKs for good
    /// (`launchdarkly.md` §1.6).
    NotReady,
}

impl Snapshots {
    /// Nothing is known until the first [`refresh`](Self::refresh).
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self { inner: Arc::new(Inner { db, clock, world: Mutex::default(), shown: RwLock::default() }) }
    }

    /// Follows the log until shutdown.
    pub fn follow(&self, tasks: &Tasks) {
        let (snapshots, stop) = (self.clone(), tasks.stop());
        tasks.spawn("snapshots", async move {
            let mut pokes = snapshots.inner.db.pokes();
            while !stop.is_cancelled() {
                pokes.mark_unchanged();
                let pause = match snapshots.refresh().await {
                    Ok(()) => PERIOD,
                    Err(error) => {
                        tracing::warn!(%error, "the change log cannot be read; SDKs keep what they have");
                        AGAIN
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(pause) => {}
                    _ = pokes.changed() => {}
                }
            }
        });
    }

    /// Reads the log to its end: what was committed before the call is shown after it.
    pub async fn refresh(&self) -> Result<(), ReadError> {
        let mut world = self.inner.world.lock().await;
        let world = match &mut *world {
            Some(world) => world,
            nothing => {
                let mut loaded = self.load().await?;
                while self.advance(&mut loaded).await? {}
                loaded.begin();
                nothing.insert(loaded)
            }
        };
        while self.advance(world).await? {}
        self.publish(world).await;
        Ok(())
    }

    /// The snapshot of an environment; `None` when there is no such environment, or nothing is known yet.
    pub fn get(&self, project: &ProjectKey, environment: &EnvironmentKey) -> Option<Arc<EnvironmentSnapshot>> {
        let place = (project.clone(), environment.clone());
        self.shown().environments.get(&place).map(|sender| Arc::clone(&sender.borrow()))
    }

    /// Wakes with each new snapshot of the environment, and when its keys change.
    pub fn subscribe(
        &self,
        project: &ProjectKey,
        environment: &EnvironmentKey,
    ) -> Option<watch::Receiver<Arc<EnvironmentSnapshot>>> {
        let place = (project.clone(), environment.clone());
        self.shown().environments.get(&place).map(watch::Sender::subscribe)
    }

    /// What an SDK's key opens. From memory, but for keys that are not known here: another node may just have made them,
    /// so the database is asked before such a key is called unknown.
    pub async fn by_key(&self, value: &str) -> KeyLookup {
        if let Some(known) = self.known(value) {
            return known;
        }
        match places::read_key(&self.inner.db, value).await {
            Ok(None) => KeyLookup::Unknown,
            Ok(Some(_)) => KeyLookup::NotReady,
            Err(error) => {
                tracing::warn!(%error, "an SDK's key cannot be looked up");
                KeyLookup::NotReady
            }
        }
    }

    /// What memory knows of the key.
    fn known(&self, value: &str) -> Option<KeyLookup> {
        let shown = self.shown();
        if !shown.ready {
            return Some(KeyLookup::NotReady);
        }
        let key = shown.keys.get(value)?;
        if !key.is_active(self.inner.clock.now()) {
            return Some(KeyLookup::Ended);
        }
        let place = (key.project.clone(), key.environment.clone());
        let snapshot = shown.environments.get(&place).map(|sender| Arc::clone(&sender.borrow()));
        Some(snapshot.map_or(KeyLookup::NotReady, |snapshot| KeyLookup::Active(key.kind, snapshot)))
    }

    /// Everything as it is stored. The position is read first: what is committed while the tables are read is newer than
    /// the position, comes again from the log, and is passed over where the table had it already.
    async fn load(&self) -> Result<World, ReadError> {
        let db = &self.inner.db;
        let mut world = World::at(kernel::Revision(sequence::current(db, "change").await?));
        for (project, environment) in places::all_environments(db).await? {
            world.add_environment(&project, &environment);
        }
        for (project, flag) in flags::read_all(db).await? {
            world.put_flag(&project, flag);
        }
        for (project, configuration) in flags::read_all_configurations(db).await? {
            world.put_configuration(&project, configuration);
        }
        for (project, environment, segment) in segments::read_all(db).await? {
            world.put_segment(&project, &environment, segment);
        }
        world.emit_all();
        world.set_keys(places::all_keys(db).await?);
        Ok(world)
    }

    /// One stride along the log; whether there may be more.
    async fn advance(&self, world: &mut World) -> Result<bool, ReadError> {
        let entries = changes::since(&self.inner.db, world.seq(), STRIDE).await?;
        let more = i64::try_from(entries.len()).is_ok_and(|count| count == STRIDE);
        for entry in entries {
            world.apply(entry);
        }
        if world.keys_are_stale() {
            world.set_keys(places::all_keys(&self.inner.db).await?);
        }
        Ok(more)
    }

    /// Shows what has changed: first to streams, which only send what is written down, then to those who evaluate, whose
    /// engine takes longer to compile. Streams are woken once.
    async fn publish(&self, world: &mut World) {
        let fresh = world.take_fresh();
        let keys = world.take_keys();
        self.show(&fresh, keys);
        tokio::task::yield_now().await;
        // Whoever is given up at the await above leaves the rest to the next.
        while let Some((project, environment, engine)) = world.next_engine() {
            self.exchange(&(project, environment), engine);
        }
    }

    fn show(&self, fresh: &[Arc<EnvironmentSnapshot>], keys: Option<Arc<HashMap<String, SdkKey>>>) {
        // Dropped after the lock is given back: taking a large snapshot apart takes a while.
        let mut replaced = Vec::with_capacity(fresh.len());
        let mut shown = self.shown_mut();
        for snapshot in fresh {
            let place = (snapshot.project.clone(), snapshot.environment.clone());
            match shown.environments.get(&place) {
                Some(sender) => replaced.push(sender.send_replace(Arc::clone(snapshot))),
                None => drop(shown.environments.insert(place, watch::Sender::new(Arc::clone(snapshot)))),
            }
        }
        if let Some(keys) = keys {
            shown.keys = keys;
        }
        shown.ready = true;
        drop(shown);
        drop(replaced);
    }

    /// Gives the snapshot of an environment its own engine; nobody is woken.
    fn exchange(&self, place: &(ProjectKey, EnvironmentKey), compiled: Arc<evaluation::Snapshot>) {
        let mut replaced = None;
        if let Some(sender) = self.shown().environments.get(place) {
            sender.send_if_modified(|shown| {
                let engined = EnvironmentSnapshot { compiled, ..EnvironmentSnapshot::clone(shown) };
                replaced = Some(std::mem::replace(shown, Arc::new(engined)));
                false
            });
        }
        drop(replaced);
    }

    fn shown(&self) -> RwLockReadGuard<'_, Shown> {
        // Nothing that holds the lock can panic half-way through a change.
        self.inner.shown.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn shown_mut(&self) -> RwLockWriteGuard<'_, Shown> {
        self.inner.shown.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
