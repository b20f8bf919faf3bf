//! Each instruction once, and the law of the inverse for random ones.

#![allow(clippy::needless_pass_by_value)] // json!(…) reads best in its place

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{Configuration, Flag, Segment};

fn parse(instructions: Value) -> Vec<Instruction> {
    serde_json::from_value(instructions).unwrap()
}

fn configuration() -> State {
    let body = json!({
        "on": false,
        "prerequisites": [{"key": "p", "variation": 0}, {"key": "q", "variation": 1}],
        "targets": [{"variation": 0, "values": ["ada", "bob"]}, {"variation": 1, "values": ["eve"]}],
        "rules": [rule("r1"), rule("r2"), rule("r3")],
        "fallthrough": {"variation": 0}, "offVariation": 1, "salt": "s",
    });
    State::Configuration(serde_json::from_value(body).unwrap())
}

fn rule(id: &str) -> Value {
    json!({"id": id, "description": "", "clauses": [], "variation": 0, "trackEvents": false})
}

fn flag() -> State {
    State::Flag(Flag { maintainer_id: None, ..Flag::boolean("A") })
}

fn segment() -> State {
    State::Segment(Segment { name: "S".to_owned(), salt: "s".to_owned(), ..Segment::default() })
}

/// Applies one instruction, checks that its inverse gives the state back, and tells what became of `pointer`.
fn changed(before: &State, instruction: Value, pointer: &str) -> Value {
    let instructions = parse(json!([instruction]));
    let applied = apply(before.noun(), Some(before), &instructions).unwrap();
    if applied.inverse.is_empty() {
        assert_eq!(applied.after, *before, "{instructions:?} changes something and has no inverse");
    } else {
        let back = apply(before.noun(), Some(&applied.after), &applied.inverse).unwrap();
        assert_eq!(back.after, *before, "{instructions:?}");
    }
    serde_json::to_value(&applied.after).unwrap().pointer(pointer).cloned().unwrap_or_default()
}

fn ids(rules: &Value) -> Vec<&str> {
    rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect()
}

#[test]
fn each_instruction_about_a_configuration_does_what_it_says() {
    let c = &configuration();
    assert_eq!(changed(c, json!({"kind": "turnFlagOn"}), "/on"), true);
    assert_eq!(changed(c, json!({"kind": "turnFlagOff"}), "/on"), false);
    assert_eq!(changed(c, json!({"kind": "setOffVariation", "variation": null}), "/offVariation"), Value::Null);
    assert_eq!(changed(c, json!({"kind": "setFallthrough", "variation": 1}), "/fallthrough/variation"), 1);
    assert_eq!(changed(c, json!({"kind": "setTracking", "trackEvents": true}), "/trackEvents"), true);
    let tracking = json!({"kind": "setTracking", "debugEventsUntil": "2026-11-23T02:00:00Z", "samplingRatio": 0,
        "excludeFromSummaries": true});
    let reported = changed(c, tracking, "");
    assert_eq!((&reported["samplingRatio"], &reported["excludeFromSummaries"]), (&json!(0), &json!(true)));
    assert_eq!(reported["debugEventsUntil"], "2026-11-23T02:00:00Z");
    let migration = json!({"kind": "setMigration", "migration": {"checkRatio": 3}});
    assert_eq!(changed(c, migration, "/migration/checkRatio"), 3);
    let replacement = json!({"on": true, "fallthrough": {"variation": 1}, "offVariation": 0});
    let replaced = changed(c, json!({"kind": "replaceConfiguration", "configuration": replacement}), "");
    assert_eq!((&replaced["on"], &replaced["salt"]), (&json!(true), &json!("s")), "the salt is kept");
}

#[test]
fn rules_are_added_replaced_moved_and_removed_in_their_place() {
    let c = &configuration();
    let order = |instruction: Value| {
        let rules = changed(c, instruction, "/rules");
        ids(&rules).join(" ")
    };
    assert_eq!(order(json!({"kind": "addRule", "rule": rule("n")})), "r1 r2 r3 n");
    assert_eq!(order(json!({"kind": "addRule", "rule": rule("n"), "before": "r1"})), "n r1 r2 r3");
    assert_eq!(order(json!({"kind": "removeRule", "ruleId": "r2"})), "r1 r3");
    assert_eq!(order(json!({"kind": "moveRule", "ruleId": "r3", "before": "r1"})), "r3 r1 r2");
    assert_eq!(order(json!({"kind": "moveRule", "ruleId": "r1", "before": "r3"})), "r2 r1 r3");
    assert_eq!(order(json!({"kind": "moveRule", "ruleId": "r1"})), "r2 r3 r1");
    assert_eq!(order(json!({"kind": "moveRule", "ruleId": "r3"})), "r1 r2 r3");
    assert_eq!(order(json!({"kind": "moveRule", "ruleId": "r2", "before": "r2"})), "r1 r2 r3");
    let mut other = rule("r2");
    other["description"] = json!("Staff");
    assert_eq!(changed(c, json!({"kind": "replaceRule", "rule": other}), "/rules/1/description"), "Staff");
}

#[test]
fn a_context_that_is_targeted_anew_leaves_its_old_variation() {
    let c = &configuration();
    let moved = changed(c, json!({"kind": "addTargets", "variation": 1, "values": ["ada", "new"]}), "/targets");
    let expected = json!([
        {"contextKind": "user", "variation": 0, "values": ["bob"]},
        {"contextKind": "user", "variation": 1, "values": ["ada", "eve", "new"]},
    ]);
    assert_eq!(moved, expected);
    let device = json!({"kind": "addTargets", "contextKind": "device", "variation": 1, "values": ["ada"]});
    assert_eq!(changed(c, device, "/targets").as_array().unwrap().len(), 3, "another kind is another context");
    assert_eq!(changed(c, json!({"kind": "clearTargets", "variation": 0}), "/targets/0/variation"), 1);
    let order = json!({"kind": "setTargetOrder", "order": [{"variation": 1}]});
    assert_eq!(changed(c, order, "/targetOrder"), json!([{"contextKind": "user", "variation": 1}]));
    let removed = changed(c, json!({"kind": "removeTargets", "variation": 0, "values": ["ada", "no"]}), "/targets");
    assert_eq!(removed[0]["values"], json!(["bob"]));
}

#[test]
fn prerequisites_keep_their_order() {
    let c = &configuration();
    let added =
        changed(c, json!({"kind": "addPrerequisite", "key": "n", "variation": 0, "before": "q"}), "/prerequisites");
    assert_eq!(added[1]["key"], "n");
    assert_eq!(changed(c, json!({"kind": "removePrerequisite", "key": "p"}), "/prerequisites/0/key"), "q");
}

#[test]
fn each_instruction_about_a_flag_or_a_segment_does_what_it_says() {
    let f = &flag();
    let variation = json!({"id": "v", "name": "v", "value": 1});
    assert_eq!(changed(f, json!({"kind": "addVariation", "variation": variation}), "/variations/2/id"), "v");
    assert_eq!(changed(f, json!({"kind": "removeVariation", "variation": 1}), "/variations/1"), Value::Null);
    assert_eq!(changed(f, json!({"kind": "updateVariation", "variation": 0, "value": 5}), "/variations/0/value"), 5);
    let defaults = json!({"kind": "setDefaults", "onVariation": 1, "offVariation": 1});
    assert_eq!(changed(f, defaults, "/defaults/onVariation"), 1);
    let details = json!({"kind": "updateDetails", "name": "B", "temporary": false, "maintainerId": "per_1"});
    let detailed = changed(f, details, "");
    assert_eq!((&detailed["name"], &detailed["maintainerId"]), (&json!("B"), &json!("per_1")));
    assert_eq!(changed(f, json!({"kind": "deleteFlag"}), "/deleted"), true);

    let s = &segment();
    let members = json!({"kind": "updateMembers", "list": "included", "add": ["a", "b"], "remove": ["b"]});
    assert_eq!(changed(s, members, "/included"), json!({"user": ["a"]}));
    let rules = json!([{"id": "r", "clauses": []}]);
    assert_eq!(changed(s, json!({"kind": "replaceRules", "rules": rules}), "/rules/0/id"), "r");
    let whole = json!({"name": "T", "included": {"user": ["ada"]}, "salt": "pepper", "deleted": true});
    let replaced = changed(s, json!({"kind": "replaceSegment", "segment": whole}), "");
    assert_eq!((&replaced["salt"], replaced.get("deleted")), (&json!("pepper"), None), "it is no way to delete");
    assert_eq!(changed(s, json!({"kind": "deleteSegment"}), "/deleted"), true);
}

#[test]
fn what_is_not_there_can_only_be_created_and_what_is_deleted_only_restored() {
    let create = parse(json!([{"kind": "createFlag", "flag": flag()}]));
    let created = apply(Noun::Flag, None, &create).unwrap();
    assert_eq!(created.inverse, parse(json!([{"kind": "deleteFlag"}])));
    let deleted = apply(Noun::Flag, Some(&created.after), &created.inverse).unwrap();
    assert!(deleted.after.is_deleted());
    assert_eq!(apply(Noun::Flag, Some(&deleted.after), &deleted.inverse).unwrap().after, created.after);

    let refused =
        |noun, before: Option<&State>, instructions| apply(noun, before, instructions).unwrap_err().reason.code();
    assert_eq!(refused(Noun::Flag, Some(&created.after), &create), "already-exists");
    assert_eq!(refused(Noun::Segment, None, &create), "instruction-not-applicable");
    let rename = parse(json!([{"kind": "updateDetails", "name": "B"}]));
    assert_eq!(refused(Noun::Flag, None, &rename), "not-found");
    assert_eq!(refused(Noun::Flag, Some(&deleted.after), &rename), "not-found");
    assert!(apply(Noun::Flag, Some(&deleted.after), &create).is_ok(), "a deleted key may be used again");
}

#[test]
fn an_instruction_that_does_not_fit_says_which_and_where() {
    let table = [
        (configuration(), json!({"kind": "removeRule", "ruleId": "no"}), "ruleId", "rule-unknown"),
        (configuration(), json!({"kind": "addRule", "rule": rule("r1")}), "rule", "rule-exists"),
        (configuration(), json!({"kind": "addRule", "rule": rule("n"), "before": "no"}), "before", "rule-unknown"),
        (configuration(), json!({"kind": "moveRule", "ruleId": "r1", "before": "no"}), "before", "rule-unknown"),
        (configuration(), json!({"kind": "addPrerequisite", "key": "p", "variation": 0}), "key", "prerequisite-exists"),
        (configuration(), json!({"kind": "removePrerequisite", "key": "no"}), "key", "prerequisite-unknown"),
        (configuration(), json!({"kind": "updateDetails", "name": "x"}), "", "instruction-not-applicable"),
        (flag(), json!({"kind": "turnFlagOn"}), "", "instruction-not-applicable"),
        (flag(), json!({"kind": "removeVariation", "variation": 0}), "variation", "variation-not-last"),
        (flag(), json!({"kind": "removeVariation", "variation": 2}), "variation", "variation-unknown"),
        (flag(), json!({"kind": "updateVariation", "variation": 9}), "variation", "variation-unknown"),
        (flag(), json!({"kind": "updateDetails", "production": true}), "production", "detail-not-applicable"),
        (segment(), json!({"kind": "updateDetails", "temporary": true}), "temporary", "detail-not-applicable"),
    ];
    for (before, instruction, field, code) in table {
        let harmless = json!({"kind": "updateDetails"});
        let (instructions, index) = match before {
            State::Configuration(_) => (json!([{"kind": "turnFlagOff"}, instruction]), 1),
            _ => (json!([harmless, instruction]), 1),
        };
        let error = apply(before.noun(), Some(&before), &parse(instructions)).unwrap_err();
        assert_eq!((error.index, error.field, error.reason.code()), (index, field, code), "{instruction}");
        assert!(!error.reason.hint().is_empty());
    }
}

#[test]
fn no_instructions_and_too_many_are_refused() {
    let none = apply(Noun::Configuration, Some(&configuration()), &[]).unwrap_err();
    assert_eq!(none.reason.code(), "instruction-count");
    let many = vec![Instruction::ON; MOST_INSTRUCTIONS + 1];
    assert_eq!(
        apply(Noun::Configuration, Some(&configuration()), &many).unwrap_err().reason.code(),
        "instruction-count"
    );
}

fn random_instruction() -> impl Strategy<Value = Value> {
    let id = prop::sample::select(vec!["r1", "r2", "r3", "n1", "n2"]);
    let other_id = prop::option::of(prop::sample::select(vec!["r1", "r2", "r3", "n1"]));
    let kind = prop::sample::select(vec!["user", "device"]);
    let keys = prop::collection::btree_set(prop::sample::select(vec!["ada", "bob", "eve", "joe", "sue"]), 0..4);
    let flag = prop::sample::select(vec!["p", "q", "s"]);
    let other_flag = prop::option::of(prop::sample::select(vec!["p", "q"]));
    (0..16_u8, id, other_id, kind, keys, (flag, other_flag, 0..3_usize, any::<bool>())).prop_map(
        |(which, id, other, context_kind, values, (flag, other_flag, variation, yes))| match which {
            0 => json!({"kind": "turnFlagOn"}),
            1 => json!({"kind": "turnFlagOff"}),
            2 => json!({"kind": "setOffVariation", "variation": yes.then_some(variation)}),
            3 => json!({"kind": "setFallthrough", "variation": variation}),
            4 => json!({"kind": "addRule", "rule": rule(id), "before": other}),
            5 => json!({"kind": "replaceRule", "rule": {"id": id, "clauses": [], "variation": variation}}),
            6 => json!({"kind": "removeRule", "ruleId": id}),
            7 => json!({"kind": "moveRule", "ruleId": id, "before": other}),
            8 => json!({"kind": "addTargets", "contextKind": context_kind, "variation": variation, "values": values}),
            9 => {
                json!({"kind": "removeTargets", "contextKind": context_kind, "variation": variation, "values": values})
            }
            10 => json!({"kind": "clearTargets", "contextKind": context_kind, "variation": variation}),
            11 => json!({"kind": "addPrerequisite", "key": flag, "variation": variation, "before": other_flag}),
            12 => json!({"kind": "removePrerequisite", "key": flag}),
            14 => {
                json!({"kind": "setTracking", "samplingRatio": yes.then_some(variation), "excludeFromSummaries": yes})
            }
            15 => json!({"kind": "setTargetOrder", "order": [{"contextKind": context_kind, "variation": variation}]}),
            _ => json!({"kind": "setTracking", "trackEvents": yes, "trackEventsFallthrough": !yes}),
        },
    )
}

/// Those of `instructions` that fit, one after the other: what a careful author would have sent.
fn that_fit(before: &State, instructions: Vec<Value>) -> Vec<Instruction> {
    let mut state = before.clone();
    let mut fit = Vec::new();
    for instruction in instructions {
        let instruction: Instruction = serde_json::from_value(instruction).unwrap();
        if let Ok(applied) = apply(before.noun(), Some(&state), std::slice::from_ref(&instruction)) {
            state = applied.after;
            fit.push(instruction);
        }
    }
    fit
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_inverse_gives_the_configuration_back(wanted in prop::collection::vec(random_instruction(), 1..12)) {
        let before = configuration();
        let instructions = that_fit(&before, wanted);
        prop_assume!(!instructions.is_empty());
        let applied = apply(Noun::Configuration, Some(&before), &instructions).unwrap();
        let restored = if applied.inverse.is_empty() {
            applied.after
        } else {
            apply(Noun::Configuration, Some(&applied.after), &applied.inverse).unwrap().after
        };
        prop_assert_eq!(restored, before);
    }

    #[test]
    fn the_inverse_gives_the_segment_back(
        updates in prop::collection::vec((any::<bool>(), any::<bool>(), "[a-d]{0,3}", "[a-d]{0,3}"), 1..8)
    ) {
        let before = segment();
        let letters = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let instructions: Vec<Value> = updates.iter().map(|(included, user, add, remove)| json!({
            "kind": "updateMembers", "list": if *included { "included" } else { "excluded" },
            "contextKind": if *user { "user" } else { "device" }, "add": letters(add), "remove": letters(remove),
        })).collect();
        let applied = apply(Noun::Segment, Some(&before), &parse(Value::from(instructions))).unwrap();
        let restored = if applied.inverse.is_empty() {
            applied.after
        } else {
            apply(Noun::Segment, Some(&applied.after), &applied.inverse).unwrap().after
        };
        prop_assert_eq!(restored, before);
    }

    #[test]
    fn the_log_reads_back_what_was_written(wanted in prop::collection::vec(random_instruction(), 1..12)) {
        let before = configuration();
        let instructions = that_fit(&before, wanted);
        prop_assume!(!instructions.is_empty());
        let applied = apply(Noun::Configuration, Some(&before), &instructions).unwrap();
        let json = serde_json::to_string(&applied.after).unwrap();
        prop_assert_eq!(&State::parse(Noun::Configuration, &json).unwrap(), &applied.after);
        let inverse = serde_json::to_string(&applied.inverse).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<Instruction>>(&inverse).unwrap(), applied.inverse);
        let State::Configuration(configuration) = applied.after else { unreachable!() };
        let _: &Configuration = &configuration;
    }
}
