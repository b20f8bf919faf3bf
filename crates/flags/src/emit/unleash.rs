//! What Unleash's SDKs receive of a flag by Unleash's rules (`oss-flags.md` §4.1), and what every other family sees of it.

use std::collections::BTreeMap;

use evaluation::FeatureData;
use evaluation::model::ClientSideAvailability;
use evaluation::unleash::model as wire;
use kernel::Revision;

use super::natural;
use crate::model::{
    Configuration, Constraint, Dependency, Flag, PayloadType, Strategy, Variant, VariantOverride, VariantPayload,
    WeightType,
};

/// A flag by Unleash's rules in one environment of `project`, under the version that SDKs see.
pub fn feature(
    (project, key): (&str, &str),
    version: Revision,
    flag: &Flag,
    configuration: &Configuration,
) -> FeatureData {
    let feature = wire::Feature {
        name: key.to_owned(),
        kind: "release".to_owned(),
        description: Some(flag.description.clone()).filter(|text| !text.is_empty()),
        enabled: configuration.on && !only_disabled(&configuration.strategies),
        stale: false,
        impression_data: configuration.track_events,
        project: project.to_owned(),
        // SDKs do not know disabled strategies.
        strategies: configuration.strategies.iter().filter(|one| !one.disabled).map(|one| strategy(key, one)).collect(),
        variants: configuration.variants.iter().map(variant).collect(),
        dependencies: configuration.dependencies.iter().map(dependency).collect(),
    };
    let availability = flag.client_side_availability;
    FeatureData {
        feature,
        version: natural(version),
        variations: if flag.index_of(true) == Some(0) { [true, false] } else { [false, true] },
        availability: ClientSideAvailability {
            using_mobile_key: availability.using_mobile_key,
            using_environment_id: availability.using_environment_id,
        },
        track_events: configuration.track_events,
    }
}

/// None would mean everybody, and all of them disabled means nobody.
fn only_disabled(strategies: &[Strategy]) -> bool {
    !strategies.is_empty() && strategies.iter().all(|strategy| strategy.disabled)
}

/// With its group and stickiness said, to its variants too, since SDKs disagree on what they are when they are not.
fn strategy(key: &str, strategy: &Strategy) -> wire::Strategy {
    let mut parameters = strategy.parameters.clone();
    let mut variants: Vec<_> = strategy.variants.iter().map(variant).collect();
    if strategy.name == "flexibleRollout" || !variants.is_empty() {
        said(&mut parameters, "groupId", key);
        let by = said(&mut parameters, "stickiness", "default");
        for variant in &mut variants {
            variant.stickiness = Some(by.clone());
        }
    }
    wire::Strategy {
        name: strategy.name.clone(),
        parameters,
        constraints: strategy.constraints.iter().map(constraint).collect(),
        variants,
        ..wire::Strategy::default()
    }
}

/// The parameter, which is `otherwise` where it is missing or empty.
fn said<'p>(parameters: &'p mut BTreeMap<String, String>, name: &str, otherwise: &str) -> &'p String {
    let value = parameters.entry(name.to_owned()).or_default();
    if value.is_empty() {
        otherwise.clone_into(value);
    }
    value
}

/// A constraint as SDKs read it.
pub fn constraint(constraint: &Constraint) -> wire::Constraint {
    wire::Constraint {
        context_name: constraint.context_name.clone(),
        operator: constraint.operator.clone(),
        values: constraint.values.clone(),
        value: constraint.value.clone(),
        case_insensitive: constraint.case_insensitive,
        inverted: constraint.inverted,
    }
}

fn variant(variant: &Variant) -> wire::Variant {
    let overrides = variant.overrides.iter().map(|VariantOverride { context_name, values }| wire::Override {
        context_name: context_name.clone(),
        values: values.clone(),
    });
    let payload = variant.payload.as_ref().map(|VariantPayload { kind, value }| {
        let kind = match kind {
            PayloadType::String => "string",
            PayloadType::Json => "json",
            PayloadType::Csv => "csv",
            PayloadType::Number => "number",
        };
        wire::Payload { kind: kind.to_owned(), value: value.clone() }
    });
    let weight_type = match variant.weight_type {
        WeightType::Variable => "variable",
        WeightType::Fix => "fix",
    };
    wire::Variant {
        name: variant.name.clone(),
        weight: i64::from(variant.weight),
        weight_type: Some(weight_type.to_owned()),
        // Empty it is "default" to some SDKs and no field at all to others.
        stickiness: variant.stickiness.clone().filter(|by| !by.is_empty()),
        payload,
        overrides: overrides.collect(),
    }
}

fn dependency(dependency: &Dependency) -> wire::Dependency {
    wire::Dependency {
        feature: dependency.feature.to_string(),
        enabled: Some(dependency.enabled),
        variants: dependency.variants.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn a_strategys_variants_are_told_what_they_are_drawn_by_and_in_which_group() {
        let variants = json!([{"name": "blue", "weight": 1000}]);
        let told = |body| strategy("a", &from_value(body).unwrap());
        let staff = told(json!({"name": "userWithId", "parameters": {"userIds": "ada"}, "variants": variants}));
        assert_eq!(staff.parameters["groupId"], "a");
        assert_eq!(staff.variants[0].stickiness.as_deref(), Some("default"));
        let emptied = json!({"rollout": "60", "stickiness": "", "groupId": ""});
        let emptied = told(json!({"name": "flexibleRollout", "parameters": emptied, "variants": variants}));
        assert_eq!(
            (emptied.parameters["groupId"].as_str(), emptied.parameters["stickiness"].as_str()),
            ("a", "default")
        );
        assert_eq!(emptied.variants[0].stickiness.as_deref(), Some("default"));
        let by = json!({"rollout": "60", "stickiness": "tenant", "groupId": "g"});
        let tenants = told(json!({"name": "flexibleRollout", "parameters": by, "variants": variants}));
        assert_eq!(tenants.parameters["groupId"], "g");
        assert_eq!(tenants.variants[0].stickiness.as_deref(), Some("tenant"));
    }

    #[test]
    fn a_strategy_that_draws_nothing_is_told_as_it_is() {
        let body = json!({"name": "userWithId", "parameters": {"userIds": "ada"}});
        assert_eq!(strategy("a", &from_value(body).unwrap()).parameters.len(), 1);
    }
}
