//! Clauses, rules, rollouts and targets of a payload, in our words: the same for every context, or refused.

use std::collections::{BTreeMap, BTreeSet};

use evaluation::model as wire;
use kernel::ContextKind;

use super::refusal::Refusal;
use crate::model::{
    Clause, Operator, Rollout, RolloutKind, Rule, SegmentRule, Serve, Target, TargetPlace, Targets, WHOLE,
    WeightedVariation,
};

/// An index of a variation; whether there is such a one is judged later.
pub(super) fn index(place: &str, number: i64) -> Result<usize, Refusal> {
    usize::try_from(number).map_err(|_| Refusal::Number { place: place.to_owned(), number: number.into() })
}

/// A ratio or weight.
pub(super) fn natural<N: Into<i128> + Copy>(place: &str, number: N) -> Result<u32, Refusal> {
    let number = number.into();
    u32::try_from(number).map_err(|_| Refusal::Number { place: place.to_owned(), number })
}

/// The kind that data names: absent and empty mean user.
pub(super) fn kind(place: &str, text: Option<&str>) -> Result<ContextKind, Refusal> {
    match text {
        None | Some("") => Ok(ContextKind::user()),
        Some(text) => {
            ContextKind::new(text).map_err(|_| Refusal::ContextKind { place: place.to_owned(), kind: text.to_owned() })
        }
    }
}

/// An attribute as a reference. Beside a kind it is one; in older data without a kind it is a plain name, whose slash at
/// the beginning, if it has one, is part of the name and so is escaped (`launchdarkly.md` §2.4).
fn reference(kind: Option<&str>, attribute: &str) -> String {
    let is_reference = kind.is_some_and(|kind| !kind.is_empty());
    if is_reference || !attribute.starts_with('/') {
        return attribute.to_owned();
    }
    format!("/{}", attribute.replace('~', "~0").replace('/', "~1"))
}

/// The clauses of a rule.
pub(super) fn clauses(place: &str, clauses: &[wire::ClauseData]) -> Result<Vec<Clause>, Refusal> {
    clauses.iter().enumerate().map(|(at, one)| clause(&format!("{place}, clause {}", at + 1), one)).collect()
}

fn clause(place: &str, data: &wire::ClauseData) -> Result<Clause, Refusal> {
    let named = data.context_kind.as_deref();
    let op = operator(place, &data.op)?;
    // It looks at the context as a whole, so neither kind nor attribute means anything.
    let (context_kind, attribute) = if op == Operator::SegmentMatch {
        (kind(place, named).unwrap_or_default(), String::new())
    } else {
        (kind(place, named)?, reference(named, &data.attribute))
    };
    Ok(Clause { context_kind, attribute, op, values: data.values.clone(), negate: data.negate })
}

fn operator(place: &str, op: &wire::Operator) -> Result<Operator, Refusal> {
    let unknown = || Refusal::Operator { place: place.to_owned(), operator: op.as_str().to_owned() };
    serde_json::from_value(serde_json::Value::from(op.as_str())).map_err(|_| unknown())
}

/// The rules of a flag. One without an id is called by its place, the same at each import.
pub(super) fn rules(rules: &[wire::RuleData], notes: &mut Vec<String>) -> Result<Vec<Rule>, Refusal> {
    let mut taken = Vec::with_capacity(rules.len());
    for (at, rule) in rules.iter().enumerate() {
        let place = format!("rule {}", at + 1);
        let id = if rule.id.is_empty() {
            notes.push(format!("{place} has no id and is called 'rule-{}'", at + 1));
            format!("rule-{}", at + 1)
        } else {
            rule.id.clone()
        };
        taken.push(Rule {
            id,
            description: String::new(),
            clauses: clauses(&place, &rule.clauses)?,
            serve: serve(&place, &rule.serve, notes)?,
            track_events: rule.track_events,
        });
    }
    Ok(taken)
}

/// What is served; a variation wins over a rollout beside it, as in SDKs.
pub(super) fn serve(place: &str, serve: &wire::ServeData, notes: &mut Vec<String>) -> Result<Serve, Refusal> {
    match (serve.variation, &serve.rollout) {
        (Some(variation), _) => Ok(Serve::Variation(index(place, variation)?)),
        (None, Some(data)) => Ok(Serve::Rollout(rollout(place, data, notes)?)),
        (None, None) => Err(Refusal::ServesNothing(place.to_owned())),
    }
}

fn rollout(place: &str, data: &wire::RolloutData, notes: &mut Vec<String>) -> Result<Rollout, Refusal> {
    let mut variations = Vec::with_capacity(data.variations.len());
    for share in &data.variations {
        let (variation, weight) = (index(place, share.variation)?, natural(place, share.weight)?);
        variations.push(WeightedVariation { variation, weight, untracked: share.untracked });
    }
    fill(place, &mut variations, notes)?;
    let named = data.context_kind.as_deref();
    let by = data.bucket_by.as_deref().filter(|by| !by.is_empty()).map(|by| reference(named, by));
    let (kind_of, bucket_by) = match data.kind {
        wire::RolloutKind::Rollout => (RolloutKind::Rollout, by),
        // Experiments hash the key, whatever else is said.
        wire::RolloutKind::Experiment => (RolloutKind::Experiment, None),
    };
    Ok(Rollout { kind: kind_of, context_kind: kind(place, named)?, variations, bucket_by, seed: data.seed })
}

/// What is missing to the whole belongs to the last share, as in SDKs.
fn fill(place: &str, shares: &mut [WeightedVariation], notes: &mut Vec<String>) -> Result<(), Refusal> {
    let sum: i64 = shares.iter().map(|share| i64::from(share.weight)).sum();
    let last = shares.last_mut().ok_or_else(|| Refusal::ServesNothing(place.to_owned()))?;
    let missing = i64::from(WHOLE) - sum;
    let missing = u32::try_from(missing).map_err(|_| Refusal::Weights { place: place.to_owned(), sum })?;
    if missing > 0 {
        last.weight += missing;
        notes
            .push(format!("{place}: the weights sum up to {sum}; the rest belongs to the last share, as SDKs have it"));
    }
    Ok(())
}

/// Writes into a segment's rule which share of contexts it takes, by which attribute and of which kind.
pub(super) fn take_share(place: &str, data: &wire::SegmentRuleData, rule: &mut SegmentRule) -> Result<(), Refusal> {
    let Some(weight) = data.weight else { return Ok(()) };
    let named = data.rollout_context_kind.as_deref();
    rule.weight = Some(natural(place, weight)?);
    rule.bucket_by = data.bucket_by.as_deref().filter(|by| !by.is_empty()).map(|by| reference(named, by));
    rule.rollout_context_kind = named.map(|_| kind(place, named)).transpose()?;
    Ok(())
}

/// Who is named, and in which order.
pub(super) fn targets(flag: &wire::FlagData, notes: &mut Vec<String>) -> Result<(Targets, Vec<TargetPlace>), Refusal> {
    let mut named = Named::default();
    for target in flag.targets_in_order() {
        named.take(target)?;
    }
    if named.twice > 0 {
        notes.push(format!("targets: {} keys are named twice; the first place counts, as in SDKs", named.twice));
    }
    Ok((named.lists.into(), order(named.order)))
}

/// Targets that have been taken so far.
#[derive(Default)]
struct Named {
    lists: Vec<Target>,
    /// Each place once, as it is looked at.
    order: Vec<TargetPlace>,
    seen: BTreeMap<ContextKind, BTreeSet<String>>,
    twice: usize,
}

impl Named {
    fn take(&mut self, target: &wire::TargetData) -> Result<(), Refusal> {
        let context_kind = kind("targets", target.context_kind.as_deref())?;
        let variation = index("targets", target.variation)?;
        let seen = self.seen.entry(context_kind.clone()).or_default();
        let given: BTreeSet<&String> = target.values.iter().collect();
        let values: BTreeSet<String> =
            given.iter().filter(|key| seen.insert((**key).clone())).copied().cloned().collect();
        self.twice += given.len() - values.len();
        if values.is_empty() {
            return Ok(());
        }
        let place = TargetPlace { context_kind: context_kind.clone(), variation };
        match self.order.iter().position(|other| *other == place) {
            None => self.order.push(place),
            // The later list moves up to the earlier one of its place: nobody notices, unless it passes a list that could
            // match the same context and serves something else.
            Some(first) => {
                let passed = &self.order[first + 1..];
                if passed.iter().any(|other| other.context_kind != context_kind && other.variation != variation) {
                    return Err(Refusal::TargetsApart { kind: context_kind.to_string(), variation });
                }
            }
        }
        self.lists.push(Target { context_kind, variation, values });
        Ok(())
    }
}

/// The order, where it has to be said: contexts of one kind never match two of its lists, and the usual one is by kind and
/// variation.
fn order(order: Vec<TargetPlace>) -> Vec<TargetPlace> {
    let usual = order.is_sorted_by(|a, b| a.place() <= b.place());
    let one_kind = order.windows(2).all(|pair| pair[0].context_kind == pair[1].context_kind);
    if usual || one_kind { Vec::new() } else { order }
}
