//! Flags: off, prerequisites, targets, rules, fallthrough, rollouts and experiments (`launchdarkly.md` §2.5 and §2.7).

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use common::{context, evaluate, malformed, snapshot};
use evaluation::{Context, Kind, NoBigSegments, Snapshot};
use serde_json::{Value, json};

fn user(key: &str) -> Context {
    Context::new(Kind::User, key).unwrap()
}

/// Evaluates one flag, given without the members that do not matter, for user `u`.
fn outcome(flag: &Value) -> Value {
    evaluate(&snapshot(&json!({"flags": {"f": flag}})), "f", &user("u"))
}

#[test]
fn an_off_flag_serves_its_off_variation() {
    let off = |members: Value| {
        let mut flag = json!({"on": false, "variations": ["a", "b"], "fallthrough": {"variation": 0}});
        flag.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        outcome(&flag)
    };
    assert_eq!(off(json!({"offVariation": 1})), json!([1, {"kind": "OFF"}]));
    assert_eq!(off(json!({"offVariation": null})), json!([null, {"kind": "OFF"}]));
    assert_eq!(off(json!({})), json!([null, {"kind": "OFF"}]));
    assert_eq!(off(json!({"offVariation": 2})), malformed());
    assert_eq!(off(json!({"offVariation": -1})), malformed());
    assert_eq!(
        off(json!({"offVariation": 1, "targets": [{"values": ["u"], "variation": 0}]}))[1],
        json!({"kind": "OFF"})
    );
}

#[test]
fn an_unknown_flag_is_not_found() {
    let snapshot = snapshot(&json!({"flags": {"deleted": {"key": "deleted", "version": 3, "deleted": true}}}));
    let not_found = json!([null, {"kind": "ERROR", "errorKind": "FLAG_NOT_FOUND"}]);
    assert_eq!(evaluate(&snapshot, "f", &user("u")), not_found);
    assert_eq!(evaluate(&snapshot, "deleted", &user("u")), not_found);
}

#[test]
fn a_variation_that_does_not_exist_is_malformed() {
    let always = json!([{"attribute": "key", "op": "in", "values": [""], "negate": true}]);
    for index in [-1, 1, i64::MAX, i64::MIN] {
        for members in [
            json!({"fallthrough": {"variation": index}}),
            json!({"targets": [{"values": ["u"], "variation": index}]}),
            json!({"rules": [{"variation": index, "clauses": always}]}),
            json!({"fallthrough": {"rollout": {"variations": [{"variation": index, "weight": 100_000}]}}}),
        ] {
            let mut flag = json!({"on": true, "variations": ["a"]});
            flag.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            assert_eq!(outcome(&flag), malformed(), "{members}");
        }
    }
}

#[test]
fn nothing_to_serve_is_malformed() {
    for serve in [
        json!({}),
        json!(null),
        json!({"rollout": {}}),
        json!({"rollout": {"variations": []}}),
        json!({"rollout": null}),
    ] {
        assert_eq!(outcome(&json!({"on": true, "variations": ["a"], "fallthrough": serve})), malformed(), "{serve}");
    }
    assert_eq!(outcome(&json!({"on": true, "variations": ["a"], "rules": [{}]})), malformed());
}

#[test]
fn a_variation_wins_over_a_rollout() {
    let serve = json!({"variation": 1, "rollout": {"variations": [{"variation": 0, "weight": 100_000}]}});
    let flag = json!({"on": true, "variations": ["a", "b"], "fallthrough": serve});
    assert_eq!(outcome(&flag), json!([1, {"kind": "FALLTHROUGH"}]));
}

#[test]
fn targets_match_keys_in_order() {
    let flag = json!({
        "on": true, "variations": ["a", "b", "c"], "fallthrough": {"variation": 0},
        "targets": [{"values": ["u", "v"], "variation": 1}, {"values": ["u", "w"], "variation": 2}],
    });
    let snapshot = snapshot(&json!({"flags": {"f": flag}}));
    for (key, expected) in [("u", 1), ("v", 1), ("w", 2)] {
        assert_eq!(evaluate(&snapshot, "f", &user(key)), json!([expected, {"kind": "TARGET_MATCH"}]), "{key}");
    }
    assert_eq!(evaluate(&snapshot, "f", &user("x")), json!([0, {"kind": "FALLTHROUGH"}]));
    assert_eq!(evaluate(&snapshot, "f", &Context::new(Kind::new("org").unwrap(), "u").unwrap())[0], 0);
}

#[test]
fn context_targets_decide_the_order_and_defer_to_targets_for_users() {
    let flag = json!({
        "on": true, "variations": [0, 1, 2, 3], "fallthrough": {"variation": 0},
        "targets": [
            {"values": ["u"], "variation": 1}, {"values": ["u", "v"], "variation": 2}, {"values": ["w"],
                "variation": 3},
            {"values": ["x"], "variation": 1},
        ],
        "contextTargets": [
            {"contextKind": "org", "values": ["o"], "variation": 3},
            {"contextKind": "user", "values": [], "variation": 2},
            {"values": [], "variation": 1},
            {"contextKind": "user", "values": ["y"], "variation": 1},
        ],
    });
    let snapshot = snapshot(&json!({"flags": {"f": flag}}));
    let with_org = context(&json!({"kind": "multi", "user": {"key": "u"}, "org": {"key": "o"}}));
    assert_eq!(evaluate(&snapshot, "f", &with_org), json!([3, {"kind": "TARGET_MATCH"}]), "listed first");
    assert_eq!(evaluate(&snapshot, "f", &user("u")), json!([2, {"kind": "TARGET_MATCH"}]), "placeholder listed second");
    assert_eq!(evaluate(&snapshot, "f", &user("y")), json!([1, {"kind": "TARGET_MATCH"}]), "keys of its own");
    assert_eq!(evaluate(&snapshot, "f", &user("w")), json!([0, {"kind": "FALLTHROUGH"}]), "no placeholder for it");
    assert_eq!(evaluate(&snapshot, "f", &user("x"))[0], 0, "only the first entry with the variation counts");
}

#[test]
fn the_first_rule_that_matches_serves() {
    let rule = |key: &str, variation: u32| {
        json!({"id": key, "variation": variation, "clauses": [{"attribute": "key",
        "op": "in", "values": [key]}]})
    };
    let both = json!([
        {"attribute": "key", "op": "startsWith", "values": ["u"]}, {"attribute": "key", "op": "endsWith",
            "values": ["z"]},
    ]);
    let flag = json!({
        "on": true, "variations": [0, 1, 2], "fallthrough": {"variation": 0},
        "rules": [rule("x", 1), {"variation": 2, "clauses": both}, rule("u", 1), {"id": "", "variation": 2,
            "clauses": []}],
    });
    let snapshot = snapshot(&json!({"flags": {"f": flag}}));
    for (key, expected) in [
        ("x", json!([1, {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "x"}])),
        ("uz", json!([2, {"kind": "RULE_MATCH", "ruleIndex": 1}])),
        ("u", json!([1, {"kind": "RULE_MATCH", "ruleIndex": 2, "ruleId": "u"}])),
        ("other", json!([2, {"kind": "RULE_MATCH", "ruleIndex": 3}])),
    ] {
        assert_eq!(evaluate(&snapshot, "f", &user(key)), expected, "{key}");
    }
}

/// Serves variation 1 to those whose attribute `pass` is the flag's key, otherwise 0.
fn needs(prerequisites: &[&str]) -> Value {
    let prerequisites: Vec<_> = prerequisites.iter().map(|key| json!({"key": key, "variation": 1})).collect();
    json!({
        "on": true, "variations": ["off", "on"], "offVariation": 0, "fallthrough": {"variation": 1},
        "prerequisites": prerequisites,
    })
}

#[test]
fn prerequisites_must_be_on_and_serve_the_variation() {
    let off = json!({"on": false, "variations": ["off", "on"], "offVariation": 1});
    let other = json!({"on": true, "variations": ["off", "on"], "fallthrough": {"variation": 0}});
    let no_value = json!({"on": false, "variations": ["off", "on"]});
    let no_index = json!({"on": true, "variations": ["off", "on"], "fallthrough": {"variation": 7}});
    let bad_rollout = json!({"on": true, "variations": ["off", "on"], "fallthrough": {"rollout": {
        "contextKind": "user", "bucketBy": "///", "variations": [{"variation": 1, "weight": 100_000}]}}});
    let bad_clause = json!({"on": true, "variations": ["off", "on"], "fallthrough": {"variation": 1},
        "rules": [{"variation": 1, "clauses": [{"attribute": "", "op": "in"}]}]});
    let snapshot = snapshot(&json!({"flags": {
        "good": needs(&[]), "off": off, "other": other, "no-value": no_value, "no-index": no_index,
            "bad-rollout": bad_rollout,
        "bad-clause": bad_clause, "unreadable": {"on": "yes"},
        "needs-good": needs(&["good"]), "needs-off": needs(&["good", "off"]), "needs-other": needs(&["other", "gone"]),
        "needs-gone": needs(&["good", "gone"]), "needs-no-value": needs(&["no-value"]),
            "needs-no-index": needs(&["no-index"]),
        "needs-bad-rollout": needs(&["bad-rollout"]), "needs-bad-clause": needs(&["bad-clause"]),
        "needs-unreadable": needs(&["unreadable"]), "nested": needs(&["needs-good"]),
            "nested-failing": needs(&["needs-off"]),
        "diamond": needs(&["good", "needs-good", "needs-good", "nested"]),
    }}));
    let failed = |key: &str| json!([0, {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": key}]);
    let fallthrough = json!([1, {"kind": "FALLTHROUGH"}]);
    for (key, expected) in [
        ("needs-good", fallthrough.clone()),
        ("nested", fallthrough.clone()),
        ("diamond", fallthrough),
        ("needs-off", failed("off")),
        ("needs-other", failed("other")),
        ("needs-gone", failed("gone")),
        ("needs-no-value", failed("no-value")),
        ("nested-failing", failed("needs-off")),
        // An error in what a prerequisite serves fails it; an error in its clauses ends the evaluation.
        ("needs-no-index", failed("no-index")),
        ("needs-bad-rollout", failed("bad-rollout")),
        ("needs-unreadable", failed("unreadable")),
        ("needs-bad-clause", malformed()),
        ("unreadable", malformed()),
    ] {
        assert_eq!(evaluate(&snapshot, key, &user("u")), expected, "{key}");
    }
}

#[test]
fn prerequisites_of_an_off_flag_are_not_evaluated() {
    let mut flag = needs(&["f"]);
    flag["on"] = json!(false);
    assert_eq!(outcome(&flag), json!([0, {"kind": "OFF"}]));
}

#[test]
fn a_cycle_of_prerequisites_is_malformed_once_it_closes() {
    let mut sleeping = needs(&["sleeper"]);
    sleeping["on"] = json!(false);
    let snapshot = snapshot(&json!({"flags": {
        "self": needs(&["self"]), "a": needs(&["b"]), "b": needs(&["c"]), "c": needs(&["a"]), "outside": needs(&["a"]),
        "sleeper": needs(&["sleeping"]), "sleeping": sleeping, "fails-first": needs(&["gone", "fails-first"]),
    }}));
    for key in ["self", "a", "b", "c", "outside"] {
        assert_eq!(evaluate(&snapshot, key, &user("u")), malformed(), "{key}");
    }
    assert_eq!(evaluate(&snapshot, "sleeper", &user("u"))[1]["kind"], "PREREQUISITE_FAILED");
    assert_eq!(evaluate(&snapshot, "fails-first", &user("u"))[1]["kind"], "PREREQUISITE_FAILED");
}

#[test]
fn each_evaluated_prerequisite_is_told_innermost_first() {
    let mut off = needs(&["good"]);
    off["on"] = json!(false);
    let snapshot = snapshot(&json!({"flags": {
        "good": needs(&[]), "middle": needs(&["good"]), "off": off, "top": needs(&["good", "middle", "off", "good"]),
    }}));
    let mut told = Vec::new();
    let evaluation = snapshot.evaluate_recording("top", &user("u"), &NoBigSegments, |event| {
        told.push(format!(
            "{} for {}: {:?}",
            event.flag.key(),
            event.dependant.key(),
            event.evaluation.variation_index
        ));
    });
    assert_eq!(evaluation.variation_index, Some(0));
    let expected =
        ["good for top: Some(1)", "good for middle: Some(1)", "middle for top: Some(1)", "off for top: Some(0)"];
    assert_eq!(told, expected);

    let listed: Vec<_> =
        snapshot.evaluate_all(&user("u"), &NoBigSegments).map(|state| state.prerequisites.join(",")).collect();
    assert_eq!(listed, ["", "good", "", "good,middle,off"], "good, middle, off, top");
}

fn split(kind: &str, shares: &[(u32, u32)]) -> Value {
    let shares: Vec<_> =
        shares.iter().map(|(variation, weight)| json!({"variation": variation, "weight": weight})).collect();
    json!({"kind": kind, "variations": shares})
}

fn serves(rollout: &Value, context: &Context) -> Value {
    let flag = json!({
        "key": "hashKey", "salt": "saltyA", "on": true, "variations": ["a", "b", "c"],
            "fallthrough": {"rollout": rollout},
    });
    evaluate(&snapshot(&json!({"flags": {"hashKey": flag}})), "hashKey", context)
}

#[test]
fn a_rollout_serves_by_the_bucket_of_the_key() {
    // userKeyA falls to 0.42157587 (`launchdarkly.md` §2.7).
    let a = user("userKeyA");
    for (shares, expected) in [
        (vec![(0, 42_157), (1, 57_843)], 1),
        (vec![(0, 42_158), (1, 57_842)], 0),
        (vec![(0, 10_000), (1, 32_158), (2, 57_842)], 1),
        (vec![(0, 1), (1, 1)], 1),
        (vec![(0, 0), (2, 0), (1, 0)], 1),
        (vec![(2, 100_000)], 2),
    ] {
        assert_eq!(serves(&split("rollout", &shares), &a), json!([expected, {"kind": "FALLTHROUGH"}]), "{shares:?}");
        let in_experiment = json!([expected, {"kind": "FALLTHROUGH", "inExperiment": true}]);
        assert_eq!(serves(&split("experiment", &shares), &a), in_experiment, "{shares:?}");
    }
}

#[test]
fn a_seed_takes_the_place_of_key_and_salt_zero_included() {
    // userKeyA falls to 0.09801207 with seed 61.
    let mut rollout = split("rollout", &[(0, 9_801), (1, 90_199)]);
    rollout["seed"] = json!(61);
    assert_eq!(serves(&rollout, &user("userKeyA"))[0], 1);
    rollout["variations"][0]["weight"] = json!(9_802);
    assert_eq!(serves(&rollout, &user("userKeyA"))[0], 0);

    // Without a seed user 0 to 9 fall elsewhere than with seed 0.
    let plain = split("rollout", &[(0, 50_000), (1, 50_000)]);
    let mut zero = plain.clone();
    zero["seed"] = json!(0);
    let picks =
        |rollout: &Value| (0..10).map(|i| serves(rollout, &user(&i.to_string()))[0].clone()).collect::<Vec<_>>();
    assert_ne!(picks(&plain), picks(&zero));
}

#[test]
fn bucket_by_takes_text_and_whole_numbers() {
    // 33333 falls to 0.54771423.
    let mut rollout = split("rollout", &[(0, 54_771), (1, 45_229)]);
    rollout["bucketBy"] = json!("a");
    let by = |value: Value| context(&json!({"kind": "user", "key": "userKeyA", "a": value}));
    for (value, expected) in [
        (json!(33_333), 1),
        (json!(33_333.0), 1),
        (json!("33333"), 1),
        (json!(33_333.5), 0),
        (json!(true), 0),
        (json!([33_333]), 0),
        (json!({}), 0),
        (json!(null), 0),
    ] {
        assert_eq!(serves(&rollout, &by(value.clone()))[0], expected, "{value}");
    }
    rollout["variations"][0]["weight"] = json!(54_772);
    assert_eq!(serves(&rollout, &by(json!(33_333)))[0], 0);
    // An experiment buckets by key whatever stands there, even what is no reference.
    let mut experiment = split("experiment", &[(0, 42_157), (1, 57_843)]);
    experiment["bucketBy"] = json!("///");
    experiment["contextKind"] = json!("user");
    assert_eq!(serves(&experiment, &by(json!("x")))[0], 1);
    experiment["kind"] = json!("rollout");
    assert_eq!(serves(&experiment, &by(json!("x"))), malformed());
    experiment["bucketBy"] = json!("");
    assert_eq!(serves(&experiment, &by(json!("x")))[0], 1, "empty is the key");
}

#[test]
fn without_a_context_of_the_kind_the_first_share_serves_outside_the_experiment() {
    let mut experiment = split("experiment", &[(1, 1), (0, 99_999)]);
    experiment["contextKind"] = json!("org");
    assert_eq!(serves(&experiment, &user("userKeyA")), json!([1, {"kind": "FALLTHROUGH"}]));
    let both = context(&json!({"kind": "multi", "user": {"key": "x"}, "org": {"key": "userKeyA"}}));
    assert_eq!(serves(&experiment, &both), json!([0, {"kind": "FALLTHROUGH", "inExperiment": true}]));
}

#[test]
fn an_untracked_share_is_outside_the_experiment() {
    let mut experiment = split("experiment", &[(0, 100_000)]);
    experiment["variations"][0]["untracked"] = json!(true);
    assert_eq!(serves(&experiment, &user("userKeyA")), json!([0, {"kind": "FALLTHROUGH"}]));
}

#[test]
fn raising_the_weight_of_the_first_share_only_adds_to_it() {
    let exposed = |weight: u32| -> Vec<bool> {
        let mut rollout = split("experiment", &[(1, weight), (0, 100_000 - weight)]);
        rollout["seed"] = json!(7);
        let flag = json!({"on": true, "variations": [0, 1], "fallthrough": {"rollout": rollout}});
        let snapshot = snapshot(&json!({"flags": {"f": flag}}));
        (0..1_000).map(|i| evaluate(&snapshot, "f", &user(&format!("user-{i}")))[0] == 1).collect()
    };
    let steps = [0, 1_000, 10_000, 50_000, 100_000].map(exposed);
    for pair in steps.windows(2) {
        assert!(pair[0].iter().zip(&pair[1]).all(|(before, after)| !before || *after), "nobody drops out");
    }
    let counts = steps.map(|step| step.iter().filter(|exposed| **exposed).count());
    assert_eq!(counts[0], 0);
    assert!(
        (5..=20).contains(&counts[1]) && (70..=130).contains(&counts[2]) && (450..=550).contains(&counts[3]),
        "{counts:?}"
    );
    assert_eq!(counts[4], 1_000);
}

#[test]
fn tells_what_is_an_experiment() {
    let rule = |key: &str, tracked: bool| {
        json!({"variation": 0, "trackEvents": tracked,
        "clauses": [{"attribute": "key", "op": "in", "values": [key]}]})
    };
    let flag = |members: Value| {
        let mut flag = json!({
            "on": true, "variations": [0], "fallthrough": {"variation": 0}, "rules": [rule("tracked", true),
                rule("plain", false)],
        });
        flag.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        flag
    };
    let tracks = |snapshot: &Snapshot, key: &str| {
        let context = user(key);
        let state = snapshot.evaluate_all(&context, &NoBigSegments).next().unwrap();
        (state.track_events(), state.track_reason())
    };
    let plain = snapshot(&json!({"flags": {"f": flag(json!({}))}}));
    assert_eq!(tracks(&plain, "tracked"), (true, true));
    assert_eq!(tracks(&plain, "plain"), (false, false));
    assert_eq!(tracks(&plain, "other"), (false, false));
    let fallthrough = snapshot(&json!({"flags": {"f": flag(json!({"trackEventsFallthrough": true}))}}));
    assert_eq!(tracks(&fallthrough, "other"), (true, true));
    assert_eq!(tracks(&fallthrough, "plain"), (false, false));
    let always = snapshot(&json!({"flags": {"f": flag(json!({"trackEvents": true}))}}));
    assert_eq!(tracks(&always, "plain"), (true, false));
    let experiment = json!({"fallthrough": {"rollout": split("experiment", &[(0, 100_000)])}});
    let experiment = snapshot(&json!({"flags": {"f": flag(experiment)}}));
    assert_eq!(tracks(&experiment, "other"), (true, true));
}
