//! Takes what SDKs send: into the spool, before they are told that it was taken.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use delivery::event::{EventBatch, Original};
use delivery::{Intake, Place, Refusal, Snapshots};
use kernel::{Clock, Rng};

use crate::board::Entry;
use crate::compose;
use crate::config::hex;
use crate::spool::{Delivery, Spool};

/// The spools of all environments.
pub(crate) struct Spooling {
    pub(crate) spools: HashMap<Place, (Spool, Entry)>,
    pub(crate) snapshots: Snapshots,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
}

/// No spool, or no snapshot: the environment is not one of ours.
#[derive(Debug, thiserror::Error)]
#[error("the environment {0} is not followed here")]
struct NotFollowed(Place);

#[async_trait]
impl Intake for Spooling {
    async fn ingest(&self, place: &Place, batch: EventBatch<'_>) -> Result<(), Refusal> {
        let not_followed = || Refusal::because(NotFollowed(place.clone()));
        let (spool, entry) = self.spools.get(place).ok_or_else(not_followed)?;
        let payload_id = batch.payload_id.as_deref().map_or_else(|| self.draw_id(), str::to_owned);
        let readable = |original: &&Original<'_>| entry.upstream_reads(original.words);
        let delivery = if let Some(original) = batch.original.as_ref().filter(readable) {
            Some(Delivery::of(original, payload_id))
        } else {
            let snapshot = self.snapshots.get(place).ok_or_else(not_followed)?;
            compose::delivery(&batch, payload_id, snapshot.compiled(), self.clock.now())
        };
        let Some(delivery) = delivery else { return Ok(()) };
        spool.take(&delivery).await.map_err(Refusal::because)
    }
}

impl Spooling {
    fn draw_id(&self) -> String {
        let mut bits = [0; 16];
        self.rng.fill(&mut bits);
        hex(&bits)
    }
}
