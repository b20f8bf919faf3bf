//! The steps that people are shown are those that evaluation takes.

#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod common;

use common::{context, snapshot};
use evaluation::{NoBigSegments, ReasonKind, Snapshot, Trace};
use proptest::prelude::*;
use serde_json::{Value, json};

fn trace<'s>(snapshot: &'s Snapshot, flag: &str, of: &Value) -> Trace<'s> {
    snapshot.trace(flag, &context(of), &NoBigSegments).unwrap()
}

fn clause(attribute: &str, op: &str, values: &Value) -> Value {
    json!({"attribute": attribute, "op": op, "values": values})
}

/// Two prerequisites, two lists of targets, two rules, and half and half.
fn payload() -> Value {
    let simple = |on: bool| json!({"on": on, "variations": [false, true], "fallthrough": {"variation": 1}});
    json!({"flags": {
        "base": simple(true), "off": simple(false),
        "f": {
            "on": true, "variations": ["a", "b"], "salt": "s", "offVariation": 0,
            "prerequisites": [{"key": "base", "variation": 1}],
            "targets": [{"values": ["tim"], "variation": 0}, {"values": ["tom"], "variation": 1}],
            "rules": [
                {"id": "1", "variation": 1, "clauses": [
                    clause("plan", "in", &json!(["gold"])), clause("age", "greaterThan", &json!([30]))]},
                {"id": "2", "variation": 0, "clauses": [clause("", "segmentMatch", &json!(["staff"]))]},
            ],
            "fallthrough": {"rollout": {"variations": [
                {"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]}},
        },
        "needs": {
            "on": true, "variations": ["a", "b"], "offVariation": 0, "fallthrough": {"variation": 1},
            "prerequisites": [
                {"key": "base", "variation": 1}, {"key": "off", "variation": 1}, {"key": "base", "variation": 0}],
            "rules": [{"id": "1", "variation": 1, "clauses": [clause("key", "in", &json!(["ada"]))]}],
        },
    }, "segments": {"staff": {"included": ["ann"]}}})
}

#[test]
fn each_step_says_what_it_saw_and_what_was_not_looked_at() {
    let snapshot = snapshot(&payload());
    let ada = trace(&snapshot, "f", &json!({"kind": "user", "key": "ada", "plan": "gold", "age": 20}));
    assert_eq!((ada.prerequisites[0].met, ada.prerequisites[0].served), (Some(true), Some(1)));
    assert_eq!(ada.targets, [Some(false), Some(false)]);
    let told = |rule: usize| {
        let rule = &ada.rules[rule];
        let clauses: Vec<_> = rule.clauses.iter().map(|clause| (clause.subject.clone(), clause.holds)).collect();
        (rule.matched, clauses)
    };
    assert_eq!(told(0), (Some(false), vec![(json!("gold"), Some(true)), (json!(20), Some(false))]));
    assert_eq!(told(1), (Some(false), vec![(Value::Null, Some(false))]));
    let rollout = ada.rollout.unwrap();
    assert_eq!((rollout.kind.as_str(), &rollout.hashed), ("user", &json!("ada")));
    let chosen = rollout.shares.iter().find(|share| share.chosen).unwrap();
    assert_eq!(chosen.variation, ada.evaluation.variation_index);

    let tim = trace(&snapshot, "f", &json!({"kind": "user", "key": "tim", "plan": "silver"}));
    assert_eq!(tim.targets, [Some(true), None]);
    assert_eq!((tim.rules[0].matched, &tim.rules[0].clauses[0].subject), (None, &json!("silver")));
    assert_eq!(tim.rollout, None);

    let first = trace(&snapshot, "f", &json!({"kind": "user", "key": "x", "plan": "silver", "age": 90}));
    assert_eq!(first.rules[0].clauses[1].holds, None, "the first did not hold");
    let ann = trace(&snapshot, "f", &json!({"kind": "user", "key": "ann"}));
    assert_eq!(ann.rules[1].matched, Some(true));
}

#[test]
fn what_comes_after_a_prerequisite_that_failed_is_not_looked_at() {
    let snapshot = snapshot(&payload());
    let ada = json!({"kind": "user", "key": "ada"});
    let needs = trace(&snapshot, "needs", &ada);
    assert_eq!(needs.prerequisites.iter().map(|one| one.met).collect::<Vec<_>>(), [Some(true), Some(false), None]);
    assert_eq!(needs.rules[0].matched, None);
    let off = trace(&snapshot, "off", &ada);
    assert_eq!((off.prerequisites.len(), off.evaluation.reason.kind), (0, ReasonKind::Off));
    assert!(snapshot.trace("no-such-flag", &context(&ada), &NoBigSegments).is_none());
}

#[test]
fn data_that_cannot_be_evaluated_ends_the_steps_without_an_answer() {
    let snapshot = snapshot(&json!({"flags": {
        "circle": {"on": true, "variations": [1], "fallthrough": {"variation": 0},
            "prerequisites": [{"key": "circle", "variation": 0}]},
        "broken": {"on": true, "variations": [1], "fallthrough": {"variation": 0}, "rules": [
            {"id": "1", "variation": 0, "clauses": [
                {"attribute": "//", "contextKind": "user", "op": "in", "values": [1]}]},
            {"id": "2", "variation": 0, "clauses": [clause("key", "in", &json!(["ada"]))]}]},
        "missing": {"on": true, "variations": [1], "offVariation": 0, "fallthrough": {"variation": 0},
            "prerequisites": [{"key": "nowhere", "variation": 0}]},
    }}));
    let ada = json!({"kind": "user", "key": "ada"});
    assert_eq!(trace(&snapshot, "circle", &ada).prerequisites[0].met, None);
    let broken = trace(&snapshot, "broken", &ada);
    assert_eq!((broken.rules[0].matched, broken.rules[1].matched), (None, None));
    assert_eq!(trace(&snapshot, "missing", &ada).prerequisites[0].met, Some(false));
}

proptest! {
    /// The first rule that is said to match is the one that evaluation names, and so with targets and shares.
    #[test]
    fn the_steps_lead_to_what_evaluation_says(key in "(ada|tim|tom|ann|[a-z]{3})", plan in "(gold|silver)", age in 0..60) {
        let snapshot = snapshot(&payload());
        let of = json!({"kind": "user", "key": key, "plan": plan, "age": age});
        let trace = trace(&snapshot, "f", &of);
        let evaluation = snapshot.evaluate("f", &context(&of), &NoBigSegments);
        prop_assert_eq!(trace.evaluation, evaluation);
        let rule = trace.rules.iter().position(|rule| rule.matched == Some(true));
        match evaluation.reason.kind {
            ReasonKind::TargetMatch => prop_assert!(trace.targets.contains(&Some(true)) && rule.is_none()),
            ReasonKind::RuleMatch { index, .. } => prop_assert_eq!(rule, Some(index as usize)),
            ReasonKind::Fallthrough { .. } => {
                prop_assert!(rule.is_none());
                let rollout = trace.rollout.unwrap();
                let chosen = rollout.shares.iter().find(|share| share.chosen).unwrap();
                prop_assert_eq!(chosen.variation, evaluation.variation_index);
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
