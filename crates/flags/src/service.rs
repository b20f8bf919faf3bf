//! What people and programs do here: read, change, undo, restore; create projects and environments; give keys.

pub mod change;
mod error;
mod explain;
mod import;
mod load;
mod places;
mod plan;
mod read;
mod undo;

use std::sync::Arc;

use access::{Caller, Role};
use db::Db;
use kernel::{Actor, Clock, Rng, Timestamp};
use tokio::sync::Semaphore;

pub use change::{Change, Edited, Preview, Unchanged};
pub use error::Error;
pub use explain::Explained;
pub use import::Import;
pub use places::{NewEnvironment, NewProject};
pub use read::{ConfiguredFlag, FlagView};

/// The capability: a cheap handle to clone.
#[derive(Clone)]
pub struct Flags {
    db: Db,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    /// Held by the one import that may be under way: each takes as much memory as a large payload.
    importing: Arc<Semaphore>,
}

impl Flags {
    /// Time and chance are given, so that tests can repeat them.
    pub fn new(db: Db, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { db, clock, rng, importing: Arc::new(Semaphore::new(1)) }
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

#[cfg(test)]
mod tests;
