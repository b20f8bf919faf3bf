//! The mirror against a real Redis: what SDKs would read there, after whatever has happened.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod server;

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use db::Db;
use flags::instruction::{CreateSegment, Instruction};
use flags::model::{ContextHash, GenerationState, Project, Segment, SegmentPlace};
use flags::reconcile::GRACE;
use flags::service::{Listed, MembersUpdate, NewProject};
use flags::{Change, Flags, Sweeping};
use futures_util::stream;
use kernel::{Actor, Clock, EnvironmentKey, ProjectKey, SegmentKey, SystemRng, Timestamp};
use protocol_redis::Mirror;
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use runtime::Reconciler;
use testkit::ManualClock;

use self::server::Server;

struct House {
    db: Db,
    flags: Flags,
    clock: Arc<ManualClock>,
    beta: SegmentPlace,
    server: Server,
    redis: MultiplexedConnection,
}

impl House {
    async fn new(db: Db) -> Self {
        db::migrate(&db, &[flags::MIGRATIONS]).await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        let flags = Flags::new(db.clone(), clock.clone(), Arc::new(SystemRng)).mirrored();
        let key = ProjectKey::new("shop").unwrap();
        let project = Project { name: "Shop".to_owned(), description: String::new() };
        flags.create_project(Actor::system(), NewProject::usual(key.clone(), project)).await.unwrap();
        let environment = EnvironmentKey::new("production").unwrap();
        let beta = SegmentPlace { project: key, environment, segment: SegmentKey::new("beta").unwrap() };
        let segment = Segment { name: "Beta".to_owned(), unbounded: true, ..Segment::default() };
        let create = vec![Instruction::CreateSegment(CreateSegment { segment })];
        flags.change(Change::new(Actor::system(), beta.clone().into(), create)).await.unwrap();
        let server = Server::start();
        let redis = server.connect().await;
        Self { db, flags, clock, beta, server, redis }
    }

    /// Runs what a node runs until it rests, with a mirror that knows nothing of what was before.
    async fn settle(&self) {
        let address = self.server.address().parse().unwrap();
        let mirror: Arc<dyn Reconciler> = Arc::new(Mirror::new(self.flags.clone(), &address).unwrap());
        let sweeping: Arc<dyn Reconciler> = Arc::new(Sweeping::new(self.flags.clone()));
        runtime::settle(&self.db, self.clock.now(), &[mirror, sweeping]).await.unwrap();
    }

    async fn update(&self, included: &[&str], excluded: &[&str]) {
        let listed = |keys: &[&str]| Listed { add: keys.iter().map(|key| (*key).to_owned()).collect(), remove: vec![] };
        let update = MembersUpdate { included: listed(included), excluded: listed(excluded) };
        self.flags.update_members(&self.beta, &update).await.unwrap();
    }

    /// The references under which a key is included, and excluded, as an SDK reads them.
    async fn look_up(&mut self, key: &str) -> (Vec<String>, Vec<String>) {
        let hash = ContextHash::of(key).to_base64();
        let included = self.redis.smembers(format!("shop:big_segment_include:{hash}")).await.unwrap();
        (included, self.redis.smembers(format!("shop:big_segment_exclude:{hash}")).await.unwrap())
    }

    async fn reference(&self) -> String {
        self.flags.membership(&self.beta, None).await.unwrap().generation.reference()
    }

    async fn synchronized_on(&mut self) -> Option<i64> {
        self.redis.get("shop:big_segments_synchronized_on").await.unwrap()
    }
}

#[tokio::test]
async fn members_stand_where_sdks_look_and_the_stamp_says_since_when() {
    db::testing::each(|db| async move {
        let mut house = House::new(db).await;
        house.update(&["ada", "bob"], &["cem"]).await;
        house.settle().await;
        let beta = house.reference().await;
        assert_eq!(house.look_up("ada").await, (vec![beta.clone()], vec![]));
        assert_eq!(house.look_up("cem").await, (vec![], vec![beta.clone()]));
        assert_eq!(house.look_up("dan").await, (vec![], vec![]));
        assert_eq!(house.synchronized_on().await, Some(1_800_000_000_000));

        house.update(&["cem"], &["ada"]).await;
        house.settle().await;
        assert_eq!(house.look_up("ada").await, (vec![], vec![beta.clone()]));
        assert_eq!(house.look_up("bob").await, (vec![beta.clone()], vec![]));
        assert_eq!(house.look_up("cem").await, (vec![beta.clone()], vec![]));
    })
    .await;
}

#[tokio::test]
async fn an_upload_is_served_only_when_redis_has_it_and_the_old_list_goes() {
    db::testing::each(|db| async move {
        let mut house = House::new(db).await;
        house.update(&["ada"], &[]).await;
        house.settle().await;
        let old = house.reference().await;
        let keys = (0..12_000).fold(String::new(), |lines, at| lines + &format!("key-{at}\n"));
        let file = stream::iter([Ok::<_, Infallible>(Bytes::from(keys))]);
        let staged = house.flags.upload_members(Actor::system(), &house.beta, None, file).await.unwrap();
        assert_eq!(staged.state, GenerationState::Staged);
        assert_eq!(house.reference().await, old);

        house.settle().await;
        assert_eq!(house.reference().await, staged.reference());
        assert_eq!(house.look_up("key-11999").await, (vec![staged.reference()], vec![]));
        // SDKs that have not heard of the new list still find the old one.
        assert_eq!(house.look_up("ada").await, (vec![old], vec![]));

        house.clock.advance(GRACE * 2);
        house.settle().await;
        assert_eq!(house.look_up("ada").await, (vec![], vec![]));
        assert_eq!(house.look_up("key-0").await, (vec![staged.reference()], vec![]));
    })
    .await;
}

#[tokio::test]
async fn redis_is_put_right_after_it_was_flushed_or_filled_from_another_database() {
    db::testing::each(|db| async move {
        let mut house = House::new(db).await;
        house.update(&["ada"], &["bob"]).await;
        house.settle().await;
        let beta = house.reference().await;

        redis::cmd("FLUSHALL").query_async::<()>(&mut house.redis).await.unwrap();
        house.settle().await;
        assert_eq!(house.look_up("ada").await, (vec![beta.clone()], vec![]));
        assert_eq!(house.look_up("bob").await, (vec![], vec![beta.clone()]));

        // A cursor beyond our order of changes, and a member that we know nothing of.
        let stray = format!("shop:big_segment_include:{}", ContextHash::of("eve").to_base64());
        house.redis.sadd::<_, _, ()>(stray, &beta).await.unwrap();
        house.redis.set::<_, _, ()>("shop:big_segments_cursor", 1_000_000).await.unwrap();
        house.settle().await;
        assert_eq!(house.look_up("eve").await, (vec![], vec![]));
        assert_eq!(house.look_up("ada").await, (vec![beta], vec![]));
        assert!(house.synchronized_on().await.is_some());
    })
    .await;
}
