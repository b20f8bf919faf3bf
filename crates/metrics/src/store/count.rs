//! Counts that people look at and recovery is read from: evaluations, outcomes, SDKs.

use std::time::Duration;

use db::{Batch, Db, ReadError, Sql, Statement, params, sql};
use kernel::{FlagKey, MetricKey, Timestamp};

use crate::gather::Gathered;
use crate::model::{EvaluationCount, OUTCOME_WIDTH, OutcomeCount, Place, SdkSeen};
use delivery::event::SdkSighting;

const ADD_EVALUATIONS: Sql = sql!(
    "INSERT INTO evaluation_count (project, environment, flag, variation, start, n) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (project, environment, flag, start, variation) DO UPDATE SET n = evaluation_count.n + excluded.n"
);
const ADD_OUTCOMES: Sql = sql!(
    "INSERT INTO outcome_count (project, environment, metric, grain, start, n) VALUES (?1, ?2, ?3, 1, ?4, ?5)
     ON CONFLICT (project, environment, metric, start, grain) DO UPDATE SET n = outcome_count.n + excluded.n"
);
// Not at every batch: a row that all instances of an SDK write would be a lock they all wait for.
const SEE_SDK: Sql = sql!(
    "INSERT INTO sdk_seen (project, environment, name, version, instance, first_seen, last_seen)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
     ON CONFLICT (project, environment, name, version, instance) DO UPDATE SET last_seen = excluded.last_seen
     WHERE sdk_seen.last_seen < excluded.last_seen - 10000000"
);
const EVALUATIONS: Sql = sql!(
    "SELECT variation, start, n FROM evaluation_count
     WHERE project = ?1 AND environment = ?2 AND flag = ?3 AND start >= ?4 ORDER BY start, variation LIMIT 20000"
);
const OUTCOMES: Sql = sql!(
    "SELECT start, grain, n FROM outcome_count
     WHERE project = ?1 AND environment = ?2 AND metric = ?3 AND start >= ?4 AND start < ?5
     ORDER BY start, grain LIMIT 20000"
);
const SDKS: Sql = sql!(
    "SELECT name, version, instance, first_seen, last_seen FROM sdk_seen
     WHERE project = ?1 AND environment = ?2 ORDER BY last_seen DESC, name, version, instance LIMIT 1000"
);
const FIRST_FINE_OUTCOME: Sql = sql!("SELECT MIN(start) AS start FROM outcome_count WHERE grain = 1 AND start < ?1");
const MERGE_OUTCOMES: Sql = sql!(
    "INSERT INTO outcome_count (project, environment, metric, grain, start, n)
     SELECT project, environment, metric, 60, CAST(?1 AS BIGINT), CAST(SUM(n) AS BIGINT) FROM outcome_count
     WHERE grain = 1 AND start >= ?1 AND start < ?2 GROUP BY project, environment, metric
     ON CONFLICT (project, environment, metric, start, grain) DO UPDATE SET n = outcome_count.n + excluded.n"
);
const DROP_FINE_OUTCOMES: Sql = sql!("DELETE FROM outcome_count WHERE grain = 1 AND start >= ?1 AND start < ?2");
const FORGET_EVALUATIONS: Sql = sql!("DELETE FROM evaluation_count WHERE start < ?1");
const FORGET_OUTCOMES: Sql = sql!("DELETE FROM outcome_count WHERE start < ?1");
const FORGET_SDKS: Sql = sql!("DELETE FROM sdk_seen WHERE last_seen < ?1");
pub(crate) const ALL: &[Sql] = &[
    ADD_EVALUATIONS,
    ADD_OUTCOMES,
    SEE_SDK,
    EVALUATIONS,
    OUTCOMES,
    SDKS,
    FIRST_FINE_OUTCOME,
    MERGE_OUTCOMES,
    DROP_FINE_OUTCOMES,
    FORGET_EVALUATIONS,
    FORGET_OUTCOMES,
    FORGET_SDKS,
];

/// Adds a batch's counts: outcomes to the second in which they came, evaluations to the minute.
pub fn add(place: &Place, gathered: &Gathered, now: Timestamp) -> Batch {
    let second = now.floor(OUTCOME_WIDTH);
    let minute = now.floor(Duration::from_mins(1));
    let outcomes = gathered
        .outcomes
        .iter()
        .map(|(metric, n)| ADD_OUTCOMES.bind(params![&place.project, &place.environment, metric, second, *n]));
    let evaluations = gathered.evaluations.iter().map(|((flag, variation), n)| {
        let variation = variation.map_or(-1, i64::from);
        ADD_EVALUATIONS.bind(params![&place.project, &place.environment, flag, variation, minute, *n])
    });
    outcomes.chain(evaluations).collect()
}

/// Takes note of an SDK.
pub fn see_sdk(place: &Place, sdk: &SdkSighting<'_>, now: Timestamp) -> Statement {
    let bounded = |text: &str| text.chars().take(100).collect::<String>();
    let names = (bounded(&sdk.name), bounded(&sdk.version), bounded(&sdk.instance));
    SEE_SDK.bind(params![&place.project, &place.environment, names.0, names.1, names.2, now])
}

/// Evaluations of a flag by minute and variation, from `since` on.
pub async fn evaluations(
    db: &Db,
    place: &Place,
    flag: &FlagKey,
    since: Timestamp,
) -> Result<Vec<EvaluationCount>, ReadError> {
    let rows = db.many(EVALUATIONS.bind(params![&place.project, &place.environment, flag, since])).await?;
    let count = |row: &db::Row| {
        Ok(EvaluationCount {
            start: row.timestamp("start")?,
            variation: u32::try_from(row.int("variation")?).ok(),
            n: row.int("n")?,
        })
    };
    rows.iter().map(count).collect()
}

/// A metric's outcomes between two instants, by second or, when they are older, by minute.
pub async fn outcomes(
    db: &Db,
    place: &Place,
    metric: &MetricKey,
    between: (Timestamp, Timestamp),
) -> Result<Vec<OutcomeCount>, ReadError> {
    let params = params![&place.project, &place.environment, metric, between.0, between.1];
    let count = |row: &db::Row| {
        let start = row.timestamp("start")?;
        let grain = u64::try_from(row.int("grain")?).map_err(|_| row.inconsistent("grain", "is negative"))?;
        Ok(OutcomeCount { start, finish: start.plus(Duration::from_secs(grain)), n: row.int("n")? })
    };
    db.many(OUTCOMES.bind(params)).await?.iter().map(count).collect()
}

/// The SDKs of an environment, the last heard first; at most 1,000.
pub async fn sdks(db: &Db, place: &Place) -> Result<Vec<SdkSeen>, ReadError> {
    let rows = db.many(SDKS.bind(params![&place.project, &place.environment])).await?;
    let sdk = |row: &db::Row| {
        Ok(SdkSeen {
            name: row.text("name")?,
            version: row.text("version")?,
            instance: row.text("instance")?,
            first_seen: row.timestamp("first_seen")?,
            last_seen: row.timestamp("last_seen")?,
        })
    };
    rows.iter().map(sdk).collect()
}

/// The start of the first count by the second before `until`.
pub async fn first_fine_outcome(db: &Db, until: Timestamp) -> Result<Option<Timestamp>, ReadError> {
    db.one(FIRST_FINE_OUTCOME.bind(params![until])).await?.opt_timestamp("start")
}

/// Makes one count per metric of the minute from `start` to `finish`.
pub fn merge_outcomes(start: Timestamp, finish: Timestamp) -> [Statement; 2] {
    [MERGE_OUTCOMES.bind(params![start, finish]), DROP_FINE_OUTCOMES.bind(params![start, finish])]
}

/// Forgets counts from before `counts`, and SDKs not heard of since `sdks`.
pub fn forget(counts: Timestamp, sdks: Timestamp) -> [Statement; 3] {
    [FORGET_EVALUATIONS.bind(params![counts]), FORGET_OUTCOMES.bind(params![counts]), FORGET_SDKS.bind(params![sdks])]
}
