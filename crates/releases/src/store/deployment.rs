//! Deployments.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::PageRequest;
use metrics::Place;

use crate::model::{Deployment, DeploymentId};

const INSERT: Sql = sql!(
    "INSERT INTO deployment (id, project, environment, service, version, at, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
);
const GET: Sql = sql!("SELECT * FROM deployment WHERE id = ?1 AND project = ?2 AND environment = ?3");
const LIST: Sql = sql!(
    "SELECT * FROM deployment
     WHERE project = ?1 AND environment = ?2 AND (CAST(?3 AS TEXT) IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4"
);
pub(crate) const ALL: &[Sql] = &[INSERT, GET, LIST];

/// Takes note of a deployment.
pub fn insert(deployment: &Deployment) -> Statement {
    let Deployment { id, project, environment, service, version, at, actor } = deployment;
    INSERT.bind(params![id.as_str(), project, environment, service, version, *at, Value::json(actor)])
}

/// A deployment to this place.
pub async fn get(db: &Db, place: &Place, id: &DeploymentId) -> Result<Option<Deployment>, ReadError> {
    let row = db.optional(GET.bind(params![id.as_str(), &place.project, &place.environment])).await?;
    row.as_ref().map(deployment).transpose()
}

/// The deployments to a place, the newest first; one more than the limit when there are more.
pub async fn list(db: &Db, place: &Place, page: &PageRequest) -> Result<Vec<Deployment>, ReadError> {
    let limit = i64::try_from(page.limit + 1).unwrap_or(i64::MAX);
    let params = params![&place.project, &place.environment, page.after.as_deref(), limit];
    db.many(LIST.bind(params)).await?.iter().map(deployment).collect()
}

fn deployment(row: &Row) -> Result<Deployment, ReadError> {
    Ok(Deployment {
        id: DeploymentId::from_stored(row.text("id")?),
        project: row.parse("project")?,
        environment: row.parse("environment")?,
        service: row.parse("service")?,
        version: row.text("version")?,
        at: row.timestamp("at")?,
        actor: row.json("actor")?,
    })
}
