//! The generations of big segments: what is uploaded, served, superseded.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sequence, sql};
use kernel::{Revision, Timestamp};

use crate::model::{Generation, GenerationState, SegmentPlace};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT generation, id, project, environment, segment, state, actor, created_at, beat_at, ended_at, bytes, \
             bytes_total, keys, staged, included, excluded, since, revision, problem FROM segment_generation ",
            $rest
        )
    };
}

const INSERT: Sql = sql!(
    "INSERT INTO segment_generation (generation, id, project, environment, segment, state, actor, created_at, beat_at,
        ended_at, bytes, bytes_total, keys, staged, included, excluded, since, revision, problem, unmirrored, swept)
     VALUES ((SELECT value FROM sequence WHERE name = 'generation'), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, NULL, 0, ?8, 0, 0, 0,
        0, 0, 0, NULL, 0, 0)"
);
const BY_ID: Sql = sql!(select!("WHERE id = ?1"));
const BY_NUMBER: Sql = sql!(select!("WHERE generation = ?1"));
const UPLOADS: Sql = sql!(select!(
    "WHERE project = ?1 AND environment = ?2 AND segment = ?3 AND id LIKE 'upl!_%' ESCAPE '!'
     ORDER BY generation DESC LIMIT ?4"
));
const READY: Sql =
    sql!(select!("WHERE project = ?1 AND environment = ?2 AND segment = ?3 AND state IN ('opened', 'staged')"));
const SERVED: Sql = sql!(select!(
    "WHERE (CAST(?1 AS TEXT) IS NULL OR (project = ?1 AND environment = ?2)) AND state IN ('staged', 'live')
     ORDER BY generation"
));
const HEAD: Sql = sql!(
    "SELECT COALESCE(MAX(revision), 0) AS head FROM segment_generation
     WHERE (CAST(?1 AS TEXT) IS NULL OR (project = ?1 AND environment = ?2)) AND state IN ('staged', 'live')"
);
const UNFINISHED: Sql = sql!(select!(
    "WHERE state = 'staged' OR (state IN ('opened', 'receiving', 'staging') AND beat_at < ?1)
     ORDER BY generation LIMIT 100"
));
const GARBAGE: Sql = sql!(select!(
    "WHERE state IN ('superseded', 'failed', 'cancelled') AND swept = 0 AND unmirrored >= ?2 AND ended_at < ?1
     ORDER BY generation LIMIT 100"
));
const MIRRORED_GARBAGE: Sql = sql!(select!(
    "WHERE state IN ('superseded', 'failed', 'cancelled') AND swept = 0 AND unmirrored = 0 AND ended_at < ?1
     ORDER BY generation LIMIT 100"
));
const MARK_UNMIRRORED: Sql = sql!("UPDATE segment_generation SET unmirrored = 1 WHERE generation = ?1");
const PROGRESS: Sql = sql!(
    "UPDATE segment_generation SET state = ?2, bytes = ?3, keys = ?4, staged = ?5, beat_at = ?6
     WHERE generation = ?1 AND state IN ('receiving', 'staging')"
);
const STAGE: Sql = sql!(
    "UPDATE segment_generation SET state = 'staged', included = ?2, excluded = ?3, staged = ?4, beat_at = ?5,
        since = (SELECT value FROM sequence WHERE name = 'membership'),
        revision = (SELECT value FROM sequence WHERE name = 'membership')
     WHERE generation = ?1 AND state IN ('receiving', 'staging')"
);
const SERVE: Sql = sql!(
    "UPDATE segment_generation SET state = 'live', beat_at = ?2,
        since = CASE WHEN since = 0 THEN (SELECT value FROM sequence WHERE name = 'membership') ELSE since END,
        revision = (SELECT value FROM sequence WHERE name = 'membership')
     WHERE generation = ?1 AND state IN ('opened', 'staged')"
);
const SUPERSEDE: Sql =
    sql!("UPDATE segment_generation SET state = 'superseded', ended_at = ?2 WHERE generation = ?1 AND state = 'live'");
const STOP: Sql = sql!(
    "UPDATE segment_generation SET state = ?2, problem = ?3, ended_at = ?4
     WHERE generation = ?1 AND state IN ('opened', 'receiving', 'staging', 'staged')"
);
const MARK_SWEPT: Sql = sql!("UPDATE segment_generation SET swept = 1 WHERE generation = ?1");
const FORGET: Sql = sql!("DELETE FROM segment_generation WHERE swept = 1 AND ended_at < ?1");
pub(super) const ALL: &[Sql] = &[
    INSERT,
    BY_ID,
    BY_NUMBER,
    UPLOADS,
    READY,
    SERVED,
    HEAD,
    UNFINISHED,
    GARBAGE,
    MIRRORED_GARBAGE,
    MARK_UNMIRRORED,
    PROGRESS,
    STAGE,
    SERVE,
    SUPERSEDE,
    STOP,
    MARK_SWEPT,
    FORGET,
];

/// The guard of a generation that is begun: its segment has no other upload under way.
pub const BEGIN: &str = "upload under way";
/// The guard of an upload's progress: nobody has stopped it.
pub const UPLOAD: &str = "upload";
/// The guard of a generation that comes to be served.
pub const GENERATION: &str = "generation";

/// A generation that is begun: [`GenerationState::Opened`] for a segment to be created, or else an upload.
#[derive(Clone, Debug)]
pub struct NewGeneration<'a> {
    /// Its id, `upl_…` for an upload.
    pub id: &'a str,
    /// Whose it is.
    pub place: &'a SegmentPlace,
    /// Where it begins.
    pub state: GenerationState,
    /// By whom.
    pub actor: &'a kernel::Actor,
    /// When.
    pub now: Timestamp,
    /// How many bytes will come, if that is known.
    pub bytes_total: Option<u64>,
}

/// Numbers and writes a new generation; its number is read back by its id.
pub fn begin(new: &NewGeneration<'_>) -> db::Batch {
    let SegmentPlace { project, environment, segment } = new.place;
    let actor = Value::json(new.actor);
    let values =
        params![new.id, project, environment, segment, new.state.as_str(), actor, new.now, new.bytes_total.map(whole)];
    [sequence::advance("generation"), INSERT.bind(values).exactly_one(BEGIN)].into_iter().collect()
}

/// The generation of this id.
pub async fn by_id(db: &Db, id: &str) -> Result<Option<Generation>, ReadError> {
    db.optional(BY_ID.bind(params![id])).await?.map(|row| generation(&row)).transpose()
}

/// The generation of this number.
pub async fn by_number(db: &Db, number: i64) -> Result<Option<Generation>, ReadError> {
    db.optional(BY_NUMBER.bind(params![number])).await?.map(|row| generation(&row)).transpose()
}

/// The last uploads to a segment, newest first.
pub async fn uploads(db: &Db, place: &SegmentPlace, limit: u32) -> Result<Vec<Generation>, ReadError> {
    let SegmentPlace { project, environment, segment } = place;
    all(db, UPLOADS.bind(params![project, environment, segment, limit])).await
}

/// The lists of a segment that may come to be served.
pub async fn ready(db: &Db, place: &SegmentPlace) -> Result<Vec<Generation>, ReadError> {
    let SegmentPlace { project, environment, segment } = place;
    all(db, READY.bind(params![project, environment, segment])).await
}

/// Which generations one looks at: those of an environment, or all.
pub type Scope<'a> = Option<(&'a kernel::ProjectKey, &'a kernel::EnvironmentKey)>;

/// What is served or about to be, in the order of numbers.
pub async fn served(db: &Db, scope: Scope<'_>) -> Result<Vec<Generation>, ReadError> {
    all(db, SERVED.bind(params![scope.map(|it| it.0), scope.map(|it| it.1)])).await
}

/// The place of the last change of what is served, or about to be.
pub async fn head(db: &Db, scope: Scope<'_>) -> Result<Revision, ReadError> {
    db.one(HEAD.bind(params![scope.map(|it| it.0), scope.map(|it| it.1)])).await?.revision("head")
}

/// Those that wait to be served, and those without progress since `stale`.
pub async fn unfinished(db: &Db, stale: Timestamp) -> Result<Vec<Generation>, ReadError> {
    all(db, UNFINISHED.bind(params![stale])).await
}

/// Those that ended before `before` and may still have members; where they are mirrored, only when no longer in the mirror.
pub async fn garbage(db: &Db, before: Timestamp, mirrored: bool) -> Result<Vec<Generation>, ReadError> {
    all(db, GARBAGE.bind(params![before, mirrored])).await
}

/// Those that ended before `before` and may still be in the mirror.
pub async fn mirrored_garbage(db: &Db, before: Timestamp) -> Result<Vec<Generation>, ReadError> {
    all(db, MIRRORED_GARBAGE.bind(params![before])).await
}

/// It is in the mirror no more.
pub fn mark_unmirrored(number: i64) -> Statement {
    MARK_UNMIRRORED.bind(params![number])
}

/// How far an upload has come; a conflict when it was stopped.
pub fn progress(upload: &Generation, now: Timestamp) -> Statement {
    let Generation { number, state, bytes, keys, staged, .. } = upload;
    PROGRESS
        .bind(params![*number, state.as_str(), whole(*bytes), whole(*keys), whole(*staged), now])
        .exactly_one(UPLOAD)
}

/// The upload is complete, with so many members; after `sequence::advance("membership")` in the same batch.
pub fn stage(number: i64, included: u64, excluded: u64, now: Timestamp) -> Statement {
    STAGE.bind(params![number, whole(included), whole(excluded), whole(included + excluded), now]).exactly_one(UPLOAD)
}

/// It is served from now on; after `sequence::advance("membership")` in the same batch.
pub fn serve(number: i64, now: Timestamp) -> Statement {
    SERVE.bind(params![number, now]).exactly_one(GENERATION)
}

/// It is served no more.
pub fn supersede(number: i64, now: Timestamp) -> Statement {
    SUPERSEDE.bind(params![number, now])
}

/// It will never be served; a conflict when it is already, or has ended.
pub fn stop(number: i64, state: GenerationState, problem: Option<&str>, now: Timestamp) -> Statement {
    STOP.bind(params![number, state.as_str(), problem, now]).exactly_one(UPLOAD)
}

/// It has no members any more.
pub fn mark_swept(number: i64) -> Statement {
    MARK_SWEPT.bind(params![number])
}

/// Forgets those that ended before `before` and were swept.
pub fn forget(before: Timestamp) -> Statement {
    FORGET.bind(params![before])
}

async fn all(db: &Db, statement: Statement) -> Result<Vec<Generation>, ReadError> {
    db.many(statement).await?.iter().map(generation).collect()
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn generation(row: &Row) -> Result<Generation, ReadError> {
    let count = |column: &str| -> Result<u64, ReadError> { Ok(u64::try_from(row.int(column)?).unwrap_or(0)) };
    Ok(Generation {
        number: row.int("generation")?,
        id: row.text("id")?,
        place: SegmentPlace {
            project: row.parse("project")?,
            environment: row.parse("environment")?,
            segment: row.parse("segment")?,
        },
        state: row.parse("state")?,
        actor: row.json("actor")?,
        created_at: row.timestamp("created_at")?,
        beat_at: row.timestamp("beat_at")?,
        ended_at: row.opt_timestamp("ended_at")?,
        bytes: count("bytes")?,
        bytes_total: row.opt_int("bytes_total")?.and_then(|total| u64::try_from(total).ok()),
        keys: count("keys")?,
        staged: count("staged")?,
        included: count("included")?,
        excluded: count("excluded")?,
        since: row.revision("since")?,
        revision: row.revision("revision")?,
        problem: row.opt_text("problem")?,
    })
}
