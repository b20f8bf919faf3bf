//! Keeps the outbox small: what was delivered is of use for a while, to know a repeated message by, and then no more.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use async_trait::async_trait;
use db::{Batch, Db, outbox};
use kernel::Timestamp;

use crate::{ReconcileError, Reconciler, Status, Turn};

/// What was delivered stays so long: longer than anybody sends a message again, short enough to stay small.
pub const RETENTION: Duration = Duration::from_hours(24 * 7);
/// It looks so often.
const PERIOD: Duration = Duration::from_hours(1);
/// At most so many are deleted in one turn, so that no commit is long.
const MOST: u32 = 1_000;

/// Forgets messages that were done [`RETENTION`] ago.
pub struct Housekeeping {
    db: Db,
    /// Not before this instant again, in microseconds, however often it is poked.
    due: AtomicI64,
}

impl Housekeeping {
    /// Of this database.
    pub fn new(db: Db) -> Self {
        Self { db, due: AtomicI64::new(i64::MIN) }
    }
}

#[async_trait]
impl Reconciler for Housekeeping {
    fn name(&self) -> &'static str {
        "housekeeping"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        let due = Timestamp::from_micros(self.due.load(Relaxed));
        if turn.now < due {
            return Ok(Status::new("tidy").next(Some(due)));
        }
        let before = turn.now.minus(RETENTION);
        if outbox::oldest_done(&self.db).await?.is_some_and(|oldest| oldest < before) {
            let mut batch = Batch::from(turn.guard());
            batch.push(outbox::forget(before, MOST));
            self.db.commit(batch.quiet()).await?;
            return Ok(Status::new("forgot what was delivered long ago").more(true));
        }
        let next = turn.now.plus(PERIOD);
        self.due.store(next.as_micros(), Relaxed);
        Ok(Status::new("tidy").next(Some(next)))
    }
}
