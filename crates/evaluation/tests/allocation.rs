//! Evaluation allocates nothing on the common paths.

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use common::{context, snapshot};
use evaluation::NoBigSegments;
use serde_json::{Map, json};

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
}

#[test]
fn nothing_is_allocated_on_the_common_paths() {
    let long: Vec<_> = (0..100).map(|i| format!("key-{i}")).collect();
    let rule = |op: &str, attribute: &str, value: serde_json::Value| {
        let clause = json!({"contextKind": "user", "attribute": attribute, "op": op, "values": [value, "never"]});
        json!({"on": true, "variations": [0, 1], "fallthrough": {"variation": 0}, "rules": [{"id": "r", "variation": 1,
            "clauses": [clause]}]})
    };
    let rollout = |members: serde_json::Value| {
        let mut rollout = json!({"contextKind": "user", "variations": [{"variation": 1, "weight": 100_000}]});
        rollout.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        json!({"on": true, "salt": "salty", "variations": [0, 1], "fallthrough": {"rollout": rollout}})
    };
    let flags = json!({
        "off": {"on": false, "variations": [0, 1], "offVariation": 1},
        "fixed": {"on": true, "variations": [0, 1], "fallthrough": {"variation": 1}},
        "target": {"on": true, "variations": [0, 1], "targets": [{"values": ["x", "ada"], "variation": 1}]},
        "long-target": {"on": true, "variations": [0, 1], "targets": [{"values": long, "variation": 0},
            {"values": ["ada"], "variation": 1}]},
        "org-target": {"on": true, "variations": [0, 1], "contextTargets": [{"contextKind": "org", "values": ["acme"],
            "variation": 1}]},
        "in": rule("in", "plan", json!("gold")), "in-array": rule("in", "tags", json!("b")), "kind": rule("in", "kind",
            json!("org")),
        "starts": rule("startsWith", "email", json!("ada@")), "ends": rule("endsWith", "email", json!(".org")),
        "contains": rule("contains", "email", json!("@math")), "less": rule("lessThan", "age", json!(40)),
        "version": rule("semVerGreaterThan", "version", json!("2.3")), "nested": rule("in", "/address/city",
            json!("London")),
        "after": rule("after", "since", json!("1970-01-01T00:00:00Z")), "before": rule("before", "seen",
            json!("2999-01-01T00:00:00Z")),
        "rollout": rollout(json!({})), "seed": rollout(json!({"seed": 61, "kind": "experiment"})),
        "by-text": rollout(json!({"bucketBy": "email"})), "by-number": rollout(json!({"bucketBy": "age"})),
        "segment": {"on": true, "variations": [0, 1], "rules": [{"variation": 1, "clauses": [{"op": "segmentMatch",
            "values": ["nested"]}]}]},
        "prerequisite": {"on": true, "variations": [0, 1], "fallthrough": {"variation": 1},
            "prerequisites": [{"key": "in", "variation": 1}, {"key": "rollout", "variation": 1}]},
    });
    let nested = json!({"rules": [{"clauses": [{"op": "segmentMatch", "values": ["leaf"]}], "weight": 100_000}]});
    let payload = json!({"flags": flags, "segments": {"leaf": {"included": ["ada"]}, "nested": nested}});
    let snapshot = snapshot(&payload);
    let context = context(&json!({
        "kind": "multi", "org": {"key": "acme"},
        "user": {"key": "ada", "plan": "gold", "tags": ["a", "b"], "email": "ada@math.org", "age": 36,
            "version": "2.10.0-rc.1",
            "address": {"city": "London"}, "since": "2017-12-06T07:00:00Z", "seen": 1_512_543_600_000_u64},
    }));
    let keys: Vec<String> = payload["flags"].as_object().map(Map::keys).unwrap().cloned().collect();
    for key in keys {
        let mut index = None;
        let count = allocations(|| index = snapshot.evaluate(&key, &context, &NoBigSegments).variation_index);
        assert_eq!((index, count), (Some(1), 0), "{key}");
    }
    let count = allocations(|| assert!(snapshot.evaluate("gone", &context, &NoBigSegments).value.is_none()));
    assert_eq!(count, 0);
}
