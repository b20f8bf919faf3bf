//! Pipelines.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{PipelineKey, ProjectKey};

use crate::model::{Pipeline, PipelineBody};

const INSERT: Sql = sql!("INSERT INTO pipeline (project, key, version, body) VALUES (?1, ?2, 1, ?3)");
const UPDATE: Sql =
    sql!("UPDATE pipeline SET body = ?4, version = version + 1 WHERE project = ?1 AND key = ?2 AND version = ?3");
const GET: Sql = sql!("SELECT project, key, version, body FROM pipeline WHERE project = ?1 AND key = ?2");
const LIST: Sql = sql!("SELECT project, key, version, body FROM pipeline WHERE project = ?1 ORDER BY key LIMIT 1000");
pub(crate) const ALL: &[Sql] = &[INSERT, UPDATE, GET, LIST];

/// A pipeline under a new key.
pub fn insert(project: &ProjectKey, key: &PipelineKey, body: &PipelineBody) -> Statement {
    INSERT.bind(params![project, key, Value::json(body)]).exactly_one("pipeline")
}

/// Another way, if the pipeline still has this version.
pub fn update(project: &ProjectKey, key: &PipelineKey, seen: i64, body: &PipelineBody) -> Statement {
    UPDATE.bind(params![project, key, seen, Value::json(body)]).exactly_one("pipeline")
}

/// The pipeline of a key.
pub async fn get(db: &Db, project: &ProjectKey, key: &PipelineKey) -> Result<Option<Pipeline>, ReadError> {
    db.optional(GET.bind(params![project, key])).await?.as_ref().map(pipeline).transpose()
}

/// The project's pipelines by key; there are few.
pub async fn list(db: &Db, project: &ProjectKey) -> Result<Vec<Pipeline>, ReadError> {
    db.many(LIST.bind(params![project])).await?.iter().map(pipeline).collect()
}

fn pipeline(row: &Row) -> Result<Pipeline, ReadError> {
    Ok(Pipeline {
        project: row.parse("project")?,
        key: row.parse("key")?,
        version: row.int("version")?,
        body: row.json("body")?,
    })
}
