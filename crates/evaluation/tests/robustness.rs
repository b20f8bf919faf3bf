//! Evaluation never panics, whatever the JSON, and no depth or breadth of data exhausts stack or time.

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use common::{context, evaluate, malformed, snapshot};
use evaluation::{Context, NoBigSegments, Payload, Snapshot, answer_line, prerequisite_cycle, segment_cycle};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Member names of flags, segments and contexts, so that arbitrary JSON looks like them.
const NAMES: [&str; 41] = [
    "flags",
    "segments",
    "key",
    "version",
    "on",
    "prerequisites",
    "targets",
    "contextTargets",
    "rules",
    "fallthrough",
    "offVariation",
    "variations",
    "salt",
    "values",
    "variation",
    "contextKind",
    "clauses",
    "rollout",
    "weight",
    "kind",
    "seed",
    "bucketBy",
    "attribute",
    "op",
    "negate",
    "included",
    "excluded",
    "includedContexts",
    "excludedContexts",
    "unbounded",
    "generation",
    "deleted",
    "id",
    "untracked",
    "rolloutContextKind",
    "user",
    "custom",
    "anonymous",
    "_meta",
    "privateAttributes",
    "a",
];

const TEXTS: [&str; 29] = [
    "",
    "a",
    "b",
    "user",
    "org",
    "multi",
    "kind",
    "key",
    "/",
    "/a",
    "/a/b",
    "/a~1",
    "//",
    "~",
    "in",
    "matches",
    "segmentMatch",
    "before",
    "after",
    "semVerEqual",
    "semVerLessThan",
    "startsWith",
    "lessThan",
    "experiment",
    "rollout",
    "2.0.0-rc.1+b",
    "2017-12-06T07:00:00Z",
    "(a|",
    "\u{0}é😀",
];

fn arbitrary_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::from),
        3 => (-2_i64..4).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        6 => prop::sample::select(&TEXTS[..]).prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(&NAMES[..]), inner), 0..8).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

/// JSON with the outline of a flag, so that more of it is evaluated than read in vain.
fn flag_like() -> impl Strategy<Value = Value> {
    let list = || prop::collection::vec(arbitrary_json(), 0..4);
    let clause = (arbitrary_json(), prop::sample::select(&TEXTS[..]), prop::sample::select(&TEXTS[..]), list());
    let clause = clause.prop_map(|(kind, attribute, op, values)| {
        json!({"contextKind": kind.as_str(), "attribute": attribute, "op": op, "values": values})
    });
    let rule =
        (prop::collection::vec(clause, 0..3), -1_i64..4, arbitrary_json()).prop_map(|(clauses, variation, rollout)| {
            if rollout.is_object() {
                json!({"clauses": clauses, "rollout": rollout})
            } else {
                json!({"clauses": clauses, "variation": variation})
            }
        });
    let prerequisite = (prop::sample::select(vec!["a", "b", "c", "x"]), -1_i64..3);
    let prerequisite = prerequisite.prop_map(|(key, variation)| json!({"key": key, "variation": variation}));
    (any::<bool>(), prop::collection::vec(prerequisite, 0..3), prop::collection::vec(rule, 0..3), -1_i64..4, list())
        .prop_map(|(on, prerequisites, rules, variation, variations)| {
            json!({
                "on": on, "prerequisites": prerequisites, "rules": rules, "included": variations,
                    "fallthrough": {"variation": variation},
                "variations": variations, "offVariation": variation,
            })
        })
}

fn try_everything(payload: &Value, context: &Value) {
    let Ok(payload) = Payload::from_json(&payload.to_string()) else { return };
    let _ = prerequisite_cycle(&payload.flags);
    let _ = segment_cycle(&payload.segments);
    let snapshot = Snapshot::compile(&payload);
    let fallback = Context::from_json(r#"{"kind": "user", "key": "a", "a": {"b": [1, "2.0.0"]}}"#).unwrap();
    let given = Context::from_value(context.clone()).unwrap_or(fallback);
    let _ = given.canonical_key();
    for state in snapshot.evaluate_all(&given, &NoBigSegments) {
        let _ = (state.track_events(), serde_json::to_string(&state.evaluation.reason).unwrap());
        let line = json!({"flag": state.flag.key(), "context": context, "type": "int"}).to_string();
        answer_line(&snapshot, &line).unwrap();
    }
    serde_json::to_string(&payload).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_json_never_panics(flags in prop::collection::vec(arbitrary_json(), 0..4),
        context in arbitrary_json()) {
        let members: Map<_, _> = ["a", "b", "c"].iter().map(|key| (*key).to_owned()).zip(flags).collect();
        try_everything(&json!({"flags": members.clone(), "segments": members}), &context);
    }

    #[test]
    fn arbitrary_flags_never_panic(flags in prop::collection::vec(flag_like(), 3), context in arbitrary_json()) {
        let members: Map<_, _> = ["a", "b", "c"].iter().map(|key| (*key).to_owned()).zip(flags).collect();
        try_everything(&json!({"flags": members.clone(), "segments": members}), &context);
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let snapshot = snapshot(&json!({}));
        prop_assert!(Payload::from_json(&text).is_err() || serde_json::from_str::<Value>(&text).unwrap().is_object());
        let _ = Context::from_json(&text);
        let _ = answer_line(&snapshot, &text);
    }
}

const LONG: usize = 10_000;

/// `LONG` flags that each need the next; `last` says what the last needs.
fn chain(last: &Value) -> Value {
    let flags: Map<_, _> = (0..LONG)
        .map(|i| {
            let next = json!([{"key": format!("f{}", i + 1), "variation": 0}]);
            let needs = if i + 1 == LONG { last.clone() } else { next };
            let flag = json!({"on": true, "variations": [i], "fallthrough": {"variation": 0}, "prerequisites": needs});
            (format!("f{i}"), flag)
        })
        .collect();
    json!({"flags": flags})
}

#[test]
fn ten_thousand_prerequisites_in_a_row_are_evaluated() {
    let snapshot = snapshot(&chain(&json!([])));
    let user = context(&json!({"key": "u"}));
    assert_eq!(evaluate(&snapshot, "f0", &user), json!([0, {"kind": "FALLTHROUGH"}]));
}

#[test]
fn a_cycle_of_ten_thousand_prerequisites_is_found() {
    let payload = chain(&json!([{"key": "f0", "variation": 0}]));
    assert_eq!(evaluate(&snapshot(&payload), "f0", &context(&json!({"key": "u"}))), malformed());
    let payload = Payload::from_json(&payload.to_string()).unwrap();
    assert_eq!(prerequisite_cycle(&payload.flags).unwrap().len(), LONG + 1);
}

#[test]
fn ten_thousand_nested_segments_are_evaluated() {
    let segments: Map<_, _> = (0..LONG)
        .map(|i| {
            let clause = json!({"op": "segmentMatch", "values": [format!("s{}", i + 1)]});
            (format!("s{i}"), json!({"rules": [{"clauses": [clause]}]}))
        })
        .chain([(format!("s{LONG}"), json!({"included": ["u"]}))])
        .collect();
    let clause = json!({"op": "segmentMatch", "values": ["s0"]});
    let flag = json!({
        "on": true, "variations": [0, 1], "fallthrough": {"variation": 0}, "rules": [{"variation": 1,
            "clauses": [clause]}],
    });
    let snapshot = snapshot(&json!({"flags": {"f": flag}, "segments": segments}));
    assert_eq!(evaluate(&snapshot, "f", &context(&json!({"key": "u"})))[0], 1);
    assert_eq!(evaluate(&snapshot, "f", &context(&json!({"key": "v"})))[0], 0);
}

#[test]
fn a_ladder_of_prerequisites_or_segments_ends_in_bounded_time() {
    let twice = |i: usize| json!([format!("x{}", i + 1), format!("x{}", i + 1)]);
    let flag = |i: usize| {
        let needs: Vec<_> =
            twice(i).as_array().unwrap().iter().map(|key| json!({"key": key, "variation": 0})).collect();
        let needs = if i == 60 { vec![] } else { needs };
        json!({"on": true, "variations": [i], "fallthrough": {"variation": 0}, "prerequisites": needs})
    };
    let segment = |i: usize| json!({"rules": [{"clauses": [{"op": "segmentMatch", "values": twice(i)}]}]});
    let flags: Map<_, _> = (0..=60).map(|i| (format!("x{i}"), flag(i))).collect();
    let segments: Map<_, _> = (0..60).map(|i| (format!("x{i}"), segment(i))).collect();
    let mut payload = json!({"flags": flags, "segments": segments});
    payload["flags"]["s"] = json!({
        "on": true, "variations": [0], "rules": [{"variation": 0, "clauses": [{"op": "segmentMatch",
            "values": ["x0"]}]}],
    });
    let snapshot = snapshot(&payload);
    let user = context(&json!({"key": "u"}));
    assert_eq!(evaluate(&snapshot, "x0", &user), malformed(), "2^60 evaluations are refused");
    assert_eq!(evaluate(&snapshot, "x50", &user)[0], 0, "2^10 are not");
    assert_eq!(evaluate(&snapshot, "s", &user), malformed());
}

#[test]
fn json_nested_too_deep_for_the_parser_is_refused_item_by_item() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = format!(r#"{{"flags": {{"deep": {{"variations": [{deep}]}}, "good": {{"on": false}}}}}}"#);
    let payload = Payload::from_json(&text).unwrap();
    assert_eq!((payload.flags.len(), payload.unreadable.len()), (1, 1));
    assert!(Context::from_json(&format!(r#"{{"key": "u", "custom": {{"a": {deep}}}}}"#)).is_err());
}
