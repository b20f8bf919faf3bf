//! The members of big segments, by generation and hash.
//!
//! Hashes go over in packs: one parameter of many times 32 bytes, taken apart by the database, so that thousands of rows are
//! written by one statement. `COALESCE` with a column tells PostgreSQL that the pack is bytes, in words that SQLite has too.

use std::collections::BTreeMap;

use db::{Batch, Db, ReadError, Row, Sql, Statement, Value, params, sequence, sql};
use delivery::Sought;
use kernel::{Revision, Timestamp};

use crate::model::{ContextHash, Member, MemberList};

/// The places of the pieces of a pack with `$count` of them, from 0.
macro_rules! pieces {
    ($count:literal) => {
        concat!(
            "WITH RECURSIVE piece (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM piece WHERE at + 1 < CAST(",
            $count,
            " AS BIGINT)) "
        )
    };
}

/// The piece at `at` of the pack `$pack`.
macro_rules! hash {
    ($pack:literal) => {
        concat!(
            "substr(COALESCE(",
            $pack,
            ", (SELECT hash FROM segment_member WHERE generation = -1)), at * 32 + 1, 32)"
        )
    };
}

/// Adds (`+`) or takes away (`-`) what the hashes of a pack count for now.
macro_rules! count {
    ($sign:literal) => {
        concat!(
            "UPDATE segment_generation SET revision = (SELECT value FROM sequence WHERE name = 'membership'), beat_at = ?4,
                included = included ",
            $sign,
            " (",
            pieces!("?3"),
            "SELECT COUNT(*) FROM piece JOIN segment_member AS m
                ON m.generation = ?1 AND m.hash = ",
            hash!("?2"),
            " WHERE m.member = 1), excluded = excluded ",
            $sign,
            " (",
            pieces!("?3"),
            "SELECT COUNT(*) FROM piece JOIN segment_member AS m ON m.generation = ?1 AND m.hash = ",
            hash!("?2"),
            " WHERE m.member = -1)
             WHERE generation = ?1 AND state = 'live'"
        )
    };
}

const DISCOUNT: Sql = sql!(count!("-"));
const COUNT: Sql = sql!(count!("+"));
const PUT: Sql = sql!(concat!(
    "INSERT INTO segment_member (generation, hash, member, revision) ",
    pieces!("?3"),
    "SELECT CAST(?1 AS BIGINT), ",
    hash!("?2"),
    ", CAST(?4 AS BIGINT), (SELECT value FROM sequence WHERE name = 'membership') FROM piece WHERE at >= 0
     ON CONFLICT (generation, hash) DO UPDATE SET member = excluded.member, revision = excluded.revision
     WHERE segment_member.member <> excluded.member"
));
const TAKE_OFF: Sql = sql!(concat!(
    "UPDATE segment_member SET member = 0, revision = (SELECT value FROM sequence WHERE name = 'membership')
     WHERE generation = ?1 AND member = ?4 AND hash IN (",
    pieces!("?3"),
    "SELECT ",
    hash!("?2"),
    " FROM piece)"
));
const FILL: Sql = sql!(concat!(
    "INSERT INTO segment_member (generation, hash, member, revision) ",
    pieces!("?3"),
    "SELECT CAST(?1 AS BIGINT), ",
    hash!("?2"),
    ", CAST(?4 AS BIGINT), 0 FROM piece"
));
const LOOK_UP: Sql = sql!(
    "SELECT generation, hash, member FROM segment_member WHERE member <> 0 AND (
        (generation = ?1 AND hash = ?2) OR (generation = ?3 AND hash = ?4) OR (generation = ?5 AND hash = ?6)
        OR (generation = ?7 AND hash = ?8) OR (generation = ?9 AND hash = ?10) OR (generation = ?11 AND hash = ?12)
        OR (generation = ?13 AND hash = ?14) OR (generation = ?15 AND hash = ?16))"
);
const LOOK_UP_ONE: Sql =
    sql!("SELECT generation, hash, member FROM segment_member WHERE generation = ?1 AND hash = ?2");
const LOOK_UP_MANY: Sql = sql!(concat!(
    pieces!("?3"),
    "SELECT m.generation, m.hash, m.member FROM piece JOIN segment_member AS m ON m.generation = ?1 AND m.hash = ",
    hash!("?2")
));
const ALL_AFTER: Sql =
    sql!("SELECT hash, member FROM segment_member WHERE generation = ?1 AND hash > ?2 ORDER BY hash LIMIT ?3");
// The condition that the partial index has, in its own words: a parameter does not imply it.
const CHANGED_AT: Sql = sql!(
    "SELECT hash, member FROM segment_member WHERE generation = ?1 AND revision > 0 AND revision = ?2 AND hash > ?3
     ORDER BY hash LIMIT ?4"
);
const NEXT_CHANGE: Sql = sql!(
    "SELECT MIN(revision) AS revision FROM segment_member WHERE generation = ?1 AND revision > 0 AND revision > ?2"
);
const SWEEP: Sql = sql!(
    "DELETE FROM segment_member WHERE generation = ?1
        AND hash IN (SELECT hash FROM segment_member WHERE generation = ?1 ORDER BY hash LIMIT ?2)"
);
const ANY: Sql = sql!("SELECT hash, member FROM segment_member WHERE generation = ?1 LIMIT 1");
pub(super) const ALL: &[Sql] = &[
    DISCOUNT,
    COUNT,
    PUT,
    TAKE_OFF,
    FILL,
    LOOK_UP,
    LOOK_UP_ONE,
    LOOK_UP_MANY,
    ALL_AFTER,
    CHANGED_AT,
    NEXT_CHANGE,
    SWEEP,
    ANY,
];

/// So many pairs are few: looked up by one read, whatever their generations.
const PAIRS: usize = 8;

/// The guard of members that are changed: the generation is the one that is served.
pub const MEMBERS: &str = "members";

/// What is to become of some keys, each named once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Put on this list, whichever list they were on.
    pub put: Vec<(MemberList, Vec<ContextHash>)>,
    /// Taken off this list, if they are on it.
    pub take_off: Vec<(MemberList, Vec<ContextHash>)>,
}

/// Moves members of the generation that is served, and keeps its counts exact: what the keys counted for before is taken
/// away first, and what they count for afterwards is added.
pub fn change(generation: i64, moves: &Moves, now: Timestamp) -> Batch {
    let both = moves.put.iter().chain(&moves.take_off);
    let mut touched: Vec<ContextHash> = both.flat_map(|(_, hashes)| hashes.iter().copied()).collect();
    touched.sort_unstable();
    let packed = |sql: Sql, hashes: &[ContextHash], last: Value| {
        let count = i64::try_from(hashes.len()).unwrap_or(i64::MAX);
        sql.bind(params![generation, pack(hashes), count, last])
    };
    let mut batch = Batch::from(sequence::advance("membership"));
    batch.push(packed(DISCOUNT, &touched, now.into()).exactly_one(MEMBERS));
    for (sql, lists) in [(PUT, &moves.put), (TAKE_OFF, &moves.take_off)] {
        let lists = lists.iter().filter(|(_, hashes)| !hashes.is_empty());
        batch.extend(lists.map(|(list, hashes)| packed(sql, hashes, stored(*list).into())));
    }
    batch.push(packed(COUNT, &touched, now.into()).exactly_one(MEMBERS));
    batch
}

/// Writes members of a generation that nobody sees yet; sorted ones, none of which is there.
pub fn fill(generation: i64, list: MemberList, hashes: &[ContextHash]) -> Statement {
    let count = i64::try_from(hashes.len()).unwrap_or(i64::MAX);
    FILL.bind(params![generation, pack(hashes), count, stored(list)])
}

/// On which list each is that is on one. Few are looked up by one read, and many by one for each generation.
pub async fn look_up(db: &Db, sought: &[Sought]) -> Result<Vec<(Sought, MemberList)>, ReadError> {
    let mut found = Vec::new();
    for statement in look_ups(sought) {
        for row in db.many(statement).await? {
            let Member { hash, list } = member(&row)?;
            let generation = row.int("generation")?;
            found.extend(list.map(|list| (Sought { generation, hash }, list)));
        }
    }
    Ok(found)
}

fn look_ups(sought: &[Sought]) -> Vec<Statement> {
    match sought {
        [] => vec![],
        [one] => vec![LOOK_UP_ONE.bind(params![one.generation, one.hash.0])],
        few if few.len() <= PAIRS => {
            // No generation is numbered 0: the places that are left over find nothing.
            let padding = std::iter::repeat(&Sought { generation: 0, hash: ContextHash([0; ContextHash::LENGTH]) });
            let pairs = few.iter().chain(padding).take(PAIRS);
            vec![LOOK_UP.bind(pairs.flat_map(|one| params![one.generation, one.hash.0]).collect())]
        }
        many => {
            let mut by_generation: BTreeMap<i64, Vec<ContextHash>> = BTreeMap::new();
            for one in many {
                by_generation.entry(one.generation).or_default().push(one.hash);
            }
            let packs = by_generation.into_iter().map(|(generation, hashes)| {
                let count = i64::try_from(hashes.len()).unwrap_or(i64::MAX);
                LOOK_UP_MANY.bind(params![generation, pack(&hashes), count])
            });
            packs.collect()
        }
    }
}

/// At most `limit` members of a generation after `after`, by hash; those that were taken off too.
pub async fn all_after(
    db: &Db,
    generation: i64,
    after: Option<ContextHash>,
    limit: usize,
) -> Result<Vec<Member>, ReadError> {
    let after = after.map_or_else(Vec::new, |hash| hash.0.to_vec());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.many(ALL_AFTER.bind(params![generation, after, limit])).await?.iter().map(member).collect()
}

/// At most `limit` members that have been as they are since `revision`, after `after`, by hash.
pub async fn changed_at(
    db: &Db,
    (generation, revision): (i64, Revision),
    after: Option<ContextHash>,
    limit: usize,
) -> Result<Vec<Member>, ReadError> {
    let after = after.map_or_else(Vec::new, |hash| hash.0.to_vec());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.many(CHANGED_AT.bind(params![generation, revision, after, limit])).await?.iter().map(member).collect()
}

/// The first change of a member after `revision` that was not followed by another of the same member.
pub async fn next_change(db: &Db, generation: i64, revision: Revision) -> Result<Option<Revision>, ReadError> {
    let row = db.one(NEXT_CHANGE.bind(params![generation, revision])).await?;
    Ok(row.opt_int("revision")?.map(Revision))
}

/// Deletes at most `limit` members of a generation that is garbage.
pub fn sweep(generation: i64, limit: usize) -> Statement {
    SWEEP.bind(params![generation, i64::try_from(limit).unwrap_or(i64::MAX)])
}

/// Whether a generation has any rows left.
pub async fn any(db: &Db, generation: i64) -> Result<bool, ReadError> {
    Ok(db.optional(ANY.bind(params![generation])).await?.is_some())
}

fn pack(hashes: &[ContextHash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

fn stored(list: MemberList) -> i64 {
    match list {
        MemberList::Included => 1,
        MemberList::Excluded => -1,
    }
}

fn member(row: &Row) -> Result<Member, ReadError> {
    let hash = row.blob("hash")?.try_into().map(ContextHash);
    let hash = hash.map_err(|_| row.inconsistent("hash", "is not of 32 bytes"))?;
    let list = match row.int("member")? {
        1 => Some(MemberList::Included),
        -1 => Some(MemberList::Excluded),
        0 => None,
        _ => return Err(row.inconsistent("member", "is none of 1, 0 and -1")),
    };
    Ok(Member { hash, list })
}
