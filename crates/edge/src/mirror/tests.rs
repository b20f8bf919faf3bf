//! The rules of versions, and the order that comes of them.

use serde_json::{Value, json};

use super::*;
use crate::wire;

fn told(mirror: &mut Mirror, name: &str, data: &Value) -> bool {
    let data = data.to_string();
    mirror.apply(wire::message(name, &data).unwrap().unwrap())
}

fn put(mirror: &mut Mirror, flags: &Value) -> bool {
    told(mirror, "put", &json!({"path": "/", "data": {"flags": flags, "segments": {}}}))
}

fn patch(mirror: &mut Mirror, key: &str, data: &Value) -> bool {
    told(mirror, "patch", &json!({"path": format!("/flags/{key}"), "data": data}))
}

fn delete(mirror: &mut Mirror, key: &str, version: u64) -> bool {
    told(mirror, "delete", &json!({"path": format!("/flags/{key}"), "version": version}))
}

fn snapshot(mirror: &mut Mirror) -> EnvironmentSnapshot {
    let place = Place { project: "upstream".parse().unwrap(), environment: "a".parse().unwrap() };
    mirror.snapshot(place)
}

fn payload(mirror: &mut Mirror) -> Value {
    serde_json::from_slice(snapshot(mirror).payload()).unwrap()
}

/// What a client that stands at `seq` is told: key and version; `None` for the whole.
fn since(mirror: &mut Mirror, seq: i64) -> Option<Vec<(i64, String)>> {
    let snapshot = snapshot(mirror);
    let updates = snapshot.updates_since(Revision(seq))?;
    Some(updates.iter().map(|update| (update.seq.0, update.key.clone())).collect())
}

#[test]
fn a_patch_counts_only_when_its_version_is_greater_also_than_that_of_a_deletion() {
    let mut mirror = Mirror::default();
    assert!(put(&mut mirror, &json!({"a": {"version": 5}})));
    assert!(!patch(&mut mirror, "a", &json!({"version": 5, "on": true})));
    assert!(!patch(&mut mirror, "a", &json!({"version": 4})));
    assert!(patch(&mut mirror, "a", &json!({"version": 6, "unknown": [1]})));
    assert_eq!(payload(&mut mirror)["flags"]["a"], json!({"version": 6, "unknown": [1]}));
    assert!(!delete(&mut mirror, "a", 6));
    assert!(delete(&mut mirror, "a", 9));
    assert!(!patch(&mut mirror, "a", &json!({"version": 8})));
    assert!(patch(&mut mirror, "a", &json!({"version": 10})));
    assert!(!delete(&mut mirror, "never-there", 3));
    assert!(!patch(&mut mirror, "never-there", &json!({"version": 3})), "its deletion is remembered all the same");
    assert!(patch(&mut mirror, "a", &json!({"version": 11, "deleted": true})), "a tombstone in a patch is a deletion");
    assert_eq!(payload(&mut mirror)["flags"], json!({}));
}

#[test]
fn behind_a_steadfast_places_are_its_versions() {
    let mut mirror = Mirror::default();
    put(&mut mirror, &json!({"a": {"version": 5}, "b": {"version": 9}}));
    assert_eq!(mirror.seq(), Revision(9));
    patch(&mut mirror, "a", &json!({"version": 12}));
    delete(&mut mirror, "b", 15);
    assert_eq!((mirror.seq(), mirror.counted()), (Revision(15), false));
    assert_eq!(since(&mut mirror, 9), Some(vec![(12, "a".into()), (15, "b".into())]));
    assert_eq!(since(&mut mirror, 8), None, "before the first whole nothing is known");
}

#[test]
fn behind_launchdarkly_places_are_counted_and_never_go_back() {
    let mut mirror = Mirror::default();
    put(&mut mirror, &json!({"a": {"version": 200}, "b": {"version": 3}}));
    patch(&mut mirror, "b", &json!({"version": 4}));
    patch(&mut mirror, "a", &json!({"version": 201}));
    assert_eq!((mirror.seq(), mirror.counted()), (Revision(202), true));
    assert_eq!(since(&mut mirror, 200), Some(vec![(201, "b".into()), (202, "a".into())]));
}

#[test]
fn a_second_put_tells_only_what_differs() {
    let mut mirror = Mirror::default();
    put(&mut mirror, &json!({"a": {"version": 5}, "b": {"version": 6}, "c": {"version": 7}}));
    assert!(!put(&mut mirror, &json!({"a": {"version": 5}, "b": {"version": 6}, "c": {"version": 7}})));
    assert_eq!(mirror.seq(), Revision(7));
    assert!(put(&mut mirror, &json!({"b": {"version": 8}, "c": {"version": 7}, "d": {"version": 9}})));
    let mut news = since(&mut mirror, 7).unwrap();
    news.sort();
    assert_eq!(news, [(8, "b".into()), (9, "a".into()), (9, "d".into())]);
    assert!(!patch(&mut mirror, "a", &json!({"version": 6})), "it is gone since a greater version");
}

#[test]
fn a_put_that_sdks_would_not_believe_is_sent_whole() {
    for later in [
        json!({"a": {"version": 4}, "b": {"version": 6}}),
        json!({"a": {"version": 5, "on": true}, "b": {"version": 6}}),
    ] {
        let mut mirror = Mirror::default();
        put(&mut mirror, &json!({"a": {"version": 5}, "b": {"version": 6}}));
        assert!(put(&mut mirror, &later));
        assert_eq!((mirror.seq(), since(&mut mirror, 6)), (Revision(7), None), "{later}");
        assert_eq!(payload(&mut mirror)["flags"], later);
        assert!(patch(&mut mirror, "a", &json!({"version": 8})));
    }
}

#[test]
fn what_was_restored_stands_where_it_stood_and_knows_its_versions() {
    let json = r#"{"flags":{"a":{"version":5}},"segments":{"s":{"version":2}}}"#;
    let mut mirror = Mirror::restored(Revision(70), true, wire::payload(json).unwrap(), vec![]);
    assert_eq!((mirror.seq(), mirror.counted(), mirror.items()), (Revision(70), true, 2));
    assert_eq!(snapshot(&mut mirror).payload(), json.as_bytes());
    assert_eq!(since(&mut mirror, 69), None);
    assert!(!patch(&mut mirror, "a", &json!({"version": 5})));
    assert!(patch(&mut mirror, "a", &json!({"version": 6})));
    assert_eq!(since(&mut mirror, 70), Some(vec![(71, "a".into())]));
}

#[test]
fn data_that_cannot_be_read_here_goes_on_to_sdks_as_it_is() {
    let mut mirror = Mirror::default();
    put(&mut mirror, &json!({"odd": {"version": 1, "rules": "none"}, "fine": {"version": 2}}));
    assert_eq!(payload(&mut mirror)["flags"]["odd"], json!({"version": 1, "rules": "none"}));
    let compiled = mirror.compile_if_outdated();
    assert!(compiled.is_none_or(|compiled| compiled.flag("fine").is_some()));
    assert!(patch(&mut mirror, "odd", &json!({"version": 3, "rules": []})));
    assert!(mirror.compile_if_outdated().unwrap().flag("odd").is_some());
}

#[test]
fn json_over_several_lines_goes_on_in_one() {
    let mut mirror = Mirror::default();
    let data = "{\"data\":{\"flags\":{\"a\":{\n\"version\":\r\n1}},\"segments\":{}}}";
    mirror.apply(wire::message("put", data).unwrap().unwrap());
    assert!(!mirror.apply(wire::message("put", data).unwrap().unwrap()), "it is the same");
    assert!(!snapshot(&mut mirror).payload().contains(&b'\n'));
}

fn features(mirror: &mut Mirror, seq: u64, list: &[(&str, u64, bool)]) -> bool {
    let feature = |(name, version, enabled): &(&str, u64, bool)| {
        json!({"feature": {"name": name, "enabled": enabled}, "version": version, "variations": [true, false],
            "availability": {"usingMobileKey": true, "usingEnvironmentId": true}, "trackEvents": false})
    };
    let list: Vec<Value> = list.iter().map(feature).collect();
    told(mirror, "features", &json!({"seq": seq, "features": list}))
}

/// What Unleash's SDKs are told that stand at `seq`.
fn unleash_since(mirror: &mut Mirror, seq: i64) -> Option<Vec<(i64, String, bool)>> {
    let snapshot = snapshot(mirror);
    let updates = snapshot.unleash().history().since(Revision(seq))?;
    Some(updates.iter().map(|update| (update.seq.0, update.key.clone(), update.json().is_some())).collect())
}

#[test]
fn features_come_with_the_put_and_then_whenever_they_differ() {
    let mut mirror = Mirror::default();
    assert!(!features(&mut mirror, 7, &[("ui", 7, true), ("old", 3, true)]), "nothing is shown before the put");
    assert!(put(&mut mirror, &json!({"a": {"version": 5}})));
    assert_eq!((mirror.seq(), mirror.counted(), mirror.items()), (Revision(7), false, 3));
    assert!(mirror.compile_if_outdated().is_none_or(|compiled| compiled.flag("ui").is_some()));

    assert!(features(&mut mirror, 9, &[("ui", 9, false), ("old", 3, true)]));
    assert!(features(&mut mirror, 11, &[("ui", 9, false)]));
    assert_eq!((mirror.seq(), mirror.counted(), mirror.items()), (Revision(11), false, 2));
    let told = unleash_since(&mut mirror, 7).unwrap();
    assert_eq!(told, [(9, "ui".into(), true), (11, "old".into(), false)]);
    assert!(!features(&mut mirror, 12, &[("ui", 9, false)]), "the same again is no news");

    mirror.reconnect();
    features(&mut mirror, 12, &[("ui", 9, false)]);
    assert!(!put(&mut mirror, &json!({"a": {"version": 5}})), "nor is it after a connection");
    mirror.reconnect();
    assert!(put(&mut mirror, &json!({"a": {"version": 5}})), "an upstream that tells of none has none");
    assert_eq!(mirror.items(), 1);
}

#[test]
fn a_flag_that_becomes_a_feature_and_back_is_one_of_both() {
    let mut mirror = Mirror::default();
    put(&mut mirror, &json!({"a": {"version": 5}}));
    features(&mut mirror, 8, &[("a", 8, true)]);
    delete(&mut mirror, "a", 8);
    assert_eq!((payload(&mut mirror)["flags"].clone(), mirror.items()), (json!({}), 1));
    assert_eq!(snapshot(&mut mirror).compiled().flags().len(), 1);
    features(&mut mirror, 11, &[]);
    assert!(patch(&mut mirror, "a", &json!({"version": 12})));
    assert_eq!((payload(&mut mirror)["flags"]["a"]["version"].clone(), mirror.items()), (json!(12), 1));
    assert!(snapshot(&mut mirror).features().len() <= 2, "no features");
}

#[test]
fn features_are_restored_as_they_were_kept() {
    let mut mirror = Mirror::default();
    features(&mut mirror, 7, &[("ui", 7, true)]);
    put(&mut mirror, &json!({}));
    let shown = snapshot(&mut mirror);
    let kept = std::str::from_utf8(shown.features()).unwrap();
    let pieces = wire::payload(std::str::from_utf8(shown.payload()).unwrap()).unwrap();
    let mut again = Mirror::restored(Revision(7), false, pieces, wire::features(kept).unwrap());
    assert_eq!(snapshot(&mut again).features(), shown.features());
    assert!(!unleash_since(&mut again, 7).unwrap().iter().any(|(_, _, there)| *there), "who stands there has it");
}
