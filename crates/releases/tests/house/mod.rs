//! A house with one project, one flag, one metric and one short pipeline, and traffic that is made by the second.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use access::{Caller, Role};
use db::lease::{self, Fence};
use db::{Db, outbox};
use flags::instruction::{CreateFlag, Instruction};
use flags::model::{Flag, Project, Serve, Subject};
use flags::service::{ConfiguredFlag, NewProject};
use flags::{Change, Flags};
use http::Request;
use http_body_util::BodyExt;
use kernel::{
    Actor, ActorKind, Clock, EnvironmentKey, FlagKey, MetricKey, PageRequest, PipelineKey, ProjectKey, ReleaseId,
    Revision, SegmentKey, ServiceKey, SystemRng, Timestamp,
};
use metrics::{EventBatch, Exposure, Folding, Intake, MetricDefinition, Metrics, Outcome, Place};
use releases::model::{Action, DecisionRecord, PipelineBody};
use releases::{Command, Error, NewRelease, Release, Releases, Walking};
use runtime::{ReconcileError, Reconciler, Turn};
use testkit::{ManualClock, SeededRng};
use tower::ServiceExt;

/// Requests of one second. Users never come twice.
#[derive(Clone, Copy)]
pub(crate) struct Traffic {
    /// How many.
    pub(crate) requests: u32,
    /// Of those with what was, so many in a thousand fail.
    pub(crate) base_per_thousand: u32,
    /// Of those with what is new, so many in a hundred fail besides.
    pub(crate) bad_percent: u32,
}

pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    flags: Flags,
    metrics: Metrics,
    releases: Releases,
    place: Place,
    chance: Mutex<SeededRng>,
    world: Mutex<World>,
    walkers: Mutex<Arc<(Folding, Walking)>>,
}

#[derive(Default)]
struct World {
    users: u64,
    failed: u64,
    lost: f64,
    sent: Vec<(String, Vec<Event>)>,
}

#[derive(Clone)]
struct Event {
    user: String,
    at: Timestamp,
    /// The variation and the flag's version; nothing when the exposure was lost.
    exposed: Option<(u32, i64)>,
    failed: bool,
}

pub(crate) fn page(limit: usize) -> PageRequest {
    PageRequest { after: None, limit }
}

fn flag_key() -> FlagKey {
    FlagKey::new("checkout").unwrap()
}

pub(crate) fn ann() -> Caller {
    let actor = Actor { kind: ActorKind::Person, id: "per_1".to_owned(), name: "Ann".to_owned() };
    Caller { actor, role: Role::Writer, person_id: None }
}

const PIPELINE: &str = r#"{"name": "Short", "steps": [
    {"name": "Internal", "audience": {"segment": "internal"}, "minimumSeconds": 10},
    {"name": "1 %", "audience": {"percentage": 1}, "minimumSeconds": 20, "minimumUnits": 10},
    {"name": "10 %", "audience": {"percentage": 10}, "minimumSeconds": 20, "minimumUnits": 10},
    {"name": "50 %", "audience": {"percentage": 50}, "minimumSeconds": 20, "minimumUnits": 10},
    {"name": "Everyone", "audience": {"percentage": 100}, "minimumSeconds": 0}]}"#;

const REQUEST: &str = r#"{"flag": "checkout", "treatment": 0, "pipeline": "short", "comment": "Try it.", "recoverySeconds": 20,
    "guards": [{"metric": "payment-failed"}]}"#;

/// There is one service, the shop.
struct Shop;

#[async_trait::async_trait]
impl releases::Services for Shop {
    async fn has(&self, key: &ServiceKey) -> Result<bool, db::ReadError> {
        Ok(key.as_str() == "shop")
    }
}

impl House {
    pub(crate) async fn open(db: Db) -> Self {
        db::migrate(&db, &[flags::MIGRATIONS, metrics::MIGRATIONS, releases::MIGRATIONS]).await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_800_000_000_250)));
        let flags = Flags::new(db.clone(), clock.clone(), Arc::new(SystemRng));
        let metrics = Metrics::new(db.clone(), clock.clone(), Arc::new(SystemRng));
        let releases = Releases::new(db.clone(), clock.clone(), Arc::new(SystemRng), flags.clone(), metrics.clone())
            .with_services(Arc::new(Shop));
        let project = ProjectKey::new("shop").unwrap();
        let shop = Project { name: "Shop".to_owned(), description: String::new() };
        flags.create_project(Actor::system(), NewProject::usual(project.clone(), shop)).await.unwrap();
        let create = Instruction::CreateFlag(CreateFlag { flag: Flag::boolean("Checkout") });
        let subject = Subject::Flag(project.clone(), flag_key());
        flags.change(Change::new(Actor::system(), subject, vec![create])).await.unwrap();
        let definition = MetricDefinition {
            name: "Failed payments".to_owned(),
            description: String::new(),
            event_key: "payment-failed".to_owned(),
            bad_when: metrics::model::BadWhen::Occurs,
        };
        let metric = MetricKey::new("payment-failed").unwrap();
        metrics.create(&ann(), &project, metric, definition).await.unwrap();
        let body: PipelineBody = serde_json::from_str(PIPELINE).unwrap();
        let short = PipelineKey::new("short").unwrap();
        releases.create_pipeline(&ann(), &project, short, body).await.unwrap();
        let place = Place { project, environment: EnvironmentKey::new("production").unwrap() };
        let walkers = Mutex::new(Arc::new((Folding::new(metrics.clone()), Walking::new(releases.clone()))));
        let chance = Mutex::new(SeededRng::new(42));
        Self { db, clock, flags, metrics, releases, place, chance, world: Mutex::default(), walkers }
    }

    pub(crate) fn releases(&self) -> &Releases {
        &self.releases
    }

    pub(crate) async fn start(&self) -> Release {
        let release = self.try_start(None).await.unwrap();
        self.turn().await;
        release
    }

    pub(crate) async fn try_start(&self, request: Option<&str>) -> Result<Release, Error> {
        let request: NewRelease = serde_json::from_str(request.unwrap_or(REQUEST)).unwrap();
        self.releases.start(&ann(), &self.place, request).await
    }

    pub(crate) async fn release(&self, id: &ReleaseId) -> Release {
        self.releases.release(id).await.unwrap()
    }

    pub(crate) async fn direct(&self, id: &ReleaseId, command: Command) -> Result<Release, Error> {
        self.releases.direct(&ann(), id, command, "Because").await
    }

    pub(crate) async fn decisions(&self, id: &ReleaseId) -> Vec<DecisionRecord> {
        self.releases.decisions(id, &page(1_000)).await.unwrap().items
    }

    pub(crate) async fn actions(&self, id: &ReleaseId) -> Vec<Action> {
        self.decisions(id).await.into_iter().map(|decision| decision.action).collect()
    }

    pub(crate) async fn configured(&self) -> (Flag, ConfiguredFlag) {
        self.flags.configuration(&self.place.project, &self.place.environment, &flag_key()).await.unwrap()
    }

    /// The treatment's weight; none when there is no rollout.
    pub(crate) async fn share(&self) -> Option<u32> {
        match self.configured().await.1.configuration.fallthrough {
            Serve::Rollout(rollout) => Some(rollout.variations[0].weight),
            Serve::Variation(_) => None,
        }
    }

    pub(crate) async fn edit(&self, instruction: &str) -> Revision {
        let Place { project, environment } = self.place.clone();
        let subject = Subject::Configuration(project, environment, flag_key());
        let instruction = serde_json::from_str(instruction).unwrap();
        self.flags.change(Change::new(ann().actor, subject, vec![instruction])).await.unwrap().seq()
    }

    pub(crate) async fn make_segment(&self, key: &str) {
        let Place { project, environment } = self.place.clone();
        let subject = Subject::Segment(project, environment, SegmentKey::new(key).unwrap());
        let create = r#"{"kind": "createSegment", "segment": {"name": "Internal"}}"#;
        let create = serde_json::from_str(create).unwrap();
        self.flags.change(Change::new(ann().actor, subject, vec![create])).await.unwrap();
    }

    /// Sends a request as Ann; gives the status and the JSON.
    pub(crate) async fn http(&self, method: &str, path: &str, body: &str) -> (u16, serde_json::Value) {
        let (router, _) = releases::routes(self.releases.clone()).split_for_parts();
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        request.extensions_mut().unwrap().insert(ann());
        let response = router.oneshot(request.body(body.to_owned()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// All that was announced so far, in order.
    pub(crate) async fn announcements(&self) -> Vec<serde_json::Value> {
        let claimed = outbox::claim_due(&self.db, "announcement", self.clock.now(), 100, Duration::ZERO).await.unwrap();
        claimed.into_iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn failed(&self) -> u64 {
        self.world.lock().unwrap().failed
    }

    /// This share of the treatment's exposures is lost from now on.
    pub(crate) fn lose_treatment_exposures(&self, share: f64) {
        self.world.lock().unwrap().lost = share;
    }

    /// The same chance as at the beginning.
    pub(crate) fn reset_traffic(&self) {
        *self.chance.lock().unwrap() = SeededRng::new(42);
    }

    /// New reconcilers that remember nothing, as after a crash.
    pub(crate) fn restart(&self) {
        let walkers = (Folding::new(self.metrics.clone()), Walking::new(self.releases.clone()));
        *self.walkers.lock().unwrap() = Arc::new(walkers);
    }

    /// One second of traffic, of which SDKs tell at once, and the turns that follow.
    pub(crate) async fn second(&self, traffic: Traffic) {
        let id = format!("batch-{}", self.clock.now());
        self.send(&id, traffic).await;
        self.clock.advance(Duration::from_secs(1));
        self.turn().await;
    }

    /// Seconds of traffic until the release is over; how many there were.
    pub(crate) async fn until_over(&self, id: &ReleaseId, traffic: Traffic, most: u32) -> u32 {
        for second in 0..most {
            self.second(traffic).await;
            if !self.release(id).await.state.is_open() {
                return second + 1;
            }
        }
        panic!("the release is still open after {most} seconds");
    }

    /// Ends a release that is still open.
    pub(crate) async fn end(&self, id: &ReleaseId) {
        if self.release(id).await.state.is_open() {
            self.direct(id, Command::Abort).await.unwrap();
        }
    }

    pub(crate) async fn send(&self, payload_id: &str, traffic: Traffic) {
        let (_, configured) = self.configured().await;
        let weight = match &configured.configuration.fallthrough {
            Serve::Rollout(rollout) if configured.configuration.on => Some(rollout.variations[0].weight),
            _ => None,
        };
        let events: Vec<Event> =
            (0..traffic.requests).map(|_| self.request(traffic, weight, configured.sdk_version)).collect();
        if events.is_empty() {
            return;
        }
        self.world.lock().unwrap().sent.push((payload_id.to_owned(), events.clone()));
        self.deliver(payload_id, &events).await;
    }

    fn request(&self, traffic: Traffic, weight: Option<u32>, version: Revision) -> Event {
        let chance = self.chance.lock().unwrap();
        let mut world = self.world.lock().unwrap();
        world.users += 1;
        let treated = weight.is_some_and(|weight| chance.fraction() * 100_000.0 < f64::from(weight));
        let bad = treated && chance.fraction() * 100.0 < f64::from(traffic.bad_percent);
        let failed = bad || chance.fraction() * 1_000.0 < f64::from(traffic.base_per_thousand);
        world.failed += u64::from(bad);
        let lost = treated && chance.fraction() < world.lost;
        let exposed = weight.filter(|_| !lost).map(|_| (u32::from(!treated), version.0));
        Event { user: format!("user-{}", world.users), at: self.clock.now(), exposed, failed }
    }

    /// Everything that was sent so far, once more.
    pub(crate) async fn resend(&self) {
        let sent = self.world.lock().unwrap().sent.clone();
        for (payload_id, events) in sent {
            self.deliver(&payload_id, &events).await;
        }
    }

    async fn deliver(&self, payload_id: &str, events: &[Event]) {
        let contexts = |event: &Event| vec![("user".into(), event.user.clone().into())];
        let exposures = events.iter().filter_map(|event| {
            let (variation, version) = event.exposed?;
            let (contexts, at) = (contexts(event), event.at);
            Some(Exposure { flag: "checkout".into(), variation, version, contexts, at, in_experiment: true })
        });
        let outcomes = events.iter().filter(|event| event.failed).map(|event| Outcome {
            event_key: "payment-failed".into(),
            contexts: contexts(event),
            at: event.at,
        });
        let batch = EventBatch {
            payload_id: Some(payload_id.to_owned().into()),
            exposures: exposures.collect(),
            outcomes: outcomes.collect(),
            ..EventBatch::default()
        };
        self.metrics.ingest(&self.place, batch).await.unwrap();
    }

    /// A turn of each reconciler, as the driver gives them when a window closes.
    pub(crate) async fn turn(&self) {
        self.fold().await;
        let walkers = Arc::clone(&self.walkers.lock().unwrap());
        for _ in 0..2 {
            self.reconcile(&walkers.1, "node").await.unwrap();
        }
    }

    /// A turn of the one that closes windows alone.
    pub(crate) async fn fold(&self) {
        let walkers = Arc::clone(&self.walkers.lock().unwrap());
        self.reconcile(&walkers.0, "node").await.unwrap();
    }

    /// A turn of a walker whose lease another node has taken in the meantime.
    pub(crate) async fn walk_without_lease(&self) -> Result<(), ReconcileError> {
        let now = self.clock.now();
        let fence = self.lease("releases", "old").await;
        self.clock.advance(Duration::from_secs(11));
        self.lease("releases", "node").await;
        let walkers = Arc::clone(&self.walkers.lock().unwrap());
        walkers.1.reconcile(&Turn { now, fence }).await.map(drop)
    }

    async fn reconcile(&self, reconciler: &dyn Reconciler, node: &str) -> Result<(), ReconcileError> {
        let fence = self.lease(reconciler.name(), node).await;
        reconciler.reconcile(&Turn { now: self.clock.now(), fence }).await.map(drop)
    }

    async fn lease(&self, name: &str, node: &str) -> Fence {
        let ttl = Duration::from_secs(10);
        lease::acquire(&self.db, name, node, self.clock.now(), ttl).await.unwrap().unwrap()
    }
}
