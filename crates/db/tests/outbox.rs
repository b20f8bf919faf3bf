//! The outbox and the timers: nothing is lost, and nothing is held by two at once.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

use std::collections::BTreeSet;
use std::time::Duration;

use db::outbox::{Message, claim_due, done, enqueue, forget, next_due, oldest_done, retry_at, unclaim};
use db::testing::each;
use db::{Batch, Db, Migration, Sql, params, sql, timer};
use kernel::Timestamp;
use tokio::task::JoinSet;

const NOW: Timestamp = Timestamp::from_secs(1_000);
const CLAIM: Duration = Duration::from_secs(30);

fn message(n: u32) -> Message {
    Message { id: format!("m{n:03}"), topic: "page", key: format!("k{n}"), body: format!("{{\"n\":{n}}}"), due_at: NOW }
}

async fn enqueued(db: &Db, count: u32) {
    db::migrate(db, &[]).await.unwrap();
    db.commit((0..count).map(|n| enqueue(&message(n), NOW)).collect()).await.unwrap();
}

async fn claim(db: &Db, now: Timestamp, limit: u32) -> Vec<String> {
    claim_due(db, "page", now, limit, CLAIM).await.unwrap().into_iter().map(|claimed| claimed.id).collect()
}

/// Claims until there is nothing left.
async fn drain(db: Db) -> Vec<String> {
    let mut mine = Vec::new();
    loop {
        let claimed = claim(&db, NOW, 7).await;
        if claimed.is_empty() {
            return mine;
        }
        for id in &claimed {
            db.commit(done(id, NOW).into()).await.unwrap();
        }
        mine.extend(claimed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_that_claim_at_once_never_get_the_same_message() {
    each(|db| async move {
        enqueued(&db, 200).await;
        let workers: JoinSet<Vec<String>> = (0..4).map(|_| drain(db.clone())).collect();
        let all: Vec<String> = workers.join_all().await.concat();
        assert_eq!(all.len(), 200);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 200);
        assert_eq!(next_due(&db, "page").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_dies_is_succeeded_when_its_claim_expires() {
    each(|db| async move {
        enqueued(&db, 3).await;
        assert_eq!(claim(&db, NOW, 2).await, ["m000", "m001"]);
        assert_eq!(claim(&db, NOW, 9).await, ["m002"]);
        let expiry = NOW.plus(CLAIM);
        assert_eq!(next_due(&db, "page").await.unwrap(), Some(expiry));
        assert!(claim(&db, expiry.minus(Duration::from_micros(1)), 9).await.is_empty());
        let again = claim_due(&db, "page", expiry, 9, CLAIM).await.unwrap();
        assert_eq!(again.len(), 3);
        assert_eq!((again[0].attempts, again[0].key.as_str(), again[0].body.as_str()), (2, "k0", "{\"n\":0}"));
        assert_eq!((again[0].due_at, again[0].created_at), (NOW, NOW));
    })
    .await;
}

#[tokio::test]
async fn a_delivery_that_fails_is_tried_again_when_it_was_said_and_tells_why_it_failed() {
    each(|db| async move {
        enqueued(&db, 1).await;
        claim(&db, NOW, 1).await;
        let later = NOW.plus(Duration::from_mins(1));
        db.commit(retry_at("m000", later, "connection refused").into()).await.unwrap();
        assert_eq!(next_due(&db, "page").await.unwrap(), Some(later));
        assert!(claim(&db, NOW.plus(CLAIM), 9).await.is_empty());
        let claimed = claim_due(&db, "page", later, 9, CLAIM).await.unwrap().remove(0);
        assert_eq!((claimed.attempts, claimed.last_error.as_deref()), (2, Some("connection refused")));
        db.commit(done("m000", later).into()).await.unwrap();
        // Too late: what is done stays done.
        db.commit(retry_at("m000", later, "late").into()).await.unwrap();
        assert!(claim(&db, later.plus(CLAIM), 9).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn claims_of_one_topic_can_be_let_go_before_they_expire() {
    each(|db| async move {
        enqueued(&db, 2).await;
        db.commit(enqueue(&Message { topic: "webhook", ..message(7) }, NOW).into()).await.unwrap();
        claim(&db, NOW, 9).await;
        claim_due(&db, "webhook", NOW, 9, CLAIM).await.unwrap();
        db.commit(done("m000", NOW).into()).await.unwrap();
        db.commit(unclaim("page").into()).await.unwrap();
        assert_eq!(claim(&db, NOW, 9).await, ["m001"]);
        assert!(claim_due(&db, "webhook", NOW, 9, CLAIM).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_message_is_enqueued_once_for_each_key_until_it_is_forgotten() {
    each(|db| async move {
        enqueued(&db, 1).await;
        let repeated = Message { id: "another".to_owned(), ..message(0) };
        db.commit(enqueue(&repeated, NOW).into()).await.unwrap();
        let elsewhere = Message { id: "webhook".to_owned(), topic: "webhook", ..message(0) };
        db.commit(enqueue(&elsewhere, NOW).into()).await.unwrap();
        assert_eq!(claim(&db, NOW, 9).await, ["m000"]);
        db.commit(done("m000", NOW).into()).await.unwrap();
        db.commit(enqueue(&repeated, NOW).into()).await.unwrap();
        assert!(claim(&db, NOW, 9).await.is_empty());
        db.commit(forget(NOW, 9).into()).await.unwrap();
        db.commit(enqueue(&repeated, NOW).into()).await.unwrap();
        assert!(claim(&db, NOW, 9).await.is_empty(), "forgot what was done at that very instant");
        db.commit(forget(NOW.plus(CLAIM), 9).into()).await.unwrap();
        db.commit(enqueue(&repeated, NOW).into()).await.unwrap();
        assert_eq!(claim(&db, NOW, 9).await, ["another"]);
    })
    .await;
}

#[tokio::test]
async fn the_oldest_that_was_done_is_forgotten_first_and_no_more_than_asked() {
    each(|db| async move {
        enqueued(&db, 4).await;
        assert_eq!(oldest_done(&db).await.unwrap(), None);
        let second = |n: i64| Timestamp::from_secs(n);
        let ends = [done("m002", second(1)), done("m000", second(2)), done("m001", second(3))];
        db.commit(ends.into_iter().collect()).await.unwrap();
        assert_eq!(oldest_done(&db).await.unwrap(), Some(second(1)));
        db.commit(forget(second(9), 2).into()).await.unwrap();
        assert_eq!(oldest_done(&db).await.unwrap(), Some(second(3)));
        db.commit(forget(second(9), 2).into()).await.unwrap();
        assert_eq!(claim(&db, NOW, 9).await, ["m003"], "what waits is never forgotten");
    })
    .await;
}

const NOTHING: Sql = sql!("UPDATE outbox SET body = body WHERE id = 'absent'");

#[tokio::test]
async fn a_message_and_a_timer_are_there_only_with_what_they_belong_to() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        let mut batch = Batch::from(enqueue(&message(1), NOW));
        batch.push(timer::set("escalate", "escalation", "inc_1", NOW));
        batch.push(NOTHING.bind(params![]).exactly_one("decision"));
        assert!(db.commit(batch).await.is_err());
        assert!(claim(&db, NOW, 9).await.is_empty());
        assert!(timer::due(&db, "escalation", NOW, 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_timer_is_due_until_it_is_set_anew_or_cleared() {
    each(|db| async move {
        db::migrate(&db, &[] as &[&[Migration]]).await.unwrap();
        let soon = NOW.plus(CLAIM);
        let set = [timer::set("b", "escalation", "inc_2", soon), timer::set("a", "escalation", "inc_1", NOW)];
        db.commit(set.into_iter().chain([timer::set("c", "other", "x", NOW)]).collect()).await.unwrap();
        assert_eq!(timer::next_due(&db, "escalation").await.unwrap(), Some(NOW));
        for _ in 0..2 {
            let due = timer::due(&db, "escalation", NOW, 9).await.unwrap();
            assert_eq!(due, [timer::Timer { name: "a".to_owned(), subject: "inc_1".to_owned(), due_at: NOW }]);
        }
        db.commit(timer::set("a", "escalation", "inc_1", soon.plus(CLAIM)).into()).await.unwrap();
        assert!(timer::due(&db, "escalation", NOW, 9).await.unwrap().is_empty());
        let names = |due: Vec<timer::Timer>| due.into_iter().map(|timer| timer.name).collect::<Vec<_>>();
        assert_eq!(names(timer::due(&db, "escalation", soon.plus(CLAIM), 9).await.unwrap()), ["b", "a"]);
        assert_eq!(names(timer::due(&db, "escalation", soon.plus(CLAIM), 1).await.unwrap()), ["b"]);
        db.commit(timer::clear("b").into()).await.unwrap();
        assert_eq!(timer::next_due(&db, "escalation").await.unwrap(), Some(soon.plus(CLAIM)));
    })
    .await;
}
