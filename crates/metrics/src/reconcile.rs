//! Closes windows when their time is over, and tidies up what nobody reads any more.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use db::lease::Fence;
use db::{Batch, CommitError};
use kernel::Timestamp;
use runtime::{ReconcileError, Reconciler, Status, Turn};
use tokio::sync::Mutex;

use crate::error::Error;
use crate::fold::{FoldRule, fold};
use crate::model::{Comparison, MAX_UNITS, WINDOW};
use crate::service::Metrics;
use crate::store;
use crate::unit::Units;

/// At most so many deliveries are folded into one window; more wait for the next.
const MOST_DELIVERIES: u32 = 10_000;

/// Folds what came in into windows: one owner at a time, each window once.
///
/// A window is `[closed until, the last whole second)` and holds whatever was committed when it closes. So one watermark
/// holds for both arms, no clock of a client or of another node can change what was judged, and a batch that comes late
/// simply comes in the open window.
pub struct Folding {
    metrics: Metrics,
    max_units: usize,
    memory: Mutex<Memory>,
}

/// The units of the open comparisons as the database has them, valid as long as nobody else folds.
#[derive(Default)]
struct Memory {
    fence: Option<i64>,
    units: HashMap<String, Units>,
}

impl Folding {
    /// A folder with an empty memory.
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics, max_units: MAX_UNITS, memory: Mutex::default() }
    }

    /// The same with another bound of units, for tests that cannot wait for 200,000.
    #[must_use]
    pub fn with_max_units(self, max_units: usize) -> Self {
        Self { max_units, ..self }
    }

    /// Closes every window whose time is over; says when the next one's is, if a comparison is open.
    pub async fn close_windows(&self, now: Timestamp, fence: &Fence) -> Result<Option<Timestamp>, Error> {
        let mut memory = self.memory.lock().await;
        if memory.fence != Some(fence.number()) {
            *memory = Memory { fence: Some(fence.number()), units: HashMap::new() };
        }
        let open = store::comparison::open_ones(&self.metrics.db).await?;
        memory.units.retain(|id, _| open.iter().any(|comparison| comparison.id == *id));
        let finish = now.floor(WINDOW);
        let mut overtaken = false;
        for comparison in open.iter().filter(|comparison| comparison.closed_until < finish) {
            // Out of memory while its fate is unknown: after a failure it is read again.
            let units = memory.units.remove(&comparison.id);
            match self.close_window(comparison, units, finish, fence).await {
                Ok(units) => drop(memory.units.insert(comparison.id.clone(), units)),
                // Its release took a step or ended in between.
                Err(Error::Commit(CommitError::Conflict { guard: "comparison" })) => overtaken = true,
                Err(error) => return Err(error),
            }
        }
        let next = if overtaken { now } else { finish.plus(WINDOW) };
        Ok((!open.is_empty()).then_some(next))
    }

    async fn close_window(
        &self,
        comparison: &Comparison,
        units: Option<Units>,
        finish: Timestamp,
        fence: &Fence,
    ) -> Result<Units, Error> {
        let db = &self.metrics.db;
        let Comparison { id, cursor, step_version, halvings, .. } = comparison;
        let mut units = match units {
            Some(units) => units,
            None => store::comparison::units(db, id).await?,
        };
        let (facts, cursor) = store::intake::waiting(db, id, *cursor, MOST_DELIVERIES).await?;
        let metrics = u8::try_from(comparison.arms.metrics.len()).unwrap_or(u8::MAX);
        let (step_version, halvings, max_units) = (*step_version, *halvings, self.max_units);
        let folded = fold(&units, facts, &FoldRule { metrics, step_version, halvings, max_units, finish });
        let mut batch = Batch::from(fence.guard());
        batch.append(store::comparison::folded(comparison, cursor, finish, &folded));
        db.commit(batch).await?;
        let sample = if folded.halvings > halvings { folded.halvings } else { 0 };
        units.apply(folded.changed, &folded.forgotten, sample);
        Ok(units)
    }
}

#[async_trait]
impl Reconciler for Folding {
    fn name(&self) -> &'static str {
        "windows"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        let next = self.close_windows(turn.now, &turn.fence).await?;
        Ok(Status::new(next.map_or("nothing is compared", |_| "windows closed")).next(next))
    }
}

/// Windows stay fine for so long, for the chart of a release under way.
const FINE_WINDOWS: Duration = Duration::from_mins(10);
/// Outcomes stay by the second for so long.
const FINE_OUTCOMES: Duration = Duration::from_hours(2);
/// Evaluations stay by the minute for so long.
const FINE_EVALUATIONS: Duration = Duration::from_hours(48);
/// A delivery is known again for so long; SDKs retry within seconds.
const KNOWN_BATCHES: Duration = Duration::from_hours(24);
/// Counts are kept for so long.
const COUNTS: Duration = Duration::from_hours(24 * 90);
/// SDKs are shown for so long after they were last seen.
const SDKS: Duration = Duration::from_hours(24 * 7);
/// A node that has said nothing for so long does not come back under its name, or writes everything anew.
const NODES: Duration = Duration::from_hours(1);
/// At most so many minutes are merged in one turn, and so many hours.
const MOST_MINUTES: usize = 60;
const MOST_HOURS: usize = 10;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// Merges old windows, forgets old counts and the units of comparisons that are over.
pub struct Tidying {
    metrics: Metrics,
    /// Not before this instant again, however often it is poked.
    due: Mutex<Timestamp>,
}

impl Tidying {
    /// A tidier.
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics, due: Mutex::new(Timestamp::EPOCH) }
    }

    /// One bounded round; whether there is more to do.
    pub async fn tidy(&self, now: Timestamp, fence: &Fence) -> Result<bool, Error> {
        let mut batch = Batch::from(fence.guard());
        batch.push(store::intake::forget_batches(now.minus(KNOWN_BATCHES)));
        batch.extend(store::count::forget(now.minus(COUNTS)));
        batch.extend(store::sdk::forget(now.minus(SDKS), now.minus(NODES)));
        self.metrics.db.commit(batch.quiet()).await?;
        let mut more = self.merge_outcomes(now.minus(FINE_OUTCOMES).floor(MINUTE), fence).await?;
        more |= self.merge_evaluations(now.minus(FINE_EVALUATIONS).floor(HOUR), fence).await?;
        for comparison in store::comparison::open_ones(&self.metrics.db).await? {
            let until = comparison.judged_until.min(now.minus(FINE_WINDOWS)).floor(MINUTE);
            more |= self.merge_windows(&comparison.id, until, fence).await?;
        }
        for comparison in store::comparison::full(&self.metrics.db).await? {
            more |= self.empty(&comparison, now, fence).await?;
        }
        Ok(more)
    }

    async fn merge_outcomes(&self, until: Timestamp, fence: &Fence) -> Result<bool, Error> {
        for _ in 0..MOST_MINUTES {
            let Some(first) = store::count::first_fine_outcome(&self.metrics.db, until).await? else {
                return Ok(false);
            };
            let start = first.floor(MINUTE);
            self.commit(store::count::merge_outcomes(start, start.plus(MINUTE)), fence).await?;
        }
        Ok(true)
    }

    async fn merge_evaluations(&self, until: Timestamp, fence: &Fence) -> Result<bool, Error> {
        for _ in 0..MOST_HOURS {
            let Some(first) = store::count::first_fine_evaluation(&self.metrics.db, until).await? else {
                return Ok(false);
            };
            let start = first.floor(HOUR);
            self.commit(store::count::merge_evaluations(start, start.plus(HOUR)), fence).await?;
        }
        Ok(true)
    }

    async fn merge_windows(&self, id: &str, until: Timestamp, fence: &Fence) -> Result<bool, Error> {
        for _ in 0..MOST_MINUTES {
            let Some(first) = store::comparison::first_fine_window(&self.metrics.db, id, until).await? else {
                return Ok(false);
            };
            let start = first.floor(MINUTE);
            self.commit(store::comparison::merge_windows(id, start, start.plus(MINUTE)), fence).await?;
        }
        Ok(true)
    }

    /// What a comparison that is over leaves is its windows; its units go, a sixteenth at a time, so that no commit is long.
    async fn empty(&self, comparison: &Comparison, now: Timestamp, fence: &Fence) -> Result<bool, Error> {
        if self.merge_windows(&comparison.id, now.floor(MINUTE), fence).await? {
            return Ok(true);
        }
        for sixteenth in (0..16).rev() {
            self.commit([store::comparison::forget_units_from(&comparison.id, sixteenth)], fence).await?;
        }
        self.commit(store::comparison::emptied(&comparison.id, now), fence).await?;
        Ok(false)
    }

    async fn commit(&self, statements: impl IntoIterator<Item = db::Statement>, fence: &Fence) -> Result<(), Error> {
        let mut batch = Batch::from(fence.guard());
        batch.extend(statements);
        Ok(self.metrics.db.commit(batch.quiet()).await?)
    }
}

#[async_trait]
impl Reconciler for Tidying {
    fn name(&self) -> &'static str {
        "metrics-tidying"
    }

    fn period(&self) -> Duration {
        MINUTE
    }

    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        let mut due = self.due.lock().await;
        if turn.now < *due {
            return Ok(Status::new("tidy").next(Some(*due)));
        }
        let more = self.tidy(turn.now, &turn.fence).await?;
        if !more {
            *due = turn.now.plus(MINUTE);
        }
        Ok(Status::new(if more { "more to tidy" } else { "tidy" }).next(Some(turn.now.plus(MINUTE))).more(more))
    }
}
