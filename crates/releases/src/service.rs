//! What people and the reconciler do with releases.

mod deploy;
mod direct;
mod enactment;
mod pipelines;
mod read;
mod start;

use std::sync::Arc;

use db::Db;
use flags::Flags;
use kernel::{Clock, Rng, Timestamp};
use metrics::Metrics;

pub(crate) use enactment::{Enactment, Judged, in_place};
pub use read::{Counts, Evidence, EvidenceSample, GuardEvidence, UnitsView};

/// The capability's handle; cheap to clone.
#[derive(Clone)]
pub struct Releases {
    pub(crate) db: Db,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    pub(crate) flags: Flags,
    pub(crate) metrics: Metrics,
}

impl Releases {
    /// The capability over a database.
    pub fn new(db: Db, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, flags: Flags, metrics: Metrics) -> Self {
        Self { db, clock, rng, flags, metrics }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
