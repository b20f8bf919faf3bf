//! Segments.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{EnvironmentKey, Page, PageRequest, ProjectKey, Revision, SegmentKey, Timestamp};

use super::Versioned;
use crate::model::Segment;

const READ: Sql = sql!("SELECT key, version, body FROM segment WHERE project = ?1 AND environment = ?2 AND key = ?3");
const READ_ALL: Sql = sql!("SELECT project, environment, key, version, body FROM segment");
const READ_ENVIRONMENT: Sql = sql!("SELECT key, version, body FROM segment WHERE project = ?1 AND environment = ?2");
const KEYS: Sql = sql!("SELECT key FROM segment WHERE project = ?1 AND environment = ?2 AND deleted_at IS NULL");
const LIST: Sql = sql!(
    "SELECT key, version, body FROM segment WHERE project = ?1 AND environment = ?2 AND deleted_at IS NULL
        AND (CAST(?3 AS TEXT) IS NULL OR key > ?3) ORDER BY key LIMIT ?4"
);
const INSERT: Sql = sql!(
    "INSERT INTO segment (project, environment, key, version, body, created_at, deleted_at)
     VALUES (?1, ?2, ?3, (SELECT value FROM sequence WHERE name = 'change'), ?4, ?5, ?6)"
);
const UPDATE: Sql = sql!(
    "UPDATE segment SET version = (SELECT value FROM sequence WHERE name = 'change'), body = ?4,
        deleted_at = CASE WHEN CAST(?6 AS BIGINT) IS NULL THEN NULL ELSE COALESCE(deleted_at, ?6) END
     WHERE project = ?1 AND environment = ?2 AND key = ?3 AND version = ?5"
);
pub(super) const ALL: &[Sql] = &[READ, READ_ALL, READ_ENVIRONMENT, KEYS, LIST, INSERT, UPDATE];

/// The guard of a segment's version.
pub const SEGMENT: &str = "segment";

/// A segment with its version; deleted ones too.
pub type StoredSegment = Versioned<SegmentKey, Segment>;

/// The segment, deleted or not.
pub async fn read(
    db: &Db,
    project: &ProjectKey,
    environment: &EnvironmentKey,
    key: &SegmentKey,
) -> Result<Option<StoredSegment>, ReadError> {
    db.optional(READ.bind(params![project, environment, key])).await?.map(|row| stored(&row)).transpose()
}

/// Every segment of every environment, deleted ones too.
pub async fn read_all(db: &Db) -> Result<Vec<(ProjectKey, EnvironmentKey, StoredSegment)>, ReadError> {
    let rows = db.many(READ_ALL.bind(params![])).await?;
    rows.iter().map(|row| Ok((row.parse("project")?, row.parse("environment")?, stored(row)?))).collect()
}

/// Every segment of an environment, deleted ones too.
pub async fn of_environment(
    db: &Db,
    project: &ProjectKey,
    environment: &EnvironmentKey,
) -> Result<Vec<StoredSegment>, ReadError> {
    db.many(READ_ENVIRONMENT.bind(params![project, environment])).await?.iter().map(stored).collect()
}

/// The keys of the segments that there are.
pub async fn keys<C: FromIterator<SegmentKey>>(
    db: &Db,
    project: &ProjectKey,
    environment: &EnvironmentKey,
) -> Result<C, ReadError> {
    let rows = db.many(KEYS.bind(params![project, environment])).await?;
    rows.iter().map(|row| row.parse("key")).collect()
}

/// The segments of an environment that are not deleted, by key.
pub async fn list(
    db: &Db,
    project: &ProjectKey,
    environment: &EnvironmentKey,
    page: &PageRequest,
) -> Result<Page<StoredSegment>, ReadError> {
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX).saturating_add(1);
    let rows = db.many(LIST.bind(params![project, environment, page.after.as_deref(), limit])).await?;
    let segments = rows.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(segments, |segment| segment.key.to_string()))
}

/// Writes the segment under the change's number: a new row where `seen` is none, else over the row of that version.
pub fn write(
    project: &ProjectKey,
    environment: &EnvironmentKey,
    key: &SegmentKey,
    segment: &Segment,
    seen: Option<Revision>,
    now: Timestamp,
) -> Statement {
    let body = Value::json(segment);
    let deleted_at = segment.deleted.then_some(now);
    let statement = match seen {
        None => INSERT.bind(params![project, environment, key, body, now, deleted_at]),
        Some(version) => UPDATE.bind(params![project, environment, key, body, version, deleted_at]),
    };
    statement.exactly_one(SEGMENT)
}

fn stored(row: &Row) -> Result<StoredSegment, ReadError> {
    Ok(Versioned { key: row.parse("key")?, version: row.revision("version")?, body: row.json("body")? })
}
