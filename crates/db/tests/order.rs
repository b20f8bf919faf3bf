//! One order: numbers without gaps, and readers that never find a smaller one later.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

use db::testing::each;
use db::{Batch, Db, Migration, Sql, params, sequence, sql};
use tokio::task::JoinSet;

const MIGRATIONS: &[Migration] = &[Migration {
    name: "test-0001",
    sql: "CREATE TABLE log (seq BIGINT PRIMARY KEY, writer BIGINT NOT NULL, n BIGINT NOT NULL)",
}];
const APPEND: Sql =
    sql!("INSERT INTO log (seq, writer, n) VALUES ((SELECT value FROM sequence WHERE name = 'change'), ?1, ?2)");
const AFTER: Sql = sql!("SELECT seq, writer, n FROM log WHERE seq > ?1 ORDER BY seq LIMIT 100");
const REFUSE: Sql = sql!("UPDATE log SET n = n WHERE seq = -1");

const WRITERS: i64 = 24;
const EACH: i64 = 40;

/// Appends its entries; each third batch takes a number and then fails.
async fn write(db: Db, writer: i64) {
    for n in 0..EACH {
        let append = [sequence::advance("change"), APPEND.bind(params![writer, n]).exactly_one("entry")];
        if n % 3 == 0 {
            let mut refused: Batch = append.clone().into_iter().collect();
            refused.push(REFUSE.bind(params![]).exactly_one("nothing"));
            assert!(matches!(db.commit(refused).await, Err(db::CommitError::Conflict { guard: "nothing" })));
        }
        db.commit(append.into_iter().collect()).await.unwrap();
    }
}

/// Follows the log as an SDK stream does: woken by pokes, reading on from the last number seen.
async fn follow(db: Db) -> Vec<(i64, i64)> {
    let mut pokes = db.pokes();
    let mut seen: Vec<(i64, i64)> = Vec::new();
    while seen.len() < usize::try_from(WRITERS * EACH).unwrap() {
        pokes.mark_unchanged();
        let rows = db.many(AFTER.bind(params![i64::try_from(seen.len()).unwrap()])).await.unwrap();
        for row in &rows {
            seen.push((row.int("writer").unwrap(), row.int("n").unwrap()));
            assert_eq!(row.int("seq").unwrap(), i64::try_from(seen.len()).unwrap(), "a number was skipped");
        }
        if rows.is_empty() {
            pokes.changed().await.unwrap();
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_leave_no_gap_and_readers_skip_nothing() {
    each(|db| async move {
        db::migrate(&db, &[MIGRATIONS]).await.unwrap();
        let mut readers = JoinSet::new();
        for _ in 0..3 {
            readers.spawn(follow(db.clone()));
        }
        let writers: JoinSet<()> = (0..WRITERS).map(|writer| write(db.clone(), writer)).collect();
        writers.join_all().await;
        let views = readers.join_all().await;
        assert!(views.iter().all(|view| *view == views[0]), "readers saw different orders");
        for writer in 0..WRITERS {
            let own: Vec<i64> = views[0].iter().filter(|entry| entry.0 == writer).map(|entry| entry.1).collect();
            assert_eq!(own, (0..EACH).collect::<Vec<_>>(), "a writer's own order changed");
        }
        assert_eq!(sequence::current(&db, "change").await.unwrap(), WRITERS * EACH);
    })
    .await;
}
