//! The three engines with equivalent flags, behind one trait: ours, LaunchDarkly's and Unleash's.

use std::collections::HashMap;
use std::hint::black_box;

use evaluation::{NoBigSegments, Payload, Snapshot};
use launchdarkly_server_sdk_evaluation as launchdarkly;
use serde_json::{Value, json};
use unleash_types::client_features::Context as UnleashContext;
use unleash_yggdrasil::{EngineState, UpdateMessage};

/// The three standard flags.
pub(crate) const FLAGS: [&str; 3] = ["off", "three rules", "10 % rollout"];

/// So many users take turns, so that no engine profits from seeing the same key again.
pub(crate) const USERS: usize = 64;

/// An engine that has its flags and its users at hand.
pub(crate) trait Engine {
    /// Looks up the flag and evaluates it for the user; whether it serves the treatment.
    fn evaluate(&self, flag: &str, user: usize) -> bool;
}

/// `count` evaluations of one flag, users in turn.
#[inline(never)]
pub(crate) fn run<E: Engine>(engine: &E, flag: &str, count: usize) -> usize {
    (0..count).filter(|i| black_box(engine.evaluate(black_box(flag), i % USERS))).count()
}

/// Panics unless the engine serves what the flags are meant to serve.
pub(crate) fn check<E: Engine>(engine: &E) {
    assert_eq!(run(engine, FLAGS[0], USERS), 0);
    assert_eq!(run(engine, FLAGS[1], USERS), USERS);
    let treated = run(engine, FLAGS[2], USERS);
    assert!((1..=USERS / 4).contains(&treated), "{treated} of {USERS} users at 10 %");
}

fn payload() -> Value {
    let clause = |attribute: &str, op: &str, values: Value| {
        json!({"contextKind": "user", "attribute": attribute,
        "op": op, "values": values, "negate": false})
    };
    let rule = |id: &str, clause: Value| json!({"id": id, "variation": 1, "clauses": [clause], "trackEvents": false});
    let flag = |key: &str, members: Value| {
        let mut flag = json!({
            "key": key, "version": 1, "on": true, "prerequisites": [], "targets": [], "contextTargets": [], "rules": [],
            "fallthrough": {"variation": 0}, "offVariation": 0, "variations": [false, true], "salt": "8f1b2c3d4e5f",
                "clientSide": false,
        });
        flag.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
        flag
    };
    let rules = json!([
        rule("4f3c7b0a-1", clause("country", "in", json!(["US", "CA", "MX", "BR", "AR"]))),
        rule("4f3c7b0a-2", clause("version", "semVerGreaterThan", json!(["9.0.0"]))),
        rule("4f3c7b0a-3", clause("email", "endsWith", json!(["@example.com"]))),
    ]);
    let rollout = json!({"rollout": {
        "contextKind": "user", "variations": [{"variation": 1, "weight": 10_000}, {"variation": 0, "weight": 90_000}],
    }});
    json!({
        "flags": {
            "off": flag("off", json!({"on": false})),
            "three rules": flag("three rules", json!({"rules": rules})),
            "10 % rollout": flag("10 % rollout", json!({"fallthrough": rollout})),
        },
        "segments": {},
    })
}

/// What every engine knows of a user.
fn attributes(user: usize) -> [(&'static str, String); 4] {
    [
        ("country", "CH".to_owned()),
        ("version", "2.14.3".to_owned()),
        ("email", format!("ada-{user}@example.com")),
        ("plan", "gold".to_owned()),
    ]
}

fn key(user: usize) -> String {
    format!("user-{user:06}")
}

fn context(user: usize) -> Value {
    let mut context = json!({"kind": "user", "key": key(user)});
    context
        .as_object_mut()
        .expect("an object")
        .extend(attributes(user).map(|(name, value)| (name.to_owned(), json!(value))));
    context
}

/// This crate.
pub(crate) struct Ours {
    snapshot: Snapshot,
    users: Vec<evaluation::Context>,
}

impl Ours {
    pub(crate) fn new() -> Self {
        let payload = Payload::from_json(&payload().to_string()).expect("a payload");
        let users = (0..USERS).map(|user| evaluation::Context::from_value(context(user)).expect("a context"));
        Self { snapshot: Snapshot::compile(&payload), users: users.collect() }
    }
}

impl Engine for Ours {
    #[inline]
    fn evaluate(&self, flag: &str, user: usize) -> bool {
        let evaluation = black_box(self.snapshot.evaluate(flag, &self.users[user], &NoBigSegments));
        evaluation.value == Some(&Value::Bool(true))
    }
}

/// The evaluation crate of LaunchDarkly's Rust SDK.
pub(crate) struct LaunchDarkly {
    store: Store,
    users: Vec<launchdarkly::Context>,
}

struct Store(HashMap<String, launchdarkly::Flag>);

impl launchdarkly::Store for Store {
    fn flag(&self, key: &str) -> Option<launchdarkly::Flag> {
        self.0.get(key).cloned()
    }

    fn segment(&self, _: &str) -> Option<launchdarkly::Segment> {
        None
    }
}

impl LaunchDarkly {
    pub(crate) fn new() -> Self {
        let flags = serde_json::from_value(payload()["flags"].clone()).expect("flags");
        let users = (0..USERS).map(|user| serde_json::from_value(context(user)).expect("a context"));
        Self { store: Store(flags), users: users.collect() }
    }
}

impl Engine for LaunchDarkly {
    #[inline]
    fn evaluate(&self, flag: &str, user: usize) -> bool {
        // Looked up without the copy that their own store makes.
        let flag = &self.store.0[flag];
        let detail = black_box(launchdarkly::evaluate(&self.store, flag, &self.users[user], None));
        detail.value == Some(&launchdarkly::FlagValue::Bool(true))
    }
}

/// The engine of Unleash's SDKs; its rollouts hash with MurmurHash3 instead of SHA-1.
pub(crate) struct Yggdrasil {
    engine: EngineState,
    users: Vec<UnleashContext>,
}

impl Yggdrasil {
    pub(crate) fn new() -> Self {
        let strategy = |constraint: Value| json!({"name": "default", "parameters": {}, "constraints": [constraint]});
        let features = json!({"version": 2, "features": [
            {"name": "off", "enabled": false, "strategies": [{"name": "default", "parameters": {}}]},
            {"name": "three rules", "enabled": true, "strategies": [
                strategy(json!({"contextName": "country", "operator": "IN", "values": ["US", "CA", "MX", "BR", "AR"]})),
                strategy(json!({"contextName": "version", "operator": "SEMVER_GT", "value": "9.0.0"})),
                strategy(json!({"contextName": "email", "operator": "STR_ENDS_WITH", "values": ["@example.com"]})),
            ]},
            {"name": "10 % rollout", "enabled": true, "strategies": [
                {"name": "flexibleRollout", "parameters": {"rollout": "10", "stickiness": "userId",
                    "groupId": "8f1b2c3d4e5f"}},
            ]},
        ]});
        let engine = EngineState::default();
        let features = serde_json::from_value(features).expect("features");
        let warnings = engine.take_state(UpdateMessage::FullResponse(features));
        assert!(warnings.is_none(), "the features compile");
        let users = (0..USERS).map(|user| UnleashContext {
            user_id: Some(key(user)),
            session_id: None,
            environment: None,
            app_name: None,
            current_time: None,
            remote_address: None,
            properties: Some(attributes(user).map(|(name, value)| (name.to_owned(), value)).into()),
        });
        Self { engine, users: users.collect() }
    }
}

impl Engine for Yggdrasil {
    #[inline]
    fn evaluate(&self, flag: &str, user: usize) -> bool {
        self.engine.is_enabled(flag, &self.users[user], &None)
    }
}
