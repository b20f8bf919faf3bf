//! What the judge has made of a release's windows, and the evidence by window for the chart.

use db::{Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{MetricKey, ReleaseId, Timestamp};

use crate::judging::{EvidencePoint, Judging};
use crate::model::Plan;

const START: Sql = sql!("INSERT INTO judgement (release, judged_until, body) VALUES (?1, ?2, ?3)");
const UPDATE: Sql = sql!("UPDATE judgement SET judged_until = ?3, body = ?4 WHERE release = ?1 AND judged_until = ?2");
const GET: Sql = sql!("SELECT body FROM judgement WHERE release = ?1");
const ADD_POINT: Sql = sql!("INSERT INTO evidence (release, metric, grain, start, ln) VALUES (?1, ?2, 1, ?3, ?4)");
const POINTS: Sql = sql!("SELECT metric, start, ln FROM evidence WHERE release = ?1 ORDER BY start, metric");
const FIRST_FINE: Sql = sql!("SELECT MIN(start) AS start FROM evidence WHERE grain = 1 AND start < ?1");
// The strongest of a minute: the anytime-valid reading of an e-process is its maximum.
const MERGE: Sql = sql!(
    "INSERT INTO evidence (release, metric, grain, start, ln)
     SELECT release, metric, 60, CAST(?1 AS BIGINT), MAX(ln) FROM evidence
     WHERE grain = 1 AND start >= ?1 AND start < ?2 GROUP BY release, metric
     ON CONFLICT (release, metric, start, grain) DO UPDATE SET ln = excluded.ln"
);
const DROP_FINE: Sql = sql!("DELETE FROM evidence WHERE grain = 1 AND start >= ?1 AND start < ?2");
pub(crate) const ALL: &[Sql] = &[START, UPDATE, GET, ADD_POINT, POINTS, FIRST_FINE, MERGE, DROP_FINE];

/// The guard that tells that somebody else folded the same windows.
pub const JUDGED: &str = "judged windows of the release";

/// Nothing judged yet.
pub fn start(release: &ReleaseId, judging: &Judging) -> Statement {
    START.bind(params![release, judging.until, Value::json(judging)]).exactly_one(JUDGED)
}

/// What the judge knows now, if it had been judged up to `seen`: no window is folded twice.
pub fn update(release: &ReleaseId, seen: Timestamp, judging: &Judging) -> Statement {
    UPDATE.bind(params![release, seen, judging.until, Value::json(judging)]).exactly_one(JUDGED)
}

/// What the judge knew last.
pub async fn get(db: &Db, release: &ReleaseId) -> Result<Option<Judging>, ReadError> {
    db.optional(GET.bind(params![release])).await?.map(|row| row.json("body")).transpose()
}

/// A guard's evidence after a window.
pub fn add_point(release: &ReleaseId, plan: &Plan, point: &EvidencePoint) -> Statement {
    ADD_POINT.bind(params![release, &plan.guards[point.guard].metric, point.start, point.ln])
}

/// The evidence by window, or by minute when it is older: metric, start, natural logarithm.
pub async fn points(db: &Db, release: &ReleaseId) -> Result<Vec<(MetricKey, Timestamp, f64)>, ReadError> {
    let point = |row: &Row| Ok((row.parse("metric")?, row.timestamp("start")?, row.real("ln")?));
    db.many(POINTS.bind(params![release])).await?.iter().map(point).collect()
}

/// The first window before `until` whose evidence was not merged.
pub async fn first_fine(db: &Db, until: Timestamp) -> Result<Option<Timestamp>, ReadError> {
    db.one(FIRST_FINE.bind(params![until])).await?.opt_timestamp("start")
}

/// Makes one point per guard of the minute from `start` to `finish`.
pub fn merge(start: Timestamp, finish: Timestamp) -> [Statement; 2] {
    [MERGE.bind(params![start, finish]), DROP_FINE.bind(params![start, finish])]
}
