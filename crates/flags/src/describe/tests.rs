//! What people read.

use serde_json::{Value, json};

use super::*;

fn flag() -> Flag {
    Flag::boolean("Checkout, second version")
}

fn configuration() -> State {
    let mut configuration = Configuration::initial(&flag());
    configuration.rules = serde_json::from_value(json!([
        {"id": "r1", "description": "Staff", "clauses": [], "variation": 0},
        {"id": "r2", "clauses": [], "variation": 0},
    ]))
    .unwrap();
    State::Configuration(configuration)
}

fn said(instruction: Value) -> String {
    let instruction: Instruction = serde_json::from_value(instruction).unwrap();
    let flag = flag();
    describe(&[instruction], Some(&configuration()), Some(&flag)).remove(0)
}

#[test]
fn instructions_are_said_in_plain_words() {
    let clause = json!({"attribute": "email", "op": "endsWith", "values": ["@acme.com", "@acme.org"]});
    let many = json!({"attribute": "key", "op": "in", "values": [1, 2, 3, 4, 5, 6], "negate": true});
    let segment = json!({"op": "segmentMatch", "values": ["internal"], "contextKind": "device"});
    let table = [
        (json!({"kind": "turnFlagOn"}), "Turn the flag on"),
        (json!({"kind": "setOffVariation", "variation": 1}), "Serve “off” while the flag is off"),
        (json!({"kind": "setOffVariation", "variation": null}), "Leave SDKs their own default while the flag is off"),
        (json!({"kind": "setFallthrough", "variation": 0}), "Serve everyone else “on”"),
        (
            json!({"kind": "setFallthrough", "rollout": {"kind": "experiment", "variations": [
                {"variation": 0, "weight": 1_500}, {"variation": 1, "weight": 98_500}]}}),
            "Serve everyone else 1.5 % “on” and 98.5 % “off”, by user, compared with each other",
        ),
        (
            json!({"kind": "addRule", "before": "r1", "rule": {"clauses": [clause, segment], "variation": 0}}),
            "Add the rule before the rule “Staff”: if email ends with “@acme.com” or “@acme.org” and device is in the \
             segment “internal”, serve “on”",
        ),
        (
            json!({"kind": "replaceRule", "rule": {"id": "r2", "clauses": [many], "variation": 1}}),
            "Change rule 2 to: if key is not 1, 2, 3, 4 or 2 others, serve “off”",
        ),
        (json!({"kind": "removeRule", "ruleId": "r1"}), "Remove the rule “Staff”"),
        (json!({"kind": "moveRule", "ruleId": "r2", "before": "r1"}), "Try rule 2 before the rule “Staff”"),
        (json!({"kind": "addTargets", "variation": 0, "values": ["ada", "bob"]}), "Serve “on” to user “ada” and “bob”"),
        (
            json!({"kind": "removeTargets", "variation": 0, "values": ["a", "b", "c", "d"]}),
            "Stop serving “on” by name to 4 contexts of kind user",
        ),
        (
            json!({"kind": "addPrerequisite", "key": "base", "variation": 1}),
            "Require that flag base is on and serves variation 1",
        ),
        (
            json!({"kind": "updateMembers", "list": "included", "add": ["ada"], "remove": ["bob"]}),
            "Add user “ada” to the included; Remove user “bob” from the included",
        ),
        (
            json!({"kind": "updateDetails", "name": "New", "tags": ["a", "b"], "maintainerId": null}),
            "Set the name “New”, the tags a, b and no maintainer",
        ),
        (json!({"kind": "addKey", "keyKind": "sdk", "keyId": "key_1"}), "Add an SDK key"),
        (
            json!({"kind": "setTracking", "samplingRatio": 10, "excludeFromSummaries": true}),
            "Send one event in 10; Leave the flag out of summaries",
        ),
        (json!({"kind": "setTargetOrder", "order": []}), "Look at targets by kind and variation"),
    ];
    for (instruction, expected) in table {
        assert_eq!(said(instruction), expected);
    }
}

#[test]
fn percentages_have_the_digits_they_need() {
    let table = [(0, "0 %"), (1, "0.001 %"), (500, "0.5 %"), (1_000, "1 %"), (33_330, "33.33 %"), (100_000, "100 %")];
    for (weight, expected) in table {
        assert_eq!(percent(weight), expected);
    }
}
