//! Ours against `unleash-yggdrasil`: the same on everything but the differences listed here.
//!
//! The property generates features that stay clear of the differences; the table pins each difference down with both
//! answers, so that neither side can change unnoticed.

#![allow(clippy::unwrap_used)] // helpers of tests

use evaluation::unleash::model::ClientFeatures;
use evaluation::unleash::{Context, Features, Moment, Variant};
use proptest::prelude::*;
use serde_json::{Value, json};
use unleash_yggdrasil::{EngineState, UpdateMessage};

fn theirs(state: &Value) -> EngineState {
    let engine = EngineState::default();
    engine.take_state(UpdateMessage::FullResponse(serde_json::from_value(state.clone()).unwrap()));
    engine
}

/// On or off, the variant's name and its payload.
fn their_answer(engine: &EngineState, feature: &str, context: &Value) -> Value {
    let context = serde_json::from_value(context.clone()).unwrap();
    let variant = engine.get_variant(feature, &context, &None);
    let payload = variant.payload.map(|payload| payload.value);
    json!([engine.is_enabled(feature, &context, &None), variant.enabled.then_some(variant.name), payload])
}

fn our_answer(features: &Features, feature: &str, context: &Value) -> Value {
    let context = Context::from_members(context.as_object().unwrap().clone());
    let outcome = features.evaluate(feature, &context, Moment::default());
    let variant = outcome.and_then(|outcome| outcome.variant);
    let payload = variant.and_then(|variant| variant.payload()).map(|payload| payload.value.clone());
    json!([outcome.is_some_and(|outcome| outcome.is_on()), variant.map(Variant::name), payload])
}

fn compiled(state: &Value) -> Features {
    Features::compile(&ClientFeatures::from_json(&state.to_string()).unwrap())
}

fn pick<T: Clone + std::fmt::Debug + 'static>(from: &'static [T]) -> impl Strategy<Value = T> + Clone {
    prop::sample::select(from)
}

const FIELDS: [&str; 9] =
    ["userId", "sessionId", "environment", "appName", "remoteAddress", "currentTime", "plan", "n", "version"];
const TEXTS: [&str; 16] = [
    "a",
    "b",
    "gold",
    "Gold",
    "go",
    "ld",
    "é",
    "É",
    "user-7",
    "10",
    "9.5",
    "1.2.3",
    "127.0.0.1",
    "a,b",
    "production",
    "7",
];
const NUMBERS: [&str; 8] = ["0", "7", "9.5", "10", "-3", "1e3", "+7", "10.0"];
const VERSIONS: [&str; 6] = ["1.2.3", "1.2.3-rc.1", "1.2.3-rc.10", "0.0.1", "2.0.0+b", "10.0.0"];
const DATES: [&str; 4] =
    ["2022-01-29T13:00:00Z", "2022-01-29T13:00:00.500Z", "2022-01-29T15:00:00+02:00", "1999-12-31T23:59:59Z"];
const PATTERNS: [&str; 7] = ["^go", "l?d$", "[0-9]+", "(?i)GOLD", "^[^@]+$", "", "\\bcat\\b"];
const RANGES: [&str; 7] =
    ["127.0.0.1", "10.0.0.0/8", "10.1.2.3/16", "2001:db8::/32", "127.invalid", "::1", "0.0.0.0/0"];

fn texts() -> impl Strategy<Value = Vec<&'static str>> + Clone {
    prop::collection::vec(pick(&TEXTS), 1..4)
}

fn constraint() -> impl Strategy<Value = Value> + Clone {
    let lists = (pick(&FIELDS), pick(&["IN", "NOT_IN"]), prop::collection::vec(pick(&TEXTS), 0..4))
        .prop_map(|(field, op, values)| json!({"contextName": field, "operator": op, "values": values}));
    let strings =
        (pick(&FIELDS), pick(&["STR_STARTS_WITH", "STR_ENDS_WITH", "STR_CONTAINS"]), texts(), any::<bool>()).prop_map(
            |(field, op, values, fold)| json!({"contextName": field, "operator": op, "values": values, "caseInsensitive": fold}),
        );
    let single = |operators: &'static [&'static str], values: &'static [&'static str]| {
        (pick(&FIELDS), pick(operators), pick(values), any::<bool>()).prop_map(
            |(field, op, value, fold)| json!({"contextName": field, "operator": op, "value": value, "caseInsensitive": fold}),
        )
    };
    let numbers = single(&["NUM_EQ", "NUM_GT", "NUM_GTE", "NUM_LT", "NUM_LTE"], &NUMBERS);
    let versions = single(&["SEMVER_EQ", "SEMVER_GT", "SEMVER_GTE", "SEMVER_LT", "SEMVER_LTE"], &VERSIONS);
    let dates = single(&["DATE_AFTER", "DATE_BEFORE"], &DATES);
    let patterns = single(&["REGEX"], &PATTERNS);
    let ranges = (pick(&FIELDS), prop::collection::vec(pick(&RANGES), 1..3))
        .prop_map(|(field, values)| json!({"contextName": field, "operator": "IN_CIDR", "values": values}));
    let any_of = prop_oneof![lists, strings, numbers, versions, dates, patterns, ranges];
    (any_of, any::<bool>()).prop_map(|(mut constraint, inverted)| {
        constraint["inverted"] = json!(inverted);
        constraint
    })
}

/// Drawn by fields that every generated context has, for chance is each side's own.
const STICKY: [&str; 4] = ["userId", "default", "plan", "sessionId"];

fn variants(overrides: bool) -> impl Strategy<Value = Value> + Clone {
    let one = (pick(&["x", "y", "z"]), pick(&[0, 1, 250, 500, 1000]), texts(), pick(&FIELDS), any::<bool>());
    let list = prop::collection::vec(one, 0..4);
    (list, pick(&STICKY)).prop_map(move |(list, sticky)| {
        let total: i32 = list.iter().map(|(_, weight, ..)| weight).sum();
        let variants = list.into_iter().enumerate().map(|(at, (name, weight, values, field, overridden))| {
            let weight = if total == 0 { 1 } else { weight };
            let mut variant = json!({"name": format!("{name}{at}"), "weight": weight,
                "payload": {"type": "string", "value": values[0]}});
            if overrides {
                variant["stickiness"] = json!(sticky);
                if overridden {
                    variant["overrides"] = json!([{"contextName": field, "values": values}]);
                }
            }
            variant
        });
        variants.collect()
    })
}

fn strategy() -> impl Strategy<Value = Value> + Clone {
    let percentage = pick(&["0", "1", "25", "50", "99", "100"]);
    let group = pick(&["g", "group:1", "f0"]);
    let flexible = (percentage.clone(), pick(&STICKY), group.clone()).prop_map(|(rollout, stickiness, group)| {
        json!({"name": "flexibleRollout", "parameters": {"rollout": rollout, "stickiness": stickiness, "groupId": group}})
    });
    let legacy = (pick(&["gradualRolloutUserId", "gradualRolloutSessionId"]), percentage, group).prop_map(
        |(name, percentage, group)| json!({"name": name, "parameters": {"percentage": percentage, "groupId": group}}),
    );
    let users = texts().prop_map(|ids| json!({"name": "userWithId", "parameters": {"userIds": ids.join(" , ")}}));
    let addresses = prop::collection::vec(pick(&RANGES), 1..3)
        .prop_map(|ips| json!({"name": "remoteAddress", "parameters": {"IPs": ips.join(",")}}));
    let plain = pick(&["default", "default", "somebodysOwn"]).prop_map(|name| json!({"name": name, "parameters": {}}));
    let any_of = prop_oneof![3 => flexible, 1 => legacy, 1 => users, 1 => addresses, 2 => plain];
    let segments = prop::collection::vec(1..3, 0..2);
    (any_of, prop::collection::vec(constraint(), 0..3), segments, variants(false)).prop_map(
        |(mut strategy, constraints, segments, variants)| {
            strategy["constraints"] = json!(constraints);
            strategy["segments"] = json!(segments);
            strategy["variants"] = variants;
            strategy
        },
    )
}

fn feature(name: &'static str) -> impl Strategy<Value = Value> + Clone {
    (prop::bool::weighted(0.9), prop::collection::vec(strategy(), 0..3), variants(true)).prop_map(
        move |(enabled, strategies, variants)| {
            json!({"name": name, "enabled": enabled, "strategies": strategies, "variants": variants})
        },
    )
}

fn state() -> impl Strategy<Value = Value> {
    let segments = prop::collection::vec(prop::collection::vec(constraint(), 0..2), 2);
    (feature("f0"), feature("f1"), any::<Option<bool>>(), segments).prop_map(|(parent, mut child, needs, segments)| {
        if let Some(enabled) = needs {
            child["dependencies"] = json!([{"feature": "f0", "enabled": enabled}]);
        }
        let segments: Vec<_> =
            (1..).zip(segments).map(|(id, constraints)| json!({"id": id, "constraints": constraints})).collect();
        json!({"version": 2, "features": [parent, child], "segments": segments})
    })
}

fn context() -> impl Strategy<Value = Value> {
    let value = || prop_oneof![3 => pick(&TEXTS), 1 => pick(&NUMBERS), 1 => pick(&VERSIONS)];
    let address = pick(&["127.0.0.1", "10.1.9.9", "2001:db8::7", "nowhere", "::1"]);
    let some = |strategy| prop::option::weighted(0.7, strategy);
    let id = || prop_oneof!["[a-z]{1,12}", "[0-9]{1,5}", pick(&TEXTS).prop_map(str::to_owned)];
    (id(), id(), pick(&DATES), some(address.boxed()), value(), some(value().boxed()), some(pick(&VERSIONS).boxed()))
        .prop_map(|(user, session, now, address, plan, n, version)| {
            let mut context = json!({"userId": user, "sessionId": session, "currentTime": now, "environment": "production",
                "properties": {"plan": plan}});
            if let Some(address) = address {
                context["remoteAddress"] = json!(address);
            }
            for (name, value) in [("n", n), ("version", version)] {
                if let Some(value) = value {
                    context["properties"][name] = json!(value);
                }
            }
            context
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_feature_comes_to_what_yggdrasil_says(state in state(), contexts in prop::collection::vec(context(), 8)) {
        let (ours, theirs) = (compiled(&state), theirs(&state));
        for context in &contexts {
            for feature in ["f0", "f1", "gone"] {
                prop_assert_eq!(
                    our_answer(&ours, feature, context), their_answer(&theirs, feature, context),
                    "{} for {} in {:#}", feature, context, state
                );
            }
        }
    }
}

/// A feature with one strategy, the context, our answer and theirs.
#[test]
fn these_are_the_differences() {
    let constrained = |constraint: Value| json!([{"name": "default", "constraints": [constraint]}]);
    let either = |strategy: Value| json!([strategy, {"name": "default"}]);
    let empty = json!({"contextName": "plan", "operator": "STR_CONTAINS", "values": [], "inverted": true});
    let unknown = json!({"contextName": "plan", "operator": "LATER", "value": "1"});
    let half = json!({"name": "flexibleRollout", "parameters": {"rollout": "1000", "groupId": "g"}});
    let ada = json!({"userId": "ada"});
    let session = json!({"userId": "", "sessionId": "s"});
    let table = [
        (either(json!({"name": "default", "constraints": [unknown]})), &ada, true, false),
        (either(json!({"name": "default", "segments": [404]})), &ada, true, false),
        (constrained(empty), &ada, true, false),
        (json!([half]), &ada, true, false),
        (constrained(json!({"contextName": "userId", "operator": "IN", "values": [""]})), &session, false, true),
    ];
    for (strategies, context, ours, theirs_say) in table {
        let state = json!({"version": 2, "features": [{"name": "f", "enabled": true, "strategies": strategies}]});
        assert_eq!(our_answer(&compiled(&state), "f", context)[0], ours, "ours: {strategies}");
        assert_eq!(their_answer(&theirs(&state), "f", context)[0], theirs_say, "theirs: {strategies}");
    }
}

#[test]
fn dependencies_differ_where_a_variant_is_asked_for() {
    let parent = |enabled: bool| json!({"name": "p", "enabled": enabled, "strategies": []});
    let child =
        |dependency: Value| json!({"name": "c", "enabled": true, "strategies": [], "dependencies": [dependency]});
    let with_variants = json!({"name": "p", "enabled": false, "strategies": [], "variants": [
        {"name": "x", "weight": 1000, "stickiness": "userId"}]});
    let needs_y = json!({"feature": "p", "enabled": false, "variants": ["y"]});
    let table = [
        (parent(true), child(json!({"feature": "p", "variants": ["x"]})), false, true),
        (with_variants, child(needs_y), true, false),
    ];
    for (parent, child, ours, theirs_say) in table {
        let state = json!({"version": 2, "features": [parent, child]});
        let context = json!({"userId": "ada"});
        assert_eq!(our_answer(&compiled(&state), "c", &context)[0], ours, "ours: {child}");
        assert_eq!(their_answer(&theirs(&state), "c", &context)[0], theirs_say, "theirs: {child}");
    }
}
