//! Whether a flag may do this in an environment.

use std::collections::BTreeSet;

use super::{Surroundings, clause, limits, links, strategies};
use crate::model::{Bucketing, Configuration, Rollout, RolloutKind, Serve, WHOLE};
use crate::reason::{Invalid, Reason};

pub(super) fn configuration(key: &str, configuration: &Configuration, around: &Surroundings) -> Result<(), Invalid> {
    let Some(flag) = around.flag.as_ref().filter(|flag| !flag.deleted) else {
        return Err(Invalid::at("", Reason::NoSuchThing("flag")));
    };
    strategies::parts(flag, configuration)?;
    strategies::strategies(key, configuration, around)?;
    let count = flag.variations.len();
    limits::words("/salt", &configuration.salt, limits::NAME)?;
    if let Some(index) = configuration.off_variation {
        variation("/offVariation", index, count)?;
    }
    serve("/fallthrough", &configuration.fallthrough, count)?;
    targets(configuration, count)?;
    target_order(configuration, count)?;
    rules(configuration, count, around)?;
    prerequisites(configuration, around)?;
    links::no_prerequisite_cycle(key, configuration, &around.neighbours)
}

fn variation(field: &str, index: usize, count: usize) -> Result<(), Invalid> {
    if index < count { Ok(()) } else { Err(Invalid::at(field, Reason::VariationUnknown { index, count })) }
}

fn serve(field: &str, serve: &Serve, count: usize) -> Result<(), Invalid> {
    match serve {
        Serve::Variation(index) => variation(&format!("{field}/variation"), *index, count),
        Serve::Rollout(shares) => rollout(&format!("{field}/rollout"), shares, count),
    }
}

/// The rules of emission (`launchdarkly.md` §7.4): whole weights, seeds from 1, experiments by key.
fn rollout(field: &str, rollout: &Rollout, count: usize) -> Result<(), Invalid> {
    let shares = format!("{field}/variations");
    if rollout.variations.is_empty() {
        return Err(Invalid::at(shares, Reason::Empty));
    }
    limits::count(&shares, "shares of one rollout", rollout.variations.len(), limits::ROLLOUT_SHARES)?;
    for (at, share) in rollout.variations.iter().enumerate() {
        variation(&format!("{shares}/{at}/variation"), share.variation, count)?;
        if share.weight > WHOLE {
            return Err(Invalid::at(format!("{shares}/{at}/weight"), Reason::Weight(share.weight)));
        }
    }
    let sum = rollout.variations.iter().map(|share| u64::from(share.weight)).sum();
    if sum != u64::from(WHOLE) {
        return Err(Invalid::at(shares, Reason::WeightSum(sum)));
    }
    if let Some(seed) = rollout.seed.filter(|seed| *seed < 1) {
        return Err(Invalid::at(format!("{field}/seed"), Reason::Seed(seed)));
    }
    match &rollout.bucket_by {
        Some(_) if rollout.kind == RolloutKind::Experiment => {
            Err(Invalid::at(format!("{field}/bucketBy"), Reason::BucketByInExperiment))
        }
        Some(attribute) => clause::attribute(&format!("{field}/bucketBy"), attribute),
        None => Ok(()),
    }
}

fn targets(configuration: &Configuration, count: usize) -> Result<(), Invalid> {
    limits::context_keys("/targets", configuration.targets.iter().map(|(_, _, values)| values))?;
    let mut seen = BTreeSet::new();
    for (at, (kind, index, values)) in configuration.targets.iter().enumerate() {
        variation(&format!("/targets/{at}/variation"), index, count)?;
        for key in values {
            if !seen.insert((kind, key)) {
                let reason = Reason::TargetedTwice { kind: kind.to_string(), key: key.clone() };
                return Err(Invalid::at(format!("/targets/{at}/values"), reason));
            }
        }
    }
    Ok(())
}

fn target_order(configuration: &Configuration, count: usize) -> Result<(), Invalid> {
    let order = &configuration.target_order;
    limits::count("/targetOrder", "places of targets", order.len(), limits::TARGET_ORDER)?;
    let mut seen = BTreeSet::new();
    for (at, place) in order.iter().enumerate() {
        variation(&format!("/targetOrder/{at}/variation"), place.variation, count)?;
        if !seen.insert(place.place()) {
            let twice = format!("{} {}", place.context_kind, place.variation);
            return Err(Invalid::at(format!("/targetOrder/{at}"), Reason::Twice(twice)));
        }
    }
    Ok(())
}

fn rules(configuration: &Configuration, count: usize, around: &Surroundings) -> Result<(), Invalid> {
    limits::count("/rules", "rules", configuration.rules.len(), limits::RULES)?;
    let mut ids = BTreeSet::new();
    for (at, rule) in configuration.rules.iter().enumerate() {
        let field = format!("/rules/{at}");
        if rule.id.is_empty() {
            return Err(Invalid::at(format!("{field}/id"), Reason::Empty));
        }
        limits::words(&format!("{field}/id"), &rule.id, limits::NAME)?;
        limits::words(&format!("{field}/description"), &rule.description, limits::DESCRIPTION)?;
        if !ids.insert(&rule.id) {
            return Err(Invalid::at(format!("{field}/id"), Reason::RuleTwice(rule.id.clone())));
        }
        clause::clauses(&format!("{field}/clauses"), &rule.clauses, around)?;
        serve(&field, &rule.serve, count)?;
    }
    Ok(())
}

fn prerequisites(configuration: &Configuration, around: &Surroundings) -> Result<(), Invalid> {
    let list = &configuration.prerequisites;
    limits::count("/prerequisites", "prerequisites", list.len(), limits::PREREQUISITES)?;
    for (at, prerequisite) in list.iter().enumerate() {
        let field = format!("/prerequisites/{at}");
        if list[..at].iter().any(|other| other.key == prerequisite.key) {
            return Err(Invalid::at(format!("{field}/key"), Reason::PrerequisiteTwice(prerequisite.key.to_string())));
        }
        let Some(count) = around.variations.get(&prerequisite.key) else {
            return Err(Invalid::at(format!("{field}/key"), Reason::FlagUnknown(prerequisite.key.to_string())));
        };
        variation(&format!("{field}/variation"), prerequisite.variation, *count)?;
        if around.bucketing.get(&prerequisite.key) == Some(&Bucketing::Unleash) {
            let reason = Reason::PrerequisiteBucketing(prerequisite.key.to_string());
            return Err(Invalid::at(format!("{field}/key"), reason));
        }
    }
    Ok(())
}
