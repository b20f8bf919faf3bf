//! What comes in: delivered batches, and the facts that wait to be folded.

use db::{Db, ReadError, Sql, Statement, params, sql};
use kernel::Timestamp;

use crate::fact::{Fact, pack, unpack};
use crate::model::Place;

const RECEIVED: Sql = sql!(
    "INSERT INTO event_batch (project, environment, payload_id, received_at) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (project, environment, payload_id) DO NOTHING"
);
const FORGET_BATCHES: Sql = sql!("DELETE FROM event_batch WHERE received_at < ?1");
const LAST_HEARD: Sql =
    sql!("SELECT MAX(received_at) AS received_at FROM event_batch WHERE project = ?1 AND environment = ?2");
const FIRST_HEARD: Sql = sql!(
    "SELECT MIN(received_at) AS received_at FROM event_batch
     WHERE project = ?1 AND environment = ?2 AND received_at >= ?3"
);
const ADD: Sql = sql!(
    "INSERT INTO intake (seq, comparison, received_at, body)
     VALUES ((SELECT value FROM sequence WHERE name = 'intake'), ?1, ?2, ?3)"
);
const WAITING: Sql = sql!("SELECT seq, body FROM intake WHERE comparison = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
const FOLDED: Sql = sql!("DELETE FROM intake WHERE comparison = ?1 AND seq <= ?2");
pub(crate) const ALL: &[Sql] = &[RECEIVED, FORGET_BATCHES, LAST_HEARD, FIRST_HEARD, ADD, WAITING, FOLDED];

/// The guard that tells a batch that was delivered before.
pub const DUPLICATE: &str = "event batch";

/// Takes note of a delivery; a conflict named [`DUPLICATE`] when it was there before.
pub fn received(place: &Place, payload_id: &str, now: Timestamp) -> Statement {
    RECEIVED.bind(params![&place.project, &place.environment, payload_id, now]).exactly_one(DUPLICATE)
}

/// Forgets deliveries from before `limit`; nobody retries for so long.
pub fn forget_batches(limit: Timestamp) -> Statement {
    FORGET_BATCHES.bind(params![limit])
}

/// When the last delivery from an environment came.
pub async fn last_heard(db: &Db, place: &Place) -> Result<Option<Timestamp>, ReadError> {
    db.one(LAST_HEARD.bind(params![&place.project, &place.environment])).await?.opt_timestamp("received_at")
}

/// When the first delivery since `since` came.
pub async fn first_heard(db: &Db, place: &Place, since: Timestamp) -> Result<Option<Timestamp>, ReadError> {
    db.one(FIRST_HEARD.bind(params![&place.project, &place.environment, since])).await?.opt_timestamp("received_at")
}

/// Lets facts wait for the next fold of their comparison, in one order.
pub fn add(comparison: &str, facts: &[Fact], now: Timestamp) -> [Statement; 2] {
    [db::sequence::advance("intake"), ADD.bind(params![comparison, now, pack(facts)])]
}

/// The facts after `cursor` of at most `limit` deliveries, and the cursor of the last of them.
pub async fn waiting(db: &Db, comparison: &str, cursor: i64, limit: u32) -> Result<(Vec<Fact>, i64), ReadError> {
    let rows = db.many(WAITING.bind(params![comparison, cursor, limit])).await?;
    let mut facts = Vec::new();
    let mut last = cursor;
    for row in &rows {
        facts.extend(unpack(&row.blob("body")?).map_err(|error| row.inconsistent("body", &error.to_string()))?);
        last = row.int("seq")?;
    }
    Ok((facts, last))
}

/// Removes what was folded.
pub fn folded(comparison: &str, cursor: i64) -> Statement {
    FOLDED.bind(params![comparison, cursor])
}
