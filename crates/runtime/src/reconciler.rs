//! What a reconciler is, what it is given, and what it answers.

use std::time::Duration;

use db::lease::Fence;
use kernel::Timestamp;

/// Why a turn failed: any error; the driver logs it with its chain and tries again.
pub type ReconcileError = Box<dyn std::error::Error + Send + Sync>;

/// Brings what is nearer to what should be. Level-triggered: it is told nothing but the time, so a wake-up that is lost, doubled
/// or late changes nothing but the delay.
#[async_trait::async_trait]
pub trait Reconciler: Send + Sync + 'static {
    /// What it brings about, such as `overdue-escalations`; unique, and the name of its lease.
    fn name(&self) -> &'static str;

    /// It is asked at least so often.
    fn period(&self) -> Duration;

    /// One bounded step. Every batch that it commits holds `turn.guard()`.
    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError>;
}

/// One turn of a reconciler.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The instant of the turn, for all its decisions.
    pub now: Timestamp,
    /// The right to write; worthless once another node has taken over.
    pub fence: Fence,
}

impl Turn {
    /// The statement that makes a batch a conflict (named `lease`) once another node has taken over.
    pub fn guard(&self) -> db::Statement {
        self.fence.guard()
    }
}

/// What a turn came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Ask again then, if nothing happens before.
    pub next: Option<Timestamp>,
    /// What was done, in a few words, for the status page.
    pub summary: String,
    /// There is more to do now: ask again at once.
    pub more: bool,
}

impl Status {
    /// Done for now.
    pub fn new(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), ..Self::default() }
    }

    /// Ask again at `next`; `None` leaves it to pokes and the period.
    #[must_use]
    pub fn next(mut self, next: Option<Timestamp>) -> Self {
        self.next = next;
        self
    }

    /// Whether there is more to do now.
    #[must_use]
    pub fn more(mut self, more: bool) -> Self {
        self.more = more;
        self
    }
}
