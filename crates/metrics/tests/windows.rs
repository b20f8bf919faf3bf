//! Events in, windows out: on both databases, on a clock that is moved by hand.

#![allow(clippy::unwrap_used)] // helpers of tests are tests

use std::sync::Arc;
use std::time::Duration;

use access::{Caller, Role};
use db::{Batch, Db, lease};
use flags::Flags;
use http::Request;
use http_body_util::BodyExt;
use kernel::{Actor, ContextKind, EnvironmentKey, FlagKey, MetricKey, PageRequest, ProjectKey, SystemRng, Timestamp};
use metrics::{
    Arm, BinWidth, ComparedArms, ComparedMetric, Count, Counted, Error, EventBatch, Exposure, Folding, Intake,
    MetricDefinition, Metrics, Outcome, Place, Tidying, WindowRow,
};
use runtime::Tasks;
use testkit::{ManualClock, SeededRng};
use tower::ServiceExt;

const SECOND: Duration = Duration::from_secs(1);

struct House {
    db: Db,
    clock: Arc<ManualClock>,
    metrics: Metrics,
    folding: Folding,
}

fn place() -> Place {
    Place { project: ProjectKey::new("shop").unwrap(), environment: EnvironmentKey::new("production").unwrap() }
}

fn writer() -> Caller {
    Caller { actor: Actor::system(), role: Role::Writer, person_id: None }
}

fn metric() -> MetricKey {
    MetricKey::new("failed-payments").unwrap()
}

fn definition() -> MetricDefinition {
    serde_json::from_str(r#"{"name": "Failed payments", "eventKey": "payment-failed"}"#).unwrap()
}

fn arms() -> ComparedArms {
    ComparedArms {
        treatment: 1,
        control: 0,
        context_kind: ContextKind::user(),
        metrics: vec![ComparedMetric { key: metric(), event_key: "payment-failed".to_owned() }],
    }
}

impl House {
    /// A house half a second past the full minute, with one metric and a comparison that has just begun.
    async fn open(db: Db) -> Self {
        db::migrate(&db, &[flags::MIGRATIONS, metrics::schema::MIGRATIONS]).await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_800_000_000_500)));
        let flags = Flags::new(db.clone(), clock.clone(), Arc::new(SystemRng));
        let project = flags::model::Project { name: "Shop".to_owned(), description: String::new() };
        let project = flags::service::NewProject::usual(place().project, project);
        flags.create_project(Actor::system(), project).await.unwrap();
        let metrics = Metrics::new(db.clone(), clock.clone(), Arc::new(SeededRng::new(7)));
        metrics.create(&writer(), &place().project, metric(), definition()).await.unwrap();
        let mut batch = Batch::from(db::sequence::advance("change"));
        let flag = FlagKey::new("checkout").unwrap();
        batch.push(Metrics::open("rel_1", &place(), &flag, &arms(), kernel::Clock::now(&*clock)));
        db.commit(batch).await.unwrap();
        let folding = Folding::new(metrics.clone());
        Self { db, clock, metrics, folding }
    }

    fn now(&self) -> Timestamp {
        kernel::Clock::now(&*self.clock)
    }

    async fn send(&self, payload_id: &'static str, exposed: &[(&'static str, u32)], failed: &[&'static str]) {
        self.metrics.ingest(&place(), self.batch(payload_id, exposed, failed)).await.unwrap();
    }

    fn batch(
        &self,
        payload_id: &'static str,
        exposed: &[(&'static str, u32)],
        failed: &[&'static str],
    ) -> EventBatch<'static> {
        let contexts = |user: &'static str| vec![("user".into(), user.into())];
        let exposure = |(user, variation): &(&'static str, u32)| Exposure {
            flag: "checkout".into(),
            variation: *variation,
            version: 1_000,
            contexts: contexts(user),
            at: self.now(),
            in_experiment: true,
        };
        let outcome = |user: &&'static str| Outcome {
            event_key: "payment-failed".into(),
            contexts: contexts(user),
            at: self.now(),
        };
        EventBatch {
            payload_id: Some(payload_id.into()),
            exposures: exposed.iter().map(exposure).collect(),
            outcomes: failed.iter().map(outcome).collect(),
            ..EventBatch::default()
        }
    }

    async fn fold(&self) -> Option<Timestamp> {
        let fence = lease::acquire(&self.db, "windows", "a", self.now(), Duration::from_mins(1)).await.unwrap();
        self.folding.close_windows(self.now(), &fence.unwrap()).await.unwrap()
    }

    /// A second later, folded: the windows since the start as (arm, what, n, k).
    async fn tick(&self) -> Vec<WindowRow> {
        self.clock.advance(SECOND);
        self.fold().await;
        self.rows().await
    }

    async fn rows(&self) -> Vec<WindowRow> {
        self.metrics.windows("rel_1", Timestamp::EPOCH).await.unwrap().unwrap().rows
    }
}

/// `(arm, "" or metric, n, k)` of rows.
fn counts(rows: &[WindowRow]) -> Vec<(Arm, String, u64, u64)> {
    let what = |counted: &Counted| match counted {
        Counted::NewUnits => String::new(),
        Counted::Metric(key) => key.to_string(),
    };
    rows.iter().map(|row| (row.arm, what(&row.counted), row.n, row.k)).collect()
}

fn failed_payments(arm: Arm, n: u64, k: u64) -> (Arm, String, u64, u64) {
    (arm, metric().to_string(), n, k)
}

fn new_units(arm: Arm, n: u64) -> (Arm, String, u64, u64) {
    (arm, String::new(), n, 0)
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    db::testing::each(|db| async move {
        db::migrate(&db, &[flags::MIGRATIONS, metrics::schema::MIGRATIONS]).await.unwrap();
        db::testing::prepare_all(&db, metrics::schema::ALL).await;
    })
    .await;
}

#[tokio::test]
async fn events_become_the_counts_of_the_window_they_came_in() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        house.send("1", &[("ann", 1), ("bob", 0), ("cy", 0)], &["ann", "dan"]).await;
        let first = house.tick().await;
        let start = Timestamp::from_secs(1_800_000_000);
        assert!(first.iter().all(|row| (row.start, row.finish) == (start, start.plus(SECOND))), "{first:?}");
        let expected = [
            new_units(Arm::Control, 2),
            new_units(Arm::Treatment, 1),
            failed_payments(Arm::Control, 2, 0),
            failed_payments(Arm::Treatment, 1, 1),
        ];
        assert_eq!(counts(&first), expected);
        house.send("2", &[("dan", 1)], &[]).await;
        let second = house.tick().await;
        assert_eq!(counts(&second[4..]), [new_units(Arm::Treatment, 1), failed_payments(Arm::Treatment, 1, 1)]);
        assert_eq!(house.metrics.count_units("rel_1").await.unwrap(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_replayed_delivery_changes_nothing() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        house.send("1", &[("ann", 1), ("bob", 0)], &["ann"]).await;
        house.send("1", &[("ann", 1), ("bob", 0)], &["ann"]).await;
        let rows = house.tick().await;
        house.send("1", &[("ann", 1), ("bob", 0), ("eve", 1)], &["ann"]).await;
        assert_eq!(house.tick().await, rows);
        let everything = (Timestamp::EPOCH, house.now());
        let outcomes = house.metrics.outcomes(&place(), &metric(), everything).await.unwrap();
        assert_eq!(outcomes.iter().map(|count| count.n).sum::<i64>(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_comes_late_goes_into_the_open_window_and_leaves_closed_ones_alone() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let late = house.batch("late", &[("ann", 1)], &["ann"]);
        house.send("1", &[("bob", 0)], &[]).await;
        let closed = house.tick().await;
        house.metrics.ingest(&place(), late).await.unwrap();
        assert_eq!(house.rows().await, closed);
        let rows = house.tick().await;
        assert_eq!(rows[..closed.len()], closed);
        assert_eq!(counts(&rows[closed.len()..])[1], failed_payments(Arm::Treatment, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_folder_that_starts_anew_between_any_two_windows_gives_the_same() {
    db::testing::each(|db| async move {
        let mut house = House::open(db).await;
        let script: [(_, &[_], &[_]); 4] = [
            ("1", &[("ann", 1), ("bob", 0)], &["zoe"]),
            ("2", &[("ann", 1), ("zoe", 0)], &["ann"]),
            ("3", &[("bob", 1)], &["bob", "ann"]),
            ("4", &[("bob", 1), ("ann", 1)], &["bob"]),
        ];
        let mut rows = Vec::new();
        for (id, exposed, failed) in script {
            house.send(id, exposed, failed).await;
            rows = house.tick().await;
            house.folding = Folding::new(house.metrics.clone());
        }
        let of_metric: Vec<_> = counts(&rows).into_iter().filter(|row| !row.1.is_empty()).collect();
        let expected = [
            failed_payments(Arm::Control, 1, 0),   // bob
            failed_payments(Arm::Treatment, 1, 0), // ann
            failed_payments(Arm::Control, 1, 1),   // zoe, whose outcome had waited
            failed_payments(Arm::Treatment, 1, 1), // ann
            failed_payments(Arm::Treatment, 1, 1), // bob, now in the treatment; ann never again
        ];
        assert_eq!(of_metric, expected);
    })
    .await;
}

#[tokio::test]
async fn a_folder_that_lost_its_lease_writes_nothing() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let ttl = Duration::from_secs(10);
        let old = lease::acquire(&house.db, "windows", "a", house.now(), ttl).await.unwrap().unwrap();
        house.send("1", &[("ann", 1)], &[]).await;
        house.clock.advance(Duration::from_secs(11));
        let new = lease::acquire(&house.db, "windows", "b", house.now(), ttl).await.unwrap().unwrap();
        assert!(house.folding.close_windows(house.now(), &old).await.is_err());
        assert_eq!(house.rows().await, []);
        Folding::new(house.metrics.clone()).close_windows(house.now(), &new).await.unwrap();
        assert_eq!(house.rows().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_units_of_a_large_comparison_are_a_fair_sample_also_in_the_database() {
    db::testing::each(|db| async move {
        let mut house = House::open(db).await;
        house.folding = Folding::new(house.metrics.clone()).with_max_units(50);
        let names: Vec<&'static str> = (0..200).map(|n| &*Box::leak(format!("user-{n}").into_boxed_str())).collect();
        let exposed: Vec<_> = names.iter().map(|name| (*name, u32::from(name.len() % 2 == 0))).collect();
        house.send("1", &exposed, &[]).await;
        house.tick().await;
        let units = house.metrics.count_units("rel_1").await.unwrap();
        assert!((20..=50).contains(&units), "{units}");
        house.folding = Folding::new(house.metrics.clone()).with_max_units(50);
        house.send("2", &exposed, &[]).await;
        let rows = house.tick().await;
        let again: u64 = rows.iter().rev().take(2).map(|row| row.n).sum();
        assert_eq!(again, u64::try_from(units).unwrap(), "{rows:?}");
    })
    .await;
}

#[tokio::test]
async fn judged_windows_are_merged_and_a_closed_comparison_is_emptied_but_for_its_windows() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        for second in 0..90 {
            let id: &'static str = Box::leak(second.to_string().into_boxed_str());
            house.send(id, &[("ann", 1), ("bob", 0)], &[]).await;
            house.tick().await;
        }
        let fine = house.rows().await;
        let sum =
            |rows: &[WindowRow]| rows.iter().map(|row| (row.n, row.k)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let fence = lease::acquire(&house.db, "t", "a", house.now(), SECOND).await.unwrap().unwrap();
        let tidying = Tidying::new(house.metrics.clone());
        house.clock.advance(Duration::from_hours(1));
        assert!(!tidying.tidy(house.now(), &fence).await.unwrap());
        assert_eq!(house.rows().await, fine, "nothing was judged yet");
        let judged = Timestamp::from_secs(1_800_000_000 + 70);
        house.db.commit(Batch::from(Metrics::judged("rel_1", judged))).await.unwrap();
        assert!(!tidying.tidy(house.now(), &fence).await.unwrap());
        let merged = house.rows().await;
        assert!(merged.len() < fine.len() && merged.len() > 60, "{} of {}", merged.len(), fine.len());
        assert_eq!(sum(&merged), sum(&fine));
        house.db.commit(Batch::from(Metrics::close("rel_1", house.now()))).await.unwrap();
        while tidying.tidy(house.now(), &fence).await.unwrap() {}
        assert_eq!(house.metrics.count_units("rel_1").await.unwrap(), 0);
        let rows = house.rows().await;
        assert_eq!((sum(&rows), rows.len()), (sum(&fine), 6), "two minutes, two arms; new units in the first alone");
    })
    .await;
}

#[tokio::test]
async fn outcomes_and_evaluations_are_counted_for_people() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        for id in ["1", "2", "3"] {
            let counts = vec![Count { flag: "checkout".into(), variation: Some(1), variant: None, n: 5 }];
            let batch = EventBatch { counts, ..house.batch(id, &[], &["ann", "bob"]) };
            house.metrics.ingest(&place(), batch).await.unwrap();
            house.clock.advance(Duration::from_secs(20));
        }
        let between = (Timestamp::EPOCH, house.now());
        let outcomes = house.metrics.outcomes(&place(), &metric(), between).await.unwrap();
        assert_eq!(outcomes.iter().map(|count| count.n).collect::<Vec<_>>(), [2, 2, 2]);
        let flag = FlagKey::new("checkout").unwrap();
        let evaluations =
            house.metrics.evaluations(&place(), &flag, (Timestamp::EPOCH, BinWidth::Minute)).await.unwrap();
        assert_eq!(evaluations.iter().map(|count| (count.variation, count.n)).collect::<Vec<_>>(), [(Some(1), 15)]);
        assert_eq!(house.metrics.last_heard(&place()).await.unwrap(), Some(house.now().minus(Duration::from_secs(20))));
        let fence = lease::acquire(&house.db, "t", "a", house.now(), SECOND).await.unwrap().unwrap();
        house.clock.advance(Duration::from_hours(3));
        assert!(!Tidying::new(house.metrics.clone()).tidy(house.now(), &fence).await.unwrap());
        let outcomes = house.metrics.outcomes(&place(), &metric(), between).await.unwrap();
        assert_eq!(outcomes.iter().map(|count| count.n).collect::<Vec<_>>(), [6], "merged to the minute");
    })
    .await;
}

#[tokio::test]
async fn evaluations_are_added_up_as_finely_as_is_asked_and_kept_by_the_hour_after_two_days() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let flag = FlagKey::new("checkout").unwrap();
        house.clock.set(house.now().floor(Duration::from_hours(1)));
        let begun = house.now();
        let ids: Vec<&'static str> = vec!["1", "2", "3", "4", "5"];
        for (id, minutes) in ids.into_iter().zip([0, 1, 14, 59, 61]) {
            house.clock.set(begun.plus(Duration::from_mins(minutes)));
            let count = |variation, variant: Option<&'static str>, n| Count {
                flag: "checkout".into(),
                variation,
                variant: variant.map(Into::into),
                n,
            };
            let counts = vec![
                count(Some(0), None, 5),
                count(Some(1), Some("blue"), 2),
                count(Some(1), Some("red"), 1),
                count(None, None, 1),
            ];
            let batch = EventBatch { payload_id: Some(id.into()), counts, ..EventBatch::default() };
            house.metrics.ingest(&place(), batch).await.unwrap();
        }
        let counted = async |by: BinWidth| {
            let counts = house.metrics.evaluations(&place(), &flag, (begun, by)).await.unwrap();
            let of = |variation| counts.iter().filter(move |count| count.variation == variation);
            let told = of(Some(0)).map(|count| (count.start.since(begun).as_secs() / 60, count.n));
            assert_eq!(of(None).map(|count| count.n).sum::<i64>(), 5);
            let with = |variant| of(Some(1)).filter(move |count| count.variant.as_deref() == Some(variant));
            assert_eq!(["blue", "red"].map(|variant| with(variant).map(|count| count.n).sum::<i64>()), [10, 5]);
            told.collect::<Vec<_>>()
        };
        assert_eq!(counted(BinWidth::Minute).await, [(0, 5), (1, 5), (14, 5), (59, 5), (61, 5)]);
        assert_eq!(counted(BinWidth::TenMinutes).await, [(0, 10), (10, 5), (50, 5), (60, 5)]);
        assert_eq!(counted(BinWidth::Hour).await, [(0, 20), (60, 5)]);
        let fence = lease::acquire(&house.db, "t", "a", house.now(), SECOND).await.unwrap().unwrap();
        let tidying = Tidying::new(house.metrics.clone());
        house.clock.set(begun.plus(Duration::from_hours(49)));
        for _ in 0..2 {
            assert!(!tidying.tidy(house.now(), &fence).await.unwrap());
            assert_eq!(counted(BinWidth::Minute).await, [(0, 20), (61, 5)], "the second hour is not so old yet");
        }
        house.clock.set(begun.plus(Duration::from_hours(50)));
        tidying.tidy(house.now(), &fence).await.unwrap();
        assert_eq!(counted(BinWidth::Minute).await, [(0, 20), (60, 5)]);
        house.clock.set(begun.plus(Duration::from_hours(24 * 91)));
        tidying.tidy(house.now(), &fence).await.unwrap();
        assert_eq!(house.metrics.evaluations(&place(), &flag, (begun, BinWidth::Hour)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn metrics_are_defined_changed_and_deleted_with_a_version() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let project = place().project;
        let (writer, key) = (writer(), metric());
        let create = |key| house.metrics.create(&writer, &project, key, definition());
        assert!(matches!(create(metric()).await, Err(Error::AlreadyThere { .. })));
        let rename = |seen, event: &str| {
            let event_key = event.to_owned();
            let change = |old| MetricDefinition { event_key, ..old };
            house.metrics.update(&writer, (&project, &key), seen, change)
        };
        let changed = rename(Some(1), "card-declined").await.unwrap();
        assert_eq!((changed.version, changed.definition.event_key.as_str()), (2, "card-declined"));
        assert!(matches!(rename(Some(1), "x").await, Err(Error::Stale { present: 2 })));
        assert!(matches!(rename(None, "").await, Err(Error::Invalid(_))));
        house.metrics.delete(&writer, (&project, &key), None).await.unwrap();
        assert!(matches!(house.metrics.metric(&project, &metric()).await, Err(Error::NoSuchMetric { .. })));
        let page = PageRequest { after: None, limit: 10 };
        assert_eq!(house.metrics.list(&project, &page).await.unwrap().items, []);
        let counted = || house.metrics.counted_since(&project, &key);
        let first = house.now();
        assert_eq!(counted().await.unwrap(), Some(first), "also when it is gone");
        house.clock.advance(Duration::from_mins(1));
        assert_eq!(create(metric()).await.unwrap().version, 4, "a version never comes twice");
        assert_eq!(counted().await.unwrap(), Some(first.plus(Duration::from_mins(1))));
        let reader = Caller { role: Role::Reader, ..writer.clone() };
        let refused = house.metrics.create(&reader, &project, metric(), definition()).await;
        assert!(matches!(refused, Err(Error::Flags(_))), "{refused:?}");
        let nowhere = house.metrics.create(&writer, &ProjectKey::new("nowhere").unwrap(), metric(), definition()).await;
        assert!(matches!(nowhere, Err(Error::Flags(_))), "{nowhere:?}");
    })
    .await;
}

#[tokio::test]
async fn requests_are_answered_and_refused_over_http() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let (router, _) = metrics::routes(house.metrics.clone(), Tasks::new()).split_for_parts();
        let send = async |method: &str, path: &str, body: &str| {
            let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
            request.extensions_mut().unwrap().insert(writer());
            let response = router.clone().oneshot(request.body(body.to_owned()).unwrap()).await.unwrap();
            let status = response.status().as_u16();
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            (status, serde_json::from_slice::<serde_json::Value>(&bytes).unwrap_or_default())
        };
        let all = "/api/projects/shop/metrics";
        let new = r#"{"key": "crashes", "name": "Crashes", "eventKey": "crash"}"#;
        let (status, metric) = send("POST", all, new).await;
        assert_eq!((status, &metric["eventKey"], &metric["badWhen"]), (201, &"crash".into(), &"occurs".into()));
        let (status, problem) = send("POST", all, new).await;
        assert_eq!((status, &problem["code"]), (409, &"metric-exists".into()));
        let (status, problem) = send("POST", all, r#"{"key": "x", "name": "", "eventKey": "crash"}"#).await;
        assert_eq!((status, &problem["field"]), (400, &"/name".into()));
        let (status, problem) = send("POST", all, r#"{"key": "x", "name": "X", "eventKey": "y", "colour": 1}"#).await;
        assert_eq!((status, &problem["field"]), (400, &"/colour".into()));
        let (_, patched) = send("PATCH", &format!("{all}/crashes"), r#"{"description": "Bad."}"#).await;
        assert_eq!((&patched["description"], &patched["version"]), (&"Bad.".into(), &2.into()));
        let (_, list) = send("GET", all, "").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        house.send("1", &[], &["ann"]).await;
        let place = "/api/projects/shop/environments/production";
        let (_, outcomes) = send("GET", &format!("{place}/metrics/failed-payments/outcomes"), "").await;
        assert_eq!(outcomes["items"][0]["n"], 1);
        let (_, evaluations) = send("GET", &format!("{place}/flags/checkout/evaluations"), "").await;
        assert_eq!(evaluations["items"], serde_json::json!([]));
        assert_eq!(send("GET", &format!("{place}/sdks"), "").await.0, 200);
        assert_eq!(send("DELETE", &format!("{all}/crashes"), "").await.0, 204);
        assert_eq!(send("GET", &format!("{all}/crashes"), "").await.0, 404);
        assert_eq!(send("GET", "/api/projects/nowhere/metrics", "").await.0, 404);
    })
    .await;
}

#[tokio::test]
async fn what_is_listened_for_follows_a_change_made_between_two_deliveries_here_or_on_another_node() {
    db::testing::each(|db| async move {
        let house = House::open(db).await;
        let other = Metrics::new(house.db.clone(), house.clock.clone(), Arc::new(SystemRng));
        let told = MetricKey::new("told-elsewhere").unwrap();
        house.send("before", &[], &["ada"]).await;
        other.create(&writer(), &place().project, told.clone(), definition()).await.unwrap();
        house.send("after", &[], &["bob"]).await;
        let since = (Timestamp::EPOCH, house.now().plus(SECOND));
        for (metric, expected) in [(metric(), 2), (told, 1)] {
            let outcomes = house.metrics.outcomes(&place(), &metric, since).await.unwrap();
            assert_eq!(outcomes.iter().map(|count| count.n).sum::<i64>(), expected, "{metric}");
        }
    })
    .await;
}
