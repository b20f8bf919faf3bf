//! What the reconcilers of this node last did, for the status page and the metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::Timestamp;
use serde::Serialize;

/// The reports of all reconcilers of this node, in memory; a cheap handle to clone.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<BTreeMap<&'static str, Report>>>);

/// One reconciler on this node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its name.
    pub name: &'static str,
    /// Whether this node holds its lease.
    pub leading: bool,
    /// How often it ran here since the start.
    pub runs: u64,
    /// How many runs have failed since the last that did not.
    pub failures: u32,
    /// The last run.
    pub last: Option<Run>,
    /// When it wants to run again at the latest, if it said so.
    pub next: Option<Timestamp>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took_ms: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "text")]
pub enum Outcome {
    /// As it should; what was done.
    Done(String),
    /// With an error; its chain.
    Failed(String),
    /// With a panic; its message.
    Panicked(String),
    /// Not within the time a run may take.
    TimedOut,
}

impl Board {
    /// All reports, by name.
    pub fn reports(&self) -> Vec<Report> {
        self.lock().values().cloned().collect()
    }

    pub(crate) fn enter(&self, name: &'static str) {
        let report = Report { name, leading: false, runs: 0, failures: 0, last: None, next: None };
        let before = self.lock().insert(name, report);
        assert!(before.is_none(), "two reconcilers are named {name:?}, so they would share a lease");
    }

    pub(crate) fn lead(&self, name: &'static str, leading: bool) {
        self.update(name, |report| report.leading = leading);
    }

    /// Notes a run; gives how many have failed in a row.
    pub(crate) fn note(&self, name: &'static str, run: Run, next: Option<Timestamp>) -> u32 {
        self.update(name, |report| {
            report.runs += 1;
            report.failures = if matches!(run.outcome, Outcome::Done(_)) { 0 } else { report.failures + 1 };
            report.last = Some(run);
            report.next = next;
            report.failures
        })
    }

    fn update<T>(&self, name: &'static str, change: impl FnOnce(&mut Report) -> T) -> T {
        change(self.lock().get_mut(name).expect("a driver enters its reconciler before it runs"))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Report>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
