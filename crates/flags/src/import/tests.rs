//! Payloads and what comes of importing them: alike for every context, or refused with a sentence.

#![allow(clippy::needless_pass_by_value)] // json!(…) reads best in its place

pub(crate) mod imported;
pub(crate) mod random;

use delivery::Place;
use evaluation::Payload;
use kernel::{EnvironmentKey, ProjectKey};
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::SeededRng;

use self::imported::{alike, emitted, kept};
use super::*;

fn place() -> Place {
    Place { project: ProjectKey::new("shop").unwrap(), environment: EnvironmentKey::new("production").unwrap() }
}

fn payload(json: &Value) -> Payload {
    Payload::from_json(&json.to_string()).unwrap()
}

fn planned(payload: &Payload, existing: &Existing, replace: bool) -> Plan {
    plan(&place(), Wish { payload, details: &Details::default(), replace }, existing)
}

/// A boolean flag that is on, with some members of its own.
fn flag(more: Value) -> Value {
    let mut flag = json!({
        "version": 7, "on": true, "variations": [true, false], "fallthrough": {"variation": 0}, "offVariation": 1,
        "salt": "pepper", "clientSideAvailability": {"usingMobileKey": false, "usingEnvironmentId": true},
    });
    flag.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    flag
}

fn rule(clause: Value) -> Value {
    flag(json!({"rules": [{"id": "r", "clauses": [clause], "variation": 1}]}))
}

/// What the report says about the one flag of a payload.
fn told(flag: Value) -> String {
    let payload = payload(&json!({"flags": {"f": flag}}));
    let plan = planned(&payload, &Existing::default(), false);
    let item = &plan.report.flags[0];
    if item.outcome == Outcome::Created {
        alike(&payload, &emitted(&kept(Existing::default(), plan.changes)), 500);
        item.notes.join("; ")
    } else {
        assert!(plan.changes.is_empty());
        item.why.clone().unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_is_imported_evaluates_as_it_did(seed in any::<u64>()) {
        let payload = payload(&random::payload(&SeededRng::new(seed), 12));
        let plan = planned(&payload, &Existing::default(), false);
        let refused = plan.report.flags.iter().chain(&plan.report.segments).find(|item| item.outcome == Outcome::Refused);
        prop_assert_eq!(refused, None);
        let here = kept(Existing::default(), plan.changes);
        alike(&payload, &emitted(&here), 50);

        let again = planned(&payload, &here, false);
        prop_assert_eq!(again.report.counts.unchanged, payload.flags.len() + payload.segments.len());
        prop_assert_eq!(again.changes.len(), 0);
        let own = planned(&emitted(&here), &here, false);
        prop_assert_eq!(own.changes.len(), 0, "what SDKs receive here is what is here");
    }

    #[test]
    fn what_differs_is_replaced_if_that_is_wished_for(first in any::<u64>(), second in any::<u64>()) {
        let (before, after) = (random::payload(&SeededRng::new(first), 8), random::payload(&SeededRng::new(second), 8));
        let here = kept(Existing::default(), planned(&payload(&before), &Existing::default(), false).changes);
        let after = payload(&after);
        let plan = planned(&after, &here, true);
        prop_assert_eq!(plan.report.counts.refused, 0);
        alike(&after, &emitted(&kept(here, plan.changes)), 50);
    }
}

#[test]
fn what_only_older_data_says_is_taken_as_it_was_meant() {
    let table = [
        (rule(json!({"attribute": "/odd~name", "op": "in", "values": ["x"]})), ""),
        (rule(json!({"attribute": "a/b", "op": "in", "values": ["x"]})), ""),
        (rule(json!({"contextKind": "user", "attribute": "/address/city", "op": "in", "values": ["x"]})), ""),
        (
            flag(
                json!({"fallthrough": {"rollout": {"bucketBy": "/odd~name", "variations": [{"variation": 0, "weight": 30_000},
                {"variation": 1, "weight": 50_000}]}}}),
            ),
            "everyone else: the weights sum up to 80000; the rest belongs to the last share, as SDKs have it",
        ),
        (
            flag(json!({"fallthrough": {"rollout": {"kind": "experiment", "bucketBy": "email", "seed": 5,
                "variations": [{"variation": 0, "weight": 100_000, "untracked": true}, {"variation": 1, "weight": 0}]}}})),
            "",
        ),
        (
            flag(json!({"targets": [{"values": ["a", "b"], "variation": 1}, {"values": ["b", "c"], "variation": 0}]})),
            "targets: 1 keys are named twice; the first place counts, as in SDKs",
        ),
        (flag(json!({"offVariation": null, "on": false})), ""),
        (
            flag(json!({"rules": [{"clauses": [{"attribute": "name", "op": "in", "values": ["x"]}], "variation": 1}]})),
            "rule 1 has no id and is called 'rule-1'",
        ),
        (
            flag(json!({"variations": [1, "two"]})),
            "its values are not of one type, so it is a JSON flag here; SDKs get the same values",
        ),
        (flag(json!({"clientSideAvailability": null, "clientSide": true, "salt": ""})), ""),
        (
            flag(
                json!({"debugEventsUntilDate": 1_795_399_200_000_u64, "samplingRatio": 0, "excludeFromSummaries": true,
            "migration": {"checkRatio": 4}, "trackEvents": true, "trackEventsFallthrough": true}),
            ),
            "",
        ),
    ];
    for (flag, expected) in table {
        assert_eq!(told(flag.clone()), expected, "{flag}");
    }
}

#[test]
fn what_cannot_be_said_here_is_refused_with_a_sentence() {
    let rollout = |rollout: Value| flag(json!({"fallthrough": {"rollout": rollout}}));
    let weights =
        |a: i64, b: i64| json!({"variations": [{"variation": 0, "weight": a}, {"variation": 1, "weight": b}]});
    let table = [
        (json!("text"), "it cannot be read"),
        (flag(json!({"variations": []})), "/variations: it must not be empty"),
        (flag(json!({"version": 1_u64 << 60})), "its version 1152921504606846976 is too large"),
        (flag(json!({"fallthrough": {}})), "everyone else: it serves nothing"),
        (flag(json!({"fallthrough": {"variation": 2}})), "/fallthrough/variation: variation 2 is not one of the 2"),
        (flag(json!({"offVariation": -1})), "off variation: -1 is out of range"),
        (
            rule(json!({"attribute": "x", "op": "resembles", "values": ["y"]})),
            "rule 1, clause 1: the operator 'resembles'",
        ),
        (rule(json!({"contextKind": "multi", "attribute": "x", "op": "in", "values": ["y"]})), "'multi' is not a kind"),
        (rule(json!({"attribute": "x", "op": "matches", "values": ["(?=look)"]})), "the pattern does not work"),
        (rule(json!({"attribute": "x", "op": "before", "values": ["tomorrow"]})), "'before' compares with instants"),
        (rule(json!({"attribute": "x", "op": "in", "values": []})), "/rules/0/clauses/0/values: it must not be empty"),
        (
            rule(json!({"op": "segmentMatch", "values": ["gone"]})),
            "it needs the segment 'gone', which is not in the payload",
        ),
        (flag(json!({"prerequisites": [{"key": "gone", "variation": 0}]})), "it needs the flag 'gone'"),
        (flag(json!({"prerequisites": [{"key": "f", "variation": 0}]})), "what it needs leads in a circle"),
        (rollout(weights(60_000, 60_000)), "everyone else: the weights sum up to 120000"),
        (rollout(weights(-1, 1)), "everyone else: -1 is out of range"),
        (rollout(json!({"variations": []})), "everyone else: it serves nothing"),
        (flag(json!({"salt": "", "fallthrough": {"rollout": weights(50_000, 50_000)}})), "hash with an empty salt"),
        (
            flag(json!({"contextTargets": [
                {"contextKind": "org", "values": ["a"], "variation": 0}, {"contextKind": "device", "values": ["b"], "variation": 1},
                {"contextKind": "org", "values": ["c"], "variation": 0}]})),
            "targets: those of kind org for variation 0 stand at two places of the order",
        ),
    ];
    for (flag, expected) in table {
        let told = told(flag.clone());
        assert!(told.contains(expected), "{told} for {flag}");
    }
}

#[test]
fn the_order_of_targets_decides_for_a_context_of_several_kinds() {
    let users = json!({"contextKind": "user", "values": [], "variation": 1});
    let devices = json!({"contextKind": "device", "values": ["device-1"], "variation": 0});
    for context_targets in [json!([users, devices]), json!([devices, users])] {
        let targets = json!([{"values": ["user-1"], "variation": 1}]);
        assert_eq!(told(flag(json!({"targets": targets, "contextTargets": context_targets}))), "");
    }
}

#[test]
fn what_is_refused_takes_what_needs_it_along() {
    let needs = |key: &str| flag(json!({"prerequisites": [{"key": key, "variation": 0}]}));
    let payload = payload(&json!({
        "flags": {"a": needs("b"), "b": needs("c"), "c": flag(json!({"variations": []})), "d": flag(json!({})),
            "in-segment": rule(json!({"op": "segmentMatch", "values": ["big"]})), "bad key": flag(json!({}))},
        "segments": {"big": {"unbounded": true, "generation": 1},
            "outer": {"rules": [{"clauses": [{"op": "segmentMatch", "values": ["big"]}]}]}},
    }));
    let plan = planned(&payload, &Existing::default(), false);
    let whys = |items: &[Item]| -> Vec<String> {
        items.iter().map(|item| format!("{}: {}", item.key, item.why.as_deref().unwrap_or("taken"))).collect()
    };
    let flags = whys(&plan.report.flags);
    assert_eq!(flags[0], "a: it needs the flag 'b', which is refused");
    assert_eq!(flags[1], "b: it needs the flag 'c', which is refused");
    assert!(flags[2].starts_with("bad key: its key cannot be one here"), "{}", flags[2]);
    assert_eq!(flags[4], "d: taken");
    assert_eq!(flags[5], "in-segment: it needs the segment 'big', which is refused");
    let segments = whys(&plan.report.segments);
    assert_eq!(segments[0], "big: it is a big segment, whose members are not in the payload");
    assert_eq!(segments[1], "outer: it needs the segment 'big', which is refused");
    assert_eq!(plan.report.sentence, "1 created, 0 changed, 0 unchanged, 7 refused");
}

#[test]
fn a_flag_that_is_here_and_differs_is_refused_unless_it_may_be_replaced() {
    let with = |flag: Value| payload(&json!({"flags": {"f": flag}}));
    let here = kept(Existing::default(), planned(&with(flag(json!({}))), &Existing::default(), false).changes);
    let other = with(flag(json!({"on": false, "variations": [true, false], "trackEvents": true})));
    let refused = planned(&other, &here, false);
    assert_eq!(
        refused.report.flags[0].why.as_deref().unwrap(),
        "there is already one of this key, and it differs in whether it is on and what SDKs report; only a replacing import changes it"
    );
    let replaced = planned(&other, &here, true);
    assert_eq!(replaced.report.flags[0].notes, ["changes whether it is on and what SDKs report"]);
    alike(&other, &emitted(&kept(here.clone(), replaced.changes)), 50);

    let texts = with(flag(json!({"variations": ["a", "b"]})));
    let why = planned(&texts, &here, true).report.flags[0].why.clone().unwrap();
    assert_eq!(why, "there is already one of this key for boolean values: delete it first");
}

#[test]
fn what_people_wrote_comes_beside_the_payload() {
    let payload = payload(&json!({
        "flags": {"f": rule(json!({"attribute": "x", "op": "in", "values": [1]}))}, "segments": {"s": {"salt": "s"}},
    }));
    let details: Details = serde_json::from_value(json!({
        "flags": {"f": {"name": "Checkout", "description": "The new one", "tags": ["a", "a", " "], "temporary": true,
            "maintainer": "Ada (ada@example.com)", "variations": [{"name": "on"}, {"name": "on", "description": "no"}],
            "defaults": {"onVariation": 1, "offVariation": 0}, "rules": {"r": "Staff"}}},
        "segments": {"s": {"name": "Staff"}},
    }))
    .unwrap();
    let plan = plan(&place(), Wish { payload: &payload, details: &details, replace: false }, &Existing::default());
    assert_eq!(plan.report.flags[0].notes, ["variation 1 is called 'on' like another, so it goes by its value"]);
    let here = kept(Existing::default(), plan.changes);
    let flag = &here.flags.values().next().unwrap().body;
    assert_eq!((&*flag.name, &*flag.description), ("Checkout", "The new one\n\nMaintained by Ada (ada@example.com)."));
    assert_eq!((&flag.tags, flag.temporary, flag.defaults.on_variation), (&vec!["a".to_owned()], true, 1));
    assert_eq!((&*flag.variations[0].name, &*flag.variations[1].description), ("on", "no"));
    assert_eq!(here.configurations.values().next().unwrap()[0].body.rules[0].description, "Staff");
    assert_eq!(here.segments.values().next().unwrap().body.name, "Staff");

    let wordless = planned(&payload, &here, false);
    assert_eq!(wordless.report.counts.unchanged, 2, "what is not said keeps its words");
}
