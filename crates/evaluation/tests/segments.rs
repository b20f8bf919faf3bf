//! Segments: lists, rules, weights, nesting, and big ones (`launchdarkly.md` §2.8).

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use std::cell::RefCell;

use common::{context, evaluate, evaluate_with, malformed, snapshot};
use evaluation::{BigSegments, BigSegmentsStatus, Context, Kind, Membership, Snapshot};
use serde_json::{Value, json};

/// A flag that serves 1 to the members of any of these segments, else 0.
fn flag(segments: &[&str], negate: bool) -> Value {
    let clause = json!({"op": "segmentMatch", "values": segments, "negate": negate});
    json!({"on": true, "variations": [0, 1], "fallthrough": {"variation": 0}, "rules": [{"variation": 1,
        "clauses": [clause]}]})
}

fn with(segments: &Value) -> Snapshot {
    let keys: Vec<_> = segments.as_object().unwrap().keys().cloned().collect();
    let flags: serde_json::Map<_, _> = keys.iter().map(|key| (key.clone(), flag(&[key], false))).collect();
    snapshot(&json!({"flags": flags, "segments": segments}))
}

fn user(key: &str) -> Context {
    Context::new(Kind::User, key).unwrap()
}

fn nested(segment: &str) -> Value {
    json!({"rules": [{"clauses": [{"op": "segmentMatch", "values": [segment]}]}]})
}

fn contains(snapshot: &Snapshot, segment: &str, context: &Context) -> bool {
    let outcome = evaluate(snapshot, segment, context);
    assert_ne!(outcome[0], Value::Null, "{segment}: {outcome}");
    outcome[0] == 1
}

#[test]
fn included_beats_excluded_beats_rules() {
    let everyone = json!([{"clauses": []}]);
    let snapshot = with(&json!({
        "empty": {},
        "included": {"included": ["u", "v"]},
        "both": {"included": ["u"], "excluded": ["u"]},
        "rules": {"rules": everyone},
        "excluded": {"excluded": ["u"], "rules": everyone},
        "org": {"includedContexts": [{"contextKind": "org", "values": ["o"]}]},
        "not-org": {"excludedContexts": [{"contextKind": "org", "values": ["o"]}], "rules": everyone},
        "user-by-kind": {"includedContexts": [{"contextKind": "user", "values": ["u"]}]},
        "org-wins": {"includedContexts": [{"contextKind": "org", "values": ["o"]}], "excluded": ["u"]},
    }));
    let u = user("u");
    let u_of_o = context(&json!({"kind": "multi", "user": {"key": "u"}, "org": {"key": "o"}}));
    let o = context(&json!({"kind": "org", "key": "o"}));
    for (segment, in_u, in_u_of_o, in_o) in [
        ("empty", false, false, false),
        ("included", true, true, false),
        ("both", true, true, false),
        ("rules", true, true, true),
        ("excluded", false, false, true),
        ("org", false, true, true),
        ("not-org", true, false, false),
        ("user-by-kind", true, true, false),
        ("org-wins", false, true, true),
    ] {
        assert_eq!(contains(&snapshot, segment, &u), in_u, "u in {segment}");
        assert_eq!(contains(&snapshot, segment, &u_of_o), in_u_of_o, "u of o in {segment}");
        assert_eq!(contains(&snapshot, segment, &o), in_o, "o in {segment}");
    }
}

#[test]
fn a_clause_matches_any_of_its_segments_and_unknown_ones_match_nothing() {
    let mut flags = json!({});
    let table = [
        (vec!["yes"], true),
        (vec!["no", "gone", "yes"], true),
        (vec!["no"], false),
        (vec!["gone"], false),
        (vec!["tombstone"], false),
        (vec![], false),
    ];
    for (i, (segments, _)) in table.iter().enumerate() {
        flags[format!("plain-{i}")] = flag(segments, false);
        flags[format!("negated-{i}")] = flag(segments, true);
    }
    let tombstone = json!({"key": "tombstone", "version": 2, "deleted": true, "included": ["u"]});
    let segments = json!({"yes": {"included": ["u"]}, "no": {}, "tombstone": tombstone});
    let snapshot = snapshot(&json!({"flags": flags, "segments": segments}));
    for (i, (segments, expected)) in table.iter().enumerate() {
        assert_eq!(contains(&snapshot, &format!("plain-{i}"), &user("u")), *expected, "{segments:?}");
        assert_eq!(contains(&snapshot, &format!("negated-{i}"), &user("u")), !expected, "not {segments:?}");
    }
}

#[test]
fn a_rule_needs_all_its_clauses_and_then_its_weight() {
    let starts = |text: &str| json!({"attribute": "key", "op": "startsWith", "values": [text]});
    let weighted = |weight: u32| json!({"salt": "salty", "rules": [{"clauses": [], "weight": weight}]});
    // user-key falls to 0.1495021, unmatching-key to 0.3656356 in segment3 (`launchdarkly.md` §2.7).
    for (weight, a, b) in [(0, false, false), (14_950, false, false), (14_951, true, false), (36_564, true, true)] {
        let snapshot = with(&json!({"segment3": weighted(weight)}));
        assert_eq!(contains(&snapshot, "segment3", &user("user-key")), a, "{weight}");
        assert_eq!(contains(&snapshot, "segment3", &user("unmatching-key")), b, "{weight}");
    }
    let snapshot = with(&json!({"s": {"rules": [
        {"clauses": [starts("a"), starts("ab")]}, {"clauses": [starts("c")]}, {"clauses": [starts("d")], "weight": -1},
    ]}}));
    for (key, expected) in [("abc", true), ("a", false), ("cd", true), ("d", false)] {
        assert_eq!(contains(&snapshot, "s", &user(key)), expected, "{key}");
    }
}

#[test]
fn a_weighted_rule_buckets_the_attribute_of_its_kind() {
    let rule = |members: Value| {
        let mut rule = json!({"clauses": [], "weight": 14_951});
        rule.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        with(&json!({"segment3": {"salt": "salty", "rules": [rule]}}))
    };
    let by_plan =
        context(&json!({"kind": "user", "key": "unmatching-key", "plan": "user-key", "/plan": "unmatching-key"}));
    let org = context(&json!({"kind": "multi", "user": {"key": "unmatching-key"}, "org": {"key": "user-key"}}));
    assert!(!contains(&rule(json!({})), "segment3", &by_plan));
    assert!(contains(&rule(json!({"bucketBy": "plan"})), "segment3", &by_plan));
    assert!(!contains(&rule(json!({"bucketBy": "/plan"})), "segment3", &by_plan), "literal without a kind");
    assert!(contains(&rule(json!({"bucketBy": "/plan", "rolloutContextKind": "user"})), "segment3", &by_plan));
    assert!(contains(&rule(json!({"rolloutContextKind": "org"})), "segment3", &org));
    assert!(contains(&rule(json!({"bucketBy": "gone"})), "segment3", &by_plan), "a missing attribute is bucket 0");
    assert!(
        !contains(&rule(json!({"rolloutContextKind": "device"})), "segment3", &org),
        "a missing kind does not match"
    );
    let bad = rule(json!({"bucketBy": "///", "rolloutContextKind": "user"}));
    assert_eq!(evaluate(&bad, "segment3", &org), malformed());
}

#[test]
fn segments_nest() {
    let two = json!({"rules": [
        {"clauses": [{"op": "segmentMatch", "values": ["leaf"], "negate": true}]},
        {"clauses": [
            {"attribute": "key", "op": "endsWith", "values": ["z"]}, {"op": "segmentMatch", "values": ["gone", "empty",
                "middle"]},
        ]},
    ]});
    let snapshot = with(&json!({
        "leaf": {"included": ["u", "uz"]}, "middle": nested("leaf"), "top": nested("middle"), "empty": {}, "two": two,
        "twice": {"rules": [{"clauses": [
            {"op": "segmentMatch", "values": ["empty", "leaf"]}, {"op": "segmentMatch", "values": ["leaf", "empty"]},
        ]}]},
        "either": {"rules": [
            {"clauses": [{"op": "segmentMatch", "values": ["empty", "empty"]}]},
            {"clauses": [{"op": "segmentMatch", "values": ["leaf"]}]},
        ]},
    }));
    for (segment, u, uz, v) in [
        ("middle", true, true, false),
        ("top", true, true, false),
        ("two", false, true, true),
        ("twice", true, true, false),
        ("either", true, true, false),
    ] {
        assert_eq!(contains(&snapshot, segment, &user("u")), u, "u in {segment}");
        assert_eq!(contains(&snapshot, segment, &user("uz")), uz, "uz in {segment}");
        assert_eq!(contains(&snapshot, segment, &user("v")), v, "v in {segment}");
    }
}

#[test]
fn a_cycle_of_segments_is_malformed_once_it_closes() {
    let mut listed = nested("listed");
    listed["included"] = json!(["u"]);
    let mut early = nested("early");
    early["rules"]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({"clauses": [{"attribute": "key", "op": "in", "values": ["u"]}]}));
    let twice = json!({"rules": [{"clauses": [{"op": "segmentMatch", "values": ["empty", "empty"]}]}]});
    let snapshot = with(&json!({
        "self": nested("self"), "a": nested("b"), "b": nested("c"), "c": nested("a"), "outside": nested("a"),
            "listed": listed,
        "early": early, "empty": {}, "twice": twice,
    }));
    for segment in ["self", "a", "b", "c", "outside"] {
        assert_eq!(evaluate(&snapshot, segment, &user("u")), malformed(), "{segment}");
    }
    for (segment, u) in [("listed", true), ("early", true), ("twice", false)] {
        assert_eq!(contains(&snapshot, segment, &user("u")), u, "{segment}");
    }
    assert_eq!(evaluate(&snapshot, "listed", &user("v")), malformed());
}

#[test]
fn a_malformed_segment_is_malformed_once_it_is_reached() {
    let bad_clause = json!({"included": ["v"], "rules": [{"clauses": [{"attribute": "", "op": "in"}]}]});
    let snapshot =
        with(&json!({"bad-clause": bad_clause, "unreadable": {"included": "u"}, "nested": nested("unreadable")}));
    for segment in ["bad-clause", "unreadable", "nested"] {
        assert_eq!(evaluate(&snapshot, segment, &user("u")), malformed(), "{segment}");
    }
    assert!(contains(&snapshot, "bad-clause", &user("v")));
}

/// Answers from a table of `(context key, segment, member)` and notes what it was asked.
struct Table {
    members: Vec<(&'static str, &'static str, bool)>,
    stale_for: &'static str,
    asked: RefCell<Vec<String>>,
}

impl BigSegments for Table {
    fn look_up(&self, context_key: &str, segment: &str) -> Membership {
        self.asked.borrow_mut().push(format!("{context_key}@{segment}"));
        let found = self.members.iter().find(|(key, reference, _)| *key == context_key && *reference == segment);
        let status = if context_key == self.stale_for { BigSegmentsStatus::Stale } else { BigSegmentsStatus::Healthy };
        Membership { member: found.map(|(_, _, member)| *member), status }
    }
}

#[test]
fn big_segments_are_looked_up_and_their_lists_ignored() {
    let rule_for_v = json!([{"clauses": [{"attribute": "key", "op": "in", "values": ["v", "x"]}]}]);
    let snapshot = with(&json!({
        "big": {"unbounded": true, "generation": 3, "included": ["w"], "excluded": ["v"], "rules": rule_for_v},
        "org": {"unbounded": true, "generation": 1, "unboundedContextKind": "org"},
        "old": {"unbounded": true, "rules": [{"clauses": []}]},
        "nested": nested("big"),
    }));
    let table = Table {
        members: vec![("u", "big.g3", true), ("x", "big.g3", false), ("o", "org.g1", true)],
        stale_for: "o",
        asked: RefCell::default(),
    };
    let rule = |status: &str| json!([1, {"kind": "RULE_MATCH", "ruleIndex": 0, "bigSegmentsStatus": status}]);
    let fallthrough = |status: &str| json!([0, {"kind": "FALLTHROUGH", "bigSegmentsStatus": status}]);
    let org = context(&json!({"kind": "org", "key": "o"}));
    for (segment, context, expected) in [
        ("big", user("u"), rule("HEALTHY")),
        ("big", user("v"), rule("HEALTHY")),
        ("big", user("w"), fallthrough("HEALTHY")),
        ("big", user("x"), fallthrough("HEALTHY")),
        ("nested", user("u"), rule("HEALTHY")),
        ("org", org, rule("STALE")),
        ("org", user("o"), json!([0, {"kind": "FALLTHROUGH"}])),
        ("old", user("u"), fallthrough("NOT_CONFIGURED")),
    ] {
        assert_eq!(evaluate_with(&snapshot, segment, &context, &table), expected, "{segment}");
    }
    let asked = ["u@big.g3", "v@big.g3", "w@big.g3", "x@big.g3", "u@big.g3", "o@org.g1"];
    assert_eq!(*table.asked.borrow(), asked);
    assert_eq!(evaluate(&snapshot, "big", &user("v")), rule("NOT_CONFIGURED"), "without a store its rules still count");
    assert_eq!(evaluate(&snapshot, "big", &user("u")), fallthrough("NOT_CONFIGURED"));
}

#[test]
fn the_worst_state_of_big_segments_is_reported_through_prerequisites() {
    let prerequisite = json!([{"key": "org", "variation": 1}]);
    let mut top = flag(&["big"], false);
    top["prerequisites"] = prerequisite;
    let segments = json!({
        "big": {"unbounded": true, "generation": 3},
        "org": {"unbounded": true, "generation": 1, "unboundedContextKind": "org"},
    });
    let snapshot = snapshot(&json!({"flags": {"top": top, "org": flag(&["org"], false)}, "segments": segments}));
    let table = Table { members: vec![("o", "org.g1", true)], stale_for: "o", asked: RefCell::default() };
    let both = context(&json!({"kind": "multi", "user": {"key": "u"}, "org": {"key": "o"}}));
    let expected = json!([0, {"kind": "FALLTHROUGH", "bigSegmentsStatus": "STALE"}]);
    assert_eq!(evaluate_with(&snapshot, "top", &both, &table), expected);
}
