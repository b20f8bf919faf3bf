//! What SDKs receive follows the change log.
//!
//! A poke says *look*; the log says what happened, entry by entry, so each node sees the same order. With the database gone
//! the last snapshot is still served.

mod world;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use db::{Db, ReadError, sequence};
use delivery::{Gathered, KeyDirectory, LookUpError, MembershipStore, Place, Publisher, Snapshots, Sought};
use kernel::Clock;
use runtime::Tasks;
use tokio::sync::Mutex;

use self::world::World;
use crate::model::MemberList;
use crate::store::{changes, flags, members, places, segments};

/// So many entries of the log are read at once.
const STRIDE: i64 = 500;
/// Looked at least so often, should a poke be lost.
const PERIOD: Duration = Duration::from_secs(10);
/// How soon it is tried again when the database does not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// Follows the log, and shows what it comes to; a cheap handle to clone.
#[derive(Clone)]
pub struct Follower {
    inner: Arc<Inner>,
    snapshots: Snapshots,
}

struct Inner {
    db: Db,
    publisher: Publisher,
    /// What is known of the log; `None` before the first look. Held while the log is read, never by readers.
    world: Mutex<Option<World>>,
}

impl Follower {
    /// Nothing is known until the first [`refresh`](Self::refresh).
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        let members = Arc::new(Gathered::new(StoredMembers(db.clone())));
        let (publisher, snapshots) = delivery::channel(clock, Arc::new(StoredKeys(db.clone())), members);
        Self { inner: Arc::new(Inner { db, publisher, world: Mutex::default() }), snapshots }
    }

    /// What it shows.
    pub fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    /// Follows the log until shutdown.
    pub fn follow(&self, tasks: &Tasks) {
        let (follower, stop) = (self.clone(), tasks.stop());
        tasks.spawn("snapshots", async move {
            let mut pokes = follower.inner.db.pokes();
            while !stop.is_cancelled() {
                pokes.mark_unchanged();
                let pause = match follower.refresh().await {
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
                nothing.insert(loaded)
            }
        };
        while self.advance(world).await? {}
        self.publish(world).await;
        Ok(())
    }

    /// Everything as it is stored. The position is read first: what is committed while the tables are read is newer than
    /// the position, comes again from the log, and is passed over where the table had it already.
    async fn load(&self) -> Result<World, ReadError> {
        let db = &self.inner.db;
        let mut world = World::at(kernel::Revision(sequence::current(db, "change").await?));
        for (project, environment) in places::all_environments(db).await? {
            world.add_environment(project, environment);
        }
        for (project, flag) in flags::read_all(db).await? {
            world.put_flag(&project, flag);
        }
        for (project, configuration) in flags::read_all_configurations(db).await? {
            world.put_configuration(&project, configuration);
        }
        for (project, environment, segment) in segments::read_all(db).await? {
            world.put_segment(&Place { project, environment }, segment);
        }
        world.emit_all();
        for seq in world.last_changes() {
            if let Some(at) = changes::instant_of(db, seq).await? {
                world.set_changed_at(seq, at);
            }
        }
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
        let publisher = &self.inner.publisher;
        publisher.show(&world.take_fresh(), world.take_grants());
        tokio::task::yield_now().await;
        // Whoever is given up at the await above leaves the rest to the next.
        while let Some((place, engine)) = world.next_engine() {
            publisher.exchange(&place, engine);
        }
    }
}

/// The keys in the database: also those that another node made a moment ago.
struct StoredKeys(Db);

/// The members of big segments that are stored.
struct StoredMembers(Db);

#[async_trait]
impl MembershipStore for StoredMembers {
    async fn look_up(&self, sought: &[Sought]) -> Result<Vec<(Sought, bool)>, LookUpError> {
        let found = members::look_up(&self.0, sought).await.map_err(|error| {
            tracing::warn!(%error, "members of big segments cannot be looked up");
            LookUpError::Failed(Arc::new(error))
        })?;
        Ok(found.into_iter().map(|(sought, list)| (sought, list == MemberList::Included)).collect())
    }
}

#[async_trait]
impl KeyDirectory for StoredKeys {
    async fn knows(&self, key: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        let found = places::read_key(&self.0, key).await;
        Ok(found.inspect_err(|error| tracing::warn!(%error, "an SDK's key cannot be looked up"))?.is_some())
    }
}

#[cfg(test)]
mod tests;
