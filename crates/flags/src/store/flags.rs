//! Flags, and what they do in each environment.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{EnvironmentKey, FlagKey, Page, PageRequest, ProjectKey, Revision, Timestamp};

use super::{Versioned, holding};
use crate::model::{Configuration, Flag};

const READ: Sql = sql!("SELECT key, version, body FROM flag WHERE project = ?1 AND key = ?2");
const READ_ALL: Sql = sql!("SELECT project, key, version, body FROM flag");
const READ_PROJECT: Sql = sql!("SELECT key, version, body FROM flag WHERE project = ?1");
const LIST: Sql = sql!(
    "SELECT key, version, body FROM flag WHERE project = ?1 AND deleted_at IS NULL
        AND (CAST(?2 AS TEXT) IS NULL OR key > ?2)
        AND (CAST(?3 AS TEXT) IS NULL OR words LIKE ?3 ESCAPE '!')
        AND (CAST(?4 AS TEXT) IS NULL OR tags LIKE ?4 ESCAPE '!')
     ORDER BY key LIMIT ?5"
);
const INSERT: Sql = sql!(
    "INSERT INTO flag (project, key, version, words, tags, body, created_at, deleted_at)
     VALUES (?1, ?2, (SELECT value FROM sequence WHERE name = 'change'), ?3, ?4, ?5, ?6, ?7)"
);
const UPDATE: Sql = sql!(
    "UPDATE flag SET version = (SELECT value FROM sequence WHERE name = 'change'), words = ?3, tags = ?4, body = ?5,
        deleted_at = CASE WHEN CAST(?7 AS BIGINT) IS NULL THEN NULL ELSE COALESCE(deleted_at, ?7) END
     WHERE project = ?1 AND key = ?2 AND version = ?6"
);
const UNTOUCHED: Sql = sql!("UPDATE flag SET version = version WHERE project = ?1 AND key = ?2 AND version = ?3");
const CONFIGURATIONS_UNTOUCHED: Sql = sql!(
    "UPDATE project SET links = links WHERE key = ?1 AND ?3 = (
        SELECT COALESCE(MAX(version), 0) FROM flag_configuration WHERE project = ?1 AND key = ?2)"
);

const READ_CONFIGURATION: Sql =
    sql!("SELECT version, body FROM flag_configuration WHERE project = ?1 AND environment = ?2 AND key = ?3");
const READ_CONFIGURATIONS: Sql = sql!(
    "SELECT environment, key, version, body FROM flag_configuration WHERE project = ?1 AND key >= ?2 AND key <= ?3"
);
const READ_ALL_CONFIGURATIONS: Sql = sql!("SELECT project, environment, key, version, body FROM flag_configuration");
const READ_PROJECT_CONFIGURATIONS: Sql =
    sql!("SELECT environment, key, version, body FROM flag_configuration WHERE project = ?1");
const INSERT_CONFIGURATION: Sql = sql!(
    "INSERT INTO flag_configuration (project, environment, key, version, body)
     VALUES (?1, ?2, ?3, (SELECT value FROM sequence WHERE name = 'change'), ?4)"
);
const UPDATE_CONFIGURATION: Sql = sql!(
    "UPDATE flag_configuration SET version = (SELECT value FROM sequence WHERE name = 'change'), body = ?4
     WHERE project = ?1 AND environment = ?2 AND key = ?3 AND version = ?5"
);
const FORGET_CONFIGURATIONS: Sql = sql!("DELETE FROM flag_configuration WHERE project = ?1 AND key = ?2");

pub(super) const ALL: &[Sql] = &[
    READ,
    READ_ALL,
    READ_PROJECT,
    LIST,
    INSERT,
    UPDATE,
    UNTOUCHED,
    CONFIGURATIONS_UNTOUCHED,
    READ_CONFIGURATION,
    READ_CONFIGURATIONS,
    READ_ALL_CONFIGURATIONS,
    READ_PROJECT_CONFIGURATIONS,
    INSERT_CONFIGURATION,
    UPDATE_CONFIGURATION,
    FORGET_CONFIGURATIONS,
];

/// The guard of a flag's version.
pub const FLAG: &str = "flag";
/// The guard of a configuration's version.
pub const CONFIGURATION: &str = "configuration";

/// A flag with its version; deleted ones too.
pub type StoredFlag = Versioned<FlagKey, Flag>;

/// A configuration with its environment and its version.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredConfiguration {
    /// Of which flag.
    pub flag: FlagKey,
    /// Where.
    pub environment: EnvironmentKey,
    /// The `seq` of its last change.
    pub version: Revision,
    /// What the flag does there.
    pub body: Configuration,
}

/// The flag, deleted or not.
pub async fn read(db: &Db, project: &ProjectKey, key: &FlagKey) -> Result<Option<StoredFlag>, ReadError> {
    db.optional(READ.bind(params![project, key])).await?.map(|row| stored(&row)).transpose()
}

/// Every flag of every project, deleted ones too.
pub async fn read_all(db: &Db) -> Result<Vec<(ProjectKey, StoredFlag)>, ReadError> {
    let rows = db.many(READ_ALL.bind(params![])).await?;
    rows.iter().map(|row| Ok((row.parse("project")?, stored(row)?))).collect()
}

/// Every flag of a project, deleted ones too.
pub async fn of_project(db: &Db, project: &ProjectKey) -> Result<Vec<StoredFlag>, ReadError> {
    db.many(READ_PROJECT.bind(params![project])).await?.iter().map(stored).collect()
}

/// Which flags a list shows.
#[derive(Clone, Debug, Default)]
pub struct FlagFilter {
    /// Whose key, name or tags hold this.
    pub search: Option<String>,
    /// That have this tag.
    pub tag: Option<String>,
}

/// The flags of a project that are not deleted, by key.
pub async fn list(
    db: &Db,
    project: &ProjectKey,
    filter: &FlagFilter,
    page: &PageRequest,
) -> Result<Page<StoredFlag>, ReadError> {
    let words = filter.search.as_ref().map(|words| holding(&words.to_lowercase()));
    let tag = filter.tag.as_ref().map(|tag| holding(&tag_words(std::slice::from_ref(tag))));
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX).saturating_add(1);
    let rows = db.many(LIST.bind(params![project, page.after.as_deref(), words, tag, limit])).await?;
    let flags = rows.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(flags, |flag| flag.key.to_string()))
}

/// Writes the flag under the change's number: a new row where `seen` is none, else over the row of that version.
pub fn write(project: &ProjectKey, key: &FlagKey, flag: &Flag, seen: Option<Revision>, now: Timestamp) -> Statement {
    let words = format!("{key}\n{}\n{}", flag.name, flag.tags.join("\n")).to_lowercase();
    let tags = tag_words(&flag.tags);
    let deleted_at = flag.deleted.then_some(now);
    let statement = match seen {
        None => INSERT.bind(params![project, key, words, tags, Value::json(flag), now, deleted_at]),
        Some(version) => UPDATE.bind(params![project, key, words, tags, Value::json(flag), version, deleted_at]),
    };
    statement.exactly_one(FLAG)
}

/// The flag must still have this version.
pub fn untouched(project: &ProjectKey, key: &FlagKey, version: Revision) -> Statement {
    UNTOUCHED.bind(params![project, key, version]).exactly_one(FLAG)
}

/// No configuration of the flag may be newer than `newest` (0 when there was none).
pub fn configurations_untouched(project: &ProjectKey, key: &FlagKey, newest: Revision) -> Statement {
    CONFIGURATIONS_UNTOUCHED.bind(params![project, key, newest]).exactly_one(CONFIGURATION)
}

/// What the flag does in an environment; `None` when it was never configured there.
pub async fn read_configuration(
    db: &Db,
    project: &ProjectKey,
    environment: &EnvironmentKey,
    key: &FlagKey,
) -> Result<Option<(Revision, Configuration)>, ReadError> {
    let row = db.optional(READ_CONFIGURATION.bind(params![project, environment, key])).await?;
    row.map(|row| Ok((row.revision("version")?, row.json("body")?))).transpose()
}

/// What the flags from `first` to `last` do, wherever they are configured.
pub async fn read_configurations(
    db: &Db,
    project: &ProjectKey,
    first: &FlagKey,
    last: &FlagKey,
) -> Result<Vec<StoredConfiguration>, ReadError> {
    let rows = db.many(READ_CONFIGURATIONS.bind(params![project, first, last])).await?;
    rows.iter().map(stored_configuration).collect()
}

/// What the flags of a project do, wherever they are configured.
pub async fn configurations_of_project(db: &Db, project: &ProjectKey) -> Result<Vec<StoredConfiguration>, ReadError> {
    db.many(READ_PROJECT_CONFIGURATIONS.bind(params![project])).await?.iter().map(stored_configuration).collect()
}

/// Every configuration of every project.
pub async fn read_all_configurations(db: &Db) -> Result<Vec<(ProjectKey, StoredConfiguration)>, ReadError> {
    let rows = db.many(READ_ALL_CONFIGURATIONS.bind(params![])).await?;
    rows.iter().map(|row| Ok((row.parse("project")?, stored_configuration(row)?))).collect()
}

/// Writes the configuration under the change's number: a new row where `seen` is none.
pub fn write_configuration(
    project: &ProjectKey,
    environment: &EnvironmentKey,
    key: &FlagKey,
    body: &Configuration,
    seen: Option<Revision>,
) -> Statement {
    let body = Value::json(body);
    let statement = match seen {
        None => INSERT_CONFIGURATION.bind(params![project, environment, key, body]),
        Some(version) => UPDATE_CONFIGURATION.bind(params![project, environment, key, body, version]),
    };
    statement.exactly_one(CONFIGURATION)
}

/// Forgets what the flag does anywhere: a flag that takes a deleted one's key starts anew.
pub fn forget_configurations(project: &ProjectKey, key: &FlagKey) -> Statement {
    FORGET_CONFIGURATIONS.bind(params![project, key])
}

/// `|a|b|`, so that a whole tag can be found.
fn tag_words(tags: &[String]) -> String {
    tags.iter().fold("|".to_owned(), |words, tag| format!("{words}{}|", tag.to_lowercase()))
}

fn stored(row: &Row) -> Result<StoredFlag, ReadError> {
    Ok(Versioned { key: row.parse("key")?, version: row.revision("version")?, body: row.json("body")? })
}

fn stored_configuration(row: &Row) -> Result<StoredConfiguration, ReadError> {
    Ok(StoredConfiguration {
        flag: row.parse("key")?,
        environment: row.parse("environment")?,
        version: row.revision("version")?,
        body: row.json("body")?,
    })
}
