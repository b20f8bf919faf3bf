//! The protocols of SDKs over one environment that lives in memory: what a node serves, without a database behind it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use delivery::event::EventBatch;
use delivery::sdks::Register;
use delivery::tail::Tail;
use delivery::{
    Admission, Environment, FeedError, Grant, Intake, KeyDirectory, KeyKind, MemberFeed, MemberPatch, NoMembers, Place,
    Refusal,
};
use evaluation::model::ClientSideAvailability;
use evaluation::{FeatureData, Item, Payload};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use kernel::{EnvironmentKey, ProjectKey, Revision, SystemClock};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// The key of servers.
pub const SDK_KEY: &str = "sdk-1";
/// The key of apps.
pub const MOBILE_KEY: &str = "mob-1";
/// The id that pages know.
pub const CLIENT_SIDE_ID: &str = "client1";

/// Flags and segments that use every operator and every way to serve.
const FURNITURE: &str = include_str!("furniture.json");

/// Flags by Unleash's rules: a share with conditions and variants, and one that depends on it. Neither is drawn by chance: properties ask twice.
const FEATURES: [&str; 2] = [
    r#"{"name": "share", "enabled": true, "strategies": [
        {"name": "flexibleRollout", "parameters": {"rollout": "50", "stickiness": "userId", "groupId": "g"}, "constraints": [
            {"contextName": "plan", "operator": "NOT_IN", "values": ["none"]},
            {"contextName": "remoteAddress", "operator": "IN_CIDR", "values": ["10.0.0.0/8"], "inverted": true},
            {"contextName": "version", "operator": "SEMVER_LT", "value": "9.0.0", "inverted": true}]},
        {"name": "userWithId", "parameters": {"userIds": "ada, bob"}}],
        "variants": [{"name": "blue", "weight": 1, "payload": {"type": "string", "value": "b"}}, {"name": "red", "weight": 2}]}"#,
    r#"{"name": "child", "enabled": true, "strategies": [], "dependencies": [{"feature": "share", "variants": ["blue"]}]}"#,
];

static FRONT: LazyLock<Front> = LazyLock::new(Front::new);

/// The protocols, ready to be asked.
pub struct Front {
    runtime: Runtime,
    router: Router,
    kept: Arc<Kept>,
}

/// What came in, batch by batch.
#[derive(Default)]
struct Kept(Mutex<Vec<Told>>);

/// What one batch came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The event keys of its outcomes.
    pub outcomes: Vec<String>,
    /// The flags of its counts, and how many.
    pub counts: Vec<(String, u64)>,
}

/// What was answered; a stream's body is not waited for.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; empty for a stream.
    pub body: Vec<u8>,
}

/// The front that all properties share.
pub fn front() -> &'static Front {
    &FRONT
}

/// The flags and segments that the front serves.
pub fn furniture() -> Payload {
    Payload::from_json(FURNITURE).expect("the furniture is a payload")
}

impl Front {
    fn new() -> Self {
        let clock = Arc::new(SystemClock);
        let (publisher, snapshots) = delivery::channel(clock.clone(), Arc::new(NoOther), Arc::new(NoMembers));
        let place = place();
        let mut environment = environment();
        let keys = [(SDK_KEY, KeyKind::Sdk), (MOBILE_KEY, KeyKind::Mobile), (CLIENT_SIDE_ID, KeyKind::ClientSide)];
        let grants = keys.map(|(key, kind)| (key.to_owned(), Grant { kind, place: place.clone(), ends_at: None }));
        publisher.show(&[Arc::new(environment.snapshot(place))], Some(Arc::new(HashMap::from(grants))));
        let admission = Admission::new(usize::MAX >> 4, CancellationToken::new());
        let (register, kept) = (Register::new(clock.clone()), Arc::new(Kept::default()));
        let ofrep = protocol_ofrep::Ofrep {
            snapshots: snapshots.clone(),
            register: register.clone(),
            admission: admission.clone(),
        };
        let (intake, tail) = (Arc::clone(&kept) as Arc<dyn Intake>, Tail::new(clock));
        let members = Some(Arc::new(NoOther) as Arc<dyn MemberFeed>);
        let unleash = protocol_unleash::Sdks::new(&snapshots, &intake, (&register, &tail), &admission);
        let sdks = protocol_launchdarkly::Sdks { snapshots, intake, members, register, tail, admission };
        Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be had"),
            router: protocol_launchdarkly::routes(sdks)
                .merge(protocol_ofrep::routes(ofrep))
                .merge(protocol_unleash::routes(unleash)),
            kept,
        }
    }

    /// Asks, and reads the answer unless it is a stream.
    pub fn ask(&self, request: Request<Vec<u8>>) -> Answer {
        let request = protocol_launchdarkly::report_as_post(request.map(Body::from));
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("a router answers");
            let (head, body) = response.into_parts();
            let streams = head.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
            let body = if streams { Vec::new() } else { body.collect().await.expect("a body ends").to_bytes().into() };
            Answer { status: head.status, body }
        })
    }

    /// As [`Self::ask`], and what came in by it.
    pub fn tell(&self, request: Request<Vec<u8>>) -> (Answer, Vec<Told>) {
        self.kept.take();
        (self.ask(request), self.kept.take())
    }
}

/// A request with the key in its header; none when `path` is no path.
pub fn request(method: Method, path: &str, key: &str, body: &[u8]) -> Option<Request<Vec<u8>>> {
    let request = Request::builder().method(method).uri(path).header("authorization", key);
    request.header("content-type", "application/json").body(body.to_vec()).ok()
}

/// Any bytes as one segment of a path (RFC 3986 §2.1).
pub fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}

/// The environment that is served, and imported into.
pub fn place() -> Place {
    let (project, environment) = (ProjectKey::new("shop"), EnvironmentKey::new("production"));
    Place { project: project.expect("a key"), environment: environment.expect("a key") }
}

fn environment() -> Environment {
    let (payload, mut environment) = (furniture(), Environment::at(Revision(0)));
    assert_eq!(payload.unreadable, [], "the furniture can be read");
    let mut seq = (1..).map(Revision);
    for flag in payload.flags {
        let json = serde_json::to_vec(&flag).expect("flags serialise");
        environment.put_flag(seq.next().expect("there is no end"), flag, &json);
    }
    for segment in payload.segments {
        let json = serde_json::to_vec(&segment).expect("segments serialise");
        environment.put_segment(seq.next().expect("there is no end"), segment, &json);
    }
    for feature in FEATURES {
        environment.put_feature(seq.next().expect("there is no end"), data(feature));
    }
    environment.set_client_side_id(CLIENT_SIDE_ID.to_owned());
    assert!(environment.json(Item::Flag, "rules").is_some(), "what the properties ask for is there");
    environment.compile_if_outdated();
    environment
}

/// A flag by Unleash's rules that every key sees.
fn data(feature: &str) -> FeatureData {
    FeatureData {
        feature: serde_json::from_str(feature).expect("a feature"),
        version: 1,
        variations: [true, false],
        availability: ClientSideAvailability { using_mobile_key: true, using_environment_id: true },
        track_events: false,
    }
}

/// There is no other node: none knows a key, none has members.
struct NoOther;

#[async_trait]
impl KeyDirectory for NoOther {
    async fn knows(&self, _: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        Ok(false)
    }
}

/// There are no members.
#[async_trait]
impl MemberFeed for NoOther {
    async fn next(&self, _: &Place, _: &str) -> Result<Option<MemberPatch>, FeedError> {
        Ok(None)
    }

    async fn head(&self, _: &Place) -> Result<String, FeedError> {
        Ok(String::new())
    }

    fn pokes(&self) -> watch::Receiver<u64> {
        watch::Sender::new(0).subscribe()
    }
}

#[async_trait]
impl Intake for Kept {
    async fn ingest(&self, _: &Place, batch: EventBatch<'_>) -> Result<(), Refusal> {
        let told = Told {
            outcomes: batch.outcomes.iter().map(|outcome| outcome.event_key.to_string()).collect(),
            counts: batch.counts.iter().map(|count| (count.flag.to_string(), count.n)).collect(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        Ok(())
    }
}

impl Kept {
    fn take(&self) -> Vec<Told> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
