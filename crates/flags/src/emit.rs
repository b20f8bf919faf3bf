//! What SDKs receive of a flag and of a segment: strictly by `launchdarkly.md` §2.1, 2.2 and 7.4.
//!
//! Every array is present, every rule says whether it tracks, context kinds are always named, and nothing is null but an
//! off variation that there is none of.

mod unleash;

use evaluation::model as wire;
use kernel::{ContextKind, Revision, Timestamp};

use crate::model::{
    Clause, ClientSideAvailability, Configuration, Flag, Members, Migration, Rollout, RolloutKind, Rule, Segment,
    SegmentRule, Serve,
};

pub use self::unleash::{constraint, feature};

/// A flag in one environment, under the version that SDKs see: that of its last change, here or in all environments.
pub fn flag(key: &str, version: Revision, flag: &Flag, configuration: &Configuration) -> wire::FlagData {
    let ClientSideAvailability { using_mobile_key, using_environment_id } = flag.client_side_availability;
    let (targets, context_targets) = targets(configuration);
    let prerequisites = configuration.prerequisites.iter();
    wire::FlagData {
        key: key.to_owned(),
        version: natural(version),
        on: configuration.on,
        prerequisites: prerequisites
            .map(|one| wire::PrerequisiteData { key: one.key.to_string(), variation: index(one.variation) })
            .collect(),
        targets,
        context_targets,
        rules: configuration.rules.iter().map(rule).collect(),
        fallthrough: serve(&configuration.fallthrough),
        off_variation: configuration.off_variation.map(index),
        variations: flag.variations.iter().map(|variation| variation.value.clone()).collect(),
        client_side_availability: Some(wire::ClientSideAvailability { using_mobile_key, using_environment_id }),
        client_side: using_environment_id,
        salt: configuration.salt.clone(),
        track_events: configuration.track_events,
        track_events_fallthrough: configuration.track_events_fallthrough,
        debug_events_until_date: configuration.debug_events_until.map(millis),
        deleted: false,
        migration: configuration
            .migration
            .map(|Migration { check_ratio }| wire::MigrationData { check_ratio: check_ratio.map(u64::from) }),
        sampling_ratio: configuration.sampling_ratio.map(u64::from),
        exclude_from_summaries: configuration.exclude_from_summaries,
    }
}

/// A segment of one environment.
pub fn segment(key: &str, version: Revision, segment: &Segment) -> wire::SegmentData {
    let (included, included_contexts) = members(&segment.included);
    let (excluded, excluded_contexts) = members(&segment.excluded);
    wire::SegmentData {
        key: key.to_owned(),
        version: natural(version),
        included,
        excluded,
        included_contexts,
        excluded_contexts,
        rules: segment.rules.iter().map(segment_rule).collect(),
        salt: segment.salt.clone(),
        unbounded: segment.unbounded,
        unbounded_context_kind: segment.unbounded.then(|| segment.member_kind().to_string()),
        generation: segment.generation,
        ..wire::SegmentData::default()
    }
}

/// The log counts from 1, and Rust SDKs read versions as unsigned.
pub fn natural(version: Revision) -> u64 {
    u64::try_from(version.0).unwrap_or(0)
}

/// SDKs read instants as milliseconds since 1970, never before.
fn millis(instant: Timestamp) -> u64 {
    u64::try_from(instant.as_millis()).unwrap_or(0)
}

/// Validated: at most a hundred variations.
fn index(variation: usize) -> i64 {
    i64::try_from(variation).unwrap_or(i64::MAX)
}

/// Users live in `targets`; where other kinds are targeted too, an empty entry of users in `contextTargets` keeps their
/// place in the order (`launchdarkly.md` §2.1).
fn targets(configuration: &Configuration) -> (Vec<wire::TargetData>, Vec<wire::TargetData>) {
    let user = ContextKind::user();
    let targets = configuration.targets_in_order();
    let entry = |kind: &ContextKind, variation, values: Vec<String>| wire::TargetData {
        context_kind: Some(kind.to_string()),
        values,
        variation: index(variation),
    };
    let users = targets.iter().filter(|(kind, ..)| **kind == user);
    let users =
        users.map(|(kind, variation, values)| entry(kind, *variation, values.iter().cloned().collect())).collect();
    if targets.iter().all(|(kind, ..)| **kind == user) {
        return (users, vec![]);
    }
    let in_order = targets.iter().map(|(kind, variation, values)| {
        let values = if **kind == user { vec![] } else { values.iter().cloned().collect() };
        entry(kind, *variation, values)
    });
    (users, in_order.collect())
}

fn members(members: &Members) -> (Vec<String>, Vec<wire::SegmentTargetData>) {
    let user = ContextKind::user();
    let mut users = vec![];
    let mut others = vec![];
    for (kind, keys) in members.iter() {
        let values: Vec<String> = keys.iter().cloned().collect();
        if *kind == user {
            users = values;
        } else {
            others.push(wire::SegmentTargetData { context_kind: kind.to_string(), values });
        }
    }
    (users, others)
}

fn rule(rule: &Rule) -> wire::RuleData {
    wire::RuleData {
        id: rule.id.clone(),
        clauses: rule.clauses.iter().map(clause).collect(),
        serve: serve(&rule.serve),
        track_events: rule.track_events,
    }
}

fn segment_rule(rule: &SegmentRule) -> wire::SegmentRuleData {
    wire::SegmentRuleData {
        id: rule.id.clone(),
        clauses: rule.clauses.iter().map(clause).collect(),
        weight: rule.weight.map(i64::from),
        bucket_by: rule.bucket_by.clone(),
        // Named wherever an attribute is, so that it is read as a reference (`launchdarkly.md` §2.4).
        rollout_context_kind: rule.weight.map(|_| rule.rollout_context_kind.clone().unwrap_or_default().to_string()),
    }
}

fn clause(clause: &Clause) -> wire::ClauseData {
    wire::ClauseData {
        context_kind: Some(clause.context_kind.to_string()),
        attribute: clause.attribute.clone(),
        op: wire::Operator::from(clause.op.as_str().to_owned()),
        values: clause.values.clone(),
        negate: clause.negate,
    }
}

fn serve(serve: &Serve) -> wire::ServeData {
    match serve {
        Serve::Variation(variation) => wire::ServeData::variation(index(*variation)),
        Serve::Rollout(shares) => wire::ServeData::rollout(rollout(shares)),
    }
}

fn rollout(rollout: &Rollout) -> wire::RolloutData {
    let variations = rollout.variations.iter().map(|share| wire::WeightedVariation {
        variation: index(share.variation),
        weight: i64::from(share.weight),
        untracked: share.untracked,
    });
    wire::RolloutData {
        kind: match rollout.kind {
            RolloutKind::Rollout => wire::RolloutKind::Rollout,
            RolloutKind::Experiment => wire::RolloutKind::Experiment,
        },
        context_kind: Some(rollout.context_kind.to_string()),
        variations: variations.collect(),
        bucket_by: rollout.bucket_by.clone(),
        seed: rollout.seed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, from_value, json};

    #[allow(clippy::needless_pass_by_value)] // json!(…) reads best in its place
    fn configured(more: Value) -> Value {
        let mut body = json!({"on": true, "fallthrough": {"variation": 0}, "offVariation": null, "salt": "pepper"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let configuration: Configuration = from_value(body).unwrap();
        serde_json::to_value(flag("a", Revision(7), &Flag::boolean("A"), &configuration)).unwrap()
    }

    #[test]
    fn every_member_that_some_sdk_requires_is_there() {
        let clause = json!({"attribute": "email", "op": "in", "values": ["x"]});
        let emitted = configured(json!({
            "rules": [{"id": "r", "clauses": [clause], "variation": 0}],
            "prerequisites": [{"key": "b", "variation": 1}],
        }));
        let expected = json!({
            "key": "a", "version": 7, "on": true, "prerequisites": [{"key": "b", "variation": 1}], "targets": [],
            "contextTargets": [],
            "rules": [{"id": "r", "trackEvents": false, "variation": 0, "clauses": [
                {"contextKind": "user", "attribute": "email", "op": "in", "values": ["x"], "negate": false}]}],
            "fallthrough": {"variation": 0}, "offVariation": null, "variations": [true, false],
            "clientSideAvailability": {"usingMobileKey": false, "usingEnvironmentId": false}, "clientSide": false,
            "salt": "pepper", "trackEvents": false, "trackEventsFallthrough": false, "debugEventsUntilDate": null,
        });
        assert_eq!(emitted, expected);
    }

    #[test]
    fn users_keep_their_place_among_targets_of_other_kinds() {
        let users = json!({"contextKind": "user", "variation": 1, "values": ["ada"]});
        let alone = configured(json!({"targets": [users]}));
        assert_eq!((&alone["targets"], &alone["contextTargets"]), (&json!([users]), &json!([])));

        let device = json!({"contextKind": "device", "variation": 0, "values": ["phone"]});
        let both = configured(json!({"targets": [users, device]}));
        let place = json!({"contextKind": "user", "variation": 1, "values": []});
        assert_eq!((&both["targets"], &both["contextTargets"]), (&json!([users]), &json!([device, place])));

        let first = configured(json!({"targets": [users, device], "targetOrder": [{"variation": 1}]}));
        assert_eq!((&first["targets"], &first["contextTargets"]), (&json!([users]), &json!([place, device])));
    }

    #[test]
    fn what_sdks_report_is_told_in_their_words() {
        let emitted = configured(json!({
            "debugEventsUntil": "2026-11-23T02:00:00Z", "samplingRatio": 10, "excludeFromSummaries": true,
            "migration": {"checkRatio": 5},
        }));
        assert_eq!(emitted["debugEventsUntilDate"], 1_795_399_200_000_u64);
        assert_eq!((&emitted["samplingRatio"], &emitted["excludeFromSummaries"]), (&json!(10), &json!(true)));
        assert_eq!(emitted["migration"], json!({"checkRatio": 5}));
    }

    #[test]
    fn a_rollout_names_its_kind_and_its_context_kind() {
        let shares = json!([{"variation": 1, "weight": 1_000}, {"variation": 0, "weight": 99_000, "untracked": true}]);
        let rollout = json!({"kind": "experiment", "seed": 61, "variations": shares});
        let emitted = configured(json!({"fallthrough": {"rollout": rollout}}));
        let expected = json!({"kind": "experiment", "contextKind": "user", "variations": shares, "seed": 61});
        // Written by the payload's own writer, which may leave out what is false.
        let rollout: wire::RolloutData = from_value(emitted["fallthrough"]["rollout"].clone()).unwrap();
        assert_eq!(rollout, from_value(expected).unwrap());
    }

    #[test]
    fn a_big_segment_names_its_generation_and_the_kind_of_its_members() {
        let body: Segment = from_value(json!({"name": "Beta", "unbounded": true, "generation": 7})).unwrap();
        let emitted = serde_json::to_value(segment("beta", Revision(3), &body)).unwrap();
        let expected = json!({"unbounded": true, "unboundedContextKind": "user", "generation": 7, "included": []});
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(emitted.get(member), Some(value), "{member}");
        }
    }

    #[test]
    fn a_segment_has_all_that_the_rust_sdk_requires() {
        let body: Segment = from_value(json!({
            "name": "Staff", "included": {"user": ["ada"], "device": ["phone"]}, "excluded": {"user": ["bob"]},
            "rules": [{"id": "r", "weight": 500, "clauses": [{"attribute": "x", "op": "in", "values": [1]}]}],
            "salt": "s",
        }))
        .unwrap();
        let emitted = serde_json::to_value(segment("staff", Revision(3), &body)).unwrap();
        let expected = json!({
            "key": "staff", "version": 3, "included": ["ada"], "excluded": ["bob"], "salt": "s",
            "includedContexts": [{"contextKind": "device", "values": ["phone"]}], "excludedContexts": [],
            "rules": [{"id": "r", "weight": 500, "rolloutContextKind": "user", "clauses": [
                {"contextKind": "user", "attribute": "x", "op": "in", "values": [1], "negate": false}]}],
        });
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(emitted.get(member), Some(value), "{member}");
        }
    }
}
