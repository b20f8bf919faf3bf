//! Driving reconcilers on both databases: what wakes them, what does not stop them, who may run them.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use db::testing::each;
use db::{Db, sequence};
use kernel::{Clock, SystemClock};
use runtime::{Outcome, ReconcileError, Reconciler, Status, Tasks, Turn, drive, settle};
use tokio::sync::mpsc;

const LONG: Duration = Duration::from_hours(1);

/// What a scripted reconciler does in its turn.
type Script = Box<dyn Fn(usize, &Turn) -> Result<Status, ReconcileError> + Send + Sync>;

/// Tells the test of each turn, then does what the script says for it.
struct Scripted {
    name: &'static str,
    period: Duration,
    script: Script,
    turns: mpsc::UnboundedSender<(usize, Turn)>,
    count: std::sync::atomic::AtomicUsize,
}

#[async_trait::async_trait]
impl Reconciler for Scripted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn period(&self) -> Duration {
        self.period
    }

    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        let count = self.count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let _ = self.turns.send((count, turn.clone()));
        (self.script)(count, turn)
    }
}

type Turns = mpsc::UnboundedReceiver<(usize, Turn)>;

fn scripted(
    name: &'static str,
    period: Duration,
    script: impl Fn(usize, &Turn) -> Result<Status, ReconcileError> + Send + Sync + 'static,
) -> (Arc<dyn Reconciler>, Turns) {
    let (turns, told) = mpsc::unbounded_channel();
    let count = std::sync::atomic::AtomicUsize::new(0);
    (Arc::new(Scripted { name, period, script: Box::new(script), turns, count }), told)
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

async fn commit_something(db: &Db) {
    db.commit(sequence::advance("something").into()).await.unwrap();
}

#[tokio::test]
async fn a_poke_wakes_a_reconciler_that_sleeps() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        let (reconciler, mut turns) = scripted("poked", LONG, |_, _| Ok(Status::new("nothing to do")));
        let tasks = Tasks::new();
        let board = drive(&tasks, &db, &clock(), vec![reconciler]);
        for expected in 0..4 {
            assert_eq!(turns.recv().await.unwrap().0, expected);
            commit_something(&db).await;
        }
        assert!(tasks.shutdown(LONG).await);
        let report = board.reports().remove(0);
        assert!(report.runs >= 4 && !report.leading && report.failures == 0, "{report:?}");
        assert_eq!(report.last.unwrap().outcome, Outcome::Done("nothing to do".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_reconciler_is_asked_again_when_it_said_and_in_its_period_and_at_once_for_more() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        let (by_next, mut next_turns) = scripted("by-next", LONG, |_, turn| {
            Ok(Status::new("waits").next(Some(turn.now.plus(Duration::from_millis(30)))))
        });
        let (by_period, mut period_turns) =
            scripted("by-period", Duration::from_millis(30), |_, _| Ok(Status::default()));
        let (by_more, mut more_turns) = scripted("by-more", LONG, |count, _| Ok(Status::default().more(count < 5)));
        let tasks = Tasks::new();
        drive(&tasks, &db, &clock(), vec![by_next, by_period, by_more]);
        let (_, first) = next_turns.recv().await.unwrap();
        let (_, second) = next_turns.recv().await.unwrap();
        assert!(second.now.since(first.now) >= Duration::from_millis(30));
        assert!(second.now.since(first.now) < LONG);
        for _ in 0..3 {
            period_turns.recv().await.unwrap();
        }
        for expected in 0..=5 {
            assert_eq!(more_turns.recv().await.unwrap().0, expected);
        }
        assert!(more_turns.try_recv().is_err(), "asked again though it wanted no more");
        assert!(tasks.shutdown(LONG).await);
    })
    .await;
}

#[tokio::test]
async fn errors_and_panics_are_noted_and_tried_again() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        let (reconciler, mut turns) = scripted("stumbles", LONG, |count, _| match count {
            0 => panic!("on purpose"),
            1 => Err("also on purpose".into()),
            _ => Ok(Status::new("walks")),
        });
        let tasks = Tasks::new();
        let board = drive(&tasks, &db, &clock(), vec![reconciler]);
        turns.recv().await.unwrap();
        let report = board.reports().remove(0);
        assert_eq!(report.last.unwrap().outcome, Outcome::Panicked("on purpose".to_owned()));
        assert_eq!(report.failures, 1);
        turns.recv().await.unwrap();
        turns.recv().await.unwrap();
        assert!(tasks.shutdown(LONG).await);
        let report = board.reports().remove(0);
        assert_eq!((report.runs, report.failures), (3, 0));
        assert_eq!(report.last.unwrap().outcome, Outcome::Done("walks".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn of_two_nodes_one_holds_the_lease_and_the_other_takes_over_when_it_leaves() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        let nodes = ["one", "two"].map(|node| {
            let (reconciler, turns) = scripted("led", Duration::from_millis(20), |_, _| Ok(Status::default()));
            let tasks = Tasks::new();
            let board = drive(&tasks, &db.as_node(node), &clock(), vec![reconciler]);
            (tasks, board, turns)
        });
        let [mut one, mut two] = nodes;
        let (first, second) = tokio::select! {
            Some(_) = one.2.recv() => (&mut one, &mut two),
            Some(_) = two.2.recv() => (&mut two, &mut one),
        };
        let mut last = first.2.recv().await.unwrap().1;
        for _ in 0..10 {
            last = first.2.recv().await.unwrap().1;
        }
        assert!(first.1.reports()[0].leading && !second.1.reports()[0].leading);
        assert!(second.2.try_recv().is_err(), "both ran");
        assert!(first.0.shutdown(LONG).await);
        let (_, turn) = second.2.recv().await.unwrap();
        assert!(turn.fence.number() > last.fence.number());
        // What the first still had in hand is worthless now.
        let late = [last.guard(), sequence::advance("something")].into_iter().collect();
        assert!(matches!(db.commit(late).await, Err(db::CommitError::Conflict { guard: "lease" })));
        let timely = [turn.guard(), sequence::advance("something")].into_iter().collect();
        db.commit(timely).await.unwrap();
        assert!(second.0.shutdown(LONG).await);
    })
    .await;
}

/// Counts up to ten, one a turn.
struct Counts(Db);

#[async_trait::async_trait]
impl Reconciler for Counts {
    fn name(&self) -> &'static str {
        "counts"
    }

    fn period(&self) -> Duration {
        LONG
    }

    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        if sequence::current(&self.0, "count").await? < 10 {
            self.0.commit([turn.guard(), sequence::advance("count")].into_iter().collect()).await?;
        }
        Ok(Status::new("counted").next(Some(turn.now.plus(LONG))))
    }
}

#[tokio::test]
async fn settling_runs_until_nothing_is_committed_and_tells_when_to_look_again() {
    each(|db| async move {
        db::migrate(&db, &[]).await.unwrap();
        let now = SystemClock.now();
        let next = settle(&db, now, &[Arc::new(Counts(db.clone()))]).await.unwrap();
        assert_eq!(next, Some(now.plus(LONG)));
        assert_eq!(sequence::current(&db, "count").await.unwrap(), 10);
    })
    .await;
}

/// Never ends its turn.
struct Hangs;

#[async_trait::async_trait]
impl Reconciler for Hangs {
    fn name(&self) -> &'static str {
        "hangs"
    }

    fn period(&self) -> Duration {
        LONG
    }

    async fn reconcile(&self, _: &Turn) -> Result<Status, ReconcileError> {
        pending().await
    }
}

#[tokio::test]
async fn a_turn_that_hangs_is_dropped_and_counts_as_failed() {
    let fresh = db::testing::Fresh::new(db::Dialect::Sqlite).await;
    let db = fresh.open().await;
    db::migrate(&db, &[]).await.unwrap();
    tokio::time::pause();
    let tasks = Tasks::new();
    let board = drive(&tasks, &db, &clock(), vec![Arc::new(Hangs)]);
    while board.reports()[0].failures < 2 {
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert_eq!(board.reports()[0].last.clone().unwrap().outcome, Outcome::TimedOut);
}
