//! Which SDKs are written down, and what all nodes show of them: on both databases, on a clock that is moved by hand.

#![allow(clippy::unwrap_used)] // helpers of tests are tests

use std::sync::Arc;
use std::time::Duration;

use db::{Db, Dialect, lease};
use delivery::KeyKind;
use delivery::sdks::{Family, Register, Seen, Sighting, Transport};
use flags::Flags;
use kernel::{Actor, EnvironmentKey, ProjectKey, SystemRng, Timestamp};
use metrics::{Metrics, Place, Reporting, Tidying};
use testkit::ManualClock;

fn place() -> Place {
    Place { project: ProjectKey::new("shop").unwrap(), environment: EnvironmentKey::new("production").unwrap() }
}

/// One process: its register, what writes it down, and what reads.
struct Node {
    metrics: Metrics,
    register: Register,
    reporting: Reporting,
}

impl Node {
    fn of(db: &Db, name: &str, clock: &Arc<ManualClock>) -> Self {
        let metrics = Metrics::new(db.as_node(name), clock.clone(), Arc::new(SystemRng));
        let register = Register::new(clock.clone());
        let reporting = Reporting::new(metrics.clone(), register.clone());
        Self { metrics, register, reporting }
    }

    fn see(&self, version: &str, instance: &str, transport: Transport) -> Seen {
        let sdk = Sighting::named(Family::LaunchDarkly, "NodeJSClient", version).instance(instance);
        self.register.see(&place(), KeyKind::Sdk, &sdk, transport)
    }

    /// Version, streams and instances of each SDK.
    async fn shows(&self) -> Vec<(String, u32, Option<u32>)> {
        let sdks = self.metrics.sdks(&place()).await.unwrap();
        sdks.into_iter().map(|sdk| (sdk.version.unwrap(), sdk.streams, sdk.instances)).collect()
    }
}

async fn migrated(db: &Db) -> Arc<ManualClock> {
    db::migrate(db, &[flags::MIGRATIONS, metrics::schema::MIGRATIONS]).await.unwrap();
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
    let flags = Flags::new(db.clone(), clock.clone(), Arc::new(SystemRng));
    let project = flags::model::Project { name: "Shop".to_owned(), description: String::new() };
    let project = flags::service::NewProject::usual(place().project, project);
    flags.create_project(Actor::system(), project).await.unwrap();
    clock
}

#[tokio::test]
async fn what_a_node_sees_is_shown_and_a_stream_that_ends_is_not_open_any_more() {
    db::testing::each(|db| async move {
        let clock = migrated(&db).await;
        let mut node = Node::of(&db, "one", &clock);
        let open = node.see("9.1", "a", Transport::Stream).open();
        node.see("9.1", "b", Transport::Events);
        node.see("9.2", "", Transport::Poll);
        node.reporting.turn().await.unwrap();
        let one = |streams| ("9.1".to_owned(), streams, Some(2));
        assert_eq!(node.shows().await, [one(1), ("9.2".to_owned(), 0, None)]);
        clock.advance(Duration::from_secs(20));
        drop(open);
        node.reporting.turn().await.unwrap();
        assert_eq!(node.shows().await[0], one(0));
        let sdks = node.metrics.sdks(&place()).await.unwrap();
        assert_eq!(sdks[0].last_seen.since(sdks[0].first_seen), Duration::from_secs(20));
        assert_eq!(sdks[0].transports, [Transport::Stream, Transport::Events]);
    })
    .await;
}

#[tokio::test]
async fn the_console_is_told_when_something_moves_and_not_when_an_sdk_asks_again() {
    db::testing::each(|db| async move {
        let clock = migrated(&db).await;
        let mut node = Node::of(&db, "one", &clock);
        let position = async || db::sequence::current(&db, metrics::reporting::TOPIC).await.unwrap();
        node.see("9.1", "a", Transport::Poll);
        node.reporting.turn().await.unwrap();
        assert_eq!(position().await, 1);
        clock.advance(Duration::from_secs(30));
        node.see("9.1", "a", Transport::Poll);
        node.reporting.turn().await.unwrap();
        assert_eq!(position().await, 1);
        assert_eq!(node.metrics.sdks(&place()).await.unwrap()[0].last_seen, kernel::Clock::now(&*clock));
        node.see("9.1", "b", Transport::Poll);
        node.reporting.turn().await.unwrap();
        assert_eq!(position().await, 2);
    })
    .await;
}

#[tokio::test]
async fn two_nodes_show_the_same_and_the_streams_of_a_dead_one_are_not_shown() {
    db::testing::each(|db| async move {
        if db.dialect() == Dialect::Sqlite {
            return;
        }
        let clock = migrated(&db).await;
        let (mut one, mut two) = (Node::of(&db, "one", &clock), Node::of(&db, "two", &clock));
        let _open = [one.see("9.1", "a", Transport::Stream).open(), two.see("9.1", "b", Transport::Stream).open()];
        two.see("9.1", "a", Transport::Poll);
        for node in [&mut one, &mut two] {
            node.reporting.turn().await.unwrap();
        }
        let both = [("9.1".to_owned(), 2, Some(2))];
        assert_eq!((one.shows().await, two.shows().await), (both.to_vec(), both.to_vec()));
        // The other beats no more.
        for _ in 0..4 {
            clock.advance(Duration::from_secs(10));
            one.reporting.turn().await.unwrap();
        }
        assert_eq!(one.shows().await, [("9.1".to_owned(), 1, Some(1))]);
        two.reporting.turn().await.unwrap();
        assert_eq!(one.shows().await, both, "it was only slow");
        two.reporting.leave().await.unwrap();
        assert_eq!(one.shows().await, [("9.1".to_owned(), 1, Some(1))]);
    })
    .await;
}

#[tokio::test]
async fn after_a_restart_sdks_are_known_and_what_the_process_before_held_is_not_shown() {
    db::testing::each(|db| async move {
        let clock = migrated(&db).await;
        let mut before = Node::of(&db, "before", &clock);
        let _open = before.see("9.1", "a", Transport::Stream).open();
        before.reporting.turn().await.unwrap();
        clock.advance(Duration::from_mins(1));
        let after = Node::of(&db, "after", &clock);
        assert_eq!(after.shows().await, [("9.1".to_owned(), 0, None)]);
    })
    .await;
}

#[tokio::test]
async fn a_node_that_comes_back_under_its_old_name_does_not_show_what_it_held_before() {
    db::testing::each(|db| async move {
        let clock = migrated(&db).await;
        let mut before = Node::of(&db, "one", &clock);
        let _open = before.see("9.1", "a", Transport::Stream).open();
        before.reporting.turn().await.unwrap();
        let mut after = Node::of(&db, "one", &clock);
        after.reporting.turn().await.unwrap();
        assert_eq!(after.shows().await, [("9.1".to_owned(), 0, None)]);
        let _new = after.see("9.2", "b", Transport::Stream).open();
        after.reporting.turn().await.unwrap();
        clock.advance(Duration::from_secs(10));
        after.reporting.turn().await.unwrap();
        assert_eq!(after.shows().await, [("9.2".to_owned(), 1, Some(1)), ("9.1".to_owned(), 0, None)]);
    })
    .await;
}

#[tokio::test]
async fn what_nobody_has_seen_for_a_week_is_forgotten_and_a_slow_node_writes_it_anew() {
    db::testing::each(|db| async move {
        let clock = migrated(&db).await;
        let mut node = Node::of(&db, "one", &clock);
        let _open = node.see("9.1", "a", Transport::Stream).open();
        node.see("9.2", "b", Transport::Poll);
        node.reporting.turn().await.unwrap();
        clock.advance(Duration::from_hours(24 * 7 + 1));
        let now = kernel::Clock::now(&*clock);
        let fence = lease::acquire(&db, "t", "a", now, Duration::from_secs(1)).await.unwrap().unwrap();
        Tidying::new(node.metrics.clone()).tidy(now, &fence).await.unwrap();
        assert_eq!(node.shows().await, []);
        node.reporting.turn().await.unwrap();
        assert_eq!(node.shows().await, [("9.1".to_owned(), 1, Some(1))]);
    })
    .await;
}

#[tokio::test]
async fn a_thousand_sdks_are_written_in_several_commits() {
    db::testing::each(|db| async move {
        let clock = migrated(&db).await;
        let mut node = Node::of(&db, "one", &clock);
        let versions: Vec<String> = (0..350).map(|n| format!("1.{n}")).collect();
        for version in &versions {
            for kind in KeyKind::ALL {
                let sdk = Sighting::named(Family::Unleash, "unleash-node-sdk", version);
                node.register.see(&place(), kind, &sdk, Transport::Poll);
            }
        }
        let environment = EnvironmentKey::new("test").unwrap();
        for version in &versions {
            let sdk = Sighting::named(Family::Unleash, "unleash-node-sdk", version);
            for kind in KeyKind::ALL {
                node.register.see(&Place { environment: environment.clone(), ..place() }, kind, &sdk, Transport::Poll);
            }
        }
        let mut turns = 1;
        while node.reporting.turn().await.unwrap() {
            turns += 1;
        }
        assert_eq!(turns, 2, "2 environments × 3 keys × (100 SDKs and the others), 500 at a time");
        assert_eq!(node.metrics.sdks(&place()).await.unwrap().len(), 303);
    })
    .await;
}
