//! What people and programs do here: read, change, undo, restore; create projects and environments; give keys.

pub mod change;
mod error;
mod explain;
mod import;
mod load;
mod members;
mod places;
mod plan;
mod read;
mod receive;
mod undo;
mod uploads;

use std::sync::Arc;

use access::{Caller, Role};
use db::Db;
use kernel::{Actor, Clock, Rng, Timestamp};
use tokio::sync::Semaphore;

pub use change::{Change, Edited, Preview, Unchanged};
pub use error::Error;
pub use explain::{Explained, ServedVariant};
pub use import::{Import, UnleashImport};
pub use members::{Listed, MOST_KEYS, MembersUpdate, Membership};
pub use places::{NewEnvironment, NewProject};
pub use read::{ConfiguredFlag, FlagView};
pub use receive::UploadError;

/// The capability: a cheap handle to clone.
#[derive(Clone)]
pub struct Flags {
    db: Db,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    /// Held by the one import that may be under way: each takes as much memory as a large payload.
    importing: Arc<Semaphore>,
    /// Places for uploads of members: each takes a few megabytes of memory, and some hundred of disk at most.
    uploads: Arc<Semaphore>,
    /// Whether SDKs read members from elsewhere too, so that an upload is served only when that has it.
    mirrored: bool,
}

/// So many files are received at once on one node.
const UPLOADS: usize = 4;

impl Flags {
    /// Time and chance are given, so that tests can repeat them.
    pub fn new(db: Db, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let (importing, uploads) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(UPLOADS)));
        Self { db, clock, rng, importing, uploads, mirrored: false }
    }

    /// Members are copied to where SDKs read them: uploads are served by whoever copies them, when they are copied.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self { mirrored: true, ..self }
    }

    /// Whether SDKs read members from elsewhere too.
    pub fn is_mirrored(&self) -> bool {
        self.mirrored
    }

    /// The database, for the statements that other capabilities put into the same batch.
    pub fn db(&self) -> &Db {
        &self.db
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn mint(&self) -> String {
        kernel::id::mint(self.now(), &*self.rng)
    }
}

/// The caller as an author, if they may do what `needed` may: a second lock behind the table of routes.
pub fn author(caller: &Caller, needed: Role) -> Result<Actor, Error> {
    if caller.role < needed {
        return Err(Error::RoleTooLow(needed));
    }
    Ok(caller.actor.clone())
}

pub(crate) use uploads::STALE;

#[cfg(test)]
mod tests;
