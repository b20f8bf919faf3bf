//! Ours against `launchdarkly-server-sdk-evaluation`: the same on everything but the differences listed here.
//!
//! The property generates payloads that stay clear of the differences; the table pins each difference down with both
//! answers, so that neither side can change unnoticed. What we follow instead is the Go SDK (`launchdarkly.md` §2,
//! marks `[V]`), except where the module documentation of `evaluation` says otherwise.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::cell::RefCell;
use std::collections::HashMap;

use evaluation::{NoBigSegments, Payload, Snapshot};
use launchdarkly_server_sdk_evaluation as theirs;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Their side of a payload. It is read from what we write, which so is shown to be what the strictest SDK can read.
struct Store {
    flags: HashMap<String, theirs::Flag>,
    segments: HashMap<String, theirs::Segment>,
}

impl Store {
    fn new(payload: &Payload) -> Self {
        let written = serde_json::to_value(payload).unwrap();
        Self {
            flags: serde_json::from_value(written["flags"].clone()).unwrap(),
            segments: serde_json::from_value(written["segments"].clone()).unwrap(),
        }
    }
}

impl theirs::Store for Store {
    fn flag(&self, key: &str) -> Option<theirs::Flag> {
        self.flags.get(key).cloned()
    }

    fn segment(&self, key: &str) -> Option<theirs::Segment> {
        self.segments.get(key).cloned()
    }
}

#[derive(Default)]
struct Recorder(RefCell<Vec<Value>>);

impl theirs::PrerequisiteEventRecorder for Recorder {
    fn record(&self, event: theirs::PrerequisiteEvent) {
        let theirs::PrerequisiteEvent { target_flag_key, prerequisite_flag, prerequisite_result, .. } = event;
        self.0.borrow_mut().push(json!([target_flag_key, prerequisite_flag.key, prerequisite_result.variation_index]));
    }
}

/// Value, index, reason, is-experiment, and the prerequisites told.
fn their_answer(store: &Store, flag: &str, context: &theirs::Context) -> Value {
    let flag = &store.flags[flag];
    let recorder = Recorder::default();
    let detail = theirs::evaluate(store, flag, context, Some(&recorder));
    // An error keeps the index that did not exist.
    let index = detail.value.and(detail.variation_index);
    let experiment = flag.is_experimentation_enabled(&detail.reason);
    json!([detail.value, index, detail.reason, experiment, recorder.0.into_inner()])
}

fn our_answer(snapshot: &Snapshot, flag: &str, context: &evaluation::Context) -> Value {
    let mut told = Vec::new();
    let evaluation = snapshot.evaluate_recording(flag, context, &NoBigSegments, |event| {
        told.push(json!([event.dependant.key(), event.flag.key(), event.evaluation.variation_index]));
    });
    let experiment = snapshot.flag(flag).unwrap().is_experiment(&evaluation.reason);
    let value = evaluation.value.map(|value| match value {
        // Theirs are doubles.
        Value::Number(number) => json!(number.as_f64()),
        value => value.clone(),
    });
    json!([value, evaluation.variation_index, evaluation.reason, experiment, told])
}

fn pick<T: Clone + std::fmt::Debug + 'static>(from: &'static [T]) -> impl Strategy<Value = T> + Clone {
    prop::sample::select(from)
}

const KEYS: [&str; 6] = ["a", "b", "user-key", "é", "a:b", "x"];
const KINDS: [&str; 3] = ["user", "org", "device"];
const ATTRIBUTES: [&str; 12] =
    ["key", "name", "anonymous", "plan", "n", "tags", "version", "since", "address", "a/b", "email", "gone"];
const REFERENCES: [&str; 10] =
    ["/plan", "/address/city", "/address/zip", "/a~1b", "/key", "/tags/0", "/name/x", "///", "/a~2", "/address/"];
const OPERATORS: [&str; 17] = [
    "in",
    "in",
    "in",
    "startsWith",
    "endsWith",
    "contains",
    "matches",
    "lessThan",
    "lessThanOrEqual",
    "greaterThan",
    "greaterThanOrEqual",
    "before",
    "after",
    "semVerEqual",
    "semVerLessThan",
    "semVerGreaterThan",
    "later",
];

fn scalar() -> impl Strategy<Value = Value> + Clone {
    prop_oneof![
        pick(&KEYS).prop_map(Value::from),
        pick(&["", "gold", "free", "old", "user", "org", "1", "true", "10", "9"]).prop_map(Value::from),
        pick(&[
            "1.0.0",
            "1",
            "1.2",
            "1.2.3-rc.1",
            "1.2.3-rc.10+b",
            "v1",
            "01.0.0",
            "1.0.0.0",
            "2.0.0-alpha",
            "1.2.3-",
            "1.0.0+"
        ])
        .prop_map(Value::from),
        pick(&[
            "2017-12-06T07:00:00Z",
            "2017-12-06T00:00:00.000-07:00",
            "2017-12-06T07:00:00.000000001Z",
            "2017-12-06t07:00:00z",
            "2017-12-06",
            "2017-12-06T07:00:00",
            "2016-12-31T23:59:60Z",
            "2017-12-06T07:00:60Z",
        ])
        .prop_map(Value::from),
        pick(&["^u", "o.*d", "[", "(?i)GOLD", "\\d+", "a|b"]).prop_map(Value::from),
        pick(&[0, 1, -1, 9, 10, 33_333, 100_000, 1_512_543_600_000_i64, 8_000_000_000_000_000]).prop_map(Value::from),
        pick(&[0.5, 1.0, -1.5, 10.0, 99.99, 1_512_543_600_000.5]).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
    ]
}

fn attribute_value() -> impl Strategy<Value = Value> {
    let object = (scalar(), scalar()).prop_map(|(city, zip)| json!({"city": city, "zip": zip, "n": null}));
    prop_oneof![6 => scalar(), 2 => prop::collection::vec(scalar(), 0..4).prop_map(Value::from), 1 => object,
        1 => Just(Value::Null)]
}

fn attributes() -> impl Strategy<Value = Map<String, Value>> {
    let custom = prop::collection::btree_map(pick(&ATTRIBUTES[3..]).prop_map(str::to_owned), attribute_value(), 0..7);
    let name = prop::option::of(pick(&["Ada", "gold", ""]));
    (pick(&KEYS), name, prop::option::of(any::<bool>()), custom).prop_map(|(key, name, anonymous, custom)| {
        let mut members: Map<_, _> = custom.into_iter().collect();
        members.insert("key".to_owned(), json!(key));
        members.extend(name.map(|name| ("name".to_owned(), json!(name))));
        members.extend(anonymous.map(|anonymous| ("anonymous".to_owned(), json!(anonymous))));
        members
    })
}

fn context() -> impl Strategy<Value = Value> {
    let single = (pick(&KINDS), attributes()).prop_map(|(kind, mut members)| {
        members.insert("kind".to_owned(), json!(kind));
        Value::Object(members)
    });
    let multi = prop::collection::btree_map(pick(&KINDS), attributes(), 1..4).prop_map(|kinds| {
        let members = kinds.into_iter().map(|(kind, members)| (kind.to_owned(), Value::Object(members)));
        Value::Object(members.chain([("kind".to_owned(), json!("multi"))]).collect())
    });
    let legacy = attributes().prop_map(|mut members| {
        let custom = ["plan", "n", "tags", "version", "address"]
            .into_iter()
            .filter_map(|name| members.remove(name).map(|value| (name.to_owned(), value)));
        let custom: Map<_, _> = custom.collect();
        if !members.get("email").is_none_or(Value::is_string) {
            members.remove("email");
        }
        members.insert("custom".to_owned(), Value::Object(custom));
        Value::Object(members)
    });
    prop_oneof![4 => single, 3 => multi, 1 => legacy]
}

/// A kind and a reference beside it. A slash before `kind` is among the differences.
fn subject() -> impl Strategy<Value = (Option<&'static str>, &'static str)> {
    let reference = prop_oneof![6 => pick(&ATTRIBUTES), 1 => Just("kind"), 3 => pick(&REFERENCES)];
    (prop::option::of(pick(&KINDS)), reference)
}

/// A test of an attribute, or membership of some of `segments`.
fn clause(segments: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let test = (subject(), pick(&OPERATORS), prop::collection::vec(scalar(), 0..4), any::<bool>());
    let test = test.prop_map(|((kind, attribute), op, values, negate)| {
        json!({"contextKind": kind, "attribute": attribute, "op": op, "values": values, "negate": negate})
    });
    let segments = (prop::collection::vec(pick(segments), 0..3), any::<bool>());
    let segments =
        segments.prop_map(|(segments, negate)| json!({"op": "segmentMatch", "values": segments, "negate": negate}));
    prop_oneof![1 => test, 1 => segments]
}

fn serve() -> impl Strategy<Value = Value> {
    let share = (-1_i64..4, pick(&[0, 1, 10_000, 33_333, 50_000, 100_000]), any::<bool>());
    let share = share.prop_map(
        |(variation, weight, untracked)| json!({"variation": variation, "weight": weight, "untracked": untracked}),
    );
    let seed = prop::option::of(pick(&[0, 1, 61, -5]));
    let rollout =
        (pick(&["rollout", "experiment"]), subject(), prop::collection::vec(share, 0..4), seed, any::<bool>());
    let rollout = rollout.prop_map(|(kind, (context_kind, by), shares, seed, bucket_by)| {
        let by = bucket_by.then_some(by);
        json!({"rollout": {"kind": kind, "contextKind": context_kind, "bucketBy": by, "variations": shares,
            "seed": seed}})
    });
    prop_oneof![3 => (-1_i64..4).prop_map(|index| json!({"variation": index})), 4 => rollout, 1 => Just(json!({}))]
}

fn keys() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(pick(&KEYS), 0..3)
}

/// At most one of `targets` for each variation: two are among the differences.
fn targets() -> impl Strategy<Value = (Value, Value)> {
    let users = prop::collection::btree_map(-1_i64..3, keys(), 0..3).prop_map(|users| {
        users.into_iter().map(|(variation, values)| json!({"variation": variation, "values": values})).collect()
    });
    let others = (prop::option::of(pick(&KINDS)), keys(), -1_i64..3);
    let others = others
        .prop_map(|(kind, values, variation)| json!({"contextKind": kind, "values": values, "variation": variation}));
    (users, prop::collection::vec(others, 0..3).prop_map(Value::from))
}

/// The flag at `place`. It needs later flags, each once and none on the way of another, or with `cyclic` itself or
/// earlier ones: a flag needed twice on different ways is among the differences, and so is a variation that a
/// prerequisite lacks.
fn flag(place: usize) -> impl Strategy<Value = Value> {
    let rule = (
        prop::collection::vec(clause(&["s0", "s0", "s1", "s2", "gone"]), 0..3),
        serve(),
        pick(&["", "r"]),
        any::<bool>(),
    );
    let rule = rule.prop_map(|(clauses, mut rule, id, tracked)| {
        rule["clauses"] = json!(clauses);
        rule["id"] = json!(id);
        rule["trackEvents"] = json!(tracked);
        rule
    });
    let needs = (any::<bool>(), 0_i64..3, prop::bool::weighted(0.05)).prop_map(move |(some, variation, cyclic)| {
        let next = if cyclic { format!("f{}", place / 2) } else { format!("f{}", place + 1) };
        if some { json!([{"key": next, "variation": variation}]) } else { json!([]) }
    });
    let rules = prop::collection::vec(rule, 0..4);
    let off = prop::option::of(-1_i64..3);
    (prop::bool::weighted(0.9), needs, targets(), rules, (serve(), off, any::<bool>())).prop_map(
        move |(on, prerequisites, (targets, context_targets), rules, (fallthrough, off, tracked))| {
            json!({
                "key": format!("f{place}"), "salt": "salty", "on": on, "prerequisites": prerequisites,
                    "targets": targets,
                "contextTargets": context_targets, "rules": rules, "fallthrough": fallthrough, "offVariation": off,
                "variations": ["zero", 1, {"two": [2, null]}], "trackEventsFallthrough": tracked,
            })
        },
    )
}

/// A segment. A weighted rule needs a part of its kind in every context: there is none, so its clauses ask for it.
fn segment(nested: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let weight = (pick(&[0, 10_000, 50_000, 100_000]), subject(), any::<bool>());
    let rule = (prop::collection::vec(clause(nested), 0..3), prop::option::of(weight)).prop_map(|(mut clauses,
        weight)| {
        let Some((weight, (kind, by), bucket_by)) = weight else { return json!({"clauses": clauses}) };
        let has_kind = json!({"contextKind": kind, "attribute": "key", "op": "in", "values": [""], "negate": true});
        clauses.push(has_kind);
        json!({"clauses": clauses, "weight": weight, "rolloutContextKind": kind, "bucketBy": bucket_by.then_some(by)})
    });
    let lists = || {
        prop::collection::vec((pick(&KINDS), keys()), 0..2).prop_map(|lists| {
            lists.into_iter().map(|(kind, values)| json!({"contextKind": kind, "values": values})).collect::<Value>()
        })
    };
    (keys(), keys(), lists(), lists(), prop::collection::vec(rule, 0..3)).prop_map(
        |(included, excluded, included_contexts, excluded_contexts, rules)| {
            json!({
                "included": included, "excluded": excluded, "includedContexts": included_contexts,
                "excludedContexts": excluded_contexts, "rules": rules, "salt": "pepper",
            })
        },
    )
}

fn payload() -> impl Strategy<Value = Value> {
    // Mostly segments nest without a cycle.
    let s0 = segment(&["s1", "s1", "s1", "s2", "s2", "s2", "gone", "s0"]);
    let s1 = segment(&["s2", "s2", "s2", "s2", "s2", "s2", "gone", "s0"]);
    let s2 = segment(&["gone", "gone", "gone", "gone", "gone", "gone", "gone", "s1"]);
    (flag(0), flag(1), flag(2), s0, s1, s2).prop_map(|(f0, f1, f2, s0, s1, s2)| {
        json!({"flags": {"f0": f0, "f1": f1, "f2": f2}, "segments": {"s0": s0, "s1": s1, "s2": s2}})
    })
}

/// Whether a prerequisite of `flag` came to an error by what it serves: theirs ends the evaluation, Go's and ours go
/// off.
fn served_an_error(snapshot: &Snapshot, flag: &str, context: &evaluation::Context) -> bool {
    let mut error = false;
    snapshot.evaluate_recording(flag, context, &NoBigSegments, |event| {
        error |= matches!(event.evaluation.reason.kind, evaluation::ReasonKind::Error(_));
    });
    error
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_rust_sdk(payload in payload(), contexts in prop::collection::vec(context(), 4)) {
        let payload = Payload::from_json(&payload.to_string()).unwrap();
        prop_assert_eq!(&payload.unreadable, &vec![]);
        let (snapshot, store) = (Snapshot::compile(&payload), Store::new(&payload));
        for json in contexts {
            let ours = evaluation::Context::from_value(json.clone()).unwrap();
            let theirs: theirs::Context = serde_json::from_value(json.clone()).unwrap();
            prop_assert_eq!(ours.canonical_key(), theirs.canonical_key());
            for flag in ["f0", "f1", "f2"] {
                if !served_an_error(&snapshot, flag, &ours) {
                    let (ours, theirs) = (our_answer(&snapshot, flag, &ours), their_answer(&store, flag, &theirs));
                    prop_assert_eq!(ours, theirs, "{} for {}", flag, json);
                }
            }
        }
    }
}

const ADA: &str = r#"{
    "kind": "user", "key": "ada", "list": [[1], null], "far": 9007199254740994, "day": "2001-02-30T00:00:00Z",
    "hour": "2017-12-06T7:00:00Z", "offset": "2017-12-06T07:00:00+30:00", "space": "2017-12-06 07:00:00Z",
    "tiny": "2017-12-06T07:00:00.0000000001Z"
}"#;

/// Evaluates flag `f` on both sides to the index.
fn both(payload: &Value) -> (Value, Value) {
    let payload = Payload::from_json(&payload.to_string()).unwrap();
    let (snapshot, store) = (Snapshot::compile(&payload), Store::new(&payload));
    let ours = our_answer(&snapshot, "f", &evaluation::Context::from_json(ADA).unwrap());
    let theirs = their_answer(&store, "f", &serde_json::from_str(ADA).unwrap());
    (ours[1].clone(), theirs[1].clone())
}

/// A flag that serves 1 if the clauses match, else 0.
fn rule(clauses: &Value) -> Value {
    json!({"flags": {"f": {"on": true, "variations": [0, 1], "fallthrough": {"variation": 0},
        "rules": [{"variation": 1, "clauses": clauses}]}}})
}

/// A clause of one test.
fn test(attribute: &str, op: &str, value: &Value) -> Value {
    rule(&json!([{"attribute": attribute, "op": op, "values": [value]}]))
}

fn rollout(rollout: &Value) -> Value {
    json!({"flags": {"f": {"on": true, "salt": "s", "variations": [0, 1], "fallthrough": {"rollout": rollout}}}})
}

/// A flag that serves 1 to the members of segment `s`, else 0.
fn member(segment: &Value) -> Value {
    let mut payload = rule(&json!([{"op": "segmentMatch", "values": ["s"]}]));
    payload["segments"] = json!({"s": segment});
    payload
}

/// Flags of variations 0 and 1, with these members.
fn needing(flags: &Value) -> Value {
    let flag = |(key, members): (&String, &Value)| {
        let mut flag = json!({"on": true, "variations": [0, 1], "offVariation": 0, "fallthrough": {"variation": 1}});
        flag.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        (key.clone(), flag)
    };
    json!({"flags": flags.as_object().unwrap().iter().map(flag).collect::<Map<_, _>>()})
}

#[test]
fn differs_where_the_go_sdk_is_followed() {
    let shares = json!([{"variation": 0, "weight": 0}, {"variation": 1, "weight": 100_000}]);
    let after_2000 = |attribute: &str| test(attribute, "after", &json!("2000-01-01T00:00:00Z"));
    let bad_index = json!({
        "f": {"prerequisites": [{"key": "p", "variation": 1}]}, "p": {"fallthrough": {"variation": 9}},
    });
    // `inner` fails `failing`, which goes off and serves what `f` needs; then `f` needs `inner` itself.
    let twice = json!({
        "f": {"prerequisites": [{"key": "failing", "variation": 0}, {"key": "failing", "variation": 0}]},
        "failing": {"prerequisites": [{"key": "inner", "variation": 0}]}, "inner": {},
    });
    let placeholder = json!({"flags": {"f": {
        "on": true, "variations": [0, 1], "fallthrough": {"variation": 0}, "contextTargets": [{"values": [],
            "variation": 1}],
        "targets": [{"values": ["x"], "variation": 1}, {"values": ["ada"], "variation": 1}]}}});
    let weighted = |members: Value| {
        let mut rule = json!({"clauses": [], "weight": 50_000});
        rule.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        member(&json!({"rules": [rule]}))
    };
    let big = json!({"unbounded": true, "generation": 1, "included": ["ada"]});
    let error = Value::Null;
    let table = [
        ("in equals no arrays", test("list", "in", &json!([1])), json!(0), json!(1)),
        ("in equals no null", test("list", "in", &json!(null)), json!(0), json!(1)),
        (
            "/kind is an attribute of the part of its kind",
            rule(&json!([{"contextKind": "org", "attribute": "/kind", "op": "in", "values": ["user"]}])),
            json!(0),
            json!(1),
        ),
        (
            "an empty bucketBy is the key",
            rollout(&json!({"contextKind": "user", "bucketBy": "", "variations": shares})),
            json!(1),
            error.clone(),
        ),
        (
            "whole numbers beyond 2^53 are bucketed",
            rollout(&json!({"bucketBy": "far", "variations": [{"variation": 0, "weight": 1}, {"variation": 1,
                    "weight": 1}]})),
            json!(1),
            json!(0),
        ),
        ("a prerequisite without the index it serves has failed", needing(&bad_index), json!(0), error.clone()),
        ("a flag needed twice is no cycle", needing(&twice), json!(1), error),
        ("only the first entry of targets stands in", placeholder, json!(0), json!(1)),
        ("a weighted rule needs its kind", weighted(json!({"rolloutContextKind": "org"})), json!(0), json!(1)),
        ("a negative weight is none", weighted(json!({"weight": -1})), json!(0), json!(1)),
        ("lists of big segments are ignored", member(&big), json!(0), json!(1)),
        ("a day that the month lacks is the next", after_2000("day"), json!(1), json!(0)),
        ("an hour may have one digit", after_2000("hour"), json!(1), json!(0)),
        ("an offset may exceed a day", after_2000("offset"), json!(1), json!(0)),
        ("a space is no T", after_2000("space"), json!(0), json!(1)),
        ("a second has nine digits at most", after_2000("tiny"), json!(0), json!(1)),
        ("epoch milliseconds may lie beyond the year 262142", after_2000("far"), json!(1), json!(0)),
    ];
    for (difference, payload, ours, theirs) in table {
        assert_eq!(both(&payload), (ours, theirs), "{difference}");
    }
}
