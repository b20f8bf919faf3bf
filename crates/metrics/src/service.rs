//! Takes events in, and answers what they come to.

use std::sync::Arc;

use access::{Caller, Role};
use async_trait::async_trait;
use db::{Batch, CommitError, Db, Dialect, Statement};
use delivery::{Intake, Refusal};
use flags::Flags;
use flags::service::author;
use kernel::{Clock, FlagKey, MetricKey, Page, PageRequest, ProjectKey, Rng, Timestamp};

use crate::error::Error;
use crate::gather::gather;
use crate::listeners::Listeners;
use crate::model::{
    BinWidth, ComparedArms, Comparison, EvaluationCount, Metric, MetricDefinition, OutcomeCount, Place, WINDOW,
    WindowRow,
};
use crate::reporting::ALIVE;
use crate::sdk::{SeenSdk, merge};
use crate::store;
use delivery::event::EventBatch;
use delivery::tail::{Filter, Tail, Watch};

/// At most so many metrics are listened for in one project.
pub const MOST_METRICS: usize = 1_000;

/// The capability's handle; cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    flags: Flags,
    listeners: Arc<Listeners>,
    tail: Tail,
}

/// Closed windows of a comparison: nothing can change them any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedWindows {
    /// Everything before this instant is closed, also where no row says so: nothing came then.
    pub until: Timestamp,
    /// The rows, by start.
    pub rows: Vec<WindowRow>,
}

#[async_trait]
impl Intake for Metrics {
    async fn ingest(&self, place: &Place, batch: EventBatch<'_>) -> Result<(), Refusal> {
        self.take_in(place, batch).await.map_err(Refusal::because)
    }
}

impl Metrics {
    /// The capability over a database.
    pub fn new(db: Db, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let flags = Flags::new(db.clone(), Arc::clone(&clock), Arc::clone(&rng));
        let listeners = Arc::new(Listeners::new(db.clone()));
        let tail = Tail::new(Arc::clone(&clock));
        Self { db, clock, rng, flags, listeners, tail }
    }

    /// Where events are told as they arrive here, for whoever watches.
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// Watches the events of an environment as they arrive at this node.
    pub async fn watch(&self, place: &Place, filter: Filter) -> Result<Watch, Error> {
        self.flags.environment(&place.project, &place.environment).await?;
        Ok(self.tail.watch(place, filter)?)
    }

    async fn take_in(&self, place: &Place, batch: EventBatch<'_>) -> Result<(), Error> {
        let now = self.clock.now();
        let gathered = gather(&batch, &*self.listeners.of(place).await?);
        let mut writes = Batch::new();
        match &batch.payload_id {
            Some(id) => writes.push(store::intake::received(place, id, now)),
            None => writes.push(store::intake::received(place, &kernel::id::mint(now, &*self.rng), now)),
        }
        writes.append(store::count::add(place, &gathered, now));
        for (comparison, facts) in &gathered.facts {
            writes.extend(store::intake::add(comparison, facts, now));
        }
        // A fold looks when its window closes, not when something comes in: nobody is to be woken.
        match self.db.commit(writes.quiet()).await {
            Err(CommitError::Conflict { guard: store::intake::DUPLICATE }) => Ok(()),
            committed => Ok(committed?),
        }
    }

    /// Defines a metric.
    pub async fn create(
        &self,
        caller: &Caller,
        project: &ProjectKey,
        key: MetricKey,
        definition: MetricDefinition,
    ) -> Result<Metric, Error> {
        author(caller, Role::Writer)?;
        definition.check()?;
        self.flags.project(project).await?;
        let page = PageRequest { after: None, limit: MOST_METRICS };
        if store::metric::list(&self.db, project, &page).await?.len() >= MOST_METRICS {
            return Err(Error::TooMany { limit: MOST_METRICS });
        }
        let now = self.clock.now();
        let (statement, version) = match store::metric::get(&self.db, project, &key).await? {
            None => (store::metric::insert(project, &key, &definition, now), 1),
            Some(old) if old.deleted => {
                (store::metric::revive(project, &key, &definition, now), old.metric.version + 1)
            }
            Some(_) => return Err(Error::AlreadyThere { key }),
        };
        match self.commit(statement).await {
            Err(CommitError::Conflict { .. }) => Err(Error::AlreadyThere { key }),
            committed => {
                committed?;
                Ok(Metric { project: project.clone(), key, version, definition })
            }
        }
    }

    /// Changes a metric's words or event; comparisons under way keep the event that they began with.
    pub async fn update(
        &self,
        caller: &Caller,
        (project, key): (&ProjectKey, &MetricKey),
        seen: Option<i64>,
        change: impl FnOnce(MetricDefinition) -> MetricDefinition,
    ) -> Result<Metric, Error> {
        author(caller, Role::Writer)?;
        let present = self.metric(project, key).await?;
        let version = expect_version(&present, seen)?;
        let definition = change(present.definition.clone());
        definition.check()?;
        self.guarded(store::metric::update(project, key, version, &definition), &present).await?;
        Ok(Metric { version: version + 1, definition, ..present })
    }

    /// Takes a metric away; comparisons under way keep it to their end.
    pub async fn delete(
        &self,
        caller: &Caller,
        (project, key): (&ProjectKey, &MetricKey),
        seen: Option<i64>,
    ) -> Result<(), Error> {
        author(caller, Role::Writer)?;
        let present = self.metric(project, key).await?;
        let version = expect_version(&present, seen)?;
        self.guarded(store::metric::delete(project, key, version, self.clock.now()), &present).await
    }

    /// A metric.
    pub async fn metric(&self, project: &ProjectKey, key: &MetricKey) -> Result<Metric, Error> {
        let stored = store::metric::get(&self.db, project, key).await?.filter(|stored| !stored.deleted);
        stored.map(|stored| stored.metric).ok_or_else(|| Error::NoSuchMetric { key: key.clone() })
    }

    /// Since when a metric's outcomes are counted, also when it is gone; `None` when that is not known.
    pub async fn counted_since(&self, project: &ProjectKey, key: &MetricKey) -> Result<Option<Timestamp>, Error> {
        Ok(store::metric::get(&self.db, project, key).await?.and_then(|stored| stored.created_at))
    }

    /// The project's metrics by key.
    pub async fn list(&self, project: &ProjectKey, page: &PageRequest) -> Result<Page<Metric>, Error> {
        self.flags.project(project).await?;
        let rows = store::metric::list(&self.db, project, page).await?;
        Ok(page.page(rows, |metric| metric.key.to_string()))
    }

    async fn guarded(&self, statement: Statement, present: &Metric) -> Result<(), Error> {
        match self.commit(statement).await {
            Err(CommitError::Conflict { .. }) => Err(Error::Stale { present: present.version }),
            committed => Ok(committed?),
        }
    }

    async fn commit(&self, statement: Statement) -> Result<(), CommitError> {
        let mut batch = Batch::from(statement);
        batch.push(db::sequence::advance("metric"));
        self.db.commit(batch).await
    }

    /// Evaluations of a flag by variation from `since` on, added up over each `width`.
    pub async fn evaluations(
        &self,
        place: &Place,
        flag: &FlagKey,
        (since, width): (Timestamp, BinWidth),
    ) -> Result<Vec<EvaluationCount>, Error> {
        // From the start of a bin: a part of one would be taken for the whole.
        let since = since.floor(width.duration());
        Ok(store::count::evaluations(&self.db, place, flag, (since, width.duration())).await?)
    }

    /// A metric's outcomes that came between two instants, the second excluded.
    pub async fn outcomes(
        &self,
        place: &Place,
        metric: &MetricKey,
        between: (Timestamp, Timestamp),
    ) -> Result<Vec<OutcomeCount>, Error> {
        Ok(store::count::outcomes(&self.db, place, metric, between).await?)
    }

    /// The SDKs of an environment, the last seen first, and what all nodes have of them now.
    pub async fn sdks(&self, place: &Place) -> Result<Vec<SeenSdk>, Error> {
        self.flags.environment(&place.project, &place.environment).await?;
        let now = self.clock.now();
        let mut presences = store::sdk::presences(&self.db, place, now.minus(ALIVE)).await?;
        // There is no other node on SQLite: what one wrote is of a process that is gone.
        presences.retain(|presence| self.db.dialect() == Dialect::Postgres || presence.node == self.db.node());
        Ok(merge(store::sdk::sdks(&self.db, place).await?, presences, now))
    }

    /// When the last delivery of events came from an environment, within a day.
    pub async fn last_heard(&self, place: &Place) -> Result<Option<Timestamp>, Error> {
        Ok(store::intake::last_heard(&self.db, place).await?)
    }

    /// When the first delivery of events since `since` came from an environment, within a day.
    pub async fn first_heard(&self, place: &Place, since: Timestamp) -> Result<Option<Timestamp>, Error> {
        Ok(store::intake::first_heard(&self.db, place, since).await?)
    }

    /// Starts a comparison under the release's id: for the batch that makes the release's first change.
    pub fn open(id: &str, place: &Place, flag: &FlagKey, arms: &ComparedArms, now: Timestamp) -> Statement {
        store::comparison::open(id, place, flag, arms, now.floor(WINDOW))
    }

    /// The split is another from the change on that is made in the same batch. A conflict when a window was closed after
    /// `judged_until`: it belongs to the split of before, so judge it and decide again.
    pub fn step(id: &str, judged_until: Timestamp) -> Statement {
        store::comparison::step(id, judged_until)
    }

    /// Windows before `until` were judged: for the batch that keeps what the judge made of them.
    pub fn judged(id: &str, until: Timestamp) -> Statement {
        store::comparison::judged(id, until)
    }

    /// Stops a comparison: for the batch that ends the release.
    pub fn close(id: &str, now: Timestamp) -> Statement {
        store::comparison::close(id, now)
    }

    /// A comparison, under way or over.
    pub async fn comparison(&self, id: &str) -> Result<Option<Comparison>, Error> {
        Ok(store::comparison::get(&self.db, id).await?)
    }

    /// The closed windows of a comparison that began at `since` or later; `None` when there is no such comparison.
    pub async fn windows(&self, id: &str, since: Timestamp) -> Result<Option<ClosedWindows>, Error> {
        // First the watermark, then the rows: those below it were committed with it.
        let Some(comparison) = self.comparison(id).await? else { return Ok(None) };
        let until = comparison.closed_until;
        let rows = store::comparison::windows(&self.db, id, since, until).await?;
        Ok(Some(ClosedWindows { until, rows }))
    }

    /// How many units have met an arm; none any more some time after the comparison is over.
    pub async fn count_units(&self, id: &str) -> Result<i64, Error> {
        Ok(store::comparison::count_units(&self.db, id).await?)
    }
}

fn expect_version(present: &Metric, seen: Option<i64>) -> Result<i64, Error> {
    match seen {
        Some(seen) if seen != present.version => Err(Error::Stale { present: present.version }),
        _ => Ok(present.version),
    }
}
