//! One flag and one segment of a payload in our words.

use evaluation::model as wire;
use kernel::{ContextKind, FlagKey, Timestamp};
use serde_json::Value;

use super::refusal::Refusal;
use super::targeting::{clauses, index, natural, rules, serve, take_share, targets};
use crate::model::{
    Bucketing, ClientSideAvailability, Configuration, FlagKind, Members, Migration, Prerequisite, Rollout, Segment,
    SegmentRule, Serve,
};

/// A flag of a payload: what it is everywhere, and what it does in the environment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) bucketing: Bucketing,
    pub(super) kind: FlagKind,
    pub(super) values: Vec<Value>,
    pub(super) availability: ClientSideAvailability,
    pub(super) configuration: Configuration,
    pub(super) notes: Vec<String>,
}

/// The last millisecond of the year 9999, beyond which dates have no RFC 3339 form.
const LAST_MILLIS: i64 = 253_402_300_799_999;

/// A flag, the same for every context; its words stand elsewhere.
pub(super) fn flag(data: &wire::FlagData) -> Result<Wanted, Refusal> {
    let mut notes = Vec::new();
    let wire::ClientSideAvailability { using_mobile_key, using_environment_id } = data.availability();
    let (targets, target_order) = targets(data, &mut notes)?;
    let rules = rules(&data.rules, &mut notes)?;
    let fallthrough = serve("everyone else", &data.fallthrough, &mut notes)?;
    let salt = salt(&data.key, &data.salt, rules.iter().map(|rule| &rule.serve).chain([&fallthrough]))?;
    let configuration = Configuration {
        on: data.on,
        prerequisites: data.prerequisites.iter().map(prerequisite).collect::<Result<_, _>>()?,
        targets,
        target_order,
        rules,
        strategies: Vec::new(),
        variants: Vec::new(),
        dependencies: Vec::new(),
        fallthrough,
        off_variation: data.off_variation.map(|number| index("off variation", number)).transpose()?,
        salt,
        track_events: data.track_events,
        track_events_fallthrough: data.track_events_fallthrough,
        debug_events_until: data.debug_events_until_date.map(instant).transpose()?,
        sampling_ratio: data.sampling_ratio.map(|ratio| natural("sampling ratio", ratio)).transpose()?,
        exclude_from_summaries: data.exclude_from_summaries,
        migration: data.migration.map(migration).transpose()?,
    };
    Ok(Wanted {
        bucketing: Bucketing::LaunchDarkly,
        kind: kind(&data.variations, &mut notes),
        values: data.variations.clone(),
        availability: ClientSideAvailability { using_mobile_key, using_environment_id },
        configuration,
        notes,
    })
}

/// A segment, the same for every context; its words stand elsewhere.
pub(super) fn segment(data: &wire::SegmentData) -> Result<Segment, Refusal> {
    if data.unbounded {
        return Err(Refusal::BigSegment);
    }
    let rules: Vec<SegmentRule> =
        data.rules.iter().enumerate().map(|(at, rule)| segment_rule(at, rule)).collect::<Result<_, _>>()?;
    let hashed = rules.iter().any(|rule| rule.weight.is_some());
    Ok(Segment {
        name: data.key.clone(),
        included: members("included", &data.included, &data.included_contexts)?,
        excluded: members("excluded", &data.excluded, &data.excluded_contexts)?,
        rules,
        salt: salt_or_key(&data.key, &data.salt, hashed)?,
        ..Segment::default()
    })
}

fn prerequisite(data: &wire::PrerequisiteData) -> Result<Prerequisite, Refusal> {
    Ok(Prerequisite { key: FlagKey::new(data.key.as_str())?, variation: index("prerequisites", data.variation)? })
}

/// The narrowest type that takes all values. A boolean flag has both and no other.
fn kind(values: &[Value], notes: &mut Vec<String>) -> FlagKind {
    let both = [true, false].iter().all(|value| values.contains(&Value::Bool(*value)));
    if both && values.len() == 2 {
        return FlagKind::Boolean;
    }
    let fits = |kind: &FlagKind| values.iter().all(|value| kind.accepts(value));
    let kind = [FlagKind::String, FlagKind::Number].into_iter().find(fits).unwrap_or(FlagKind::Json);
    let plain = values.iter().any(|value| !value.is_object() && !value.is_array());
    if kind == FlagKind::Json && plain {
        notes.push("its values are not of one type, so it is a JSON flag here; SDKs get the same values".to_owned());
    }
    kind
}

/// What contexts are hashed with. We have no empty salt; where nothing is hashed with it, any does.
fn salt<'a>(key: &str, salt: &str, mut serves: impl Iterator<Item = &'a Serve>) -> Result<String, Refusal> {
    let hashed = serves.any(|serve| matches!(serve, Serve::Rollout(Rollout { seed: None, .. })));
    salt_or_key(key, salt, hashed)
}

fn salt_or_key(key: &str, salt: &str, hashed: bool) -> Result<String, Refusal> {
    match salt {
        "" if hashed => Err(Refusal::Salt),
        "" => Ok(key.to_owned()),
        salt => Ok(salt.to_owned()),
    }
}

fn instant(millis: u64) -> Result<Timestamp, Refusal> {
    let known = i64::try_from(millis).ok().filter(|millis| *millis <= LAST_MILLIS);
    let place = || "debugEventsUntilDate".to_owned();
    known.map(Timestamp::from_millis).ok_or_else(|| Refusal::Number { place: place(), number: millis.into() })
}

fn migration(data: wire::MigrationData) -> Result<Migration, Refusal> {
    let check_ratio = data.check_ratio.map(|ratio| natural("check ratio", ratio)).transpose()?;
    Ok(Migration { check_ratio })
}

fn segment_rule(at: usize, data: &wire::SegmentRuleData) -> Result<SegmentRule, Refusal> {
    let place = format!("rule {}", at + 1);
    // No reason names the rules of segments, so a missing id may be any.
    let id = if data.id.is_empty() { format!("rule-{}", at + 1) } else { data.id.clone() };
    let clauses = clauses(&place, &data.clauses)?;
    let mut rule = SegmentRule {
        id,
        description: String::new(),
        clauses,
        weight: None,
        bucket_by: None,
        rollout_context_kind: None,
    };
    take_share(&place, data, &mut rule)?;
    Ok(rule)
}

fn members(place: &str, users: &[String], others: &[wire::SegmentTargetData]) -> Result<Members, Refusal> {
    let mut members = Members::default();
    members.add(&ContextKind::user(), users.iter().cloned().collect());
    for other in others {
        let kind = super::targeting::kind(place, Some(&other.context_kind))?;
        members.add(&kind, other.values.iter().cloned().collect());
    }
    Ok(members)
}
