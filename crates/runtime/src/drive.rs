//! The driver: one loop a reconciler, on whichever node holds its lease.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use db::lease::{self, Fence};
use db::{Db, Dialect};
use futures_util::FutureExt;
use kernel::{Clock, Timestamp, words};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::report::{Board, Outcome, Run};
use crate::{Reconciler, Status, Tasks, Turn, tasks};

/// Pokes that come within this time of a turn's end share the next: a storm of commits is a hundred turns a second at most.
const GAP: Duration = Duration::from_millis(10);

/// A turn that takes longer is dropped and counts as failed: turns are bounded.
const TURN: Duration = Duration::from_mins(1);

/// How long to wait after a failure: at first, and at most. Short, since a page may wait behind it.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How soon after the last try a poke may make a waiting node try for the lease again.
const TRY_GAP: Duration = Duration::from_secs(1);

/// How long a lease lasts: on PostgreSQL, how long a node that died is waited for; on SQLite there is no other node, and a
/// process that opens the file voids what was held before.
fn ttl(dialect: Dialect) -> Duration {
    match dialect {
        Dialect::Sqlite => Duration::from_mins(10),
        Dialect::Postgres => Duration::from_secs(10),
    }
}

/// Drives each reconciler until the tasks are shut down: on one node at a time, woken by the database's pokes, by the time it
/// asked for and by its period. Errors and panics are logged, noted on the board and tried again.
pub fn drive(tasks: &Tasks, db: &Db, clock: &Arc<dyn Clock>, list: Vec<Arc<dyn Reconciler>>) -> Board {
    let board = Board::default();
    for reconciler in list {
        let name = reconciler.name();
        board.enter(name);
        let driver = Driver {
            db: db.clone(),
            clock: Arc::clone(clock),
            board: board.clone(),
            stop: tasks.stop(),
            ttl: ttl(db.dialect()),
            lease: lease_name(name),
            name,
            reconciler,
        };
        tasks.spawn(name, driver.run());
    }
    board
}

pub(crate) fn lease_name(name: &str) -> String {
    format!("reconciler/{name}")
}

struct Driver {
    db: Db,
    clock: Arc<dyn Clock>,
    board: Board,
    stop: CancellationToken,
    ttl: Duration,
    lease: String,
    name: &'static str,
    reconciler: Arc<dyn Reconciler>,
}

impl Driver {
    async fn run(self) {
        let mut pokes = self.db.pokes();
        while let Some(fence) = self.acquire(&mut pokes).await {
            self.board.lead(self.name, true);
            tokio::select! {
                () = self.lose(fence.clone()) => tracing::warn!(reconciler = self.name, "another node has taken over"),
                () = self.work(&fence, &mut pokes) => self.release(&fence).await,
            }
            self.board.lead(self.name, false);
        }
    }

    /// Waits for the lease; `None` at shutdown.
    async fn acquire(&self, pokes: &mut watch::Receiver<u64>) -> Option<Fence> {
        while !self.stop.is_cancelled() {
            match lease::acquire(&self.db, &self.lease, self.db.node(), self.clock.now(), self.ttl).await {
                Ok(Some(fence)) => return Some(fence),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(reconciler = self.name, error = words::causes(&error), "cannot ask for the lease");
                }
            }
            pokes.mark_unchanged();
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(self.ttl / 3) => {}
                () = poke_after(TRY_GAP.min(self.ttl / 3), pokes) => {}
            }
        }
        None
    }

    /// Renews the lease; ends when it is lost.
    async fn lose(&self, mut fence: Fence) {
        let mut renewed_at = self.clock.now();
        loop {
            tokio::time::sleep(self.ttl / 3).await;
            let now = self.clock.now();
            match lease::renew(&self.db, fence.clone(), now, self.ttl).await {
                Ok(Some(renewed)) => (fence, renewed_at) = (renewed, now),
                Ok(None) => return,
                Err(_) if now > renewed_at.plus(self.ttl) => return,
                Err(error) => {
                    tracing::warn!(reconciler = self.name, error = words::causes(&error), "cannot renew the lease");
                }
            }
        }
    }

    /// Takes turns until shutdown; a turn that has begun is finished.
    async fn work(&self, fence: &Fence, pokes: &mut watch::Receiver<u64>) {
        while !self.stop.is_cancelled() {
            // Before the turn: what is committed while it runs wakes it again.
            pokes.mark_unchanged();
            let turn = Turn { now: self.clock.now(), fence: fence.clone() };
            let rest = self.turn(&turn).await;
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.rest(rest, pokes) => {}
            }
        }
    }

    async fn turn(&self, turn: &Turn) -> Rest {
        let turning = AssertUnwindSafe(self.reconciler.reconcile(turn)).catch_unwind();
        let (outcome, status) = match tokio::time::timeout(TURN, turning).await {
            Ok(Ok(Ok(status))) => (Outcome::Done(status.summary.clone()), Some(status)),
            Ok(Ok(Err(error))) => (Outcome::Failed(words::causes(&*error)), None),
            Ok(Err(panic)) => (Outcome::Panicked(tasks::message(&*panic).to_owned()), None),
            Err(_) => (Outcome::TimedOut, None),
        };
        let took = self.clock.now().since(turn.now);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let next = status.as_ref().and_then(|status| status.next);
        let failures = self.board.note(self.name, Run { at: turn.now, took_ms, outcome: outcome.clone() }, next);
        let Some(status) = status else {
            let pause = backoff(failures);
            tracing::error!(reconciler = self.name, failures, ?outcome, ?pause, "turn failed and is tried again");
            return Rest::Backoff(pause);
        };
        tracing::debug!(reconciler = self.name, took_ms, summary = status.summary, "turn");
        self.rest_after(&status)
    }

    fn rest_after(&self, status: &Status) -> Rest {
        if status.more {
            return Rest::None;
        }
        let period = self.reconciler.period();
        Rest::Until(status.next.map_or(period, |next: Timestamp| next.since(self.clock.now()).min(period)))
    }

    async fn rest(&self, rest: Rest, pokes: &mut watch::Receiver<u64>) {
        match rest {
            Rest::None => tokio::task::yield_now().await,
            Rest::Backoff(pause) => tokio::time::sleep(pause).await,
            Rest::Until(pause) => tokio::select! {
                () = tokio::time::sleep(pause.max(GAP)) => {}
                () = poke_after(GAP, pokes) => {}
            },
        }
    }

    /// Lets the next node take over at once.
    async fn release(&self, fence: &Fence) {
        if let Err(error) = lease::release(&self.db, fence).await {
            tracing::warn!(reconciler = self.name, error = words::causes(&error), "cannot release the lease");
        }
    }
}

/// What to do between two turns.
enum Rest {
    None,
    /// Until then at most, or a poke.
    Until(Duration),
    /// Until then, whatever happens.
    Backoff(Duration),
}

/// Waits for `gap`, and then until there was a poke since the receiver was last marked.
async fn poke_after(gap: Duration, pokes: &mut watch::Receiver<u64>) {
    tokio::time::sleep(gap).await;
    // The sender lives in the database handle that the driver holds.
    drop(pokes.changed().await);
}

fn backoff(failures: u32) -> Duration {
    BACKOFF.0.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(BACKOFF.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backs_off_by_doubling_up_to_a_limit() {
        let pauses = [1, 2, 3, 6, 7, 1_000].map(|failures| backoff(failures).as_millis());
        assert_eq!(pauses, [100, 200, 400, 3_200, 5_000, 5_000]);
    }
}
