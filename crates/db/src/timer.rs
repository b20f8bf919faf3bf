//! What is to be looked at later: instants written in the batch of what they belong to.
//!
//! A timer does not fire and vanish: it is due until it is set anew or cleared, so whoever acts on it does so in the batch that
//! holds the effect, and a crash in between loses nothing.

use kernel::Timestamp;

use crate::{Db, ReadError, Sql, Statement, params, sql};

const SET: Sql = sql!(
    "INSERT INTO timer (name, kind, subject, due_at) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, subject = excluded.subject, due_at = excluded.due_at"
);
const CLEAR: Sql = sql!("DELETE FROM timer WHERE name = ?1");
const DUE: Sql =
    sql!("SELECT name, subject, due_at FROM timer WHERE kind = ?1 AND due_at <= ?2 ORDER BY due_at, name LIMIT ?3");
const NEXT: Sql = sql!("SELECT MIN(due_at) AS due_at FROM timer WHERE kind = ?1");
pub(crate) const ALL: &[Sql] = &[SET, CLEAR, DUE, NEXT];

/// A timer that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Unique among all timers.
    pub name: String,
    /// What it is about: an id.
    pub subject: String,
    /// Since when it is due.
    pub due_at: Timestamp,
}

/// Sets the timer `name`, in place of what it was set to before.
pub fn set(name: &str, kind: &str, subject: &str, due_at: Timestamp) -> Statement {
    SET.bind(params![name, kind, subject, due_at])
}

/// Clears the timer; one that is not set stays so.
pub fn clear(name: &str) -> Statement {
    CLEAR.bind(params![name])
}

/// Up to `limit` timers of `kind` that are due at `now`, the oldest first.
pub async fn due(db: &Db, kind: &str, now: Timestamp, limit: u32) -> Result<Vec<Timer>, ReadError> {
    let rows = db.many(DUE.bind(params![kind, now, limit])).await?;
    let timer = |row: &crate::Row| {
        Ok(Timer { name: row.text("name")?, subject: row.text("subject")?, due_at: row.timestamp("due_at")? })
    };
    rows.iter().map(timer).collect()
}

/// When the first timer of `kind` is due; may lie in the past.
pub async fn next_due(db: &Db, kind: &str) -> Result<Option<Timestamp>, ReadError> {
    db.one(NEXT.bind(params![kind])).await?.opt_timestamp("due_at")
}
