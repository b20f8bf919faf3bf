//! Comparisons, their windows and their units.

use db::{Batch, Db, ReadError, Row, Sql, Statement, Value, params, sql};
use kernel::{FlagKey, MetricKey, Timestamp};

use crate::fact::UnitId;
use crate::fold::Folded;
use crate::model::{Arm, ComparedArms, Comparison, Counted, Place, WindowRow};
use crate::unit::{ExposedUnit, PendingOutcome, UnitState, Units};

const OPEN: Sql = sql!(
    "INSERT INTO comparison (id, project, environment, flag, arms, since_version, step_version, cursor, closed_until,
                             judged_until, halvings, opened_at)
     VALUES (?1, ?2, ?3, ?4, ?5, (SELECT value FROM sequence WHERE name = 'change'),
             (SELECT value FROM sequence WHERE name = 'change'), 0, ?6, ?6, 0, ?7)"
);
const STEP: Sql = sql!(
    "UPDATE comparison SET step_version = (SELECT value FROM sequence WHERE name = 'change')
     WHERE id = ?1 AND closed_until <= ?2 AND closed_at IS NULL"
);
const JUDGED: Sql = sql!("UPDATE comparison SET judged_until = ?2 WHERE id = ?1 AND judged_until <= ?2");
const CLOSE: Sql = sql!("UPDATE comparison SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL");
const GET: Sql = sql!("SELECT * FROM comparison WHERE id = ?1");
const OPEN_ONES: Sql = sql!("SELECT * FROM comparison WHERE closed_at IS NULL ORDER BY id");
const OPEN_IN_PLACE: Sql =
    sql!("SELECT * FROM comparison WHERE project = ?1 AND environment = ?2 AND closed_at IS NULL ORDER BY id");
const FOLDED: Sql = sql!(
    "UPDATE comparison SET cursor = ?4, closed_until = ?5, halvings = ?6
     WHERE id = ?1 AND cursor = ?2 AND closed_until = ?3 AND step_version = ?7 AND closed_at IS NULL"
);
const ADD_WINDOW: Sql = sql!(
    "INSERT INTO comparison_window (comparison, counted, arm, grain, start, finish, n, k)
     VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7)"
);
const WINDOWS: Sql = sql!(
    "SELECT counted, arm, start, finish, n, k FROM comparison_window
     WHERE comparison = ?1 AND start >= ?2 AND start < ?3 ORDER BY start, counted, arm"
);
// A window belongs to the minute in which it began.
const MERGE_WINDOWS: Sql = sql!(
    "INSERT INTO comparison_window (comparison, counted, arm, grain, start, finish, n, k)
     SELECT comparison, counted, arm, 60, CAST(?2 AS BIGINT), CAST(?3 AS BIGINT),
            CAST(SUM(n) AS BIGINT), CAST(SUM(k) AS BIGINT)
     FROM comparison_window WHERE comparison = ?1 AND grain = 1 AND start >= ?2 AND start < ?3
     GROUP BY comparison, counted, arm"
);
const DROP_FINE_WINDOWS: Sql =
    sql!("DELETE FROM comparison_window WHERE comparison = ?1 AND grain = 1 AND start >= ?2 AND start < ?3");
const FIRST_FINE_WINDOW: Sql =
    sql!("SELECT MIN(start) AS start FROM comparison_window WHERE comparison = ?1 AND grain = 1 AND start < ?2");
const SAVE_UNIT: Sql = sql!(
    "INSERT INTO unit (comparison, unit, arm, arm_since, first_at, bad, waiting) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (comparison, unit) DO UPDATE SET arm = excluded.arm, arm_since = excluded.arm_since,
         first_at = excluded.first_at, bad = excluded.bad, waiting = excluded.waiting"
);
const FORGET_UNIT: Sql = sql!("DELETE FROM unit WHERE comparison = ?1 AND unit = ?2");
const FORGET_UNITS_FROM: Sql = sql!("DELETE FROM unit WHERE comparison = ?1 AND unit >= ?2");
const UNITS: Sql = sql!("SELECT unit, arm, arm_since, first_at, bad, waiting FROM unit WHERE comparison = ?1");
const COUNT_UNITS: Sql = sql!("SELECT COUNT(*) AS units FROM unit WHERE comparison = ?1 AND arm IS NOT NULL");
const FULL: Sql =
    sql!("SELECT * FROM comparison WHERE closed_at IS NOT NULL AND emptied_at IS NULL ORDER BY id LIMIT 10");
const EMPTIED: Sql = sql!("UPDATE comparison SET emptied_at = ?2 WHERE id = ?1");
pub(crate) const ALL: &[Sql] = &[
    OPEN,
    STEP,
    JUDGED,
    CLOSE,
    GET,
    OPEN_ONES,
    OPEN_IN_PLACE,
    FOLDED,
    ADD_WINDOW,
    WINDOWS,
    MERGE_WINDOWS,
    DROP_FINE_WINDOWS,
    FIRST_FINE_WINDOW,
    SAVE_UNIT,
    FORGET_UNIT,
    FORGET_UNITS_FROM,
    UNITS,
    COUNT_UNITS,
    FULL,
    EMPTIED,
];

/// Starts comparing, from the change that is made in this batch. `from` is the start of the first window.
pub fn open(id: &str, place: &Place, flag: &FlagKey, arms: &ComparedArms, from: Timestamp) -> Statement {
    let params = params![id, &place.project, &place.environment, flag, Value::json(arms), from, from];
    OPEN.bind(params).exactly_one("comparison")
}

/// From the change that is made in this batch on, the split is another; a conflict when windows after `judged_until` are
/// closed already, since they were counted by the split of before.
pub fn step(id: &str, judged_until: Timestamp) -> Statement {
    STEP.bind(params![id, judged_until]).exactly_one("comparison")
}

/// Windows before `until` were judged: from now on they may be merged.
pub fn judged(id: &str, until: Timestamp) -> Statement {
    JUDGED.bind(params![id, until]).exactly_one("judged windows")
}

/// Stops comparing; a comparison that was closed before stays so.
pub fn close(id: &str, now: Timestamp) -> Statement {
    CLOSE.bind(params![id, now])
}

/// The comparison of a release.
pub async fn get(db: &Db, id: &str) -> Result<Option<Comparison>, ReadError> {
    db.optional(GET.bind(params![id])).await?.as_ref().map(comparison).transpose()
}

/// All that are under way.
pub async fn open_ones(db: &Db) -> Result<Vec<Comparison>, ReadError> {
    db.many(OPEN_ONES.bind(Vec::new())).await?.iter().map(comparison).collect()
}

/// Those under way in an environment.
pub async fn open_in(db: &Db, place: &Place) -> Result<Vec<Comparison>, ReadError> {
    let rows = db.many(OPEN_IN_PLACE.bind(params![&place.project, &place.environment])).await?;
    rows.iter().map(comparison).collect()
}

/// Everything that closing the window `[comparison.closed_until, finish)` changes; a conflict when somebody else did it, or
/// when the split has become another since the comparison was read.
pub fn folded(comparison: &Comparison, cursor: i64, finish: Timestamp, folded: &Folded) -> Batch {
    let Comparison { id, closed_until, step_version, halvings, .. } = comparison;
    let next = params![id, comparison.cursor, *closed_until, cursor, finish, folded.halvings, *step_version];
    let mut batch = Batch::from(FOLDED.bind(next).exactly_one("comparison"));
    batch.push(super::intake::folded(id, cursor));
    let rows = folded.rows(&comparison.arms, comparison.closed_until, finish);
    batch.extend(rows.iter().map(|row| add_window(id, row)));
    batch.extend(
        folded
            .changed
            .iter()
            .filter(|(unit, _)| unit.is_sampled(folded.halvings))
            .map(|(unit, state)| save(id, *unit, state)),
    );
    batch.extend(folded.forgotten.iter().map(|unit| FORGET_UNIT.bind(params![id, unit.0])));
    if folded.halvings > *halvings {
        batch.push(FORGET_UNITS_FROM.bind(params![id, UnitId::first_outside(folded.halvings).0]));
    }
    batch
}

fn add_window(id: &str, row: &WindowRow) -> Statement {
    let counted = match &row.counted {
        Counted::NewUnits => "",
        Counted::Metric(key) => key.as_str(),
    };
    let [n, k] = [row.n, row.k].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    ADD_WINDOW.bind(params![id, counted, row.arm as i64, row.start, row.finish, n, k])
}

fn save(id: &str, unit: UnitId, state: &UnitState) -> Statement {
    SAVE_UNIT.bind(match state {
        UnitState::Exposed(ExposedUnit { arm, arm_since, first_at, bad }) => {
            params![id, unit.0, *arm as i64, *arm_since, *first_at, *bad, Value::Null]
        }
        UnitState::Waiting { since, outcomes } => {
            params![id, unit.0, Value::Null, *since, 0_i64, 0_i64, PendingOutcome::pack(outcomes)]
        }
    })
}

/// The rows of windows that begin at `since` or later and before `until`, in order.
pub async fn windows(db: &Db, id: &str, since: Timestamp, until: Timestamp) -> Result<Vec<WindowRow>, ReadError> {
    db.many(WINDOWS.bind(params![id, since, until])).await?.iter().map(window).collect()
}

/// Makes one window of those that began in the minute before `finish`; they must have been judged.
pub fn merge_windows(id: &str, start: Timestamp, finish: Timestamp) -> [Statement; 2] {
    [MERGE_WINDOWS.bind(params![id, start, finish]), DROP_FINE_WINDOWS.bind(params![id, start, finish])]
}

/// The start of the first window before `until` that was not merged.
pub async fn first_fine_window(db: &Db, id: &str, until: Timestamp) -> Result<Option<Timestamp>, ReadError> {
    db.one(FIRST_FINE_WINDOW.bind(params![id, until])).await?.opt_timestamp("start")
}

/// All units of a comparison.
pub async fn units(db: &Db, id: &str) -> Result<Units, ReadError> {
    let mut units = Units::default();
    for row in db.many(UNITS.bind(params![id])).await? {
        let (unit, state) = unit(&row)?;
        units.insert(unit, state);
    }
    Ok(units)
}

/// How many units have met an arm.
pub async fn count_units(db: &Db, id: &str) -> Result<i64, ReadError> {
    db.one(COUNT_UNITS.bind(params![id])).await?.int("units")
}

/// Closed comparisons whose units are still there.
pub async fn full(db: &Db) -> Result<Vec<Comparison>, ReadError> {
    db.many(FULL.bind(Vec::new())).await?.iter().map(comparison).collect()
}

/// Forgets the units whose hash lies at or above `sixteenth`/16, and so piece by piece all of them, from the last.
pub fn forget_units_from(id: &str, sixteenth: u8) -> Statement {
    let mut bound = [0_u8; 16];
    bound[0] = sixteenth << 4;
    FORGET_UNITS_FROM.bind(params![id, bound])
}

/// No units and no facts are left.
pub fn emptied(id: &str, now: Timestamp) -> [Statement; 2] {
    [super::intake::folded(id, i64::MAX), EMPTIED.bind(params![id, now])]
}

fn comparison(row: &Row) -> Result<Comparison, ReadError> {
    let halvings = row.int("halvings")?;
    Ok(Comparison {
        id: row.text("id")?,
        place: Place { project: row.parse("project")?, environment: row.parse("environment")? },
        flag: row.parse("flag")?,
        arms: row.json("arms")?,
        since_version: row.int("since_version")?,
        step_version: row.int("step_version")?,
        cursor: row.int("cursor")?,
        closed_until: row.timestamp("closed_until")?,
        judged_until: row.timestamp("judged_until")?,
        halvings: u8::try_from(halvings).map_err(|_| row.inconsistent("halvings", "is no small number"))?,
    })
}

fn window(row: &Row) -> Result<WindowRow, ReadError> {
    let counted = match row.text("counted")?.as_str() {
        "" => Counted::NewUnits,
        _ => Counted::Metric(row.parse::<MetricKey>("counted")?),
    };
    let count = |column: &str| {
        row.int(column).and_then(|n| u64::try_from(n).map_err(|_| row.inconsistent(column, "is negative")))
    };
    Ok(WindowRow {
        counted,
        arm: arm(row, row.int("arm")?)?,
        start: row.timestamp("start")?,
        finish: row.timestamp("finish")?,
        n: count("n")?,
        k: count("k")?,
    })
}

fn unit(row: &Row) -> Result<(UnitId, UnitState), ReadError> {
    let id = row.blob("unit")?;
    let id = id.try_into().map_err(|_| row.inconsistent("unit", "is not 16 bytes"))?;
    let state = match row.opt_int("arm")? {
        Some(number) => UnitState::Exposed(ExposedUnit {
            arm: arm(row, number)?,
            arm_since: row.timestamp("arm_since")?,
            first_at: row.timestamp("first_at")?,
            bad: u32::try_from(row.int("bad")?).map_err(|_| row.inconsistent("bad", "is no mask of 32 bits"))?,
        }),
        None => UnitState::Waiting {
            since: row.timestamp("arm_since")?,
            outcomes: PendingOutcome::unpack(&row.blob("waiting")?)
                .map_err(|error| row.inconsistent("waiting", &error.to_string()))?,
        },
    };
    Ok((UnitId(id), state))
}

fn arm(row: &Row, number: i64) -> Result<Arm, ReadError> {
    Arm::BOTH.into_iter().find(|arm| *arm as i64 == number).ok_or_else(|| row.inconsistent("arm", "is no arm"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use db::CommitError;
    use kernel::ContextKind;

    use super::*;
    use crate::fold::{FoldRule, fold};

    const START: Timestamp = Timestamp::from_secs(1_000);
    const FINISH: Timestamp = Timestamp::from_secs(1_001);

    async fn begun(db: &Db) -> Comparison {
        db::migrate(db, &[flags::MIGRATIONS, crate::schema::MIGRATIONS]).await.unwrap();
        let arms = ComparedArms { treatment: 1, control: 0, context_kind: ContextKind::user(), metrics: Vec::new() };
        let place = Place { project: "shop".parse().unwrap(), environment: "production".parse().unwrap() };
        let mut batch = Batch::from(db::sequence::advance("change"));
        batch.push(open("rel_1", &place, &"checkout".parse().unwrap(), &arms, START));
        db.commit(batch).await.unwrap();
        get(db, "rel_1").await.unwrap().unwrap()
    }

    async fn take_step(db: &Db, judged_until: Timestamp) -> Result<(), CommitError> {
        let mut batch = Batch::from(db::sequence::advance("change"));
        batch.push(step("rel_1", judged_until));
        db.commit(batch).await
    }

    async fn close_window(db: &Db, read: &Comparison) -> Result<(), CommitError> {
        let rule = FoldRule { metrics: 0, step_version: read.step_version, halvings: 0, max_units: 10, finish: FINISH };
        db.commit(folded(read, 0, FINISH, &fold(&Units::default(), Vec::new(), &rule))).await
    }

    fn is_overtaken(outcome: &Result<(), CommitError>) -> bool {
        matches!(outcome, Err(CommitError::Conflict { guard: "comparison" }))
    }

    #[tokio::test]
    async fn a_step_and_the_window_around_it_never_mix_two_splits() {
        db::testing::each(|db| async move {
            let read = begun(&db).await;
            take_step(&db, START).await.unwrap();
            assert!(is_overtaken(&close_window(&db, &read).await), "it was counted by the split of before");
            let anew = get(&db, "rel_1").await.unwrap().unwrap();
            assert!(anew.step_version > read.step_version);
            close_window(&db, &anew).await.unwrap();

            assert!(is_overtaken(&take_step(&db, START).await), "a window was closed that nobody has judged");
            take_step(&db, START.plus(Duration::from_secs(1))).await.unwrap();
        })
        .await;
    }
}
