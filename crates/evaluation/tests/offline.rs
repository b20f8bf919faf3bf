//! Payloads as SDKs read and receive them, and offline answers line by line.

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use common::{context, evaluate, malformed, snapshot};
use evaluation::model::{FlagData, SegmentData};
use evaluation::{Item, Payload, Snapshot, answer_line};
use serde_json::{Value, from_value, json};

fn answer(snapshot: &Snapshot, line: &Value) -> Value {
    serde_json::from_str(&answer_line(snapshot, &line.to_string()).unwrap()).unwrap()
}

fn serving(value: &Value) -> Value {
    json!({"on": true, "variations": [value], "fallthrough": {"variation": 0}})
}

#[test]
fn answers_with_value_index_and_reason() {
    let snapshot = snapshot(&json!({"flags": {
        "json": serving(&json!({"a": [1, null]})), "off": {"on": false, "variations": [1], "offVariation": 0},
        "no-off": {"on": false, "variations": [1]}, "malformed": {"on": true, "variations": []},
            "unreadable": {"on": 1},
    }}));
    let user = json!({"kind": "user", "key": "u"});
    let error =
        |kind: &str| json!({"value": "d", "variationIndex": null, "reason": {"kind": "ERROR", "errorKind": kind}});
    let ask =
        |flag: &str, context: &Value| answer(&snapshot, &json!({"flag": flag, "context": context, "default": "d"}));
    let expected = json!({"value": {"a": [1, null]}, "variationIndex": 0, "reason": {"kind": "FALLTHROUGH"}});
    assert_eq!(ask("json", &user), expected);
    assert_eq!(ask("json", &json!({"key": ""})), expected, "a legacy user");
    assert_eq!(ask("off", &user), json!({"value": 1, "variationIndex": 0, "reason": {"kind": "OFF"}}));
    assert_eq!(ask("no-off", &user), json!({"value": "d", "variationIndex": null, "reason": {"kind": "OFF"}}));
    assert_eq!(ask("malformed", &user), error("MALFORMED_FLAG"));
    assert_eq!(ask("unreadable", &user), error("MALFORMED_FLAG"));
    assert_eq!(ask("gone", &user), error("FLAG_NOT_FOUND"));
    for invalid in [json!(null), json!({}), json!({"kind": "user"}), json!({"kind": "multi"}), json!("u")] {
        assert_eq!(ask("json", &invalid), error("USER_NOT_SPECIFIED"), "{invalid}");
        assert_eq!(ask("off", &invalid), error("USER_NOT_SPECIFIED"), "{invalid}");
        assert_eq!(ask("gone", &invalid), error("FLAG_NOT_FOUND"), "{invalid}");
    }
    let nothing =
        json!({"value": null, "variationIndex": null, "reason": {"kind": "ERROR", "errorKind": "FLAG_NOT_FOUND"}});
    assert_eq!(answer(&snapshot, &json!({"flag": "gone"})), nothing);
    let line = answer_line(&snapshot, r#"{"flag": "off", "context": {"key": "u"}}"#).unwrap();
    assert_eq!(line, r#"{"value":1,"variationIndex":0,"reason":{"kind":"OFF"}}"#);
}

#[test]
fn a_value_of_another_type_is_the_default() {
    let values = [json!(true), json!(1), json!(1.5), json!(-2.0), json!("a"), json!(null), json!([1]), json!({"a": 1})];
    let table = [
        ("any", [true; 8]),
        ("bool", [true, false, false, false, false, false, false, false]),
        ("int", [false, true, true, true, false, false, false, false]),
        ("double", [false, true, true, true, false, false, false, false]),
        ("string", [false, false, false, false, true, false, false, false]),
    ];
    let wrong = json!({"value": "d", "variationIndex": null, "reason": {"kind": "ERROR", "errorKind": "WRONG_TYPE"}});
    for (wanted, fits) in table {
        for (value, fits) in values.iter().zip(fits) {
            let snapshot = snapshot(&json!({"flags": {"f": serving(value)}}));
            let line = json!({"flag": "f", "context": {"key": "u"}, "default": "d", "type": wanted});
            let value = match (wanted, value.as_f64()) {
                ("int", Some(1.5)) => json!(1),
                ("int", Some(-2.0)) => json!(-2),
                _ => value.clone(),
            };
            let right = json!({"value": value, "variationIndex": 0, "reason": {"kind": "FALLTHROUGH"}});
            assert_eq!(answer(&snapshot, &line), if fits { right } else { wrong.clone() }, "{wanted}, {value}");
        }
    }
}

#[test]
fn a_bad_request_line_is_an_error() {
    let snapshot = snapshot(&json!({"flags": {"f": serving(&json!(1))}}));
    for line in [
        "",
        "x",
        "[]",
        "{}",
        r#"{"flag": 1}"#,
        r#"["f", {"key": "u"}, 1, "any"]"#,
        r#"{"flag": "f", "type": "float"}"#,
        r#"{"flag": "f"} {}"#,
    ] {
        assert!(answer_line(&snapshot, line).is_err(), "{line}");
    }
    assert!(answer_line(&snapshot, r#"{"flag": "f", "type": null, "other": 1, "context": {"key": "u"}}"#).is_ok());
}

#[test]
fn one_unreadable_item_does_not_lose_the_others() {
    let payload = json!({
        "flags": {
            "good": serving(&json!(1)), "wrong-type": {"on": "yes"}, "not-an-object": 3, "null": null, "array": [],
            "needs-bad": {"on": true, "variations": [1], "offVariation": 0, "prerequisites": [{"key": "wrong-type",
                "variation": 0}]},
        },
        "segments": {"bad": {"included": 1}, "ok": {"included": ["u"]}},
    });
    let payload = Payload::from_json(&payload.to_string()).unwrap();
    assert_eq!(payload.flags.iter().map(|flag| &*flag.key).collect::<Vec<_>>(), ["good", "needs-bad"]);
    assert_eq!(payload.segments.iter().map(|segment| &*segment.key).collect::<Vec<_>>(), ["ok"]);
    let unreadable: Vec<_> = payload.unreadable.iter().map(|broken| (broken.item, &*broken.key)).collect();
    let expected = [
        (Item::Flag, "array"),
        (Item::Flag, "not-an-object"),
        (Item::Flag, "null"),
        (Item::Flag, "wrong-type"),
        (Item::Segment, "bad"),
    ];
    assert_eq!(unreadable, expected);
    assert!(payload.unreadable.iter().all(|broken| !broken.why.is_empty()));

    let snapshot = Snapshot::compile(&payload);
    let user = context(&json!({"key": "u"}));
    assert_eq!(evaluate(&snapshot, "good", &user)[0], 0);
    for key in ["wrong-type", "not-an-object", "null", "array"] {
        assert_eq!(evaluate(&snapshot, key, &user), malformed(), "{key}");
    }
    assert_eq!(evaluate(&snapshot, "needs-bad", &user)[1]["kind"], "PREREQUISITE_FAILED");
}

#[test]
fn missing_parts_and_nulls_are_defaults() {
    for root in [json!({}), json!({"flags": null, "segments": null}), json!({"flags": {}}), json!({"other": [1, {}]})] {
        assert_eq!(Payload::from_json(&root.to_string()).unwrap(), Payload::default(), "{root}");
    }
    let members = [
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
        "clientSideAvailability",
        "clientSide",
        "salt",
        "trackEvents",
        "trackEventsFallthrough",
        "debugEventsUntilDate",
        "deleted",
        "migration",
        "samplingRatio",
        "excludeFromSummaries",
    ];
    let nulls: serde_json::Map<_, _> = members.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    assert_eq!(from_value::<FlagData>(Value::Object(nulls)).unwrap(), FlagData::default());
    let members = [
        "key",
        "version",
        "included",
        "excluded",
        "includedContexts",
        "excludedContexts",
        "rules",
        "salt",
        "unbounded",
        "unboundedContextKind",
        "generation",
        "deleted",
    ];
    let nulls: serde_json::Map<_, _> = members.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    assert_eq!(from_value::<SegmentData>(Value::Object(nulls)).unwrap(), SegmentData::default());
    let rule = json!({"id": null, "clauses": [{"contextKind": null, "negate": null, "values": null, "op": null}],
        "rollout": {"kind": null, "variations": [{"variation": null, "weight": null, "untracked": null}], "seed": null,
        "bucketBy": null, "contextKind": null}, "variation": null, "trackEvents": null});
    assert!(from_value::<FlagData>(json!({"rules": [rule]})).is_ok());
}

#[test]
fn numbers_may_be_written_as_floats_and_exceed_their_range() {
    let flag = json!({
        "version": 7.0, "on": true, "variations": ["a", "b"], "offVariation": 1.0, "debugEventsUntilDate": 1.5e12,
        "samplingRatio": 2.0, "fallthrough": {"rollout": {"seed": 61.0, "variations": [{"variation": 1.0,
            "weight": 1e5}]}},
        "targets": [{"values": ["u"], "variation": 0.0}],
    });
    let flag: FlagData = from_value(flag).unwrap();
    assert_eq!((flag.version, flag.off_variation, flag.debug_events_until_date), (7, Some(1), Some(1_500_000_000_000)));
    let rollout = flag.fallthrough.rollout.unwrap();
    assert_eq!((rollout.seed, rollout.variations[0].variation, rollout.variations[0].weight), (Some(61), 1, 100_000));
    let huge = json!({"version": u64::MAX, "offVariation": 1e300, "fallthrough": {"variation": -1e300}});
    let huge: FlagData = from_value(huge).unwrap();
    assert_eq!((huge.version, huge.off_variation), (i64::MAX.unsigned_abs(), Some(i64::MAX)));
    assert_eq!(huge.fallthrough.variation, Some(i64::MIN));
    assert_eq!(from_value::<FlagData>(json!({"version": -1})).unwrap().version, 0);
    assert!(from_value::<FlagData>(json!({"version": "1"})).is_err());
}

#[test]
fn a_root_that_is_no_payload_is_an_error() {
    for text in ["", "x", "[]", "[null, null]", "1", r#"{"flags": []}"#, r#"{"segments": 1}"#, r#"{"flags": {"a": }}"#]
    {
        assert!(Payload::from_json(text).is_err(), "{text}");
    }
}

#[test]
fn is_written_so_that_the_strictest_sdk_can_read_it() {
    let flag: FlagData = from_value(json!({
        "key": "f", "version": 3, "rules": [{"clauses": [{"attribute": "a", "op": "later"}], "variation": 0}],
        "fallthrough": {"rollout": {"kind": "experiment", "variations": [{"variation": 0, "weight": 1}]}},
            "variations": [null],
    }))
    .unwrap();
    let segment: SegmentData =
        from_value(json!({"key": "s", "rules": [{}], "includedContexts": [{"values": ["x"]}]})).unwrap();
    let payload = Payload { flags: vec![flag], segments: vec![segment], ..Payload::default() };
    let written = serde_json::to_value(&payload).unwrap();
    let expected = json!({
        "flags": {"f": {
            "key": "f", "version": 3, "on": false, "prerequisites": [], "targets": [], "contextTargets": [],
            "rules": [{
                "id": "", "variation": 0, "trackEvents": false,
                "clauses": [{"attribute": "a", "op": "later", "values": [], "negate": false}],
            }],
            "fallthrough": {"rollout": {"kind": "experiment", "variations": [{"variation": 0, "weight": 1}]}},
            "offVariation": null, "variations": [null], "clientSide": false, "salt": "", "trackEvents": false,
            "trackEventsFallthrough": false, "debugEventsUntilDate": null,
        }},
        "segments": {"s": {
            "key": "s", "version": 0, "included": [], "excluded": [], "includedContexts": [{"contextKind": "user",
                "values": ["x"]}],
            "excludedContexts": [], "rules": [{"clauses": []}], "salt": "",
        }},
    });
    assert_eq!(written, expected);
}

#[test]
fn reads_back_what_it_writes() {
    let flags = json!({"f": {
        "version": 3, "on": true, "prerequisites": [{"key": "g", "variation": 1}], "targets": [{"values": ["u"],
            "variation": 0}],
        "contextTargets": [{"contextKind": "org", "values": ["o"], "variation": 1}],
        "rules": [{"id": "r", "trackEvents": true, "rollout": {"contextKind": "org", "bucketBy": "/a/b", "seed": 5,
            "kind": "experiment",
            "variations": [{"variation": 0, "weight": 50_000, "untracked": true}]},
            "clauses": [{"contextKind": "org", "attribute": "/a", "op": "semVerLessThan", "values": ["2"],
                "negate": true}]}],
        "fallthrough": {"variation": 1}, "offVariation": 0, "variations": [{"a": null}, 1.5], "salt": "s",
            "deleted": false,
        "clientSideAvailability": {"usingMobileKey": false, "usingEnvironmentId": true}, "clientSide": true,
            "trackEvents": true,
        "trackEventsFallthrough": true, "debugEventsUntilDate": 5, "migration": {"checkRatio": 4}, "samplingRatio": 10,
        "excludeFromSummaries": true, "unknown": {"x": 1},
    }});
    let segments = json!({"s": {
        "version": 2, "included": ["a"], "excluded": ["b"], "salt": "s", "unbounded": true,
            "unboundedContextKind": "org", "generation": 4,
        "excludedContexts": [{"contextKind": "org", "values": ["o"]}],
        "rules": [{"id": "r", "clauses": [], "weight": 5, "bucketBy": "a", "rolloutContextKind": "org"}],
    }});
    let payload = Payload::from_json(&json!({"flags": flags, "segments": segments}).to_string()).unwrap();
    assert_eq!(payload.unreadable, []);
    let again = Payload::from_json(&serde_json::to_string(&payload).unwrap()).unwrap();
    assert_eq!(again, payload);
}

#[test]
fn flags_of_the_old_schema_are_available_to_mobile_sdks() {
    let availability = |flag: Value| {
        let availability = from_value::<FlagData>(flag).unwrap().availability();
        (availability.using_mobile_key, availability.using_environment_id)
    };
    assert_eq!(availability(json!({})), (true, false));
    assert_eq!(availability(json!({"clientSide": true})), (true, true));
    assert_eq!(availability(json!({"clientSide": true, "clientSideAvailability": {}})), (false, false));
    assert_eq!(availability(json!({"clientSideAvailability": {"usingMobileKey": true}})), (true, false));
}
