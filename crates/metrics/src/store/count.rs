//! Counts that people look at and recovery is read from: evaluations and outcomes.

use std::time::Duration;

use db::{Batch, Db, ReadError, Sql, Statement, params, sql};
use kernel::{FlagKey, MetricKey, Timestamp};

use crate::gather::{Gathered, Given};
use crate::model::{EvaluationCount, OUTCOME_WIDTH, OutcomeCount, Place};

const ADD_EVALUATIONS: Sql = sql!(
    "INSERT INTO evaluation_count (project, environment, flag, variation, variant, start, n)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (project, environment, flag, start, variation, variant)
     DO UPDATE SET n = evaluation_count.n + excluded.n"
);
const ADD_OUTCOMES: Sql = sql!(
    "INSERT INTO outcome_count (project, environment, metric, grain, start, n) VALUES (?1, ?2, ?3, 1, ?4, ?5)
     ON CONFLICT (project, environment, metric, start, grain) DO UPDATE SET n = outcome_count.n + excluded.n"
);
const EVALUATIONS: Sql = sql!(
    "SELECT variation, variant, start - start % CAST(?5 AS BIGINT) AS bin, CAST(SUM(n) AS BIGINT) AS n
     FROM evaluation_count WHERE project = ?1 AND environment = ?2 AND flag = ?3 AND start >= ?4
     GROUP BY variation, variant, start - start % CAST(?5 AS BIGINT)
     ORDER BY bin DESC, variation DESC, variant DESC LIMIT 20001"
);
const OUTCOMES: Sql = sql!(
    "SELECT start, grain, n FROM outcome_count
     WHERE project = ?1 AND environment = ?2 AND metric = ?3 AND start >= ?4 AND start < ?5
     ORDER BY start DESC, grain DESC LIMIT 20001"
);
/// So many counts are told at most, the newest; of one more is known that there are more.
const MOST: usize = 20_000;
const FIRST_FINE_OUTCOME: Sql = sql!("SELECT MIN(start) AS start FROM outcome_count WHERE grain = 1 AND start < ?1");
const MERGE_OUTCOMES: Sql = sql!(
    "INSERT INTO outcome_count (project, environment, metric, grain, start, n)
     SELECT project, environment, metric, 60, CAST(?1 AS BIGINT), CAST(SUM(n) AS BIGINT) FROM outcome_count
     WHERE grain = 1 AND start >= ?1 AND start < ?2 GROUP BY project, environment, metric
     ON CONFLICT (project, environment, metric, start, grain) DO UPDATE SET n = outcome_count.n + excluded.n"
);
const DROP_FINE_OUTCOMES: Sql = sql!("DELETE FROM outcome_count WHERE grain = 1 AND start >= ?1 AND start < ?2");
const FIRST_FINE_EVALUATION: Sql =
    sql!("SELECT MIN(start) AS start FROM evaluation_count WHERE grain = 60 AND start < ?1");
const MERGE_EVALUATIONS: Sql = sql!(
    "INSERT INTO evaluation_count (project, environment, flag, variation, variant, start, n, grain)
     SELECT project, environment, flag, variation, variant, CAST(?1 AS BIGINT), CAST(SUM(n) AS BIGINT), 3600
     FROM evaluation_count WHERE grain = 60 AND start > ?1 AND start < ?2
     GROUP BY project, environment, flag, variation, variant
     ON CONFLICT (project, environment, flag, start, variation, variant)
     DO UPDATE SET n = evaluation_count.n + excluded.n, grain = 3600"
);
// Those of the hour's first minute that had nothing to take in.
const COARSEN_EVALUATIONS: Sql = sql!("UPDATE evaluation_count SET grain = 3600 WHERE grain = 60 AND start = ?1");
const DROP_FINE_EVALUATIONS: Sql = sql!("DELETE FROM evaluation_count WHERE grain = 60 AND start > ?1 AND start < ?2");
const FORGET_EVALUATIONS: Sql = sql!("DELETE FROM evaluation_count WHERE start < ?1");
const FORGET_OUTCOMES: Sql = sql!("DELETE FROM outcome_count WHERE start < ?1");
pub(crate) const ALL: &[Sql] = &[
    ADD_EVALUATIONS,
    ADD_OUTCOMES,
    EVALUATIONS,
    OUTCOMES,
    FIRST_FINE_OUTCOME,
    MERGE_OUTCOMES,
    DROP_FINE_OUTCOMES,
    FIRST_FINE_EVALUATION,
    MERGE_EVALUATIONS,
    COARSEN_EVALUATIONS,
    DROP_FINE_EVALUATIONS,
    FORGET_EVALUATIONS,
    FORGET_OUTCOMES,
];

/// Adds a batch's counts: outcomes to the second in which they came, evaluations to the minute.
pub fn add(place: &Place, gathered: &Gathered, now: Timestamp) -> Batch {
    let second = now.floor(OUTCOME_WIDTH);
    let minute = now.floor(Duration::from_mins(1));
    let outcomes = gathered
        .outcomes
        .iter()
        .map(|(metric, n)| ADD_OUTCOMES.bind(params![&place.project, &place.environment, metric, second, *n]));
    let evaluations = gathered.evaluations.iter().map(|(Given { flag, variation, variant }, n)| {
        let (variation, variant) = (variation.map_or(-1, i64::from), variant.as_deref().unwrap_or_default());
        ADD_EVALUATIONS.bind(params![&place.project, &place.environment, flag, variation, variant, minute, *n])
    });
    outcomes.chain(evaluations).collect()
}

/// Evaluations of a flag by variation and variant, from `since` on, added up over each `width`, the newest 20,000; by the
/// hour where they are older than two days.
pub async fn evaluations(
    db: &Db,
    place: &Place,
    flag: &FlagKey,
    (since, width): (Timestamp, Duration),
) -> Result<Vec<EvaluationCount>, ReadError> {
    let width = i64::try_from(width.as_micros()).unwrap_or(i64::MAX);
    let rows = db.many(EVALUATIONS.bind(params![&place.project, &place.environment, flag, since, width])).await?;
    let count = |row: &db::Row| {
        Ok(EvaluationCount {
            start: row.timestamp("bin")?,
            variation: u32::try_from(row.int("variation")?).ok(),
            variant: Some(row.text("variant")?).filter(|variant| !variant.is_empty()),
            n: row.int("n")?,
        })
    };
    Ok(newest(rows.iter().map(count).collect::<Result<_, _>>()?, MOST, |count| count.start))
}

/// A metric's outcomes between two instants, the newest 20,000, by second or, when they are older, by minute.
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
    let rows = db.many(OUTCOMES.bind(params)).await?;
    Ok(newest(rows.iter().map(count).collect::<Result<_, _>>()?, MOST, |count| count.start))
}

/// The counts in the order of time; they come the newest first. Where there are more than `most`, the oldest instant is
/// left out, since it may not be whole.
fn newest<C>(mut counts: Vec<C>, most: usize, start: impl Fn(&C) -> Timestamp) -> Vec<C> {
    if let Some(oldest) = counts.last().filter(|_| counts.len() > most).map(&start) {
        counts.retain(|count| start(count) > oldest);
    }
    counts.reverse();
    counts
}

/// The start of the first count by the second before `until`.
pub async fn first_fine_outcome(db: &Db, until: Timestamp) -> Result<Option<Timestamp>, ReadError> {
    db.one(FIRST_FINE_OUTCOME.bind(params![until])).await?.opt_timestamp("start")
}

/// Makes one count per metric of the minute from `start` to `finish`.
pub fn merge_outcomes(start: Timestamp, finish: Timestamp) -> [Statement; 2] {
    [MERGE_OUTCOMES.bind(params![start, finish]), DROP_FINE_OUTCOMES.bind(params![start, finish])]
}

/// The start of the first count by the minute before `until`.
pub async fn first_fine_evaluation(db: &Db, until: Timestamp) -> Result<Option<Timestamp>, ReadError> {
    db.one(FIRST_FINE_EVALUATION.bind(params![until])).await?.opt_timestamp("start")
}

/// Makes one count per flag, variation and variant of the hour from `start` to `finish`.
pub fn merge_evaluations(start: Timestamp, finish: Timestamp) -> [Statement; 3] {
    [
        MERGE_EVALUATIONS.bind(params![start, finish]),
        COARSEN_EVALUATIONS.bind(params![start]),
        DROP_FINE_EVALUATIONS.bind(params![start, finish]),
    ]
}

/// Forgets counts from before `limit`.
pub fn forget(limit: Timestamp) -> [Statement; 2] {
    [FORGET_EVALUATIONS.bind(params![limit]), FORGET_OUTCOMES.bind(params![limit])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_to_tell_is_cut_off_at_its_old_end_where_an_instant_begins() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        let counts = vec![(at(3), 'a'), (at(2), 'b'), (at(2), 'a'), (at(1), 'b'), (at(1), 'a')];
        let told = |most| newest(counts.clone(), most, |(start, _)| *start).into_iter().map(|(_, name)| name);
        assert_eq!(told(5).collect::<String>(), "ababa");
        assert_eq!(told(4).collect::<String>(), "aba");
    }
}
