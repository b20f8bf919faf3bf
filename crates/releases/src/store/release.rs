//! Releases.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{FlagKey, PageRequest, ReleaseId};
use metrics::Place;

use crate::model::{Release, ReleaseState};

const INSERT: Sql = sql!(
    "INSERT INTO release (id, project, environment, flag, state, version, attention, plan, progress, created_at, ended_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
);
const UPDATE: Sql = sql!(
    "UPDATE release SET state = ?3, version = ?4, attention = ?5, progress = ?6, ended_at = ?7
     WHERE id = ?1 AND version = ?2"
);
const GET: Sql = sql!("SELECT * FROM release WHERE id = ?1");
const ATTENTION: Sql = sql!("SELECT * FROM release WHERE attention = 1 ORDER BY id");
// Filters that are NULL let everything through.
const LIST: Sql = sql!(
    "SELECT * FROM release
     WHERE (CAST(?1 AS TEXT) IS NULL OR project = ?1) AND (CAST(?2 AS TEXT) IS NULL OR environment = ?2)
       AND (CAST(?3 AS TEXT) IS NULL OR flag = ?3)
       AND (CAST(?4 AS TEXT) IS NULL OR state = ?4 OR (?4 = 'open' AND state IN ('walking', 'held')))
       AND (CAST(?5 AS TEXT) IS NULL OR id < ?5)
     ORDER BY id DESC LIMIT ?6"
);
pub(crate) const ALL: &[Sql] = &[INSERT, UPDATE, GET, ATTENTION, LIST];

/// The guard that tells that the flag has an open release in the environment.
pub const OPEN: &str = "open release";
/// The guard that tells that somebody else decided first.
pub const VERSION: &str = "release version";

/// Which releases to list; what is absent lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Where.
    pub place: Option<Place>,
    /// Of which flag.
    pub flag: Option<FlagKey>,
    /// In which state.
    pub state: Option<StateFilter>,
}

/// A state, or any of the open ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateFilter {
    /// Walking or held.
    Open,
    /// This one.
    Exactly(ReleaseState),
}

impl StateFilter {
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Exactly(state) => state.as_str(),
        }
    }
}

/// A new release; a conflict named [`OPEN`] when the flag has one there already.
pub fn insert(release: &Release) -> Statement {
    let Release { id, project, environment, flag, state, version, created_at, ended_at, plan, progress } = release;
    let attention = release.needs_attention();
    INSERT
        .bind(params![
            id,
            project,
            environment,
            flag,
            state.as_str(),
            *version,
            attention,
            Value::json(plan),
            Value::json(progress),
            *created_at,
            *ended_at
        ])
        .exactly_one(OPEN)
}

/// The release as it is now, if it still had the version `seen`.
pub fn update(release: &Release, seen: i64) -> Statement {
    let Release { id, state, version, progress, ended_at, .. } = release;
    let attention = release.needs_attention();
    UPDATE
        .bind(params![id, seen, state.as_str(), *version, attention, Value::json(progress), *ended_at])
        .exactly_one(VERSION)
}

/// One release.
pub async fn get(db: &Db, id: &ReleaseId) -> Result<Option<Release>, ReadError> {
    db.optional(GET.bind(params![id])).await?.as_ref().map(release).transpose()
}

/// All that the reconciler has to look at.
pub async fn in_need_of_attention(db: &Db) -> Result<Vec<Release>, ReadError> {
    db.many(ATTENTION.bind(Vec::new())).await?.iter().map(release).collect()
}

/// Releases, the newest first; one more than the limit when there are more.
pub async fn list(db: &Db, filter: &Filter, page: &PageRequest) -> Result<Vec<Release>, ReadError> {
    let (project, environment) = match &filter.place {
        Some(place) => (Some(place.project.as_str()), Some(place.environment.as_str())),
        None => (None, None),
    };
    let flag = filter.flag.as_ref().map(FlagKey::as_str);
    let state = filter.state.map(StateFilter::as_str);
    let limit = i64::try_from(page.limit + 1).unwrap_or(i64::MAX);
    let rows = db.many(LIST.bind(params![project, environment, flag, state, page.after.as_deref(), limit])).await?;
    rows.iter().map(release).collect()
}

fn release(row: &Row) -> Result<Release, ReadError> {
    let state = row.text("state")?;
    Ok(Release {
        id: ReleaseId::from_stored(row.text("id")?),
        project: row.parse("project")?,
        environment: row.parse("environment")?,
        flag: row.parse("flag")?,
        state: ReleaseState::from_stored(&state).ok_or_else(|| row.inconsistent("state", "is no state"))?,
        version: row.int("version")?,
        created_at: row.timestamp("created_at")?,
        ended_at: row.opt_timestamp("ended_at")?,
        plan: row.json("plan")?,
        progress: row.json("progress")?,
    })
}
