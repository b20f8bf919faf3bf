//! What people and the reconciler do with releases.

mod deploy;
mod direct;
mod enactment;
mod pipelines;
mod read;
mod start;

use std::sync::Arc;

use async_trait::async_trait;
use db::{Db, ReadError};
use flags::Flags;
use kernel::{Clock, Rng, ServiceKey, Timestamp};
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
    services: Option<Arc<dyn Services>>,
}

/// The services that people are on call for: kept by a later capability, and asked before a release names one.
#[async_trait]
pub trait Services: Send + Sync + 'static {
    /// Whether there is such a service.
    async fn has(&self, key: &ServiceKey) -> Result<bool, ReadError>;
}

impl Releases {
    /// The capability over a database.
    pub fn new(db: Db, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, flags: Flags, metrics: Metrics) -> Self {
        Self { db, clock, rng, flags, metrics, services: None }
    }

    /// The same, with whom to ask for services; without, a release may name any.
    #[must_use]
    pub fn with_services(self, services: Arc<dyn Services>) -> Self {
        Self { services: Some(services), ..self }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
