//! Pokes: in this process at once, from other nodes over PostgreSQL, also after the connection was lost.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

use std::time::Duration;

use db::testing::{Fresh, dialects, each};
use db::{Batch, CommitError, Db, Dialect, Sql, params, sequence, sql};
use tokio::sync::watch;

const NOTHING: Sql = sql!("UPDATE sequence SET value = value WHERE name = 'absent'");
const TERMINATE: Sql = sql!(
    "SELECT COUNT(pg_terminate_backend(pid)) AS n FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()"
);

/// Waits for a poke; a minute without one is a failure.
async fn poked(pokes: &mut watch::Receiver<u64>) {
    tokio::time::timeout(Duration::from_mins(1), pokes.changed()).await.expect("no poke came").unwrap();
}

async fn commit(db: &Db) {
    db.commit(sequence::advance("x").into()).await.unwrap();
}

#[tokio::test]
async fn a_commit_pokes_this_process_before_it_is_answered_unless_it_is_quiet_or_fails() {
    each(|db| async move {
        let mut pokes = db.clone().pokes();
        // PostgreSQL's relay pokes when it has connected, which it cannot have done before the first await.
        if db.dialect() == Dialect::Postgres {
            poked(&mut pokes).await;
        }
        db::migrate(&db, &[]).await.unwrap();
        pokes.mark_unchanged();
        commit(&db).await;
        assert!(pokes.has_changed().unwrap());
        let before = *pokes.borrow_and_update();
        db.commit(Batch::from(sequence::advance("x")).quiet()).await.unwrap();
        db.commit(NOTHING.bind(params![]).exactly_one("nothing").into()).await.unwrap_err();
        db.commit(Batch::new()).await.unwrap();
        assert_eq!(*pokes.borrow(), before, "quiet, failed or empty batches poked");
    })
    .await;
}

#[tokio::test]
async fn a_commit_on_one_node_pokes_another_also_after_every_connection_was_lost() {
    if !dialects().contains(&Dialect::Postgres) {
        return;
    }
    let fresh = Fresh::new(Dialect::Postgres).await;
    let (one, two) = (fresh.open().await, fresh.open().await);
    db::migrate(&one, &[]).await.unwrap();
    let mut pokes = two.pokes();
    // If a relay is not connected yet, it pokes when it is.
    for _ in 0..5 {
        commit(&one).await;
        poked(&mut pokes).await;
    }
    let ended = one.one(TERMINATE.bind(params![])).await.unwrap().int("n").unwrap();
    assert!(ended >= 3, "two relays and the other node's pool: {ended}");
    poked(&mut pokes).await;
    for _ in 0..5 {
        commit(&one).await;
        poked(&mut pokes).await;
    }
}

#[tokio::test]
async fn lost_connections_make_the_database_unavailable_for_a_moment_and_never_broken() {
    if !dialects().contains(&Dialect::Postgres) {
        return;
    }
    let fresh = Fresh::new(Dialect::Postgres).await;
    let (one, two) = (fresh.open().await, fresh.open().await);
    db::migrate(&one, &[]).await.unwrap();
    // Many connections in the pool of the second, then all of them ended by the first.
    let reads = (0..16).map(|_| two.health());
    assert!(futures_util::future::join_all(reads).await.iter().all(Result::is_ok));
    one.one(TERMINATE.bind(params![])).await.unwrap();
    let mut failures = 0;
    let mut committed = 0;
    while committed < 20 {
        match two.commit(sequence::advance("y").into()).await {
            Ok(()) => committed += 1,
            Err(CommitError::Unavailable(_)) => failures += 1,
            Err(other) => panic!("{other:?}"),
        }
        match two.health().await {
            Ok(()) => {}
            Err(CommitError::Unavailable(_)) => failures += 1,
            Err(other) => panic!("{other:?}"),
        }
        assert!(failures <= 32, "the pool keeps giving dead connections");
    }
}
