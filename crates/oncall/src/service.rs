//! What on-call does for its callers: authorise, load, decide, commit one batch.

mod alerts;
mod delivery;
mod directory;
mod error;
mod incidents;
mod links;
mod people;
mod policies;
mod schedules;
mod services;
mod undo;
mod write;

use std::sync::Arc;

use access::{Access, Caller, Role};
use db::Db;
use flags::Flags;
use kernel::{Clock, Rng, Timestamp};
use releases::Releases;

pub use alerts::{AlertAction, AlertRequest, Alerted};
pub use delivery::{Delivery, Failed};
pub use error::Error;
pub use incidents::Answer;
pub use people::{ContactMethodRequest, NewContact};
pub use policies::PolicyRequest;
pub use schedules::{OnCallNow, OverrideRequest, OverrideView, ScheduleRequest, Shifts};
pub use services::{KnownServices, NewService, ServicePatch};

/// The capability: a cheap handle to clone.
#[derive(Clone)]
pub struct Oncall {
    db: Db,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    access: Access,
    flags: Flags,
    releases: Releases,
    base_url: Arc<str>,
}

impl Oncall {
    /// The capability on what it stands on.
    pub fn new(parts: Parts<'_>) -> Self {
        let Parts { db, clock, rng, access, flags, releases, base_url } = parts;
        Self { db, clock, rng, access, flags, releases, base_url: base_url.trim_end_matches('/').into() }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// What the capability stands on.
pub struct Parts<'a> {
    /// Where everything is stored.
    pub db: Db,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Mints ids and the codes of links.
    pub rng: Arc<dyn Rng>,
    /// Knows people.
    pub access: Access,
    /// Knows changes, and takes them back.
    pub flags: Flags,
    /// Takes releases back.
    pub releases: Releases,
    /// Where people reach Steadfast, such as `https://flags.example.com`: the links in pages start with it.
    pub base_url: &'a str,
}

/// Whether the caller may do what asks `role`; the route table asks too, this is for every other way in.
fn require(caller: &Caller, role: Role) -> Result<(), Error> {
    if caller.role < role { Err(Error::RoleTooLow { needed: role }) } else { Ok(()) }
}
