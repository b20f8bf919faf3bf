//! LaunchDarkly's flags for Unleash's SDKs, and Unleash's features for everybody else: the same answer on both sides.

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use evaluation::model::ClientSideAvailability;
use evaluation::unleash::model::{ClientFeatures, Feature};
use evaluation::unleash::{Context, Features, Moment, translate};
use evaluation::{FeatureData, NoBigSegments, Payload, Snapshot};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

fn flag(json: &Value) -> evaluation::model::FlagData {
    serde_json::from_value(json.clone()).unwrap()
}

fn translated(json: &Value) -> Result<Feature, String> {
    translate(&flag(json)).map_err(|inexact| inexact.to_string())
}

fn on(feature: Feature, context: &Context) -> bool {
    let name = feature.name.clone();
    let features = Features::compile(&ClientFeatures { features: vec![feature], ..ClientFeatures::default() });
    features.evaluate(&name, context, Moment::default()).unwrap().is_on()
}

fn pick<T: Clone + std::fmt::Debug + 'static>(from: &'static [T]) -> impl Strategy<Value = T> + Clone {
    prop::sample::select(from)
}

const KEYS: [&str; 4] = ["ada", "bob", "eve", "gold"];

fn clause() -> impl Strategy<Value = Value> + Clone {
    let values = || prop::collection::vec(pick(&KEYS), 1..3);
    let of_key = (values(), any::<bool>()).prop_map(|(values, negate)| {
        json!({"contextKind": "user", "attribute": "key", "op": "in", "values": values, "negate": negate})
    });
    let of_another = (pick(&["plan", "email", "name"]), pick(&["in", "startsWith", "endsWith", "contains"]), values())
        .prop_map(|(attribute, op, values)| {
            json!({"contextKind": "user", "attribute": attribute, "op": op, "values": values, "negate": false})
        });
    prop_oneof![of_key, of_another]
}

fn any_flag() -> impl Strategy<Value = Value> {
    let rule = (prop::collection::vec(clause(), 1..3), 0..2).prop_map(
        |(clauses, variation)| json!({"id": "r", "clauses": clauses, "variation": variation, "trackEvents": false}),
    );
    let ends = (prop::bool::weighted(0.9), 0..2, 0..2, any::<bool>());
    (ends, prop::collection::vec(rule, 0..4), prop::collection::vec(0_usize..2, 4)).prop_map(
        |((on, fallthrough, off, turned), rules, sides)| {
            let target = |variation: usize| {
                let named = KEYS.iter().zip(&sides).take(2).filter(|(_, side)| **side == variation);
                let values: Vec<_> = named.map(|(key, _)| key).collect();
                json!({"contextKind": "user", "values": values, "variation": variation})
            };
            json!({
                "key": "f", "version": 1, "on": on, "variations": [turned, !turned], "offVariation": off, "salt": "s",
                "fallthrough": {"variation": fallthrough}, "rules": rules, "targets": [target(0), target(1)],
            })
        },
    )
}

fn any_context() -> impl Strategy<Value = Context> {
    let some = || prop::option::of(pick(&["ada", "bob", "eve", "gold", "goldmine", "x"]));
    (some(), some(), some(), some(), some()).prop_map(|(user, session, plan, email, name)| {
        let mut context = Context::default();
        for (field, value) in
            [("userId", user), ("sessionId", session), ("plan", plan), ("email", email), ("name", name)]
        {
            context.set(field, value.map(str::to_owned));
        }
        context
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_translated_flag_is_on_for_exactly_whom_it_serves_true(
        json in any_flag(),
        contexts in prop::collection::vec(any_context(), 12),
    ) {
        if let Ok(feature) = translated(&json) {
            let snapshot = Snapshot::compile(&Payload { flags: vec![flag(&json)], ..Payload::default() });
            for context in contexts {
                let user = context.as_user(|| "stranger-7".to_owned());
                let served = snapshot.evaluate("f", &user, &NoBigSegments).value;
                prop_assert_eq!(
                    on(feature.clone(), &context), served == Some(&Value::Bool(true)),
                    "{:?} in {:#} as {:#?}", context, json, feature
                );
            }
        }
    }
}

#[test]
fn most_of_what_can_be_translated_is() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let exact = (0..1_000).filter(|_| translated(&any_flag().new_tree(&mut runner).unwrap().current()).is_ok()).count();
    assert!(exact > 600, "{exact} of 1000");
}

#[test]
fn what_cannot_be_translated_says_why() {
    let serving = |more: Value| {
        let mut flag = json!({"key": "f", "on": true, "variations": [true, false], "fallthrough": {"variation": 1}, "offVariation": 1});
        flag.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        flag
    };
    let clause = |more: Value| {
        let mut clause =
            json!({"contextKind": "user", "attribute": "plan", "op": "in", "values": ["gold"], "negate": false});
        clause.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        clause
    };
    let ruled = |clauses: Value| serving(json!({"rules": [{"clauses": clauses, "variation": 0}]}));
    let both = json!([clause(json!({})), clause(json!({"attribute": "email"}))]);
    let rollout =
        json!({"rollout": {"variations": [{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]}});
    let table = [
        (serving(json!({"variations": ["a", "b"]})), "it is not boolean"),
        (serving(json!({"on": false, "offVariation": null})), "it leaves the caller's default while it is off"),
        (serving(json!({"prerequisites": [{"key": "g", "variation": 0}]})), "it has prerequisites"),
        (serving(json!({"fallthrough": rollout})), "it has a percentage rollout"),
        (serving(json!({"fallthrough": {"variation": 7}})), "it serves something that there is not"),
        (ruled(json!([clause(json!({"contextKind": "device"}))])), "it asks about contexts of kind device"),
        (ruled(json!([clause(json!({"attribute": "/a/b"}))])), "it asks for the attribute /a/b"),
        (
            ruled(json!([clause(json!({"op": "lessThan", "values": [1]}))])),
            "Unleash has no operator that is exactly lessThan",
        ),
        (ruled(json!([clause(json!({"values": [1]}))])), "a value of a rule is no plain text"),
        (ruled(json!([clause(json!({"negate": true}))])), "it asks that an attribute is there and is not a value"),
        (
            serving(
                json!({"rules": [{"clauses": both, "variation": 1}, {"clauses": [clause(json!({}))], "variation": 0}]}),
            ),
            "a rule with several clauses serves false before",
        ),
    ];
    for (flag, why) in table {
        let said = translated(&flag).unwrap_err();
        assert!(said.starts_with(why), "{said}");
    }
}

fn feature_data(feature: Value) -> FeatureData {
    FeatureData {
        feature: serde_json::from_value(feature).unwrap(),
        version: 7,
        variations: [false, true],
        availability: ClientSideAvailability::default(),
        track_events: false,
    }
}

#[test]
fn a_feature_is_a_flag_with_two_values_for_every_other_family() {
    let staff = json!({"contextName": "email", "operator": "STR_ENDS_WITH", "values": ["@acme.com"]});
    let payload = Payload {
        features: vec![
            feature_data(json!({"name": "off", "enabled": false})),
            feature_data(json!({"name": "all", "enabled": true, "strategies": []})),
            feature_data(json!({"name": "staff", "enabled": true, "strategies": [
                {"name": "userWithId", "parameters": {"userIds": "bob"}}, {"name": "default", "constraints": [staff]}]})),
            feature_data(json!({"name": "child", "enabled": true, "dependencies": [{"feature": "off"}]})),
        ],
        ..Payload::default()
    };
    let snapshot = Snapshot::compile(&payload);
    let ada = common::context(&json!({"kind": "user", "key": "ada", "email": "ada@acme.com"}));
    let eve = common::context(&json!({"kind": "user", "key": "eve"}));
    let table = [
        ("off", &ada, json!([0, {"kind": "OFF"}])),
        ("all", &ada, json!([1, {"kind": "FALLTHROUGH"}])),
        ("staff", &ada, json!([1, {"kind": "RULE_MATCH", "ruleIndex": 1}])),
        ("staff", &eve, json!([0, {"kind": "FALLTHROUGH"}])),
        ("child", &ada, json!([0, {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "off"}])),
    ];
    for (name, context, expected) in table {
        assert_eq!(common::evaluate(&snapshot, name, context), expected, "{name}");
    }
    assert_eq!(snapshot.evaluate_all(&ada, &NoBigSegments).count(), 4);
    assert_eq!(serde_json::to_value(&payload).unwrap(), json!({"flags": {}, "segments": {}}));
}

#[test]
fn a_context_carries_the_moment_at_which_it_is_evaluated() {
    let after = json!({"contextName": "currentTime", "operator": "DATE_AFTER", "value": "2026-01-01T00:00:00Z"});
    let dated = json!({"name": "f", "enabled": true, "strategies": [{"name": "default", "constraints": [after]}]});
    let snapshot = Snapshot::compile(&Payload { features: vec![feature_data(dated)], ..Payload::default() });
    let ada = common::context(&json!({"kind": "user", "key": "ada"}));
    let value =
        |context: &evaluation::Context| snapshot.evaluate("f", context, &NoBigSegments).value == Some(&json!(true));
    assert!(!value(&ada));
    assert!(value(&ada.at(Moment { now_ms: Some(1_767_225_600_001), chance: 0 })));
}
