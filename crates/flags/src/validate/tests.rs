//! Each thing that may not be, with its code and its place.

#![allow(clippy::needless_pass_by_value)] // json!(…) reads best in its place

use serde_json::{Value, json};

use super::*;

fn around() -> Surroundings {
    let key = |key: &str| FlagKey::new(key).unwrap();
    Surroundings {
        flag: Some(Flag::boolean("A")),
        variations: BTreeMap::from([(key("b"), 2), (key("c"), 2)]),
        segments: BTreeSet::from([SegmentKey::new("staff").unwrap(), SegmentKey::new("other").unwrap()]),
        neighbours: vec![
            Link {
                from: links::LinkEnd::Flag,
                source: "b".to_owned(),
                to: links::LinkEnd::Flag,
                target: "a".to_owned(),
                variation: Some(0),
            },
            Link {
                from: links::LinkEnd::Segment,
                source: "other".to_owned(),
                to: links::LinkEnd::Segment,
                target: "self".to_owned(),
                variation: None,
            },
        ],
        ..Surroundings::default()
    }
}

fn judge(noun: crate::model::Noun, key: &str, body: &Value, around: &Surroundings) -> Option<(String, &'static str)> {
    let state = State::parse(noun, &body.to_string()).unwrap();
    validate(key, &state, around).err().map(|invalid| {
        assert!(!invalid.reason.hint().is_empty());
        (invalid.field, invalid.reason.code())
    })
}

fn configured(more: Value) -> Option<(String, &'static str)> {
    let mut body = json!({"on": true, "fallthrough": {"variation": 0}, "offVariation": 1});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    judge(crate::model::Noun::Configuration, "a", &body, &around())
}

fn rollout(more: Value) -> Value {
    let mut rollout = json!({"variations": [{"variation": 0, "weight": 60_000}, {"variation": 1, "weight": 40_000}]});
    rollout.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"fallthrough": {"rollout": rollout}})
}

fn clause(op: &str, values: Value) -> Value {
    json!({"rules": [{"id": "r", "variation": 0, "clauses": [{"attribute": "x", "op": op, "values": values}]}]})
}

#[test]
fn what_may_be_is_let_through() {
    let good = [
        json!({}),
        json!({"offVariation": null}),
        rollout(json!({})),
        rollout(json!({"seed": 1, "kind": "experiment"})),
        rollout(json!({"bucketBy": "/address/city", "contextKind": "organization"})),
        json!({"prerequisites": [{"key": "c", "variation": 1}]}),
        json!({"targets": [{"variation": 0, "values": ["x"]}, {"contextKind": "d", "variation": 1, "values": ["x"]}]}),
        clause("in", json!(["x", 1, true])),
        clause("matches", json!(["^a+$"])),
        clause("before", json!([1_700_000_000_000_i64, "2026-11-23T02:00:00Z", "2026-11-23t02:00:00.5+01:30"])),
        clause("semVerEqual", json!(["2", "2.1", "2.1.0-rc.1"])),
        clause("segmentMatch", json!(["staff"])),
    ];
    for body in good {
        assert_eq!(configured(body.clone()), None, "{body}");
    }
}

#[test]
fn what_may_not_be_is_refused_with_its_place() {
    let short = json!([{"variation": 0, "weight": 60_000}, {"variation": 1, "weight": 39_999}]);
    let unknown = json!([{"variation": 2, "weight": 100_000}]);
    let heavy = json!([{"variation": 1, "weight": 100_001}]);
    let twice = json!([{"variation": 0, "values": ["x"]}, {"variation": 1, "values": ["x"]}]);
    let rule = |clauses: Value| json!({"id": "r", "variation": 0, "clauses": clauses});
    let fine = json!([{"attribute": "x", "op": "in", "values": [1]}]);
    let table = [
        (json!({"offVariation": 2}), "/offVariation", "variation-unknown"),
        (json!({"fallthrough": {"variation": 9}}), "/fallthrough/variation", "variation-unknown"),
        (rollout(json!({"variations": short})), "/fallthrough/rollout/variations", "weight-sum"),
        (rollout(json!({"variations": []})), "/fallthrough/rollout/variations", "empty"),
        (rollout(json!({"variations": unknown})), "/fallthrough/rollout/variations/0/variation", "variation-unknown"),
        (rollout(json!({"variations": heavy})), "/fallthrough/rollout/variations/0/weight", "weight"),
        (rollout(json!({"seed": 0})), "/fallthrough/rollout/seed", "seed"),
        (
            rollout(json!({"kind": "experiment", "bucketBy": "x"})),
            "/fallthrough/rollout/bucketBy",
            "bucket-by-in-experiment",
        ),
        (rollout(json!({"bucketBy": "/a//b"})), "/fallthrough/rollout/bucketBy", "attribute"),
        (json!({"targets": [{"variation": 3, "values": ["x"]}]}), "/targets/0/variation", "variation-unknown"),
        (json!({"targets": [{"variation": 0, "values": [""]}]}), "/targets", "empty"),
        (json!({"targets": twice}), "/targets/1/values", "targeted-twice"),
        (json!({"targetOrder": [{"variation": 3}]}), "/targetOrder/0/variation", "variation-unknown"),
        (json!({"targetOrder": [{"variation": 0}, {"variation": 0}]}), "/targetOrder/1", "duplicate"),
        (json!({"prerequisites": [{"key": "gone", "variation": 0}]}), "/prerequisites/0/key", "flag-unknown"),
        (json!({"prerequisites": [{"key": "c", "variation": 2}]}), "/prerequisites/0/variation", "variation-unknown"),
        (json!({"prerequisites": [{"key": "b", "variation": 0}]}), "/prerequisites", "prerequisite-cycle"),
        (json!({"rules": [rule(json!([]))]}), "/rules/0/clauses", "empty"),
        (json!({"rules": [rule(fine.clone()), rule(fine)]}), "/rules/1/id", "rule-exists"),
        (clause("in", json!([])), "/rules/0/clauses/0/values", "empty"),
        (clause("in", json!([null])), "/rules/0/clauses/0/values/0", "clause-value"),
        (clause("contains", json!(["a", 1])), "/rules/0/clauses/0/values/1", "clause-value"),
        (clause("lessThan", json!(["1"])), "/rules/0/clauses/0/values/0", "clause-value"),
        (clause("after", json!(["yesterday"])), "/rules/0/clauses/0/values/0", "clause-value"),
        (clause("after", json!(["2026-11-23"])), "/rules/0/clauses/0/values/0", "clause-value"),
        (clause("after", json!(["2026-11-23 02:00:00Z"])), "/rules/0/clauses/0/values/0", "clause-value"),
        (clause("after", json!(["2026-11-23T02:00:00+01"])), "/rules/0/clauses/0/values/0", "clause-value"),
        (clause("semVerEqual", json!(["v2"])), "/rules/0/clauses/0/values/0", "clause-value"),
        (clause("matches", json!(["(?=x)"])), "/rules/0/clauses/0/values/0", "pattern"),
        (clause("matches", json!(["(((a{1,100}){1,100}){1,100})"])), "/rules/0/clauses/0/values/0", "pattern"),
        (clause("segmentMatch", json!(["gone"])), "/rules/0/clauses/0/values/0", "segment-unknown"),
    ];
    for (body, field, code) in table {
        assert_eq!(configured(body.clone()), Some((field.to_owned(), code)), "{body}");
    }
}

#[test]
fn a_flag_needs_itself_through_itself_alone() {
    let own = json!({"on": true, "fallthrough": {"variation": 0}, "offVariation": 1,
        "prerequisites": [{"key": "b", "variation": 0}]});
    let mut around = around();
    around.neighbours.clear();
    assert_eq!(judge(crate::model::Noun::Configuration, "a", &own, &around), None);
    assert_eq!(
        judge(crate::model::Noun::Configuration, "b", &own, &around),
        Some(("/prerequisites".to_owned(), "prerequisite-cycle"))
    );
}

#[test]
fn a_configuration_needs_its_flag() {
    let body = json!({"on": true, "fallthrough": {"variation": 0}, "offVariation": 1});
    let gone = Surroundings { flag: Some(Flag { deleted: true, ..Flag::boolean("A") }), ..around() };
    let none = Surroundings { flag: None, ..around() };
    for around in [gone, none] {
        assert_eq!(judge(crate::model::Noun::Configuration, "a", &body, &around), Some((String::new(), "not-found")));
    }
}

fn flag(more: Value, around: &Surroundings) -> Option<(String, &'static str)> {
    let mut body = json!({"name": "A", "kind": "string", "defaults": {"onVariation": 0, "offVariation": 1},
        "variations": [{"id": "1", "value": "x"}, {"id": "2", "value": "y"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    judge(crate::model::Noun::Flag, "a", &body, around)
}

#[test]
fn flags_have_values_of_their_kind_and_words_of_some_length() {
    let alone = Surroundings::default();
    assert_eq!(flag(json!({}), &alone), None);
    let same = json!([{"id": "1", "name": "n", "value": "x"}, {"id": "2", "name": "n", "value": "y"}]);
    let same_id = json!([{"id": "1", "value": "x"}, {"id": "1", "value": "y"}]);
    let number = json!([{"id": "1", "value": "x"}, {"id": "2", "value": 2}]);
    let many: Vec<Value> = (0..101).map(|at| json!({"id": at.to_string(), "value": "x"})).collect();
    let boolean = json!([{"id": "1", "value": true}, {"id": "2", "value": true}]);
    let table = [
        (json!({"name": " "}), "/name", "empty"),
        (json!({"name": "a\u{0}b"}), "/name", "control-character"),
        (json!({"name": "x".repeat(201)}), "/name", "too-long"),
        (json!({"description": "x".repeat(4_001)}), "/description", "too-long"),
        (json!({"tags": ["a", "a"]}), "/tags/1", "duplicate"),
        (json!({"variations": []}), "/variations", "empty"),
        (json!({"variations": many}), "/variations", "too-many"),
        (json!({"variations": same}), "/variations/1/name", "duplicate"),
        (json!({"variations": same_id}), "/variations/1/id", "duplicate"),
        (json!({"variations": number}), "/variations/1/value", "value-type"),
        (json!({"kind": "boolean", "variations": boolean}), "/variations", "boolean-variations"),
        (json!({"defaults": {"onVariation": 0, "offVariation": 2}}), "/defaults/offVariation", "variation-unknown"),
    ];
    for (more, field, code) in table {
        assert_eq!(flag(more.clone(), &alone), Some((field.to_owned(), code)), "{more}");
    }
}

#[test]
fn a_variation_that_somebody_serves_or_waits_for_cannot_go() {
    let environment = EnvironmentKey::new("production").unwrap();
    let mut configuration = Configuration::initial(&Flag::boolean("A"));
    configuration.off_variation = Some(2);
    let served = Surroundings { configurations: vec![(environment.clone(), configuration)], ..Surroundings::default() };
    assert_eq!(flag(json!({}), &served), Some(("/variations".to_owned(), "variation-in-use")));

    let link = |variation| Link {
        from: links::LinkEnd::Flag,
        source: "z".to_owned(),
        to: links::LinkEnd::Flag,
        target: "a".to_owned(),
        variation: Some(variation),
    };
    let awaited = |variation| Surroundings {
        dependants: vec![Dependant { environment: environment.clone(), link: link(variation) }],
        ..Surroundings::default()
    };
    assert_eq!(flag(json!({}), &awaited(1)), None);
    assert_eq!(flag(json!({}), &awaited(2)), Some(("/variations".to_owned(), "variation-in-use")));
    assert_eq!(flag(json!({"deleted": true}), &awaited(1)), Some((String::new(), "still-needed")));
}

#[test]
fn segments_do_not_go_around_in_circles() {
    let segment = |target: &str| json!({"name": "S", "rules": [{"id": "r", "clauses": [{"op": "segmentMatch", "values": [target]}]}]});
    let noun = crate::model::Noun::Segment;
    assert_eq!(judge(noun, "self", &segment("staff"), &around()), None);
    assert_eq!(judge(noun, "self", &segment("other"), &around()), Some(("/rules".to_owned(), "segment-cycle")));
    let gone = Some(("/rules/0/clauses/0/values/0".to_owned(), "segment-unknown"));
    assert_eq!(judge(noun, "self", &segment("gone"), &around()), gone);
    let weight = json!({"name": "S", "rules": [{"id": "r", "weight": 100_001, "clauses":
        [{"attribute": "x", "op": "in", "values": [1]}]}]});
    assert_eq!(judge(noun, "self", &weight, &around()), Some(("/rules/0/weight".to_owned(), "weight")));
}

#[test]
fn a_hundred_thousand_keys_are_the_most() {
    let keys: Vec<String> = (0..=100_000).map(|at| at.to_string()).collect();
    assert_eq!(
        configured(json!({"targets": [{"variation": 0, "values": keys}]})),
        Some(("/targets".to_owned(), "too-many"))
    );
}

#[test]
fn links_are_told_once_and_not_by_what_is_deleted() {
    let clause = json!({"op": "segmentMatch", "values": ["staff", "staff"]});
    let body = json!({"name": "S", "rules": [{"id": "r", "clauses": [clause]}]});
    let state = |body: &Value| State::parse(crate::model::Noun::Segment, &body.to_string()).unwrap();
    assert_eq!(links("s", &state(&body)).len(), 1);
    let mut deleted = body;
    deleted["deleted"] = json!(true);
    assert_eq!(links("s", &state(&deleted)), []);
}
