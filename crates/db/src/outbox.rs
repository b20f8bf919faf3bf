//! What is to be sent: messages written in the batch of what they tell, delivered at least once.
//!
//! The owner of a topic enqueues in its decision's batch; a worker claims what is due, delivers it with the message's key as
//! the idempotency key, and says [`done`] or [`retry_at`]. A worker that dies is succeeded by another when its claim expires.

use std::time::Duration;

use kernel::Timestamp;

use crate::{CommitError, Db, ReadError, Row, Sql, Statement, params, sql};

const ENQUEUE: Sql = sql!(
    "INSERT INTO outbox (id, topic, key, body, due_at, attempts, created_at) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)
     ON CONFLICT (topic, key) DO NOTHING"
);
const CLAIM: Sql = sql!(
    lite: "UPDATE outbox SET claimed_until = ?3, attempts = attempts + 1
           WHERE id IN (
               SELECT id FROM outbox
               WHERE topic = ?1 AND done_at IS NULL AND due_at <= ?2 AND (claimed_until IS NULL OR claimed_until <= ?2)
               ORDER BY due_at, id LIMIT ?4)
           RETURNING id, key, body, due_at, attempts, last_error, created_at",
    pg: "UPDATE outbox SET claimed_until = ?3, attempts = attempts + 1
         WHERE id IN (
             SELECT id FROM outbox
             WHERE topic = ?1 AND done_at IS NULL AND due_at <= ?2 AND (claimed_until IS NULL OR claimed_until <= ?2)
             ORDER BY due_at, id LIMIT ?4 FOR UPDATE SKIP LOCKED)
         RETURNING id, key, body, due_at, attempts, last_error, created_at",
);
const NEXT: Sql = sql!(
    "SELECT MIN(CASE WHEN claimed_until > due_at THEN claimed_until ELSE due_at END) AS due_at
     FROM outbox WHERE topic = ?1 AND done_at IS NULL"
);
const UNCLAIM: Sql =
    sql!("UPDATE outbox SET claimed_until = NULL WHERE topic = ?1 AND done_at IS NULL AND claimed_until IS NOT NULL");
const DONE: Sql = sql!("UPDATE outbox SET done_at = ?2, claimed_until = NULL WHERE id = ?1 AND done_at IS NULL");
const RETRY: Sql =
    sql!("UPDATE outbox SET due_at = ?2, last_error = ?3, claimed_until = NULL WHERE id = ?1 AND done_at IS NULL");
const OLDEST_DONE: Sql = sql!("SELECT MIN(done_at) AS done_at FROM outbox WHERE done_at IS NOT NULL");
const FORGET: Sql = sql!(
    "DELETE FROM outbox WHERE id IN (
         SELECT id FROM outbox WHERE done_at IS NOT NULL AND done_at < ?1 ORDER BY done_at LIMIT ?2)"
);
pub(crate) const ALL: &[Sql] = &[ENQUEUE, CLAIM, NEXT, UNCLAIM, DONE, RETRY, OLDEST_DONE, FORGET];

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Unique among all messages.
    pub id: String,
    /// What kind of message, named by the crate that delivers it: `page`, `webhook`.
    pub topic: &'static str,
    /// What makes it the same message: a second one with this topic and key is not enqueued, and the receiver is given the
    /// key to know a repeated delivery by.
    pub key: String,
    /// What the worker needs; JSON of the topic's own shape.
    pub body: String,
    /// Not before.
    pub due_at: Timestamp,
}

/// A message that a worker has claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Unique among all messages.
    pub id: String,
    /// The idempotency key.
    pub key: String,
    /// What was enqueued.
    pub body: String,
    /// How often it was claimed, this time included: 1 at the first attempt.
    pub attempts: i64,
    /// Why the last attempt failed, if it said so.
    pub last_error: Option<String>,
    /// When it became due.
    pub due_at: Timestamp,
    /// When it was enqueued.
    pub created_at: Timestamp,
}

/// Adds a message, unless one with its topic and key is there already, done or not.
pub fn enqueue(message: &Message, now: Timestamp) -> Statement {
    let Message { id, topic, key, body, due_at } = message;
    ENQUEUE.bind(params![id, *topic, key, body, *due_at, now])
}

/// Claims up to `limit` messages that are due, the oldest first, for `claim_for`; nobody else gets them until then.
pub async fn claim_due(
    db: &Db,
    topic: &str,
    now: Timestamp,
    limit: u32,
    claim_for: Duration,
) -> Result<Vec<Claimed>, CommitError> {
    let rows = db.claim(CLAIM.bind(params![topic, now, now.plus(claim_for), limit])).await?;
    let mut claimed = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
    // RETURNING promises no order, neither here nor there.
    claimed.sort_by(|a, b| (a.due_at, &a.id).cmp(&(b.due_at, &b.id)));
    Ok(claimed)
}

fn claimed(row: &Row) -> Result<Claimed, ReadError> {
    Ok(Claimed {
        id: row.text("id")?,
        key: row.text("key")?,
        body: row.text("body")?,
        attempts: row.int("attempts")?,
        last_error: row.opt_text("last_error")?,
        due_at: row.timestamp("due_at")?,
        created_at: row.timestamp("created_at")?,
    })
}

/// When [`claim_due`] will next find something: the time for a reconciler to be woken at. May lie in the past.
pub async fn next_due(db: &Db, topic: &str) -> Result<Option<Timestamp>, ReadError> {
    db.one(NEXT.bind(params![topic])).await?.opt_timestamp("due_at")
}

/// Lets go of all claims on `topic`: for a worker that has just taken over from one that is gone, and will not wait for them.
pub fn unclaim(topic: &str) -> Statement {
    UNCLAIM.bind(params![topic])
}

/// The message was delivered, or need not be any more.
pub fn done(id: &str, now: Timestamp) -> Statement {
    DONE.bind(params![id, now])
}

/// The delivery failed with `error`; it is tried again from `due_at` on.
pub fn retry_at(id: &str, due_at: Timestamp, error: &str) -> Statement {
    RETRY.bind(params![id, due_at, error])
}

/// When the first message that is still kept was done.
pub async fn oldest_done(db: &Db) -> Result<Option<Timestamp>, ReadError> {
    db.one(OLDEST_DONE.bind(params![])).await?.opt_timestamp("done_at")
}

/// Deletes what was done before `before`, the oldest first, at most `limit`; from then on its keys may be used again.
pub fn forget(before: Timestamp, limit: u32) -> Statement {
    FORGET.bind(params![before, limit])
}
