//! For timelines: runs reconcilers at an instant until all are at rest.

use std::sync::Arc;
use std::time::Duration;

use db::{Db, lease};
use kernel::Timestamp;

use crate::drive::lease_name;
use crate::{ReconcileError, Reconciler, Turn};

/// More rounds than any honest chain of effects needs.
const ROUNDS: usize = 1_000;

/// Runs `list` round after round at `now` until a round commits nothing and none wants more; gives the earliest instant at which
/// one wants to be asked again, which is where a timeline may jump to.
pub async fn settle(
    db: &Db,
    now: Timestamp,
    list: &[Arc<dyn Reconciler>],
) -> Result<Option<Timestamp>, ReconcileError> {
    let pokes = db.pokes();
    for _ in 0..ROUNDS {
        let before = *pokes.borrow();
        let (mut next, mut more) = (None, false);
        for reconciler in list {
            let lease = lease_name(reconciler.name());
            let fence = lease::acquire(db, &lease, db.node(), now, Duration::from_mins(1)).await?;
            let fence = fence.ok_or_else(|| format!("another node holds {lease}"))?;
            let status = reconciler.reconcile(&Turn { now, fence }).await?;
            more |= status.more;
            next = [next, status.next].into_iter().flatten().min();
        }
        if !more && *pokes.borrow() == before {
            return Ok(next);
        }
    }
    Err(format!("after {ROUNDS} rounds at {now} the reconcilers still commit").into())
}
