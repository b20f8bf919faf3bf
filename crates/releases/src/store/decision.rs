//! Decisions, and what of them is still to be announced.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{Actor, PageRequest, ReleaseId, Revision, Timestamp};
use statistics::{Judgement, Verdict};

use crate::announce::Announcement;
use crate::model::{Action, DecisionRecord};

const INSERT: Sql = sql!(
    "INSERT INTO decision (release, n, at, step, action, verdict, actor, sentence, evidence, announcement, change_seq)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
             CASE WHEN CAST(?11 AS BIGINT) = 1 THEN (SELECT value FROM sequence WHERE name = 'change') END)"
);
const LIST: Sql = sql!(
    "SELECT release, n, at, step, action, verdict, actor, sentence, evidence, change_seq FROM decision
     WHERE release = ?1 AND n > ?2 ORDER BY n LIMIT ?3"
);
const UNANNOUNCED: Sql = sql!(
    "SELECT release, n, announcement FROM decision
     WHERE announcement IS NOT NULL AND announced_at IS NULL ORDER BY release, n LIMIT 100"
);
const CHANGES: Sql = sql!(
    "SELECT action, change_seq FROM decision WHERE release = ?1 AND n <= ?2 AND change_seq IS NOT NULL ORDER BY n"
);
const ANNOUNCED: Sql =
    sql!("UPDATE decision SET announced_at = ?3 WHERE release = ?1 AND n = ?2 AND announced_at IS NULL");
pub(crate) const ALL: &[Sql] = &[INSERT, LIST, UNANNOUNCED, CHANGES, ANNOUNCED];

/// A decision to be written.
#[derive(Clone, Debug)]
pub struct NewDecision {
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    /// Who decided.
    pub actor: Actor,
    /// What and why, in one sentence.
    pub sentence: String,
    /// What the judge said.
    pub judgement: Option<Judgement>,
    /// What others are to be told, once the change has its number.
    pub announcement: Option<Announcement>,
}

/// Writes a decision as the release's `n`-th, at its step; `changes` says whether a change of the flag is in the batch.
pub fn insert(release: &ReleaseId, (n, step): (i64, usize), decision: &NewDecision, changes: bool) -> Statement {
    let NewDecision { at, action, actor, sentence, judgement, announcement } = decision;
    let verdict = judgement.as_ref().map(|judgement| word(judgement.verdict));
    let evidence = judgement.as_ref().map(Value::json);
    let announcement = announcement.as_ref().map(Value::json);
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    INSERT
        .bind(params![
            release,
            n,
            *at,
            step,
            action.as_str(),
            verdict,
            Value::json(actor),
            sentence,
            evidence,
            announcement,
            changes
        ])
        .exactly_one("decision")
}

/// The decisions of a release in order, after the `n` given; one more than the limit when there are more.
pub async fn list(db: &Db, release: &ReleaseId, page: &PageRequest) -> Result<Vec<DecisionRecord>, ReadError> {
    let after = page.after.as_deref().and_then(|after| after.parse::<i64>().ok()).unwrap_or(0);
    let limit = i64::try_from(page.limit + 1).unwrap_or(i64::MAX);
    db.many(LIST.bind(params![release, after, limit])).await?.iter().map(decision).collect()
}

/// Decisions of which nobody was told yet, with their release and number.
pub async fn unannounced(db: &Db) -> Result<Vec<(ReleaseId, i64, Announcement)>, ReadError> {
    let told = |row: &Row| {
        Ok((ReleaseId::from_stored(row.text("release")?), row.int("n")?, row.json::<Announcement>("announcement")?))
    };
    db.many(UNANNOUNCED.bind(Vec::new())).await?.iter().map(told).collect()
}

/// The changes of the flag that a release's decisions made, up to the `n`-th.
pub async fn changes(db: &Db, release: &ReleaseId, n: i64) -> Result<Vec<(Action, Revision)>, ReadError> {
    let change = |row: &Row| Ok((action(row)?, row.revision("change_seq")?));
    db.many(CHANGES.bind(params![release, n])).await?.iter().map(change).collect()
}

/// It was put into the outbox.
pub fn announced(release: &ReleaseId, n: i64, now: Timestamp) -> Statement {
    ANNOUNCED.bind(params![release, n, now]).exactly_one("announcement")
}

fn decision(row: &Row) -> Result<DecisionRecord, ReadError> {
    let step = row.int("step")?;
    Ok(DecisionRecord {
        release: ReleaseId::from_stored(row.text("release")?),
        n: row.int("n")?,
        at: row.timestamp("at")?,
        step: usize::try_from(step).map_err(|_| row.inconsistent("step", "is negative"))?,
        action: action(row)?,
        verdict: row.opt_text("verdict")?.map(|text| verdict(row, &text)).transpose()?,
        actor: row.json("actor")?,
        sentence: row.text("sentence")?,
        evidence: row.opt_json("evidence")?,
        change_seq: row.opt_int("change_seq")?.map(Revision),
    })
}

fn action(row: &Row) -> Result<Action, ReadError> {
    Action::from_stored(&row.text("action")?).ok_or_else(|| row.inconsistent("action", "is no action"))
}

const VERDICTS: [Verdict; 4] = [Verdict::Healthy, Verdict::Suspect, Verdict::Regressed, Verdict::Unknown];

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Healthy => "healthy",
        Verdict::Suspect => "suspect",
        Verdict::Regressed => "regressed",
        Verdict::Unknown => "unknown",
    }
}

fn verdict(row: &Row, text: &str) -> Result<Verdict, ReadError> {
    let found = VERDICTS.into_iter().find(|verdict| word(*verdict) == text);
    found.ok_or_else(|| row.inconsistent("verdict", "is no verdict"))
}
