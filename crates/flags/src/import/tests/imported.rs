//! What is here after an import, without a database, and whether it evaluates as the payload did.

use evaluation::{Context, NoBigSegments, Payload, Snapshot};
use kernel::Revision;
use serde_json::Value;
use testkit::SeededRng;

use super::super::{Existing, Planned};
use super::random;
use crate::emit;
use crate::model::{Configuration, State, Subject};
use crate::store::Versioned;
use crate::store::flags::StoredConfiguration;

/// What is there once `changes` have been made of `existing`.
pub(crate) fn kept(mut existing: Existing, changes: Vec<Planned>) -> Existing {
    for (version, planned) in (1_000..).map(Revision).zip(changes) {
        match (planned.subject, planned.applied.after) {
            (Subject::Flag(_, key), State::Flag(body)) => {
                existing.flags.insert(key.clone(), Versioned { key, version, body });
            }
            (Subject::Configuration(_, environment, flag), State::Configuration(body)) => {
                let stored = StoredConfiguration { flag: flag.clone(), environment, version, body };
                existing.configurations.insert(flag, vec![stored]);
            }
            (Subject::Segment(_, _, key), State::Segment(body)) => {
                existing.segments.insert(key.clone(), Versioned { key, version, body });
            }
            (subject, _) => panic!("an import changes no {subject:?}"),
        }
    }
    existing
}

/// What SDKs receive of it.
pub(crate) fn emitted(existing: &Existing) -> Payload {
    let mut payload = Payload::default();
    for (key, flag) in &existing.flags {
        let configured = existing.configurations.get(key).map(|all| all[0].body.clone());
        let configuration = configured.unwrap_or_else(|| Configuration::initial(&flag.body));
        payload.flags.push(emit::flag(key.as_str(), flag.version, &flag.body, &configuration));
    }
    for (key, segment) in &existing.segments {
        payload.segments.push(emit::segment(key.as_str(), segment.version, &segment.body));
    }
    payload
}

/// Value, index and reason of each flag of `before` for random contexts, which are the same after; and what events and
/// client-side SDKs need to know.
pub(crate) fn alike(before: &Payload, after: &Payload, contexts: usize) {
    let (was, is) = (Snapshot::compile(before), Snapshot::compile(after));
    let rng = SeededRng::new(contexts as u64);
    for _ in 0..contexts {
        same_for(&was, &is, &random::context(&rng));
    }
    for flag in was.flags() {
        let other = is.flag(flag.key()).unwrap();
        let facts = |flag: &evaluation::Flag| {
            let events = (flag.track_events(), flag.debug_events_until_date(), flag.sampling_ratio());
            (flag.is_on(), flag.availability(), events, flag.exclude_from_summaries())
        };
        assert_eq!(facts(flag), facts(other), "{}", flag.key());
    }
}

fn same_for(was: &Snapshot, is: &Snapshot, json: &Value) {
    let context = Context::from_value(json.clone()).unwrap();
    for flag in was.flags() {
        let before = was.evaluate(flag.key(), &context, &NoBigSegments);
        let after = is.evaluate(flag.key(), &context, &NoBigSegments);
        assert_eq!(before.value, after.value, "{} for {json}", flag.key());
        assert_eq!(before.variation_index, after.variation_index, "{} for {json}", flag.key());
        // A rule without an id has been given one.
        if before.reason != after.reason {
            let reason = |reason| {
                let mut reason = serde_json::to_value(reason).unwrap();
                assert!(reason.as_object_mut().unwrap().remove("ruleId").is_some());
                reason
            };
            assert_eq!(serde_json::to_value(before.reason).unwrap()["ruleId"], "", "{} for {json}", flag.key());
            assert_eq!(reason(before.reason), reason(after.reason), "{} for {json}", flag.key());
        }
        let other = is.flag(flag.key()).unwrap();
        assert_eq!(flag.is_experiment(&before.reason), other.is_experiment(&after.reason), "{}", flag.key());
    }
}
