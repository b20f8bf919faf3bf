//! Leases: one holder, and one that lost it cannot write.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

use std::time::Duration;

use db::lease::{acquire, release, renew};
use db::testing::{each, each_fresh};
use db::{CommitError, Db, sequence};
use kernel::Timestamp;

const TTL: Duration = Duration::from_secs(10);
const NOW: Timestamp = Timestamp::from_secs(1_000);

async fn commit_under(db: &Db, fence: &db::lease::Fence) -> Result<(), CommitError> {
    db.commit([fence.guard(), sequence::advance("work")].into_iter().collect()).await
}

#[tokio::test]
async fn a_holder_that_lost_its_lease_cannot_write() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        let first = acquire(&db, "judge", "one", NOW, TTL).await.unwrap().unwrap();
        commit_under(&db, &first).await.unwrap();
        assert_eq!(acquire(&db, "judge", "two", NOW.plus(TTL / 2), TTL).await.unwrap(), None);
        // Expired, yet nobody else has it: the work is still the first's alone.
        commit_under(&db, &first).await.unwrap();
        let second = acquire(&db, "judge", "two", NOW.plus(TTL), TTL).await.unwrap().unwrap();
        assert!(second.number() > first.number());
        let lost = commit_under(&db, &first).await;
        assert!(matches!(lost, Err(CommitError::Conflict { guard: "lease" })), "{lost:?}");
        assert_eq!(renew(&db, first, NOW.plus(TTL), TTL).await.unwrap(), None);
        commit_under(&db, &second).await.unwrap();
        assert_eq!(sequence::current(&db, "work").await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_lease_is_held_by_renewing_and_passed_on_by_releasing() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        let mut fence = acquire(&db, "judge", "one", NOW, TTL).await.unwrap().unwrap();
        let mut now = NOW;
        for _ in 0..5 {
            now = now.plus(TTL / 2);
            fence = renew(&db, fence, now, TTL).await.unwrap().unwrap();
            assert_eq!(acquire(&db, "judge", "two", now, TTL).await.unwrap(), None);
        }
        release(&db, &fence).await.unwrap();
        assert!(acquire(&db, "judge", "two", now, TTL).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn of_many_that_ask_at_once_one_gets_the_lease() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        for round in 0..5 {
            let now = NOW.plus(TTL * round);
            let holders: Vec<String> = (0..10).map(|n| format!("node {n}")).collect();
            let asked = holders.iter().map(|holder| acquire(&db, "judge", holder, now, TTL));
            let answers = futures_util::future::join_all(asked).await;
            let granted = answers.into_iter().filter_map(Result::unwrap).count();
            assert_eq!(granted, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_process_that_comes_back_under_its_name_need_not_wait_but_its_old_fence_is_void() {
    each_fresh(async |fresh| {
        let db = fresh.open().await;
        db::migrate(&db, &[]).await.unwrap();
        let before = acquire(&db, "judge", "one", NOW, TTL).await.unwrap().unwrap();
        drop(db);
        let db = fresh.open().await;
        let after = acquire(&db, "judge", "one", NOW, TTL).await.unwrap().unwrap();
        assert_eq!(after.number(), before.number() + 1);
        assert!(matches!(commit_under(&db, &before).await, Err(CommitError::Conflict { .. })));
        // No other process can have had the file in between, so on SQLite any name may come back at once.
        drop(db);
        let db = fresh.open().await;
        let other = acquire(&db, "judge", "two", NOW, TTL).await.unwrap();
        assert_eq!(other.is_some(), db.dialect() == db::Dialect::Sqlite);
    })
    .await;
}
