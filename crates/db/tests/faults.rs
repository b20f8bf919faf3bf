//! Faults: a full disk, a killed process, a second process, addresses that cannot be.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use db::testing::{Fresh, each_fresh};
use db::{Batch, CommitError, Config, Db, Dialect, Migration, OpenError, Sql, params, sql};

const MIGRATIONS: &[Migration] =
    &[Migration { name: "test-0001", sql: "CREATE TABLE entry (key TEXT PRIMARY KEY, body {blob} NOT NULL)" }];
const ADD: Sql = sql!("INSERT INTO entry (key, body) VALUES (?1, ?2)");
const COUNT: Sql = sql!("SELECT COUNT(*) AS n FROM entry");

async fn add(db: &Db, sizes: &[(&str, usize)]) -> Result<(), CommitError> {
    db.commit(sizes.iter().map(|(key, size)| ADD.bind(params![*key, vec![7_u8; *size]])).collect()).await
}

async fn count(db: &Db) -> i64 {
    db.one(COUNT.bind(params![])).await.unwrap().int("n").unwrap()
}

#[tokio::test]
async fn a_full_disk_makes_commits_unavailable_writes_nothing_half_and_passes() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let db = fresh.open().await;
    db::migrate(&db, &[MIGRATIONS]).await.unwrap();
    // SQLite's own limit on the file raises the very error of a full disk (SQLITE_FULL).
    let limit = sql!("PRAGMA max_page_count = 40").bind(params![]);
    db.commit(limit.into()).await.unwrap();
    add(&db, &[("before", 10)]).await.unwrap();
    for _ in 0..3 {
        let full = add(&db, &[("small", 10), ("large", 1_000_000)]).await;
        assert!(matches!(full, Err(CommitError::Unavailable(_))), "{full:?}");
    }
    assert_eq!(count(&db).await, 1);
    add(&db, &[("small", 10)]).await.unwrap();
    let raised = sql!("PRAGMA max_page_count = 100000").bind(params![]);
    db.commit(raised.into()).await.unwrap();
    add(&db, &[("large", 1_000_000)]).await.unwrap();
    assert_eq!(count(&db).await, 3);
}

const ROUNDS: usize = 4;
const LINES: usize = 400;
const SEEN: Sql = sql!("SELECT COUNT(*) AS n FROM acknowledged WHERE key = ?1");
const TOTALS: Sql = sql!(
    "SELECT (SELECT COUNT(*) FROM acknowledged) AS entries, (SELECT MAX(seq) FROM acknowledged) AS last,
            (SELECT value FROM sequence WHERE name = 'acknowledged') AS taken"
);

/// Runs the program `acknowledge` until it has acknowledged [`LINES`] commits, kills it, and gives what it acknowledged.
fn acknowledged_before_the_kill(address: &str, round: usize) -> Vec<String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_acknowledge"))
        .args([address, &round.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut lines = Vec::new();
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        // A line cut off by the kill was not said.
        if let Some(key) = line.strip_suffix('\n') {
            lines.push(key.to_owned());
        }
        line.clear();
        if lines.len() == LINES {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(lines.len() >= LINES, "it ended by itself after {} commits", lines.len());
    lines
}

#[tokio::test]
async fn a_process_that_is_killed_loses_nothing_it_acknowledged_and_leaves_nothing_half() {
    each_fresh(async |fresh| {
        let mut acknowledged = Vec::new();
        for round in 0..ROUNDS {
            acknowledged.extend(acknowledged_before_the_kill(&fresh.address(), round));
            let db = fresh.open().await;
            for key in &acknowledged {
                assert_eq!(db.one(SEEN.bind(params![key])).await.unwrap().int("n").unwrap(), 1, "{key} was lost");
            }
            let totals = db.one(TOTALS.bind(params![])).await.unwrap();
            let entries = totals.int("entries").unwrap();
            assert_eq!((totals.int("last").unwrap(), totals.int("taken").unwrap()), (entries, entries));
        }
        eprintln!("{ROUNDS} kills, {} acknowledged commits, none lost", acknowledged.len());
    })
    .await;
}

#[tokio::test]
async fn a_file_that_another_has_open_is_refused_until_it_is_closed() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let first = fresh.open().await;
    assert!(matches!(Db::open(fresh.config()).await, Err(OpenError::InUse { .. })));
    let clone = first.clone();
    drop(first);
    assert!(matches!(Db::open(fresh.config()).await, Err(OpenError::InUse { .. })));
    drop(clone);
    fresh.open().await.health().await.unwrap();
}

#[tokio::test]
async fn addresses_that_cannot_be_are_refused_in_words() {
    for url in ["postgres://u@h/d?sslmode=require", "postgres://u@h/d?sslmode=verify-full"] {
        let refused = Db::open(Config::postgres(url)).await.err();
        assert!(matches!(refused, Some(OpenError::TlsUnsupported)), "{url}: {refused:?}");
    }
    let refused = Db::open(Config::postgres("mysql://h/d")).await.err();
    assert!(matches!(refused, Some(OpenError::BadAddress(_))), "{refused:?}");
    let absent = Db::open(Config::postgres("postgres://u:secret@127.0.0.1:1/d")).await.err().unwrap();
    assert_eq!(absent.to_string(), "the database d on 127.0.0.1 cannot be opened");
    let absent = Db::open(Config::sqlite("/nowhere/at/all.db")).await.err().unwrap();
    assert_eq!(absent.to_string(), "the database /nowhere/at/all.db cannot be opened");
    assert_eq!(format!("{:?}", Config::postgres("postgres://u:secret@h/d")), "PostgreSQL");
}

#[tokio::test]
async fn what_waits_when_the_last_handle_goes_is_committed() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let db = fresh.open().await;
    db::migrate(&db, &[MIGRATIONS]).await.unwrap();
    let mut commit = Box::pin(async move { db.commit(Batch::from(ADD.bind(params!["late", vec![1_u8]]))).await });
    assert!(futures_util::poll!(&mut commit).is_pending());
    drop(commit);
    assert_eq!(count(&fresh.open().await).await, 1);
}
