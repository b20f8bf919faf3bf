//! The change log.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{Actor, EnvironmentKey, FlagKey, Page, PageRequest, ProjectKey, Revision, Timestamp};

use crate::instruction::Instruction;
use crate::model::{Cause, ChangeRecord, ChangeSummary, Noun, State, Subject};

macro_rules! summary {
    () => {
        "seq, at, actor, project, environment, noun, key, comment, sentences, cause, \
         CAST(CASE WHEN inverse = '[]' THEN 0 ELSE 1 END AS BIGINT) AS undoable, \
         CAST(CASE WHEN state_before IS NULL THEN 1 ELSE 0 END AS BIGINT) AS creation"
    };
}

const APPEND: Sql = sql!(
    "INSERT INTO change (seq, id, at, actor, project, environment, noun, key, comment, sentences, instructions, inverse,
        state_before, state_after, cause)
     VALUES ((SELECT value FROM sequence WHERE name = 'change'), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
        ?14)"
);
const BY_SEQ: Sql = sql!(concat!(
    "SELECT ",
    summary!(),
    ", instructions, inverse, state_before, state_after FROM change WHERE seq = ?1"
));
const BY_ID: Sql = sql!(concat!(
    "SELECT ",
    summary!(),
    ", instructions, inverse, state_before, state_after FROM change WHERE id = ?1"
));
const LIST: Sql = sql!(concat!(
    "SELECT ",
    summary!(),
    " FROM change WHERE (CAST(?1 AS TEXT) IS NULL OR project = ?1)
        AND (CAST(?2 AS TEXT) IS NULL OR environment IS NULL OR environment = ?2)
        AND (CAST(?3 AS TEXT) IS NULL OR (key = ?3 AND noun IN ('flag', 'configuration')))
        AND at >= ?4 AND seq < ?5 ORDER BY seq DESC LIMIT ?6"
));
const LATER: Sql = sql!(
    "SELECT seq, instructions FROM change
     WHERE project = ?1 AND environment IS NOT DISTINCT FROM CAST(?2 AS TEXT) AND noun = ?3 AND key = ?4 AND seq > ?5
     ORDER BY seq"
);
const SINCE: Sql = sql!(
    "SELECT seq, at, project, environment, noun, key, instructions, state_after FROM change WHERE seq > ?1
     ORDER BY seq LIMIT ?2"
);
const INSTANT: Sql = sql!("SELECT at FROM change WHERE seq = ?1");
pub(super) const ALL: &[Sql] = &[APPEND, INSTANT, BY_SEQ, BY_ID, LIST, LATER, SINCE];

/// What is written into the log; its `seq` is the number that the batch has taken.
#[derive(Clone, Debug)]
pub struct NewChange<'a> {
    /// By which the writer finds it again.
    pub id: &'a str,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: &'a Actor,
    /// What.
    pub subject: &'a Subject,
    /// Why, in the author's words.
    pub comment: &'a str,
    /// Why, as the system knows it.
    pub cause: &'a Cause,
    /// What is done, in words.
    pub sentences: &'a [String],
    /// What is done.
    pub instructions: &'a [Instruction],
    /// What takes it back.
    pub inverse: &'a [Instruction],
    /// How it was.
    pub before: Option<&'a State>,
    /// How it is from now on.
    pub after: &'a State,
}

/// Appends to the log, after `sequence::advance("change")` in the same batch.
pub fn append(change: &NewChange<'_>) -> Statement {
    let subject = change.subject;
    APPEND
        .bind(params![
            change.id,
            change.at,
            Value::json(change.actor),
            subject.project(),
            subject.environment(),
            subject.noun().as_str(),
            subject.key(),
            change.comment,
            Value::json(change.sentences),
            Value::json(change.instructions),
            Value::json(change.inverse),
            change.before.map(Value::json),
            Value::json(change.after),
            Value::json(change.cause),
        ])
        .exactly_one("change")
}

/// The change at this place of the log.
pub async fn by_seq(db: &Db, seq: Revision) -> Result<Option<ChangeRecord>, ReadError> {
    db.optional(BY_SEQ.bind(params![seq])).await?.map(|row| record(&row)).transpose()
}

/// When the change at this place of the log was made.
pub async fn instant_of(db: &Db, seq: Revision) -> Result<Option<Timestamp>, ReadError> {
    db.optional(INSTANT.bind(params![seq])).await?.map(|row| row.timestamp("at")).transpose()
}

/// The change of this id.
pub async fn by_id(db: &Db, id: &str) -> Result<Option<ChangeRecord>, ReadError> {
    db.optional(BY_ID.bind(params![id])).await?.map(|row| record(&row)).transpose()
}

/// Which changes a list shows.
#[derive(Clone, Debug, Default)]
pub struct ChangeFilter {
    /// Of this project.
    pub project: Option<ProjectKey>,
    /// Of this environment, those of the whole project included.
    pub environment: Option<EnvironmentKey>,
    /// Of this flag, in all environments and in each.
    pub flag: Option<FlagKey>,
    /// At this instant or later.
    pub since: Option<Timestamp>,
}

/// Changes, newest first; the cursor is the last `seq` of a page, and one that is no number starts anew.
pub async fn list(db: &Db, filter: &ChangeFilter, page: &PageRequest) -> Result<Page<ChangeSummary>, ReadError> {
    let before = page.after.as_deref().and_then(|seq| seq.parse().ok()).unwrap_or(i64::MAX);
    let since = filter.since.map_or(i64::MIN, Timestamp::as_micros);
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX).saturating_add(1);
    let ChangeFilter { project, environment, flag, .. } = filter;
    let wanted = params![project.as_ref(), environment.as_ref(), flag.as_ref(), since, before, limit];
    let rows = db.many(LIST.bind(wanted)).await?;
    let changes = rows.iter().map(summary).collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(changes, |change| change.seq.to_string()))
}

/// What was done to `subject` after `seq`, oldest first.
pub async fn later(db: &Db, subject: &Subject, seq: Revision) -> Result<Vec<(Revision, Vec<Instruction>)>, ReadError> {
    let wanted = params![subject.project(), subject.environment(), subject.noun().as_str(), subject.key(), seq];
    let rows = db.many(LATER.bind(wanted)).await?;
    rows.iter().map(|row| Ok((row.revision("seq")?, row.json("instructions")?))).collect()
}

/// One step of the log, for those who follow it.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// Its place.
    pub seq: Revision,
    /// When.
    pub at: Timestamp,
    /// What was changed.
    pub subject: Subject,
    /// What was done.
    pub instructions: Vec<Instruction>,
    /// How it has been since.
    pub after: State,
}

/// At most `limit` entries after `seq`, in order.
pub async fn since(db: &Db, seq: Revision, limit: i64) -> Result<Vec<LogEntry>, ReadError> {
    let rows = db.many(SINCE.bind(params![seq, limit])).await?;
    rows.iter()
        .map(|row| {
            let (noun, subject) = subject(row)?;
            let after = state(row, noun, "state_after")?.ok_or_else(|| row.inconsistent("state_after", "is NULL"))?;
            let (seq, at) = (row.revision("seq")?, row.timestamp("at")?);
            Ok(LogEntry { seq, at, subject, instructions: row.json("instructions")?, after })
        })
        .collect()
}

fn subject(row: &Row) -> Result<(Noun, Subject), ReadError> {
    let noun = noun(row)?;
    let environment = row.opt_text("environment")?;
    let subject = Subject::from_stored(noun, &row.text("project")?, environment.as_deref(), &row.text("key")?);
    Ok((noun, subject.ok_or_else(|| row.inconsistent("noun", "does not fit the other columns"))?))
}

fn noun(row: &Row) -> Result<Noun, ReadError> {
    Noun::from_stored(&row.text("noun")?).ok_or_else(|| row.inconsistent("noun", "is not one of ours"))
}

fn state(row: &Row, noun: Noun, column: &str) -> Result<Option<State>, ReadError> {
    let Some(json) = row.opt_text(column)? else { return Ok(None) };
    let parsed = State::parse(noun, &json);
    parsed.map(Some).map_err(|error| row.inconsistent(column, &format!("holds other JSON: {error}")))
}

fn summary(row: &Row) -> Result<ChangeSummary, ReadError> {
    let environment = row.opt_text("environment")?.map(EnvironmentKey::new).transpose();
    Ok(ChangeSummary {
        seq: row.revision("seq")?,
        at: row.timestamp("at")?,
        actor: row.json("actor")?,
        project: row.parse("project")?,
        environment: environment.map_err(|error| row.inconsistent("environment", &error.to_string()))?,
        noun: noun(row)?,
        key: row.text("key")?,
        comment: row.text("comment")?,
        sentences: row.json("sentences")?,
        cause: row.json("cause")?,
        undoable: row.bool("undoable")?,
        creation: row.bool("creation")?,
    })
}

fn record(row: &Row) -> Result<ChangeRecord, ReadError> {
    let summary = summary(row)?;
    let noun = summary.noun;
    Ok(ChangeRecord {
        summary,
        instructions: row.json("instructions")?,
        inverse: row.json("inverse")?,
        before: state(row, noun, "state_before")?,
        after: state(row, noun, "state_after")?.ok_or_else(|| row.inconsistent("state_after", "is NULL"))?,
    })
}
