//! What the tests of this crate share: JSON in, JSON out.

#![allow(dead_code)] // each test uses its part

use evaluation::{BigSegments, Context, NoBigSegments, Payload, Snapshot};
use serde_json::{Value, json};

/// Compiles a payload given as JSON.
pub(crate) fn snapshot(payload: &Value) -> Snapshot {
    Snapshot::compile(&Payload::from_json(&payload.to_string()).unwrap())
}

/// Reads a context that is valid.
pub(crate) fn context(json: &Value) -> Context {
    Context::from_value(json.clone()).unwrap()
}

/// Evaluates a flag to `[variation index, reason]`.
pub(crate) fn evaluate(snapshot: &Snapshot, flag: &str, context: &Context) -> Value {
    evaluate_with(snapshot, flag, context, &NoBigSegments)
}

/// Evaluates a flag to `[variation index, reason]`, with big segments.
pub(crate) fn evaluate_with(
    snapshot: &Snapshot,
    flag: &str,
    context: &Context,
    big_segments: &impl BigSegments,
) -> Value {
    let evaluation = snapshot.evaluate(flag, context, big_segments);
    assert_eq!(evaluation.value.is_some(), evaluation.variation_index.is_some());
    json!([evaluation.variation_index, evaluation.reason])
}

/// Whether a flag with this one clause matches the context; panics if it is malformed.
pub(crate) fn matches(clause: &Value, user: &Value) -> bool {
    let flag = json!({
        "on": true, "variations": [false, true], "fallthrough": {"variation": 0},
        "rules": [{"id": "r", "variation": 1, "clauses": [clause]}],
    });
    let snapshot = snapshot(&json!({"flags": {"f": flag}}));
    let outcome = evaluate(&snapshot, "f", &context(user));
    match outcome[0].as_u64() {
        Some(0) => assert_eq!(outcome[1], json!({"kind": "FALLTHROUGH"})),
        Some(1) => assert_eq!(outcome[1], json!({"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "r"})),
        _ => panic!("{clause} for {user}: {outcome}"),
    }
    outcome[0] == 1
}

/// A reason that says the data is malformed, as `evaluate` gives it.
pub(crate) fn malformed() -> Value {
    json!([null, {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}])
}
