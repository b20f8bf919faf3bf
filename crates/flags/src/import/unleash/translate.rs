//! A feature of Unleash as a flag by Unleash's rules.

use evaluation::unleash::model as wire;
use kernel::FlagKey;
use serde_json::json;

use super::super::refusal::Refusal;
use super::super::translate::Wanted;
use super::Incoming;
use crate::model::{
    Bucketing, ClientSideAvailability, Configuration, Constraint, Dependency, Flag, FlagKind, PayloadType, Strategy,
    Variant, VariantOverride, VariantPayload, WeightType,
};
use crate::validate::strays;

/// Says a feature in our words, or why that cannot be.
pub(in super::super) fn translate(key: &FlagKey, incoming: &Incoming) -> Result<Wanted, Refusal> {
    let Incoming { feature, notes, .. } = incoming.clone();
    let mut notes = notes;
    for strategy in feature.strategies.iter().filter(|strategy| !is_known(&strategy.name)) {
        notes.push(format!("the strategy {} holds only in SDKs that were given it", strategy.name));
    }
    if feature.strategies.iter().any(|strategy| strategy.name == "applicationHostname") {
        notes.push("host names are those of the programs that evaluate by themselves".to_owned());
    }
    let configuration = Configuration {
        on: feature.enabled,
        strategies: feature.strategies.into_iter().map(strategy).collect::<Result<_, _>>()?,
        variants: variants(feature.variants)?,
        dependencies: feature.dependencies.into_iter().map(dependency).collect::<Result<_, _>>()?,
        track_events: feature.impression_data,
        // Nothing is drawn by it, but a flag has one.
        salt: key.to_string(),
        ..Configuration::initial(&Flag::boolean(key.as_str()))
    };
    for stray in strays(&configuration) {
        notes.push(format!("“{stray}” is no address, and lets nobody in, as it did there"));
    }
    Ok(Wanted {
        bucketing: Bucketing::Unleash,
        kind: FlagKind::Boolean,
        values: vec![json!(true), json!(false)],
        // Unleash's frontend tokens see every feature.
        availability: ClientSideAvailability { using_mobile_key: true, using_environment_id: true },
        configuration,
        notes,
    })
}

fn is_known(strategy: &str) -> bool {
    const KNOWN: [&str; 8] = [
        "default",
        "flexibleRollout",
        "userWithId",
        "gradualRolloutUserId",
        "gradualRolloutSessionId",
        "gradualRolloutRandom",
        "remoteAddress",
        "applicationHostname",
    ];
    KNOWN.contains(&strategy)
}

fn strategy(strategy: wire::Strategy) -> Result<Strategy, Refusal> {
    let constraint = |one: wire::Constraint| Constraint {
        context_name: one.context_name,
        operator: one.operator,
        values: one.values,
        value: one.value,
        case_insensitive: one.case_insensitive,
        inverted: one.inverted,
    };
    Ok(Strategy {
        name: strategy.name,
        title: String::new(),
        disabled: strategy.disabled,
        parameters: strategy.parameters,
        constraints: strategy.constraints.into_iter().map(constraint).collect(),
        variants: variants(strategy.variants)?,
    })
}

fn variants(variants: Vec<wire::Variant>) -> Result<Vec<Variant>, Refusal> {
    variants.into_iter().map(variant).collect()
}

fn variant(variant: wire::Variant) -> Result<Variant, Refusal> {
    let overrides = variant.overrides.into_iter();
    let overrides = overrides.map(|one| VariantOverride { context_name: one.context_name, values: one.values });
    Ok(Variant {
        weight: u32::try_from(variant.weight).map_err(|_| Refusal::Weight(variant.weight))?,
        weight_type: if variant.weight_type.as_deref() == Some("fix") { WeightType::Fix } else { WeightType::Variable },
        stickiness: variant.stickiness,
        payload: variant.payload.map(payload).transpose()?,
        overrides: overrides.collect(),
        name: variant.name,
    })
}

fn payload(wire::Payload { kind, value }: wire::Payload) -> Result<VariantPayload, Refusal> {
    let kind = match kind.as_str() {
        "string" => PayloadType::String,
        "json" => PayloadType::Json,
        "csv" => PayloadType::Csv,
        "number" => PayloadType::Number,
        other => return Err(Refusal::PayloadType(other.to_owned())),
    };
    Ok(VariantPayload { kind, value })
}

fn dependency(dependency: wire::Dependency) -> Result<Dependency, Refusal> {
    let feature = FlagKey::new(dependency.feature.as_str())?;
    Ok(Dependency { feature, enabled: dependency.enabled.unwrap_or(true), variants: dependency.variants })
}
