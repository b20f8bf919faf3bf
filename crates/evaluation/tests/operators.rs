//! Clauses, operator by operator (`launchdarkly.md` §2.4 and §2.6).

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use common::{context, evaluate, malformed, matches, snapshot};
use serde_json::{Value, json};

/// Whether `value op operand` holds, for the attribute of a user.
fn holds(value: &Value, op: &str, operand: &Value) -> bool {
    let user = json!({"kind": "user", "key": "k", "a": value});
    let clause = |negate| json!({"attribute": "a", "op": op, "values": [operand], "negate": negate});
    let (plain, negated) = (matches(&clause(false), &user), matches(&clause(true), &user));
    assert_ne!(plain, negated, "negation turns {value} {op} {operand} round");
    plain
}

#[test]
fn in_is_equality_without_coercion() {
    let different = [
        json!("x"),
        json!("X"),
        json!("99"),
        json!(99),
        json!(99.5),
        json!(0),
        json!(true),
        json!(false),
        json!("true"),
        json!(""),
    ];
    for (i, value) in different.iter().enumerate() {
        for (j, operand) in different.iter().enumerate() {
            assert_eq!(holds(value, "in", operand), i == j, "{value} in {operand}");
        }
    }
    assert!(holds(&json!(99), "in", &json!(99.0)));
    assert!(holds(&json!(-0.0), "in", &json!(0)));
    assert!(holds(&json!(9_007_199_254_740_993_u64), "in", &json!(9_007_199_254_740_992_u64)), "numbers are doubles");
}

#[test]
fn in_never_equals_objects_arrays_or_null() {
    assert!(!holds(&json!({"x": 1}), "in", &json!({"x": 1})));
    assert!(!holds(&json!([[1]]), "in", &json!([1])));
    assert!(!holds(&json!([null]), "in", &json!(null)));
    assert!(!holds(&json!([]), "in", &json!([])));
}

#[test]
fn in_finds_values_in_short_and_long_lists() {
    for length in [1, 2, 8, 9, 500] {
        let texts: Vec<_> = (0..length).map(|i| json!(format!("v{i}"))).collect();
        let numbers: Vec<_> = (0..length).rev().map(|i| json!(i)).collect();
        let values = [texts, numbers, vec![json!(true)]].concat();
        let clause = json!({"attribute": "a", "op": "in", "values": values});
        for (value, expected) in [
            (json!(format!("v{}", length - 1)), true),
            (json!("v0"), true),
            (json!(format!("v{length}")), false),
            (json!(0), true),
            (json!(length - 1), true),
            (json!(length), false),
            (json!(true), true),
            (json!(false), false),
        ] {
            let user = json!({"kind": "user", "key": "k", "a": value});
            assert_eq!(matches(&clause, &user), expected, "{value} in {length} values");
        }
    }
}

#[test]
fn text_operators_compare_text_by_case() {
    let table = [
        ("xyz", "startsWith", json!("x"), true),
        ("xyz", "startsWith", json!("xyz"), true),
        ("xyz", "startsWith", json!(""), true),
        ("xyz", "startsWith", json!("X"), false),
        ("xyz", "startsWith", json!("xyzz"), false),
        ("xyz", "startsWith", json!("z"), false),
        ("xyz", "endsWith", json!("z"), true),
        ("xyz", "endsWith", json!("xyz"), true),
        ("xyz", "endsWith", json!("Z"), false),
        ("xyz", "endsWith", json!("y"), false),
        ("xyz", "contains", json!("y"), true),
        ("xyz", "contains", json!("yz"), true),
        ("xyz", "contains", json!("Y"), false),
        ("xyz", "contains", json!("xz"), false),
        ("ärger", "startsWith", json!("ä"), true),
        ("99", "startsWith", json!(9), false),
        ("99", "contains", json!(9), false),
        ("true", "endsWith", json!(true), false),
    ];
    for (value, op, operand, expected) in table {
        assert_eq!(holds(&json!(value), op, &operand), expected, "{value} {op} {operand}");
    }
    for op in ["startsWith", "endsWith", "contains", "matches"] {
        assert!(!holds(&json!(99), op, &json!("9")), "a number is no text for {op}");
        assert!(!holds(&json!({"x": "x"}), op, &json!("x")), "an object is no text for {op}");
    }
}

#[test]
fn matches_searches_for_a_regular_expression() {
    let table = [
        ("hello world", "hello.*rld", true),
        ("hello world", "hello.*orl", true),
        ("hello world", "l+", true),
        ("hello world", "(world|planet)", true),
        ("hello world", "^world", false),
        ("hello world", "aloha", false),
        ("hello world", "Hello", false),
        ("hello world", "(?i)HELLO", true),
        ("hello world", "***bad rg", false),
        ("hello world", "(?=hello)", false),
        ("hello world", "", true),
    ];
    for (value, pattern, expected) in table {
        assert_eq!(holds(&json!(value), "matches", &json!(pattern)), expected, "{pattern}");
    }
    assert!(!holds(&json!("5"), "matches", &json!(5)));
}

#[test]
fn number_operators_compare_numbers_only() {
    let table = [
        ("lessThan", [true, false, false]),
        ("lessThanOrEqual", [true, true, false]),
        ("greaterThan", [false, false, true]),
        ("greaterThanOrEqual", [false, true, true]),
    ];
    for (op, expected) in table {
        for (value, expected) in [json!(99), json!(99.5), json!(100)].iter().zip(expected) {
            assert_eq!(holds(value, op, &json!(99.5)), expected, "{value} {op} 99.5");
        }
        assert!(!holds(&json!("99"), op, &json!(99)), "digits in a text are no number");
        assert!(!holds(&json!(99), op, &json!("99")), "digits in a text are no number");
        assert!(!holds(&json!(true), op, &json!(1)), "a boolean is no number");
    }
}

const EARLIER: [&str; 6] = [
    r#""2017-12-06T00:00:00.000-07:00""#,
    r#""2017-12-06T07:00:00.000Z""#,
    r#""2017-12-06T07:00:00Z""#,
    r#""2017-12-06t07:00:00.000000000z""#,
    r#""2017-12-06T08:30:00+01:30""#,
    "1512543600000",
];
const LATER: [&str; 6] = [
    r#""2017-12-06T00:00:00.001-07:00""#,
    r#""2017-12-06T07:00:00.000000001Z""#,
    r#""2017-12-06T07:00:01Z""#,
    r#""2017-12-06T06:00:00-07:00""#,
    r#""9999-12-31T23:59:60Z""#,
    "1512543600001",
];

fn date(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn date_operators_compare_instants_strictly() {
    for a in EARLIER.map(date) {
        for b in EARLIER.map(date) {
            assert!(!holds(&a, "before", &b) && !holds(&a, "after", &b), "{a} is {b}");
        }
        for b in LATER.map(date) {
            assert!(holds(&a, "before", &b) && !holds(&a, "after", &b), "{a} is before {b}");
            assert!(!holds(&b, "before", &a) && holds(&b, "after", &a), "{b} is after {a}");
        }
    }
}

#[test]
fn date_operators_ignore_what_is_no_date() {
    let bad = [
        json!("2017-12-06X00:00:00.000-07:00"),
        json!("2017-12-06"),
        json!("00:00:00.000-07.00"),
        json!("badstring"),
        json!(""),
        json!("1512543600000"),
        json!("2017-12-06T07:00:00"),
        json!(true),
        json!({}),
        json!("2017-12-06T07:00Z"),
    ];
    for bad in &bad {
        for good in EARLIER.map(date) {
            for op in ["before", "after"] {
                assert!(!holds(bad, op, &good), "{bad} {op} {good}");
                assert!(!holds(&good, op, bad), "{good} {op} {bad}");
            }
        }
    }
}

#[test]
fn version_operators_compare_by_precedence() {
    // Each row is of equal precedence, the rows ascend.
    let rows: [&[&str]; 7] = [
        &["2.0.0-rc.1", "2-rc.1", "2.0-rc.1+build"],
        &["2.0.0-rc.2"],
        &["2.0.0-rc.10"],
        &["2.0.0", "2", "2.0", "2+build", "2.0.0+2"],
        &["2.0.1"],
        &["2.1", "2.1.0"],
        &["10"],
    ];
    for (i, row) in rows.iter().enumerate() {
        for (j, other) in rows.iter().enumerate() {
            for a in *row {
                for b in *other {
                    assert_eq!(holds(&json!(a), "semVerEqual", &json!(b)), i == j, "{a} = {b}");
                    assert_eq!(holds(&json!(a), "semVerLessThan", &json!(b)), i < j, "{a} < {b}");
                    assert_eq!(holds(&json!(a), "semVerGreaterThan", &json!(b)), i > j, "{a} > {b}");
                }
            }
        }
    }
}

#[test]
fn version_operators_ignore_what_is_no_version() {
    for bad in
        [json!("v2.0.0"), json!("02.0.0"), json!("2.0.0.0"), json!("x"), json!(""), json!(2), json!(2.0), json!(true)]
    {
        for op in ["semVerEqual", "semVerLessThan", "semVerGreaterThan"] {
            assert!(!holds(&bad, op, &json!("2.0.0")), "{bad} {op} 2.0.0");
            assert!(!holds(&json!("2.0.0"), op, &bad), "2.0.0 {op} {bad}");
        }
    }
}

#[test]
fn an_unknown_operator_matches_nothing() {
    assert!(!holds(&json!("x"), "later", &json!("x")));
    assert!(!holds(&json!("x"), "", &json!("x")));
    assert!(!matches(&json!({"attribute": "key", "values": ["k"]}), &json!({"kind": "user", "key": "k"})));
}

#[test]
fn any_element_of_an_array_against_any_value() {
    let user = json!({"kind": "user", "key": "k", "tags": ["a", "b", 3], "none": []});
    let clause = |attribute: &str, values: Value, negate: bool| {
        json!({"attribute": attribute, "op": "in",
        "values": values, "negate": negate})
    };
    let table = [
        (clause("tags", json!(["x", "b"]), false), true),
        (clause("tags", json!([3]), false), true),
        (clause("tags", json!(["x", "y"]), false), false),
        (clause("tags", json!(["x", "b"]), true), false),
        (clause("tags", json!(["x", "y"]), true), true),
        (clause("tags", json!([]), false), false),
        (clause("tags", json!([]), true), true),
        (clause("none", json!(["a"]), false), false),
        (clause("none", json!(["a"]), true), true),
    ];
    for (clause, expected) in table {
        assert_eq!(matches(&clause, &user), expected, "{clause}");
    }
}

#[test]
fn a_missing_attribute_matches_neither_way() {
    let user = json!({"kind": "user", "key": "k", "nothing": null});
    for attribute in ["gone", "nothing", "name", "/address/city"] {
        for negate in [false, true] {
            let clause = json!({"attribute": attribute, "op": "in", "values": ["x"], "negate": negate});
            assert!(!matches(&clause, &user), "{clause}");
        }
    }
    for negate in [false, true] {
        let clause = json!({"contextKind": "org", "attribute": "key", "op": "in", "values": ["x"], "negate": negate});
        assert!(!matches(&clause, &user), "the context has no org: {clause}");
    }
}

#[test]
fn a_clause_looks_at_the_part_of_its_kind() {
    let both = json!({"kind": "multi", "user": {"key": "u", "plan": "free"}, "org": {"key": "o", "plan": "gold"}});
    let table = [
        (json!({"attribute": "plan", "op": "in", "values": ["free"]}), true),
        (json!({"contextKind": "user", "attribute": "plan", "op": "in", "values": ["free"]}), true),
        (json!({"contextKind": "org", "attribute": "plan", "op": "in", "values": ["gold"]}), true),
        (json!({"contextKind": "org", "attribute": "plan", "op": "in", "values": ["free"]}), false),
        (json!({"contextKind": "device", "attribute": "plan", "op": "in", "values": ["free"]}), false),
        (json!({"contextKind": "org", "attribute": "/kind", "op": "in", "values": ["org"]}), true),
        (json!({"contextKind": "org", "attribute": "/kind", "op": "in", "values": ["user"]}), false),
    ];
    for (clause, expected) in table {
        assert_eq!(matches(&clause, &both), expected, "{clause}");
    }
}

#[test]
fn the_attribute_kind_stands_for_every_kind_of_the_context() {
    let user = json!({"kind": "user", "key": "u"});
    let both = json!({"kind": "multi", "user": {"key": "u"}, "org": {"key": "o"}});
    let clause = |value: &str, negate: bool| {
        json!({"contextKind": "device", "attribute": "kind", "op": "in",
        "values": [value], "negate": negate})
    };
    let table = [
        (clause("user", false), &user, true),
        (clause("org", false), &user, false),
        (clause("org", true), &user, true),
        (clause("org", false), &both, true),
        (clause("user", false), &both, true),
        (clause("device", false), &both, false),
        (clause("org", true), &both, false),
        (clause("device", true), &both, true),
    ];
    for (clause, user, expected) in table {
        assert_eq!(matches(&clause, user), expected, "{clause}");
    }
    assert!(matches(&json!({"attribute": "kind", "op": "startsWith", "values": ["us"]}), &user));
}

#[test]
fn references_lead_into_objects() {
    let user = json!({
        "kind": "user", "key": "k", "name": "Ada", "anonymous": true, "address": {"city": "Bern", "geo": {"lat": 1}},
        "a/b": 1, "a~b": 2, "/a": 3, "list": ["zero"], "_meta": {"privateAttributes": ["name"]},
    });
    let equals = |attribute: &str, value: Value| {
        json!({"contextKind": "user", "attribute": attribute, "op": "in",
        "values": [value]})
    };
    let table = [
        (equals("key", json!("k")), true),
        (equals("/key", json!("k")), true),
        (equals("name", json!("Ada")), true),
        (equals("anonymous", json!(true)), true),
        (equals("/address/city", json!("Bern")), true),
        (equals("/address/geo/lat", json!(1)), true),
        (equals("/address/city/deeper", json!("Bern")), false),
        (equals("/name/0", json!("A")), false),
        (equals("/list/0", json!("zero")), false),
        (equals("a/b", json!(1)), true),
        (equals("/a~1b", json!(1)), true),
        (equals("/a~0b", json!(2)), true),
        (equals("/~1a", json!(3)), true),
        (equals("_meta", json!("x")), false),
        (json!({"attribute": "/a", "op": "in", "values": [3]}), true),
        (json!({"attribute": "/address/city", "op": "in", "values": ["Bern"]}), false),
    ];
    for (clause, expected) in table {
        assert_eq!(matches(&clause, &user), expected, "{clause}");
    }
}

#[test]
fn every_context_has_the_attribute_anonymous() {
    let clause = json!({"attribute": "anonymous", "op": "in", "values": [false]});
    assert!(matches(&clause, &json!({"kind": "user", "key": "k"})));
    assert!(!matches(&clause, &json!({"kind": "user", "key": "k", "anonymous": true})));
}

#[test]
fn an_invalid_reference_is_malformed_once_it_is_reached() {
    let invalid = [
        json!({"op": "in", "values": [""]}),
        json!({"attribute": "", "op": "in", "values": [""]}),
        json!({"attribute": null, "op": "in", "values": [""]}),
        json!({"contextKind": "user", "attribute": "/", "op": "in", "values": [""]}),
        json!({"contextKind": "user", "attribute": "///", "op": "in", "values": [""]}),
        json!({"contextKind": "user", "attribute": "/a//b", "op": "in", "values": [""]}),
        json!({"contextKind": "user", "attribute": "/a/", "op": "in", "values": [""]}),
        json!({"contextKind": "user", "attribute": "/a~b", "op": "in", "values": [true]}),
        json!({"contextKind": "user", "attribute": "/a~", "op": "in", "values": [true]}),
        json!({"contextKind": "org", "attribute": "/a~", "op": "in", "values": [true]}),
    ];
    let user = context(&json!({"kind": "user", "key": "k", "a~b": true, "a~": true}));
    for clause in invalid {
        let flag = json!({
            "on": true, "variations": [0, 1], "fallthrough": {"variation": 0}, "offVariation": 0,
            "rules": [{"variation": 1, "clauses": [clause]}, {"variation": 1, "clauses": []}],
        });
        let mut behind = flag.clone();
        behind["rules"][0]["clauses"] = json!([{"attribute": "key", "op": "in", "values": ["x"]}, clause]);
        let snapshot = snapshot(&json!({"flags": {"reached": flag, "behind": behind}}));
        assert_eq!(evaluate(&snapshot, "reached", &user), malformed(), "{clause}");
        assert_eq!(evaluate(&snapshot, "behind", &user)[0], 1, "{clause} stands behind a clause that does not match");
    }
}
