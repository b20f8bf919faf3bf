//! What is listened for in each environment, kept in memory until the database says that something has changed.
//!
//! Every delivery of events asks for it, and it changes when somebody defines a metric or a release begins or ends. Those
//! commits poke, deliveries do not, so between two changes no delivery reads the database before it writes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::{Db, ReadError};
use delivery::Place;
use kernel::{MetricKey, PageRequest};
use tokio::sync::watch;

use crate::gather::Listening;
use crate::service::MOST_METRICS;
use crate::store;

/// So many environments are remembered; a thousand is more than anybody has that sends events within one poke.
const REMEMBERED: usize = 1_000;

/// The memory of what is listened for.
pub(crate) struct Listeners {
    db: Db,
    memory: Mutex<Memory>,
}

struct Memory {
    pokes: watch::Receiver<u64>,
    known: HashMap<Place, Arc<Listening>>,
}

impl Listeners {
    pub(crate) fn new(db: Db) -> Self {
        let memory = Memory { pokes: db.pokes(), known: HashMap::new() };
        Self { db, memory: Mutex::new(memory) }
    }

    /// What is listened for in the environment: all that was committed before the last poke, and perhaps more.
    pub(crate) async fn of(&self, place: &Place) -> Result<Arc<Listening>, ReadError> {
        let poke = {
            let mut memory = self.memory();
            memory.forget_what_may_have_changed();
            if let Some(known) = memory.known.get(place) {
                return Ok(Arc::clone(known));
            }
            *memory.pokes.borrow()
        };
        let read = Arc::new(self.read(place).await?);
        let mut memory = self.memory();
        memory.forget_what_may_have_changed();
        // What was read before a poke may be of before its commit: used once, since it was asked before, and not kept.
        if *memory.pokes.borrow() == poke && memory.known.len() < REMEMBERED {
            memory.known.insert(place.clone(), Arc::clone(&read));
        }
        Ok(read)
    }

    async fn read(&self, place: &Place) -> Result<Listening, ReadError> {
        let page = PageRequest { after: None, limit: MOST_METRICS };
        let mut metrics: HashMap<String, Vec<MetricKey>> = HashMap::new();
        for metric in store::metric::list(&self.db, &place.project, &page).await? {
            metrics.entry(metric.definition.event_key).or_default().push(metric.key);
        }
        Ok(Listening { metrics, comparisons: store::comparison::open_in(&self.db, place).await? })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A map cannot be left half changed.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn forget_what_may_have_changed(&mut self) {
        // A closed channel means that the database is being put away; then nothing is kept.
        if self.pokes.has_changed().unwrap_or(true) {
            self.pokes.mark_unchanged();
            self.known.clear();
        }
    }
}
