//! A flag as a snapshot holds it: parsed, resolved to indices, ready to be evaluated.

use serde_json::Value;

use crate::bucket::{Bucketing, Prefix};
use crate::clause::Clause;
use crate::context::Kind;
use crate::model::{ClientSideAvailability, FlagData, RolloutData, RolloutKind, ServeData, TargetData};
use crate::payload::FeatureData;
use crate::reason::{Reason, ReasonKind};
use crate::reference::Reference;
use crate::text::TextSet;

/// A compiled flag. Callers read from it what events and client-side SDKs need to know.
#[derive(Debug)]
pub struct Flag {
    pub(crate) key: Box<str>,
    pub(crate) on: bool,
    /// Whether its prerequisites lead into a cycle, so that evaluation has to look out for it.
    pub(crate) may_cycle: bool,
    pub(crate) prerequisites: Box<[Prerequisite]>,
    pub(crate) targets: Box<[Target]>,
    pub(crate) rules: Box<[Rule]>,
    pub(crate) fallthrough: Serve,
    pub(crate) off: Option<Choice>,
    pub(crate) variations: Box<[Value]>,
    /// Decides instead of targets, rules and fallthrough.
    pub(crate) feature: Option<Box<FeaturePlace>>,
    track_events_fallthrough: bool,
    facts: Facts,
}

/// A flag that is one of Unleash's features.
#[derive(Debug)]
pub(crate) struct FeaturePlace {
    /// Its index among the features.
    pub(crate) index: u32,
    /// The index of `true`, and of `false`.
    pub(crate) on: u32,
    pub(crate) off: u32,
    /// The names of the features on which it depends.
    pub(crate) dependencies: Box<[Box<str>]>,
}

/// What callers ask about a flag beside its evaluation.
#[derive(Debug)]
struct Facts {
    version: u64,
    track_events: bool,
    debug_events_until_date: Option<u64>,
    availability: ClientSideAvailability,
    sampling_ratio: Option<u64>,
    exclude_from_summaries: bool,
}

#[derive(Debug)]
pub(crate) struct Prerequisite {
    pub(crate) key: Box<str>,
    /// The flag's index, if it exists.
    pub(crate) flag: Option<u32>,
    pub(crate) variation: i64,
}

#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) keys: TextSet,
    pub(crate) choice: Choice,
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: Box<str>,
    pub(crate) clauses: Box<[Clause]>,
    pub(crate) serve: Serve,
    track_events: bool,
}

/// A variation index, checked against the flag's variations; out of range is malformed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choice {
    Variation(u32),
    OutOfRange,
}

#[derive(Debug)]
pub(crate) enum Serve {
    Fixed(Choice),
    Split(Box<Split>),
    /// Neither a variation nor a share of a rollout: malformed.
    Nothing,
}

#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) experiment: bool,
    pub(crate) bucketing: Bucketing,
    pub(crate) shares: Box<[Share]>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// The end of its range of buckets.
    pub(crate) end: f32,
    pub(crate) choice: Choice,
    pub(crate) untracked: bool,
}

impl Flag {
    /// Compiles a flag; `flag` and `segment` find indices by key.
    pub(crate) fn compile(
        data: &FlagData,
        may_cycle: bool,
        flag: impl Fn(&str) -> Option<u32>,
        segment: impl Fn(&str) -> Option<u32>,
    ) -> Self {
        let rules = data.rules.iter().map(|rule| Rule {
            id: rule.id.as_str().into(),
            clauses: rule.clauses.iter().map(|clause| Clause::compile(clause, &segment)).collect(),
            serve: Serve::compile(&rule.serve, data),
            track_events: rule.track_events,
        });
        let prerequisites = data.prerequisites.iter().map(|prerequisite| Prerequisite {
            key: prerequisite.key.as_str().into(),
            flag: flag(&prerequisite.key),
            variation: prerequisite.variation,
        });
        Self {
            key: data.key.as_str().into(),
            on: data.on,
            may_cycle,
            prerequisites: prerequisites.collect(),
            targets: data.targets_in_order().map(|target| Target::compile(target, data)).collect(),
            rules: rules.collect(),
            fallthrough: Serve::compile(&data.fallthrough, data),
            off: data.off_variation.map(|index| Choice::compile(index, data)),
            variations: data.variations.clone().into(),
            feature: None,
            track_events_fallthrough: data.track_events_fallthrough,
            facts: Facts {
                version: data.version,
                track_events: data.track_events,
                debug_events_until_date: data.debug_events_until_date,
                availability: data.availability(),
                sampling_ratio: data.sampling_ratio,
                exclude_from_summaries: data.exclude_from_summaries,
            },
        }
    }

    /// What other families see of one of Unleash's features: `true` or `false`.
    pub(crate) fn of_feature(data: &FeatureData, index: u32) -> Self {
        let FeatureData { feature, version, variations, availability, track_events } = data;
        let off = u32::from(variations[0]);
        let names = feature.dependencies.iter().map(|one| one.feature.as_str().into());
        let place = FeaturePlace { index, on: 1 - off, off, dependencies: names.collect() };
        let data = FlagData {
            key: feature.name.clone(),
            version: *version,
            on: feature.enabled,
            off_variation: Some(i64::from(off)),
            variations: variations.map(Value::Bool).into(),
            client_side_availability: Some(*availability),
            client_side: availability.using_environment_id,
            track_events: *track_events,
            ..FlagData::default()
        };
        Self { feature: Some(Box::new(place)), ..Self::compile(&data, false, |_| None, |_| None) }
    }

    /// Its key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its version.
    pub fn version(&self) -> u64 {
        self.facts.version
    }

    /// Whether [`Snapshot::trace`](crate::Snapshot::trace) tells the steps of its evaluation: not those of Unleash's strategies.
    pub fn has_steps(&self) -> bool {
        self.feature.is_none()
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Its values.
    pub fn variations(&self) -> &[Value] {
        &self.variations
    }

    /// Whether each evaluation sends an event.
    pub fn track_events(&self) -> bool {
        self.facts.track_events
    }

    /// Until when evaluations send debug events, milliseconds since the epoch.
    pub fn debug_events_until_date(&self) -> Option<u64> {
        self.facts.debug_events_until_date
    }

    /// Which client-side SDKs may see it.
    pub fn availability(&self) -> ClientSideAvailability {
        self.facts.availability
    }

    /// One event in so many is sent; none means 1.
    pub fn sampling_ratio(&self) -> Option<u64> {
        self.facts.sampling_ratio
    }

    /// Whether summaries leave it out.
    pub fn exclude_from_summaries(&self) -> bool {
        self.facts.exclude_from_summaries
    }

    /// Whether an evaluation of this flag with this reason "is experiment" (`launchdarkly.md` §1.7): it sends an event
    /// with its reason, even if nobody asked for either.
    pub fn is_experiment(&self, reason: &Reason<'_>) -> bool {
        reason.in_experiment()
            || match reason.kind {
                ReasonKind::Fallthrough { .. } => self.track_events_fallthrough,
                ReasonKind::RuleMatch { index, .. } => {
                    self.rules.get(index as usize).is_some_and(|rule| rule.track_events)
                }
                _ => false,
            }
    }
}

impl FlagData {
    /// The targets as they are looked at: the first that names the context decides. Placeholders are resolved.
    pub fn targets_in_order(&self) -> impl Iterator<Item = &TargetData> {
        let old: &[TargetData] = if self.context_targets.is_empty() { &self.targets } else { &[] };
        old.iter().chain(self.context_targets.iter().filter_map(|target| resolve(target, self)))
    }
}

/// A list of users without keys among the context targets stands for the first entry of `targets` with its variation.
fn resolve<'d>(target: &'d TargetData, data: &'d FlagData) -> Option<&'d TargetData> {
    let placeholder = target.values.is_empty() && Kind::named(target.context_kind.as_deref()) == Kind::User;
    if placeholder { data.targets.iter().find(|users| users.variation == target.variation) } else { Some(target) }
}

impl Target {
    fn compile(target: &TargetData, flag: &FlagData) -> Self {
        Self {
            kind: Kind::named(target.context_kind.as_deref()),
            keys: target.values.iter().map(String::as_str).collect(),
            choice: Choice::compile(target.variation, flag),
        }
    }
}

impl Choice {
    fn compile(index: i64, flag: &FlagData) -> Self {
        match u32::try_from(index) {
            Ok(index) if (index as usize) < flag.variations.len() => Self::Variation(index),
            _ => Self::OutOfRange,
        }
    }
}

impl Serve {
    fn compile(serve: &ServeData, flag: &FlagData) -> Self {
        match (serve.variation, &serve.rollout) {
            (Some(index), _) => Self::Fixed(Choice::compile(index, flag)),
            (None, Some(rollout)) if !rollout.variations.is_empty() => {
                Self::Split(Box::new(Split::compile(rollout, flag)))
            }
            _ => Self::Nothing,
        }
    }
}

impl Split {
    fn compile(rollout: &RolloutData, flag: &FlagData) -> Self {
        let experiment = rollout.kind == RolloutKind::Experiment;
        let kind = rollout.context_kind.as_deref();
        let by = if experiment { Ok(Reference::KEY) } else { Bucketing::by(kind, rollout.bucket_by.as_deref()) };
        let prefix = match rollout.seed {
            Some(seed) => Prefix::of_seed(seed),
            None => Prefix::of_key(&flag.key, &flag.salt),
        };
        let mut end = 0.0;
        let shares = rollout.variations.iter().map(|share| {
            end += weight(share.weight);
            Share { end, choice: Choice::compile(share.variation, flag), untracked: share.untracked }
        });
        let shares = shares.collect();
        Self { experiment, bucketing: Bucketing { kind: Kind::named(kind), by, prefix }, shares }
    }
}

/// Thousandths of a percent as a share of one, in single precision like the hash (`launchdarkly.md` §2.7).
pub(crate) fn weight(thousandths: i64) -> f32 {
    thousandths as f32 / 100_000.0
}
