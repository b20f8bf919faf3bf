//! What was delivered is forgotten after its retention, on both databases.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

use std::sync::Arc;
use std::time::Duration;

use db::outbox::{self, Message};
use db::testing::each;
use db::{Batch, Db};
use kernel::Timestamp;
use runtime::{Housekeeping, RETENTION, Reconciler, settle};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const SECOND: Duration = Duration::from_secs(1);

/// Enqueues a message of this key.
async fn enqueue(db: &Db, id: &str, key: &str) {
    let (id, key, body) = (id.to_owned(), key.to_owned(), String::new());
    let message = Message { id, topic: "page", key, body, due_at: NOW };
    db.commit(outbox::enqueue(&message, NOW).into()).await.unwrap();
}

/// The messages that still wait.
async fn waiting(db: &Db) -> Vec<String> {
    let claimed = outbox::claim_due(db, "page", NOW, 9_999, SECOND).await.unwrap();
    claimed.into_iter().map(|claimed| claimed.id).collect()
}

#[tokio::test]
async fn what_was_delivered_is_forgotten_after_its_retention_and_what_waits_never() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        for n in ["delivered", "waiting"] {
            enqueue(&db, n, n).await;
        }
        db.commit(outbox::done("delivered", NOW).into()).await.unwrap();
        let list: [Arc<dyn Reconciler>; 1] = [Arc::new(Housekeeping::new(db.clone()))];
        let next = settle(&db, NOW.plus(RETENTION), &list).await.unwrap();
        assert_eq!(outbox::oldest_done(&db).await.unwrap(), Some(NOW), "kept to the last microsecond");
        let poked = settle(&db, NOW.plus(RETENTION).plus(SECOND), &list).await.unwrap();
        assert_eq!(poked, next, "not again before its time, however often it is poked");
        settle(&db, next.unwrap(), &list).await.unwrap();
        assert_eq!(outbox::oldest_done(&db).await.unwrap(), None);
        enqueue(&db, "anew", "delivered").await;
        assert_eq!(waiting(&db).await, ["anew", "waiting"], "its key may be used again");
    })
    .await;
}

#[tokio::test]
async fn a_large_outbox_is_emptied_a_bounded_step_at_a_time() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        let message = |n: u32| Message {
            id: format!("m{n}"),
            topic: "page",
            key: format!("k{n}"),
            body: String::new(),
            due_at: NOW,
        };
        let delivered = (0..1_500).flat_map(|n| [outbox::enqueue(&message(n), NOW), outbox::done(&message(n).id, NOW)]);
        db.commit(delivered.collect::<Batch>()).await.unwrap();
        let housekeeping: [Arc<dyn Reconciler>; 1] = [Arc::new(Housekeeping::new(db.clone()))];
        settle(&db, NOW.plus(RETENTION).plus(SECOND), &housekeeping).await.unwrap();
        assert_eq!(outbox::oldest_done(&db).await.unwrap(), None);
    })
    .await;
}
