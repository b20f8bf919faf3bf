//! Batches on both databases: whole or not at all, guards, neighbours, values that come back.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

use db::testing::{each, prepare_all};
use db::{Batch, CommitError, Db, Migration, ReadError, Sql, Statement, Value, params, sql};
use kernel::Timestamp;

const MIGRATIONS: &[Migration] = &[Migration {
    name: "test-0001",
    sql: "CREATE TABLE thing (
              key TEXT PRIMARY KEY, version BIGINT NOT NULL, name TEXT, ratio DOUBLE PRECISION, body {blob},
              parent TEXT REFERENCES thing (key)
          )",
}];
const PUT: Sql = sql!("INSERT INTO thing (key, version, name, ratio, body) VALUES (?1, ?2, ?3, ?4, ?5)");
const ADD: Sql = sql!("INSERT INTO thing (key, version, parent) VALUES (?1, ?2, ?3)");
const EDIT: Sql = sql!("UPDATE thing SET version = version + 1 WHERE key = ?1 AND version = ?2");
const GET: Sql = sql!("SELECT key, version, name, ratio, body FROM thing WHERE key = ?1");
const COUNT: Sql = sql!("SELECT COUNT(*) AS n, CAST(SUM(version) AS BIGINT) AS versions FROM thing");
const ALL: Sql = sql!("SELECT key FROM thing ORDER BY key");
const NAMED: Sql = sql!("SELECT key FROM thing WHERE CAST(?1 AS TEXT) IS NULL OR name = ?1");
const SQUARE: Sql = sql!("SELECT COUNT(*) AS n FROM thing a, thing b WHERE a.version = b.version");
const STATEMENTS: &[Sql] = &[PUT, ADD, EDIT, GET, COUNT, ALL, NAMED, SQUARE];

async fn migrated(db: &Db) {
    db::migrate(db, &[MIGRATIONS]).await.unwrap();
}

fn add(key: &str) -> Statement {
    ADD.bind(params![key, 1_i64, None::<&str>]).exactly_one("thing key")
}

fn edit(key: &str, version: i64) -> Statement {
    EDIT.bind(params![key, version]).exactly_one("thing version")
}

async fn keys(db: &Db) -> Vec<String> {
    db.many(ALL.bind(params![])).await.unwrap().iter().map(|row| row.text("key").unwrap()).collect()
}

#[tokio::test]
async fn every_statement_prepares_on_both() {
    each(|db| async move {
        migrated(&db).await;
        prepare_all(&db, db::ALL).await;
        prepare_all(&db, &[STATEMENTS]).await;
        db.health().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_neither_prepares_nor_fits_our_types_is_told_of() {
    each(|db| async move {
        migrated(&db).await;
        assert!(matches!(db.check(sql!("SELECT nothing FROM thing")).await, Err(ReadError::Broken(_))));
        if db.dialect() == db::Dialect::Postgres {
            let error = db.check(sql!("SELECT SUM(version) AS total FROM thing")).await.unwrap_err();
            let ReadError::Broken(reason) = error else { panic!("{error:?}") };
            assert_eq!(reason.to_string(), "column total is numeric to PostgreSQL: CAST it");
        }
    })
    .await;
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    each(|db| async move {
        migrated(&db).await;
        let full = params!["full", i64::MAX, "naïve ?1 'quoted'", 0.1, vec![0_u8, 255]];
        let empty = params!["empty", i64::MIN, None::<String>, None::<f64>, None::<Vec<u8>>];
        db.commit([PUT.bind(full.clone()), PUT.bind(empty.clone())].into_iter().collect()).await.unwrap();
        for (key, expected) in [("full", full), ("empty", empty)] {
            let row = db.one(GET.bind(params![key])).await.unwrap();
            let values = ["key", "version", "name", "ratio", "body"].map(|column| row.value(column).unwrap().clone());
            assert_eq!(values.to_vec(), expected);
        }
        let row = db.one(GET.bind(params!["full"])).await.unwrap();
        assert_eq!(row.timestamp("version").unwrap(), Timestamp::from_micros(i64::MAX));
        assert!(matches!(row.int("name"), Err(ReadError::Inconsistent { column, .. }) if column == "name"));
        assert!(row.json::<Vec<String>>("name").is_err());
        assert!(row.text("absent").is_err());
        assert!(db.optional(GET.bind(params!["absent"])).await.unwrap().is_none());
        assert!(matches!(db.one(GET.bind(params!["absent"])).await, Err(ReadError::Inconsistent { .. })));
        assert!(matches!(db.optional(ALL.bind(params![])).await, Err(ReadError::Inconsistent { .. })));
        assert_eq!(db.many(NAMED.bind(params![None::<&str>])).await.unwrap().len(), 2);
        assert_eq!(db.many(NAMED.bind(params!["naïve ?1 'quoted'"])).await.unwrap().len(), 1);
        assert_eq!(db.one(COUNT.bind(params![])).await.unwrap().int("versions").unwrap(), -1);
    })
    .await;
}

#[tokio::test]
async fn a_guard_that_fails_is_a_conflict_and_writes_nothing() {
    each(|db| async move {
        migrated(&db).await;
        db.commit(add("a").into()).await.unwrap();
        let stale: Batch = [add("b"), edit("a", 7), add("c")].into_iter().collect();
        let error = db.commit(stale).await.unwrap_err();
        assert!(matches!(error, CommitError::Conflict { guard: "thing version" }), "{error:?}");
        assert_eq!(keys(&db).await, ["a"]);
        db.commit([edit("a", 1), add("b")].into_iter().collect()).await.unwrap();
        assert_eq!(keys(&db).await, ["a", "b"]);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_taken_is_a_conflict_for_a_guarded_statement_and_a_fault_for_another() {
    each(|db| async move {
        migrated(&db).await;
        db.commit(add("a").into()).await.unwrap();
        let taken = db.commit(add("a").into()).await;
        assert!(matches!(taken, Err(CommitError::Conflict { guard: "thing key" })), "{taken:?}");
        let orphan = ADD.bind(params!["b", 1_i64, "no such parent"]).exactly_one("parent");
        let orphaned = db.commit(orphan.into()).await;
        assert!(matches!(orphaned, Err(CommitError::Conflict { guard: "parent" })), "{orphaned:?}");
        let unguarded = db.commit(ADD.bind(params!["a", 1_i64, None::<&str>]).into()).await;
        assert!(matches!(unguarded, Err(CommitError::Broken(_))), "{unguarded:?}");
        assert_eq!(keys(&db).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_fails_leaves_its_neighbours_of_the_same_group_alone() {
    each(|db| async move {
        migrated(&db).await;
        let commits = (0..100).map(|n| {
            let batch: Batch = match n % 4 {
                0 => [add(&format!("bad{n:02}")), edit("absent", 1)].into_iter().collect(),
                1 => [add(&format!("bad{n:02}")), sql!("INSERT INTO absent VALUES (1)").bind(params![])]
                    .into_iter()
                    .collect(),
                _ => add(&format!("good{n:02}")).into(),
            };
            db.commit(batch)
        });
        let outcomes = futures_util::future::join_all(commits).await;
        for (n, outcome) in outcomes.iter().enumerate() {
            match n % 4 {
                0 => assert!(matches!(outcome, Err(CommitError::Conflict { .. })), "{n}: {outcome:?}"),
                1 => assert!(matches!(outcome, Err(CommitError::Broken(_))), "{n}: {outcome:?}"),
                _ => assert!(outcome.is_ok(), "{n}: {outcome:?}"),
            }
        }
        let keys = keys(&db).await;
        assert_eq!(keys.len(), 50);
        assert!(keys.iter().all(|key| key.starts_with("good")));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_number_or_type_of_parameters_is_a_fault_and_not_a_panic() {
    each(|db| async move {
        migrated(&db).await;
        let few = db.commit(ADD.bind(params!["a"]).into()).await;
        assert!(matches!(few, Err(CommitError::Broken(_))), "{few:?}");
        assert!(matches!(db.many(GET.bind(params![])).await, Err(ReadError::Broken(_))));
        if db.dialect() == db::Dialect::Postgres {
            let mistyped = db.commit(ADD.bind(params!["a", "one", None::<&str>]).into()).await;
            assert!(matches!(mistyped, Err(CommitError::Broken(_))), "{mistyped:?}");
        }
        assert!(keys(&db).await.is_empty());
        db.commit(add("a").into()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_long_read_gives_all_rows_while_short_ones_go_on() {
    each(|db| async move {
        migrated(&db).await;
        db.commit((0..2_000).map(|n| add(&format!("{n:04}"))).collect()).await.unwrap();
        let long = db.one(SQUARE.bind(params![]));
        let short = db.one(GET.bind(params!["0042"]));
        let (long, short) = tokio::join!(long, short);
        assert_eq!(long.unwrap().int("n").unwrap(), 4_000_000);
        assert_eq!(short.unwrap().text("key").unwrap(), "0042");
        assert_eq!(keys(&db).await.len(), 2_000);
    })
    .await;
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_leaves_the_database_usable() {
    each(|db| async move {
        migrated(&db).await;
        for n in 0..40 {
            let commit = db.commit([add(&format!("{n}")), edit(&format!("{n}"), 1)].into_iter().collect());
            let polls_before_giving_up = n % 5;
            let mut commit = Box::pin(commit);
            for _ in 0..polls_before_giving_up {
                let _ = futures_util::poll!(&mut commit);
                tokio::task::yield_now().await;
            }
        }
        db.commit(add("last").into()).await.unwrap();
        let row = db.one(GET.bind(params!["last"])).await.unwrap();
        assert_eq!(row.value("version").unwrap(), &Value::Int(1));
        // What was written at all was written whole.
        let count = db.one(COUNT.bind(params![])).await.unwrap();
        assert_eq!(count.int("versions").unwrap(), 2 * (count.int("n").unwrap() - 1) + 1);
    })
    .await;
}

#[tokio::test]
async fn migrations_are_applied_once_by_any_number_of_nodes() {
    each(|db| async move {
        let nodes = (0..4).map(|_| db::migrate(&db, &[MIGRATIONS]));
        for outcome in futures_util::future::join_all(nodes).await {
            outcome.unwrap();
        }
        db.commit(add("a").into()).await.unwrap();
        let bad = [Migration { name: "test-0002", sql: "CREATE TABLE other (id TEXT); CREATE TABLE thing (id TEXT)" }];
        let error = db::migrate(&db, &[MIGRATIONS, &bad]).await.unwrap_err();
        assert!(matches!(error, db::MigrateError::Failed { name: "test-0002", .. }), "{error:?}");
        assert!(db.check(sql!("SELECT id FROM other")).await.is_err(), "half of a migration was kept");
        assert!(matches!(db::migrate(&db, &[MIGRATIONS, MIGRATIONS]).await, Err(db::MigrateError::Twice("test-0001"))));
        assert_eq!(keys(&db).await, ["a"]);
    })
    .await;
}
