//! Projects, environments and the keys of SDKs.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{EnvironmentKey, ProjectKey, Revision, Timestamp};

use super::Versioned;
use crate::model::{Environment, KeyId, KeyKind, Project, SdkKey};

const READ_PROJECT: Sql = sql!("SELECT key, version, links, body FROM project WHERE key = ?1");
const LIST_PROJECTS: Sql = sql!("SELECT key, version, links, body FROM project ORDER BY created_at, key");
const INSERT_PROJECT: Sql = sql!(
    "INSERT INTO project (key, version, links, body, created_at)
     VALUES (?1, (SELECT value FROM sequence WHERE name = 'change'), 0, ?2, ?3)"
);
const UPDATE_PROJECT: Sql = sql!(
    "UPDATE project SET version = (SELECT value FROM sequence WHERE name = 'change'), body = ?2
     WHERE key = ?1 AND version = ?3"
);

const READ_ENVIRONMENT: Sql = sql!("SELECT key, version, body FROM environment WHERE project = ?1 AND key = ?2");
const LIST_ENVIRONMENTS: Sql =
    sql!("SELECT key, version, body FROM environment WHERE project = ?1 ORDER BY created_at, key");
const ALL_ENVIRONMENTS: Sql = sql!("SELECT project, key, version, body FROM environment");
const INSERT_ENVIRONMENT: Sql = sql!(
    "INSERT INTO environment (project, key, version, body, created_at)
     VALUES (?1, ?2, (SELECT value FROM sequence WHERE name = 'change'), ?3, ?4)"
);
const UPDATE_ENVIRONMENT: Sql = sql!(
    "UPDATE environment SET version = (SELECT value FROM sequence WHERE name = 'change'), body = ?3
     WHERE project = ?1 AND key = ?2 AND version = ?4"
);

const LIST_KEYS: Sql = sql!(
    "SELECT value, id, kind, project, environment, created_at, expires_at, revoked_at FROM sdk_key
     WHERE project = ?1 AND environment = ?2 ORDER BY created_at DESC, id"
);
const ALL_KEYS: Sql =
    sql!("SELECT value, id, kind, project, environment, created_at, expires_at, revoked_at FROM sdk_key");
const READ_KEY: Sql = sql!(
    "SELECT value, id, kind, project, environment, created_at, expires_at, revoked_at FROM sdk_key WHERE value = ?1"
);
const INSERT_KEY: Sql = sql!(
    "INSERT INTO sdk_key (value, id, kind, project, environment, created_at, expires_at, revoked_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, NULL)"
);
const EXPIRE_OTHERS: Sql = sql!(
    "UPDATE sdk_key SET expires_at = ?5 WHERE project = ?1 AND environment = ?2 AND kind = ?3 AND id <> ?4
        AND (expires_at IS NULL OR expires_at > ?5)"
);
const REVOKE_KEY: Sql = sql!(
    "UPDATE sdk_key SET revoked_at = COALESCE(revoked_at, ?4) WHERE project = ?1 AND environment = ?2 AND id = ?3"
);

pub(super) const ALL: &[Sql] = &[
    READ_PROJECT,
    LIST_PROJECTS,
    INSERT_PROJECT,
    UPDATE_PROJECT,
    READ_ENVIRONMENT,
    LIST_ENVIRONMENTS,
    ALL_ENVIRONMENTS,
    INSERT_ENVIRONMENT,
    UPDATE_ENVIRONMENT,
    LIST_KEYS,
    ALL_KEYS,
    READ_KEY,
    INSERT_KEY,
    EXPIRE_OTHERS,
    REVOKE_KEY,
];

/// The guard of a project's version.
pub const PROJECT: &str = "project";
/// The guard of an environment's version.
pub const ENVIRONMENT: &str = "environment";
/// The guard of a key that is to be revoked.
pub const KEY: &str = "sdk key";

/// A project with its version.
pub type StoredProject = Versioned<ProjectKey, Project>;
/// An environment with its version.
pub type StoredEnvironment = Versioned<EnvironmentKey, Environment>;

/// The project, and how often its links have changed.
pub async fn read_project(db: &Db, key: &ProjectKey) -> Result<Option<(StoredProject, i64)>, ReadError> {
    let row = db.optional(READ_PROJECT.bind(params![key])).await?;
    row.map(|row| Ok((stored_project(&row)?, row.int("links")?))).transpose()
}

/// All projects, oldest first.
pub async fn list_projects(db: &Db) -> Result<Vec<StoredProject>, ReadError> {
    db.many(LIST_PROJECTS.bind(params![])).await?.iter().map(stored_project).collect()
}

/// Writes the project under the change's number.
pub fn write_project(key: &ProjectKey, project: &Project, seen: Option<Revision>, now: Timestamp) -> Statement {
    let statement = match seen {
        None => INSERT_PROJECT.bind(params![key, Value::json(project), now]),
        Some(version) => UPDATE_PROJECT.bind(params![key, Value::json(project), version]),
    };
    statement.exactly_one(PROJECT)
}

/// The environment.
pub async fn read_environment(
    db: &Db,
    project: &ProjectKey,
    key: &EnvironmentKey,
) -> Result<Option<StoredEnvironment>, ReadError> {
    db.optional(READ_ENVIRONMENT.bind(params![project, key])).await?.map(|row| stored_environment(&row)).transpose()
}

/// The environments of a project, oldest first.
pub async fn list_environments(db: &Db, project: &ProjectKey) -> Result<Vec<StoredEnvironment>, ReadError> {
    db.many(LIST_ENVIRONMENTS.bind(params![project])).await?.iter().map(stored_environment).collect()
}

/// All environments.
pub async fn all_environments(db: &Db) -> Result<Vec<(ProjectKey, StoredEnvironment)>, ReadError> {
    let rows = db.many(ALL_ENVIRONMENTS.bind(params![])).await?;
    rows.iter().map(|row| Ok((row.parse("project")?, stored_environment(row)?))).collect()
}

/// Writes the environment under the change's number.
pub fn write_environment(
    project: &ProjectKey,
    key: &EnvironmentKey,
    environment: &Environment,
    seen: Option<Revision>,
    now: Timestamp,
) -> Statement {
    let body = Value::json(environment);
    let statement = match seen {
        None => INSERT_ENVIRONMENT.bind(params![project, key, body, now]),
        Some(version) => UPDATE_ENVIRONMENT.bind(params![project, key, body, version]),
    };
    statement.exactly_one(ENVIRONMENT)
}

/// The keys of an environment, newest first; revoked ones too.
pub async fn list_keys(db: &Db, project: &ProjectKey, environment: &EnvironmentKey) -> Result<Vec<SdkKey>, ReadError> {
    db.many(LIST_KEYS.bind(params![project, environment])).await?.iter().map(key).collect()
}

/// All keys; revoked ones too.
pub async fn all_keys(db: &Db) -> Result<Vec<SdkKey>, ReadError> {
    db.many(ALL_KEYS.bind(params![])).await?.iter().map(key).collect()
}

/// The key of this value; revoked ones too.
pub async fn read_key(db: &Db, value: &str) -> Result<Option<SdkKey>, ReadError> {
    db.optional(READ_KEY.bind(params![value])).await?.map(|row| key(&row)).transpose()
}

/// A new key.
pub fn insert_key(key: &SdkKey) -> Statement {
    let SdkKey { id, value, kind, project, environment, created_at, .. } = key;
    INSERT_KEY.bind(params![value, id.as_str(), kind.as_str(), project, environment, *created_at]).exactly_one(KEY)
}

/// Lets the other keys of the same kind end at `at`, unless they end earlier.
pub fn expire_others(key: &SdkKey, at: Timestamp) -> Statement {
    EXPIRE_OTHERS.bind(params![&key.project, &key.environment, key.kind.as_str(), key.id.as_str(), at])
}

/// Refuses a key from now on.
pub fn revoke_key(project: &ProjectKey, environment: &EnvironmentKey, id: &KeyId, now: Timestamp) -> Statement {
    REVOKE_KEY.bind(params![project, environment, id.as_str(), now]).exactly_one(KEY)
}

fn stored_project(row: &Row) -> Result<StoredProject, ReadError> {
    Ok(Versioned { key: row.parse("key")?, version: row.revision("version")?, body: row.json("body")? })
}

fn stored_environment(row: &Row) -> Result<StoredEnvironment, ReadError> {
    Ok(Versioned { key: row.parse("key")?, version: row.revision("version")?, body: row.json("body")? })
}

fn key(row: &Row) -> Result<SdkKey, ReadError> {
    let kind = KeyKind::from_stored(&row.text("kind")?);
    Ok(SdkKey {
        id: KeyId::from_stored(row.text("id")?),
        value: row.text("value")?,
        kind: kind.ok_or_else(|| row.inconsistent("kind", "is not one of ours"))?,
        project: row.parse("project")?,
        environment: row.parse("environment")?,
        created_at: row.timestamp("created_at")?,
        expires_at: row.opt_timestamp("expires_at")?,
        revoked_at: row.opt_timestamp("revoked_at")?,
    })
}
