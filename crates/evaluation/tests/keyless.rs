//! Contexts that do not say their key: what does not depend on it is answered, what does is an error of its own.

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use common::{context, evaluate, snapshot};
use evaluation::{Context, InvalidContext};
use serde_json::{Value, json};

fn nobody(members: &Value) -> Context {
    Context::without_key(members.clone()).unwrap()
}

/// A flag that is on, of which only `members` matter, beside segments of each sort.
fn outcome(members: &Value, who: &Context) -> Value {
    let mut flag = json!({"on": true, "variations": ["a", "b"], "fallthrough": {"variation": 0}});
    flag.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let snapshot = snapshot(&json!({
        "flags": {
            "f": flag,
            "by-key": {"on": true, "variations": [true], "targets": [{"values": ["ada"], "variation": 0}], "fallthrough": {"variation": 0}},
        },
        "segments": {
            "empty": {"included": [], "excluded": []},
            "listed": {"included": ["ada"]},
            "big": {"unbounded": true, "generation": 1},
            "weighted": {"rules": [{"weight": 50_000, "clauses": []}]},
        },
    }));
    evaluate(&snapshot, "f", who)
}

fn served(variation: u32, members: &Value) -> bool {
    outcome(members, &nobody(&json!({"plan": "gold"})))[0] == json!(variation)
}

fn rule(clause: &Value) -> Value {
    json!({"rules": [{"id": "r", "variation": 1, "clauses": [clause]}]})
}

fn in_segment(segment: &str) -> Value {
    rule(&json!({"op": "segmentMatch", "attribute": "", "values": [segment]}))
}

#[test]
fn what_does_not_depend_on_the_key_is_answered() {
    let gold = rule(&json!({"attribute": "plan", "op": "in", "values": ["gold"]}));
    let mut before_the_rollout = gold.clone();
    before_the_rollout["fallthrough"] = json!({"rollout": {"variations": [{"variation": 0, "weight": 100_000}]}});
    let by_plan = json!({"rollout": {"bucketBy": "plan", "variations": [{"variation": 1, "weight": 100_000}]}});
    let devices = json!([{"contextKind": "device", "values": ["phone"], "variation": 1}]);
    for (variation, members) in [
        (0, json!({})),
        (1, gold),
        (1, before_the_rollout),
        (1, json!({"fallthrough": by_plan})),
        (0, json!({"targets": [{"values": [], "variation": 1}]})),
        (0, json!({"contextTargets": devices})),
        (0, in_segment("empty")),
        (1, json!({"on": false, "offVariation": 1, "targets": [{"values": ["ada"], "variation": 0}]})),
    ] {
        assert!(served(variation, &members), "{members}");
    }
}

#[test]
fn what_depends_on_the_key_is_an_error_of_its_own() {
    let unspecified = json!([null, {"kind": "ERROR", "errorKind": "USER_NOT_SPECIFIED"}]);
    let by_key = json!({"rollout": {"variations": [{"variation": 0, "weight": 100_000}]}});
    for members in [
        json!({"fallthrough": by_key}),
        json!({"targets": [{"values": ["ada"], "variation": 1}]}),
        rule(&json!({"attribute": "key", "op": "startsWith", "values": ["a"]})),
        rule(&json!({"contextKind": "user", "attribute": "/key", "op": "in", "values": ["a"], "negate": true})),
        in_segment("listed"),
        in_segment("big"),
        in_segment("weighted"),
        json!({"prerequisites": [{"key": "by-key", "variation": 0}]}),
    ] {
        assert_eq!(outcome(&members, &nobody(&json!({}))), unspecified, "{members}");
        assert_ne!(outcome(&members, &context(&json!({"kind": "user", "key": "bob"}))), unspecified, "{members}");
    }
}

#[test]
fn a_context_without_a_key_has_a_kind_and_attributes() {
    let device = nobody(&json!({"kind": "device", "key": "", "name": "Phone"}));
    assert_eq!(device.kinds().map(evaluation::Kind::as_str).collect::<Vec<_>>(), ["device"]);
    assert_eq!((device.key(&evaluation::Kind::new("device").unwrap()), &*device.canonical_key()), (None, "device:"));
    let by_name = snapshot(
        &json!({"flags": {"f": {"on": true, "variations": [0, 1], "fallthrough": {"variation": 0}, "rules": [
        {"variation": 1, "clauses": [{"contextKind": "device", "attribute": "name", "op": "in", "values": ["Phone"]}]}]}}}),
    );
    assert_eq!(evaluate(&by_name, "f", &device)[0], 1);
    for (members, error) in [
        (json!([]), InvalidContext::NotAnObject),
        (json!({"kind": "multi"}), InvalidContext::Kind),
        (json!({"kind": 7}), InvalidContext::Kind),
        (json!({"name": 7}), InvalidContext::AttributeType("name")),
    ] {
        assert_eq!(Context::without_key(members.clone()), Err(error), "{members}");
    }
}
