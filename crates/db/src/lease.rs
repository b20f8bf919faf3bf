//! Who may act: leases with fencing, so that a holder that lost its lease without noticing cannot write.

use std::time::Duration;

use kernel::Timestamp;

use crate::{Batch, CommitError, Db, Sql, Statement, params, sql};

const HELD: Sql = sql!("SELECT 1 AS held FROM lease WHERE name = ?1 AND holder <> ?2 AND expires_at > ?3");
const ACQUIRE: Sql = sql!(
    "INSERT INTO lease (name, holder, fence, expires_at) VALUES (?1, ?2, 1, ?4)
     ON CONFLICT (name) DO UPDATE
     SET holder = excluded.holder, fence = lease.fence + 1, expires_at = excluded.expires_at
     WHERE lease.holder = excluded.holder OR lease.expires_at <= ?3
     RETURNING fence"
);
const RENEW: Sql = sql!("UPDATE lease SET expires_at = ?4 WHERE name = ?1 AND holder = ?2 AND fence = ?3");
// An update that changes nothing: it counts the row, and on PostgreSQL locks it until the batch is committed.
const GUARD: Sql = sql!("UPDATE lease SET fence = fence WHERE name = ?1 AND holder = ?2 AND fence = ?3");
const RELEASE: Sql = sql!("UPDATE lease SET expires_at = 0 WHERE name = ?1 AND holder = ?2 AND fence = ?3");
pub(crate) const ALL: &[Sql] = &[HELD, ACQUIRE, RENEW, GUARD, RELEASE];

/// The right to act under a lease, numbered: each new holder gets a higher number, and older ones are worthless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    name: String,
    holder: String,
    number: i64,
}

impl Fence {
    /// Goes into every batch that the holder commits: a conflict named `lease` when someone else has taken over.
    pub fn guard(&self) -> Statement {
        GUARD.bind(self.params()).exactly_one("lease")
    }

    /// How often the lease has changed hands.
    pub fn number(&self) -> i64 {
        self.number
    }

    fn params(&self) -> Vec<crate::Value> {
        params![&self.name, &self.holder, self.number]
    }
}

/// Takes the lease `name` for `ttl`, if it is free, has expired, or was held under the same name `holder`.
///
/// Takes a new number each time; to hold on to a lease, [`renew`] it. Wakes nobody.
pub async fn acquire(
    db: &Db,
    name: &str,
    holder: &str,
    now: Timestamp,
    ttl: Duration,
) -> Result<Option<Fence>, CommitError> {
    // Asked first, since this is what the nodes that wait do all day: a read costs no transaction.
    if db.optional(HELD.bind(params![name, holder, now])).await?.is_some() {
        return Ok(None);
    }
    let rows = db.claim(ACQUIRE.bind(params![name, holder, now, now.plus(ttl)])).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Fence { name: name.to_owned(), holder: holder.to_owned(), number: row.int("fence")? }))
}

/// Holds on to the lease until `now` + `ttl`; `None` when someone else has taken it. Wakes nobody.
pub async fn renew(db: &Db, fence: Fence, now: Timestamp, ttl: Duration) -> Result<Option<Fence>, CommitError> {
    let mut params = fence.params();
    params.push(now.plus(ttl).into());
    match db.commit(Batch::from(RENEW.bind(params).exactly_one("lease")).quiet()).await {
        Ok(()) => Ok(Some(fence)),
        Err(CommitError::Conflict { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Lets go at once, and wakes those who wait for it.
pub async fn release(db: &Db, fence: &Fence) -> Result<(), CommitError> {
    db.commit(RELEASE.bind(fence.params()).into()).await
}
