//! Metric definitions.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{MetricKey, PageRequest, ProjectKey, Timestamp};

use crate::model::{Metric, MetricDefinition};

const INSERT: Sql = sql!("INSERT INTO metric (project, key, version, body, created_at) VALUES (?1, ?2, 1, ?3, ?4)");
const REVIVE: Sql = sql!(
    "UPDATE metric SET body = ?3, created_at = ?4, version = version + 1, deleted_at = NULL
     WHERE project = ?1 AND key = ?2 AND deleted_at IS NOT NULL"
);
const UPDATE: Sql = sql!(
    "UPDATE metric SET body = ?4, version = version + 1
     WHERE project = ?1 AND key = ?2 AND version = ?3 AND deleted_at IS NULL"
);
const DELETE: Sql = sql!(
    "UPDATE metric SET deleted_at = ?4, version = version + 1
     WHERE project = ?1 AND key = ?2 AND version = ?3 AND deleted_at IS NULL"
);
const GET: Sql =
    sql!("SELECT project, key, version, body, created_at, deleted_at FROM metric WHERE project = ?1 AND key = ?2");
const LIST: Sql = sql!(
    "SELECT project, key, version, body, created_at, deleted_at FROM metric
     WHERE project = ?1 AND deleted_at IS NULL AND key > ?2 ORDER BY key LIMIT ?3"
);
pub(crate) const ALL: &[Sql] = &[INSERT, REVIVE, UPDATE, DELETE, GET, LIST];

/// What is stored under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The metric, as it is or as it was.
    pub metric: Metric,
    /// Since when its outcomes are counted; `None` when it is older than this was written down.
    pub created_at: Option<Timestamp>,
    /// Whether it is gone.
    pub deleted: bool,
}

/// A first metric under this key.
pub fn insert(project: &ProjectKey, key: &MetricKey, definition: &MetricDefinition, now: Timestamp) -> Statement {
    INSERT.bind(params![project, key, Value::json(definition), now]).exactly_one("metric")
}

/// A metric under the key of a deleted one.
pub fn revive(project: &ProjectKey, key: &MetricKey, definition: &MetricDefinition, now: Timestamp) -> Statement {
    REVIVE.bind(params![project, key, Value::json(definition), now]).exactly_one("metric")
}

/// Another definition, if the metric still has this version.
pub fn update(project: &ProjectKey, key: &MetricKey, seen: i64, definition: &MetricDefinition) -> Statement {
    UPDATE.bind(params![project, key, seen, Value::json(definition)]).exactly_one("metric")
}

/// No metric any more, if it still has this version.
pub fn delete(project: &ProjectKey, key: &MetricKey, seen: i64, now: Timestamp) -> Statement {
    DELETE.bind(params![project, key, seen, now]).exactly_one("metric")
}

/// What is stored under the key, deleted or not.
pub async fn get(db: &Db, project: &ProjectKey, key: &MetricKey) -> Result<Option<Stored>, ReadError> {
    db.optional(GET.bind(params![project, key])).await?.as_ref().map(stored).transpose()
}

/// The project's metrics by key.
pub async fn list(db: &Db, project: &ProjectKey, page: &PageRequest) -> Result<Vec<Metric>, ReadError> {
    let limit = i64::try_from(page.limit + 1).unwrap_or(i64::MAX);
    let rows = db.many(LIST.bind(params![project, page.after.as_deref().unwrap_or(""), limit])).await?;
    rows.iter().map(|row| stored(row).map(|stored| stored.metric)).collect()
}

fn stored(row: &Row) -> Result<Stored, ReadError> {
    let metric = Metric {
        project: row.parse("project")?,
        key: row.parse("key")?,
        version: row.int("version")?,
        definition: row.json("body")?,
    };
    let created_at = row.opt_timestamp("created_at")?;
    Ok(Stored { metric, created_at, deleted: row.opt_int("deleted_at")?.is_some() })
}
