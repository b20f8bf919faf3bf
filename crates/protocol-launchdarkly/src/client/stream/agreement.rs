//! However an environment changes, a client that is told differences comes to know what one is told who asks anew.

use std::collections::BTreeMap;

use delivery::Environment;
use evaluation::FeatureData;
use evaluation::model::{FlagData, SegmentData};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::{KEY, channel_without_keys, place, show_environment};
use super::*;
use crate::evaluated::AsMap;
use crate::key::Browser;

const FLAGS: [&str; 5] = ["a", "b", "c", "d", "e"];
const SEGMENTS: [&str; 3] = ["s", "t", "u"];

/// Something that is done to an environment.
#[derive(Clone, Debug)]
enum Edit {
    Flag { key: &'static str, on: bool, seen: bool, needs: Option<&'static str>, whom: Option<&'static str> },
    RemoveFlag(&'static str),
    Feature { key: &'static str, on: bool, seen: bool, needs: Option<&'static str> },
    Segment { key: &'static str, member: bool, inner: Option<&'static str> },
    RemoveSegment(&'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    let flag = || prop::sample::select(&FLAGS[..]);
    let segment = || prop::sample::select(&SEGMENTS[..]);
    prop_oneof![
        6 => (flag(), any::<bool>(), any::<bool>(), option::of(flag()), option::of(segment()))
            .prop_map(|(key, on, seen, needs, whom)| Edit::Flag { key, on, seen, needs, whom }),
        1 => flag().prop_map(Edit::RemoveFlag),
        2 => (flag(), any::<bool>(), any::<bool>(), option::of(flag()))
            .prop_map(|(key, on, seen, needs)| Edit::Feature { key, on, seen, needs }),
        3 => (segment(), any::<bool>(), option::of(segment()))
            .prop_map(|(key, member, inner)| Edit::Segment { key, member, inner }),
        1 => segment().prop_map(Edit::RemoveSegment),
    ]
}

fn clause(segment: &str) -> Value {
    json!({"op": "segmentMatch", "values": [segment]})
}

fn carry_out(edit: &Edit, environment: &mut Environment, seq: Revision) {
    let version = seq.0.unsigned_abs();
    let availability = |seen: bool| json!({"usingEnvironmentId": seen, "usingMobileKey": true});
    match edit {
        Edit::Flag { key, on, seen, needs, whom } => {
            let needs: Vec<_> = needs.iter().map(|key| json!({"key": key, "variation": 1})).collect();
            let rules: Vec<_> = whom.iter().map(|key| json!({"clauses": [clause(key)], "variation": 1})).collect();
            let flag = json!({"key": key, "version": version, "on": on, "variations": ["off", "in", "out"],
                "offVariation": 0, "fallthrough": {"variation": 2}, "prerequisites": needs, "rules": rules,
                "clientSideAvailability": availability(*seen)});
            let data: FlagData = serde_json::from_value(flag.clone()).unwrap();
            environment.put_flag(seq, data, flag.to_string().as_bytes());
        }
        Edit::RemoveFlag(key) => environment.remove_flag(seq, key, version),
        Edit::Feature { key, on, seen, needs } => {
            let needs: Vec<_> = needs.iter().map(|key| json!({"feature": key})).collect();
            let feature =
                json!({"name": key, "type": "release", "enabled": on, "strategies": [], "dependencies": needs});
            let data = json!({"feature": feature, "version": version, "variations": [true, false],
                "availability": availability(*seen), "trackEvents": false});
            environment.put_feature(seq, serde_json::from_value::<FeatureData>(data).unwrap());
        }
        Edit::Segment { key, member, inner } => {
            let rules: Vec<_> = inner.iter().map(|key| json!({"clauses": [clause(key)]})).collect();
            let included: &[&str] = if *member { &["ada"] } else { &[] };
            let segment = json!({"key": key, "version": version, "included": included, "rules": rules});
            let data: SegmentData = serde_json::from_value(segment.clone()).unwrap();
            environment.put_segment(seq, data, segment.to_string().as_bytes());
        }
        Edit::RemoveSegment(key) => environment.remove_segment(seq, key, version),
    }
}

/// What a client has, as its frames say it. Versions aside, which follow the log.
#[derive(Default)]
struct Page(BTreeMap<String, Value>);

impl Page {
    fn hear(&mut self, frames: &str) {
        for frame in frames.split_terminator("\n\n") {
            let (name, data) = frame.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
            let mut data: Value = serde_json::from_str(data).unwrap();
            let key = data["key"].as_str().map(str::to_owned);
            match (name, key) {
                ("put", _) => self.0 = values(&data),
                ("delete", Some(key)) => assert!(self.0.remove(&key).is_some(), "{key} was not there"),
                ("patch", Some(key)) => {
                    data.as_object_mut().unwrap().remove("key");
                    let (key, value) = values(&json!({ key: data })).pop_first().unwrap();
                    assert_ne!(self.0.insert(key, value.clone()), Some(value), "a patch that alters nothing");
                }
                _ => panic!("{frame}"),
            }
        }
    }
}

fn values(map: &Value) -> BTreeMap<String, Value> {
    let without_versions = |value: &Value| {
        let mut value = value.clone();
        value.as_object_mut().unwrap().retain(|name, _| name != "version" && name != "flagVersion");
        value
    };
    map.as_object().unwrap().iter().map(|(key, value)| (key.clone(), without_versions(value))).collect()
}

/// Carries `rounds` of edits out; after each the client is told, by an engine that may lag behind.
async fn follow(rounds: &[(Vec<Edit>, bool)]) {
    let (publisher, snapshots) = channel_without_keys();
    let mut environment = Environment::at(Revision(1));
    show_environment(&publisher, &mut environment);
    let evaluable = snapshots.subscribe_evaluable(&place()).unwrap();
    let watch = Watch::<Browser> { snapshots: snapshots.clone(), key: KEY.to_owned(), evaluable, door: PhantomData };
    let (context, wish) = (r#"{"kind":"user","key":"ada"}"#.into(), Wish { with_reasons: true, hash: None });
    let mut client = Subscription { watch, tongue: FirstGeneration, context, wish, seen: None, provisional: false };
    let (mut page, mut seq) = (Page::default(), Revision(1));
    let ada = Context::from_json(r#"{"kind":"user","key":"ada"}"#).unwrap().at(snapshots.moment());
    for (edits, lags) in rounds {
        for edit in edits {
            seq = Revision(seq.0 + 1);
            carry_out(edit, &mut environment, seq);
        }
        if !lags {
            environment.compile_if_outdated();
        }
        let snapshot = environment.snapshot(place());
        match client.look(&snapshot).await {
            Look::Tell(frames) => page.hear(std::str::from_utf8(&frames).unwrap()),
            Look::Nothing => {}
            Look::NotAllowed => panic!("the door is open"),
        }
        let nobody = delivery::Memberships::default();
        let all = evaluated::all(&snapshot, Visitor::<Browser>::audience(), (&ada, &nobody), true);
        assert_eq!(page.0, values(&serde_json::to_value(AsMap(&all)).unwrap()));
    }
}

proptest! {
    #[test]
    fn differences_come_to_the_same_as_everything(rounds in vec((vec(edit(), 0..4), any::<bool>()), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(follow(&rounds));
    }
}
