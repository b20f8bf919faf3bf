//! Whether a flag by Unleash's rules may do this in an environment, and which parts of a configuration are for whom.

use std::collections::BTreeSet;

use evaluation::unleash::is_range;

use super::{LinkEnd, Surroundings, limits};
use crate::emit;
use crate::model::{Bucketing, Configuration, Constraint, Flag, PayloadType, Serve, Strategy, Variant};
use crate::reason::{Invalid, Reason};

const CIDR: &str = "IN_CIDR";

/// A flag has the parts of the rules by which it is evaluated, and of no others.
pub(super) fn parts(flag: &Flag, configuration: &Configuration) -> Result<(), Invalid> {
    let usual = Configuration::initial(flag);
    let foreign = match flag.bucketing {
        Bucketing::LaunchDarkly => vec![
            ("/strategies", "strategies", configuration.strategies.is_empty()),
            ("/variants", "variants", configuration.variants.is_empty()),
            ("/dependencies", "dependencies", configuration.dependencies.is_empty()),
        ],
        Bucketing::Unleash => vec![
            ("/targets", "targets", configuration.targets.iter().next().is_none()),
            ("/rules", "rules", configuration.rules.is_empty()),
            ("/prerequisites", "prerequisites", configuration.prerequisites.is_empty()),
            ("/fallthrough", "fallthrough", configuration.fallthrough == usual.fallthrough),
            ("/offVariation", "off variation", configuration.off_variation == usual.off_variation),
        ],
    };
    let reason = match flag.bucketing {
        Bucketing::LaunchDarkly => Reason::UnleashOnly,
        Bucketing::Unleash => Reason::LaunchDarklyOnly,
    };
    match foreign.into_iter().find(|(_, _, absent)| !absent) {
        Some((field, word, _)) => Err(Invalid::at(field, reason(word))),
        None => Ok(()),
    }
}

/// A flag by Unleash's rules is on or off; what else it gives are payloads of its variants.
pub(super) fn flag(flag: &Flag) -> Result<(), Invalid> {
    let usual = Configuration::initial(flag);
    let (on, off) = (flag.index_of(true), flag.index_of(false));
    let boolean = on.is_some() && off.is_some();
    let served = usual.fallthrough == Serve::Variation(on.unwrap_or(usize::MAX)) && usual.off_variation == off;
    match flag.bucketing {
        Bucketing::Unleash if !boolean => Err(Invalid::at("/kind", Reason::UnleashBoolean)),
        Bucketing::Unleash if !served => Err(Invalid::at("/defaults", Reason::UnleashBoolean)),
        Bucketing::Unleash | Bucketing::LaunchDarkly => Ok(()),
    }
}

pub(super) fn strategies(key: &str, configuration: &Configuration, around: &Surroundings) -> Result<(), Invalid> {
    limits::count("/strategies", "strategies", configuration.strategies.len(), limits::STRATEGIES)?;
    for (at, one) in configuration.strategies.iter().enumerate() {
        strategy(&format!("/strategies/{at}"), one, &around.strays)?;
    }
    variants("/variants", &configuration.variants)?;
    dependencies(key, configuration, around)
}

/// What stands in lists of addresses and is none.
pub fn strays(configuration: &Configuration) -> BTreeSet<String> {
    let listed = configuration.strategies.iter().flat_map(|strategy| {
        let ranges = strategy.constraints.iter().filter(|one| one.operator == CIDR).flat_map(|one| &one.values);
        ranges.map(String::as_str).chain(addresses(strategy))
    });
    listed.filter(|text| !is_range(text)).map(str::to_owned).collect()
}

/// What the strategy `remoteAddress` lets in.
fn addresses(strategy: &Strategy) -> impl Iterator<Item = &str> {
    let list = strategy.parameters.get("IPs").filter(|_| strategy.name == "remoteAddress");
    list.into_iter().flat_map(|list| list.split(',').map(str::trim))
}

fn strategy(field: &str, strategy: &Strategy, strays: &BTreeSet<String>) -> Result<(), Invalid> {
    limits::name(&format!("{field}/name"), &strategy.name)?;
    limits::words(&format!("{field}/title"), &strategy.title, limits::NAME)?;
    limits::count(&format!("{field}/parameters"), "parameters", strategy.parameters.len(), limits::CLAUSES)?;
    parameters(strategy, strays).map_err(|(name, expected)| {
        let reason = Reason::StrategyParameter { name: name.to_owned(), expected };
        Invalid::at(format!("{field}/parameters/{name}"), reason)
    })?;
    limits::count(&format!("{field}/constraints"), "constraints", strategy.constraints.len(), limits::CLAUSES)?;
    for (at, one) in strategy.constraints.iter().enumerate() {
        constraint(&format!("{field}/constraints/{at}"), one, strays)?;
    }
    variants(&format!("{field}/variants"), &strategy.variants)?;
    // Some SDKs draw a strategy's variants by their own field, and some by the strategy's.
    let by = strategy.parameters.get("stickiness").map_or("default", String::as_str);
    let astray = |variant: &Variant| variant.stickiness.as_deref().is_some_and(|own| own != by);
    match strategy.variants.iter().position(astray) {
        Some(at) => Err(Invalid::at(format!("{field}/variants/{at}/stickiness"), Reason::Stickiness)),
        None => Ok(()),
    }
}

/// The parameters of the strategies that Unleash knows; what a custom one goes by is its SDK's affair.
fn parameters(strategy: &Strategy, strays: &BTreeSet<String>) -> Result<(), (&'static str, &'static str)> {
    let text = |name: &'static str| strategy.parameters.get(name).map(String::as_str).unwrap_or_default();
    let percentage = |name: &'static str| {
        let value: Option<u32> = text(name).parse().ok();
        if value.is_some_and(|value| value <= 100) { Ok(()) } else { Err((name, "a whole percentage from 0 to 100")) }
    };
    let given = |name: &'static str, what| if text(name).is_empty() { Err((name, what)) } else { Ok(()) };
    match strategy.name.as_str() {
        "flexibleRollout" => percentage("rollout"),
        "gradualRolloutUserId" | "gradualRolloutSessionId" => {
            percentage("percentage")?;
            given("groupId", "the name of the group that is drawn together")
        }
        "gradualRolloutRandom" => percentage("percentage"),
        "userWithId" => given("userIds", "a list of user ids with commas between"),
        "applicationHostname" => given("hostNames", "a list of names of hosts with commas between"),
        "remoteAddress" => {
            let mut list = addresses(strategy).peekable();
            let given = list.peek().is_some();
            if given && list.all(|one| is_range(one) || strays.contains(one)) {
                Ok(())
            } else {
                Err(("IPs", "a list of addresses and ranges with commas between"))
            }
        }
        _ => Ok(()),
    }
}

fn constraint(field: &str, constraint: &Constraint, strays: &BTreeSet<String>) -> Result<(), Invalid> {
    limits::name(&format!("{field}/contextName"), &constraint.context_name)?;
    let values = format!("{field}/values");
    limits::count(&values, "values of one constraint", constraint.values.len(), limits::CLAUSE_VALUES)?;
    let one = constraint.value.as_ref().map_or(0, String::len);
    limits::length(&format!("{field}/value"), one, limits::CONSTRAINT_VALUE)?;
    let mut told = emit::constraint(constraint);
    if told.operator == CIDR {
        told.values.retain(|value| !strays.contains(value));
    }
    told.check().map_err(|invalid| Invalid::at(field, Reason::Constraint(invalid.to_string())))?;
    let dated = constraint.operator.starts_with("DATE_");
    if dated && constraint.context_name != "currentTime" {
        return Err(Invalid::at(format!("{field}/contextName"), Reason::DateField));
    }
    // SDKs take an empty list for nothing, for everything, or for a reason to turn the flag off.
    let listed = constraint.operator.starts_with("STR_") || constraint.operator == CIDR;
    if listed && constraint.values.is_empty() {
        return Err(Invalid::at(values, Reason::Empty));
    }
    Ok(())
}

fn variants(field: &str, variants: &[Variant]) -> Result<(), Invalid> {
    limits::count(field, "variants", variants.len(), limits::VARIATIONS)?;
    for (at, variant) in variants.iter().enumerate() {
        let field = format!("{field}/{at}");
        limits::name(&format!("{field}/name"), &variant.name)?;
        if variants[..at].iter().any(|other| other.name == variant.name) {
            return Err(Invalid::at(format!("{field}/name"), Reason::Twice(variant.name.clone())));
        }
        if variant.weight > limits::VARIANT_WEIGHT {
            return Err(Invalid::at(format!("{field}/weight"), Reason::NoWeight));
        }
        if variant.stickiness != variants[0].stickiness {
            return Err(Invalid::at(format!("{field}/stickiness"), Reason::Stickiness));
        }
        limits::count(&format!("{field}/overrides"), "overrides", variant.overrides.len(), limits::CLAUSES)?;
        payload(&format!("{field}/payload"), variant)?;
    }
    let weightless = variants.iter().all(|variant| variant.weight == 0);
    if weightless && !variants.is_empty() { Err(Invalid::at(field, Reason::NoWeight)) } else { Ok(()) }
}

fn payload(field: &str, variant: &Variant) -> Result<(), Invalid> {
    let Some(payload) = &variant.payload else { return Ok(()) };
    let field = format!("{field}/value");
    limits::length(&field, payload.value.len(), limits::PAYLOAD)?;
    let refuse = |kind| Err(Invalid::at(field, Reason::Payload(kind)));
    match payload.kind {
        PayloadType::Json if serde_json::from_str::<serde::de::IgnoredAny>(&payload.value).is_err() => refuse("JSON"),
        PayloadType::Number if payload.value.parse::<f64>().is_err() => refuse("number"),
        PayloadType::String | PayloadType::Csv | PayloadType::Json | PayloadType::Number => Ok(()),
    }
}

/// One level deep, as SDKs look: a parent has no parents.
fn dependencies(key: &str, configuration: &Configuration, around: &Surroundings) -> Result<(), Invalid> {
    let list = &configuration.dependencies;
    limits::count("/dependencies", "dependencies", list.len(), limits::PREREQUISITES)?;
    let links = || around.neighbours.iter().filter(|link| link.from == LinkEnd::Flag && link.to == LinkEnd::Flag);
    for (at, one) in list.iter().enumerate() {
        let (field, name) = (format!("/dependencies/{at}/feature"), one.feature.to_string());
        if list[..at].iter().any(|other| other.feature == one.feature) {
            return Err(Invalid::at(field, Reason::PrerequisiteTwice(name)));
        }
        if one.feature.as_str() == key || links().any(|link| link.source == name) {
            return Err(Invalid::at(field, Reason::DependencyDepth(name)));
        }
        match around.bucketing.get(&one.feature) {
            None => return Err(Invalid::at(field, Reason::FlagUnknown(name))),
            Some(Bucketing::LaunchDarkly) => return Err(Invalid::at(field, Reason::DependencyBucketing(name))),
            Some(Bucketing::Unleash) => {}
        }
    }
    match links().find(|link| link.target == key).filter(|_| !list.is_empty()) {
        Some(link) => Err(Invalid::at("/dependencies", Reason::DependencyDepth(format!("{} names it", link.source)))),
        None => Ok(()),
    }
}
