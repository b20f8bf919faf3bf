//! Contexts and legacy users as they come in JSON (`launchdarkly.md` §2.3).

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use common::{context, matches};
use evaluation::{Context, InvalidContext, Kind};
use serde_json::json;

#[test]
fn refuses_what_is_no_context() {
    let table = [
        (json!(null), InvalidContext::NotAnObject),
        (json!("user"), InvalidContext::NotAnObject),
        (json!([]), InvalidContext::NotAnObject),
        (json!({}), InvalidContext::KeyMissing),
        (json!({"key": null}), InvalidContext::KeyMissing),
        (json!({"key": 1}), InvalidContext::KeyMissing),
        (json!({"kind": null, "key": "k"}), InvalidContext::Kind),
        (json!({"kind": 1, "key": "k"}), InvalidContext::Kind),
        (json!({"kind": "", "key": "k"}), InvalidContext::Kind),
        (json!({"kind": "kind", "key": "k"}), InvalidContext::Kind),
        (json!({"kind": "a b", "key": "k"}), InvalidContext::Kind),
        (json!({"kind": "ü", "key": "k"}), InvalidContext::Kind),
        (json!({"kind": "user"}), InvalidContext::KeyMissing),
        (json!({"kind": "user", "key": ""}), InvalidContext::KeyEmpty),
        (json!({"kind": "user", "key": null}), InvalidContext::KeyMissing),
        (json!({"kind": "user", "key": 3}), InvalidContext::KeyMissing),
        (json!({"kind": "user", "key": "k", "name": 1}), InvalidContext::AttributeType("name")),
        (json!({"kind": "user", "key": "k", "anonymous": "yes"}), InvalidContext::AttributeType("anonymous")),
        (json!({"kind": "user", "key": "k", "_meta": 1}), InvalidContext::AttributeType("_meta")),
        (
            json!({"kind": "user", "key": "k", "_meta": {"privateAttributes": [1]}}),
            InvalidContext::AttributeType("_meta"),
        ),
        (json!({"key": "k", "email": 1}), InvalidContext::AttributeType("email")),
        (json!({"key": "k", "custom": []}), InvalidContext::AttributeType("custom")),
        (json!({"key": "k", "privateAttributeNames": "email"}), InvalidContext::AttributeType("privateAttributeNames")),
        (json!({"kind": "multi"}), InvalidContext::Kinds),
        (json!({"kind": "multi", "user": "k"}), InvalidContext::NotAnObject),
        (json!({"kind": "multi", "user": {}}), InvalidContext::KeyMissing),
        (json!({"kind": "multi", "user": {"key": ""}}), InvalidContext::KeyEmpty),
        (json!({"kind": "multi", "a b": {"key": "k"}}), InvalidContext::Kind),
        (json!({"kind": "multi", "multi": {"key": "k"}}), InvalidContext::Kind),
        (json!({"kind": "multi", "org": {"kind": "multi", "key": "k"}}), InvalidContext::Kind),
    ];
    for (json, expected) in table {
        assert_eq!(Context::from_value(json.clone()), Err(expected), "{json}");
    }
    assert!(matches!(Context::from_json("{"), Err(InvalidContext::NotJson(_))));
}

#[test]
fn takes_what_is_a_context() {
    for json in [
        json!({"kind": "user", "key": "k"}),
        json!({"kind": "Org-1_x.y", "key": "k", "name": null, "anonymous": null, "_meta": null}),
        json!({"kind": "user", "key": "k", "_meta": {"privateAttributes": null, "other": 1}}),
        json!({"key": ""}),
        json!({"key": "k", "custom": null, "privateAttributeNames": ["x"], "anonymous": null, "secondary": "s"}),
        json!({"key": "k", "somethingElse": {"a": 1}}),
        json!({"kind": "multi", "user": {"key": "k"}}),
        json!({"kind": "multi", "user": {"key": "k"}, "org": {"key": "k", "kind": "org"}}),
    ] {
        assert!(Context::from_value(json.clone()).is_ok(), "{json}");
    }
}

#[test]
fn a_legacy_user_becomes_a_context_of_kind_user() {
    let user = json!({
        "key": "k", "name": "Ada", "email": "a@b.c", "firstName": "A", "lastName": "B", "country": "CH", "ip": "::1",
        "avatar": "x.png", "anonymous": true, "unknown": "dropped",
        "custom": {"plan": "gold", "email": "loses", "key": "loses", "kind": "loses", "n": 3, "nothing": null},
    });
    let equals =
        |attribute: &str, value: serde_json::Value| json!({"attribute": attribute, "op": "in", "values": [value]});
    for (clause, expected) in [
        (equals("key", json!("k")), true),
        (equals("name", json!("Ada")), true),
        (equals("email", json!("a@b.c")), true),
        (equals("firstName", json!("A")), true),
        (equals("lastName", json!("B")), true),
        (equals("country", json!("CH")), true),
        (equals("ip", json!("::1")), true),
        (equals("avatar", json!("x.png")), true),
        (equals("anonymous", json!(true)), true),
        (equals("kind", json!("user")), true),
        (equals("plan", json!("gold")), true),
        (equals("n", json!(3)), true),
        (equals("unknown", json!("dropped")), false),
        (equals("custom", json!("gold")), false),
    ] {
        assert_eq!(matches(&clause, &user), expected, "{clause}");
    }
}

#[test]
fn one_kind_in_a_multi_kind_context_is_a_single_kind() {
    let multi = context(&json!({"kind": "multi", "org": {"key": "o", "plan": "gold"}}));
    assert_eq!(multi, context(&json!({"kind": "org", "key": "o", "plan": "gold"})));
}

#[test]
fn is_built_from_parts() {
    let user = Context::new(Kind::User, "u").unwrap();
    let org = Context::new(Kind::new("org").unwrap(), "o").unwrap();
    assert_eq!(Context::new(Kind::User, ""), Err(InvalidContext::KeyEmpty));
    assert_eq!(Context::multi([]), Err(InvalidContext::Kinds));
    assert_eq!(Context::multi([user.clone(), user.clone()]), Err(InvalidContext::Kinds));
    assert_eq!(Context::multi([user.clone()]), Ok(user.clone()));
    let both = Context::multi([user.clone(), org.clone()]).unwrap();
    assert_eq!(both, context(&json!({"kind": "multi", "user": {"key": "u"}, "org": {"key": "o"}})));
    assert_eq!(both.kinds().map(Kind::as_str).collect::<Vec<_>>(), ["org", "user"]);
    assert_eq!(both.key(&Kind::User), Some("u"));
    assert_eq!(both.key(&Kind::new("org").unwrap()), Some("o"));
    assert_eq!(both.key(&Kind::new("device").unwrap()), None);
    assert_eq!(Context::multi([both, user]), Err(InvalidContext::Kinds));
}

#[test]
fn has_the_canonical_key_of_launchdarkly() {
    // `launchdarkly.md` §1.9.
    for (json, expected) in [
        (json!({"kind": "user", "key": "a:b%"}), "a:b%"),
        (json!({"key": ""}), ""),
        (json!({"kind": "org", "key": "a:b%"}), "org:a%3Ab%25"),
        (json!({"kind": "multi", "user": {"key": "u"}, "org": {"key": "o:"}}), "org:o%3A:user:u"),
        (json!({"kind": "multi", "user": {"key": "u"}, "zoo": {"key": "z"}}), "user:u:zoo:z"),
    ] {
        assert_eq!(context(&json).canonical_key(), expected, "{json}");
    }
}

#[test]
fn finds_each_of_few_and_of_many_attributes() {
    for count in [1, 16, 17, 100] {
        let mut user: serde_json::Map<_, _> = (0..count).map(|i| (format!("attribute-{i}"), json!(i))).collect();
        user.extend([("kind".to_owned(), json!("user")), ("key".to_owned(), json!("k"))]);
        let user = serde_json::Value::Object(user);
        for i in 0..=count {
            let clause = json!({"attribute": format!("attribute-{i}"), "op": "in", "values": [i]});
            assert_eq!(matches(&clause, &user), i < count, "{i} of {count}");
        }
    }
}
