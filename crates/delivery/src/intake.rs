//! Where what SDKs send goes: into windows on a node, upstream from an edge.

use async_trait::async_trait;

use crate::Place;
use crate::event::EventBatch;

/// Takes what SDKs send.
#[async_trait]
pub trait Intake: Send + Sync + 'static {
    /// Takes a delivery of events in. `Ok` means that it survives a crash as far as this process promises that at all; a
    /// repeated delivery is `Ok` and counts once.
    async fn ingest(&self, place: &Place, batch: EventBatch<'_>) -> Result<(), Refusal>;
}

/// What was sent was not taken; the sender keeps it and tries again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Refusal {
    /// For this reason.
    pub fn because(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
