//! A snapshot that shares with the one before evaluates as one that is compiled of the whole.

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use std::collections::BTreeSet;

use common::{context, evaluate};
use evaluation::{Payload, Snapshot};
use serde_json::{Value, json};

fn payload(flags: &Value) -> Payload {
    let segments = json!({"staff": {"included": ["ada"]}});
    Payload::from_json(&json!({"flags": flags, "segments": segments}).to_string()).unwrap()
}

fn flag(needs: &[&str], first: u32) -> Value {
    let prerequisites: Vec<_> = needs.iter().map(|key| json!({"key": key, "variation": 0})).collect();
    let clause = json!({"op": "segmentMatch", "values": ["staff"]});
    json!({"version": 1, "on": true, "variations": ["a", "b", "c"], "offVariation": 2, "prerequisites": prerequisites,
        "fallthrough": {"variation": first}, "rules": [{"id": "r", "variation": 1, "clauses": [clause]}]})
}

/// Recompiles `before` as `after`, in which these flags differ; every flag comes to what it comes to anew.
fn same(before: &Value, after: &Value, changed: &[&str]) {
    let (before, after) = (Snapshot::compile(&payload(before)), payload(after));
    let changed: BTreeSet<String> = changed.iter().map(|key| (*key).to_owned()).collect();
    let (shared, anew) = (before.recompile(&after, &changed), Snapshot::compile(&after));
    assert_eq!(shared.flags().len(), anew.flags().len());
    for key in ["ada", "bob"] {
        let whom = context(&json!({"kind": "user", "key": key}));
        for flag in anew.flags() {
            assert_eq!(evaluate(&shared, flag.key(), &whom), evaluate(&anew, flag.key(), &whom), "{}", flag.key());
        }
    }
}

#[test]
fn an_edit_is_seen_by_the_flag_and_by_those_that_need_it() {
    let before = json!({"a": flag(&[], 0), "b": flag(&["a"], 0), "c": flag(&["b"], 0)});
    same(&before, &json!({"a": flag(&[], 1), "b": flag(&["a"], 0), "c": flag(&["b"], 0)}), &["a"]);
    same(&before, &json!({"a": flag(&[], 1), "b": flag(&[], 2), "c": flag(&["b"], 0)}), &["a", "b"]);
}

#[test]
fn a_cycle_that_an_edit_closes_or_opens_is_known_to_all_along_it() {
    let chain = json!({"a": flag(&[], 0), "b": flag(&["a"], 0), "c": flag(&["b"], 0)});
    let ring = json!({"a": flag(&["c"], 0), "b": flag(&["a"], 0), "c": flag(&["b"], 0)});
    same(&chain, &ring, &["a"]);
    same(&ring, &chain, &["a"]);
}

#[test]
fn other_flags_than_before_are_all_compiled() {
    let two = json!({"a": flag(&[], 0), "b": flag(&["a"], 0)});
    let three = json!({"a": flag(&[], 0), "aa": flag(&["b"], 1), "b": flag(&["aa"], 0)});
    same(&two, &three, &["b"]);
    same(&three, &two, &["b"]);
}
