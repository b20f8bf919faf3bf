//! One order: numbers that are taken in the batch they number, so that commit order is their order.
//!
//! [`advance`] locks the sequence's row until the batch is committed (PostgreSQL) or is run by the one writer (SQLite). So
//! whoever has seen number n will never later find a smaller one that was not there before: readers that poll skip none,
//! and a batch that fails gives its number back.

use crate::{Db, ReadError, Sql, Statement, params, sql};

const ADVANCE: Sql = sql!(
    "INSERT INTO sequence (name, value) VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET value = sequence.value + 1"
);
const RAISE: Sql = sql!(
    "INSERT INTO sequence (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET
        value = CASE WHEN sequence.value < ?2 THEN ?2 ELSE sequence.value END"
);
const CURRENT: Sql = sql!("SELECT value FROM sequence WHERE name = ?1");
pub(crate) const ALL: &[Sql] = &[ADVANCE, RAISE, CURRENT];

/// Takes the next number of the sequence `name`, the first being 1.
///
/// Later statements of the same batch refer to it as `(SELECT value FROM sequence WHERE name = 'change')`. Put it as late in
/// the batch as can be: every other batch that advances the same sequence waits for this one's commit.
pub fn advance(name: &str) -> Statement {
    ADVANCE.bind(params![name]).exactly_one("sequence")
}

/// Raises the sequence `name` to `floor`, if it is below: the numbers taken from then on are larger than that.
pub fn raise(name: &str, floor: i64) -> Statement {
    RAISE.bind(params![name, floor]).exactly_one("sequence")
}

/// The last number taken; 0 when none was.
pub async fn current(db: &Db, name: &str) -> Result<i64, ReadError> {
    db.optional(CURRENT.bind(params![name])).await?.map_or(Ok(0), |row| row.int("value"))
}
