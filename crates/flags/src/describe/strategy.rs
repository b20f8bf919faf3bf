//! Unleash's strategies, variants and dependencies, in words.

use super::{joined, listed, percent, quoted};
use crate::model::{
    Constraint, Dependency, PayloadType, Strategy, Variant, VariantOverride, VariantPayload, WeightType,
};

/// `25 % of everyone, drawn by userId, where country is “no” or “se”`.
pub fn strategy(strategy: &Strategy) -> String {
    let parameter = |name: &str| strategy.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let drawn = |by: &str| format!("drawn by {by}");
    let share = |name: &str| format!("{} % of everyone", parameter(name).unwrap_or("0"));
    let whom = match strategy.name.as_str() {
        "default" => "everyone".to_owned(),
        "flexibleRollout" => {
            let by = match parameter("stickiness") {
                None | Some("default") => "user, else session, else chance",
                Some("random") => "chance",
                Some(field) => field,
            };
            format!("{}, {}", share("rollout"), drawn(by))
        }
        "gradualRolloutUserId" => format!("{}, {}", share("percentage"), drawn("userId")),
        "gradualRolloutSessionId" => format!("{}, {}", share("percentage"), drawn("sessionId")),
        "gradualRolloutRandom" => format!("{}, {}", share("percentage"), drawn("chance")),
        "userWithId" => format!("the users {}", items(parameter("userIds"))),
        "remoteAddress" => format!("the addresses {}", items(parameter("IPs"))),
        "applicationHostname" => format!("the hosts {}", items(parameter("hostNames"))),
        custom => format!("whom the SDK's own strategy {} lets in", quoted(custom)),
    };
    let constraints: Vec<String> = strategy.constraints.iter().map(constraint).collect();
    let disabled = if strategy.disabled { " (disabled)" } else { "" };
    match constraints.as_slice() {
        [] => format!("{whom}{disabled}"),
        constraints => format!("{whom} where {}{disabled}", constraints.join(" and ")),
    }
}

pub(super) fn strategies(strategies: &[Strategy]) -> String {
    let one = |one: &Strategy| match one.variants.as_slice() {
        [] => strategy(one),
        own => format!("{}, who get the variants {}", strategy(one), told(own)),
    };
    match strategies {
        [] => "Let everyone in".to_owned(),
        strategies => format!("Let in {}", strategies.iter().map(one).collect::<Vec<_>>().join("; or ")),
    }
}

pub(super) fn variants(variants: &[Variant]) -> String {
    let by = variants.first().and_then(|variant| variant.stickiness.as_deref()).filter(|by| *by != "default");
    let drawn = by.map(|by| format!(", drawn by {by}")).unwrap_or_default();
    match variants {
        [] => "Have no variants".to_owned(),
        variants => format!("Have the variants {}{drawn}", told(variants)),
    }
}

/// `“blue” at 50 % with “#00f” and “green” at a fixed 50 % (always for userId “ada”)`.
fn told(variants: &[Variant]) -> String {
    let total: u64 = variants.iter().map(|variant| u64::from(variant.weight)).sum();
    let one = |Variant { name, weight, weight_type, payload, overrides, .. }: &Variant| {
        let share = u64::from(*weight).saturating_mul(100_000).checked_div(total).unwrap_or(0);
        let share = percent(u32::try_from(share).unwrap_or(u32::MAX));
        let fixed = if *weight_type == WeightType::Fix { "a fixed " } else { "" };
        let payload = payload.as_ref().map(with).unwrap_or_default();
        let always: Vec<String> = overrides.iter().map(whom).collect();
        let always = if always.is_empty() { String::new() } else { format!(" (always for {})", always.join(" or ")) };
        format!("{} at {fixed}{share}{payload}{always}", quoted(name))
    };
    listed(&variants.iter().map(one).collect::<Vec<_>>())
}

fn with(VariantPayload { kind, value }: &VariantPayload) -> String {
    let kind = match kind {
        PayloadType::String => "",
        PayloadType::Json => "JSON ",
        PayloadType::Csv => "CSV ",
        PayloadType::Number => "number ",
    };
    format!(" with {kind}{}", quoted(value))
}

fn whom(VariantOverride { context_name, values }: &VariantOverride) -> String {
    format!("{context_name} {}", few(values.iter().map(String::as_str)))
}

pub(super) fn dependencies(dependencies: &[Dependency]) -> String {
    let one = |dependency: &Dependency| {
        let state = if dependency.enabled { "on" } else { "off" };
        let named: Vec<String> = dependency.variants.iter().map(|name| quoted(name)).collect();
        let variants = if named.is_empty() { String::new() } else { format!(" with {}", joined(&named, "or")) };
        format!("flag {} is {state}{variants}", dependency.feature)
    };
    match dependencies {
        [] => "Depend on no other flag".to_owned(),
        dependencies => format!("Require that {}", dependencies.iter().map(one).collect::<Vec<_>>().join(" and ")),
    }
}

fn constraint(constraint: &Constraint) -> String {
    let Constraint { context_name, operator, values, value, inverted, .. } = constraint;
    let (yes, no) = match operator.as_str() {
        "IN" => ("is", "is not"),
        "NOT_IN" => ("is not", "is"),
        "STR_STARTS_WITH" => ("starts with", "does not start with"),
        "STR_ENDS_WITH" => ("ends with", "does not end with"),
        "STR_CONTAINS" => ("contains", "does not contain"),
        "NUM_EQ" => ("is the number", "is not the number"),
        "NUM_GT" => ("is greater than", "is not greater than"),
        "NUM_GTE" => ("is at least", "is not at least"),
        "NUM_LT" => ("is less than", "is not less than"),
        "NUM_LTE" => ("is at most", "is not at most"),
        "DATE_AFTER" => ("is after", "is not after"),
        "DATE_BEFORE" => ("is before", "is not before"),
        "SEMVER_EQ" => ("is version", "is not version"),
        "SEMVER_GT" => ("is newer than version", "is not newer than version"),
        "SEMVER_GTE" => ("is at least version", "is not at least version"),
        "SEMVER_LT" => ("is older than version", "is not older than version"),
        "SEMVER_LTE" => ("is at most version", "is not at most version"),
        "REGEX" => ("matches", "does not match"),
        "IN_CIDR" => ("is an address of", "is no address of"),
        other => (other, other),
    };
    let verb = if *inverted { no } else { yes };
    let compared = match value {
        Some(value) => quoted(value),
        None => few(values.iter().map(String::as_str)),
    };
    format!("{context_name} {verb} {compared}")
}

/// The items of a list with commas between.
fn items(text: Option<&str>) -> String {
    few(text.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty()))
}

fn few<'a>(items: impl Iterator<Item = &'a str>) -> String {
    const NAMED: usize = 4;
    let mut items = items.peekable();
    let mut named: Vec<String> = items.by_ref().take(NAMED).map(quoted).collect();
    match items.count() {
        0 => {}
        rest => named.push(format!("{rest} others")),
    }
    joined(&named, "or")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_strategy_is_said_as_people_would() {
        let table = [
            (json!({"name": "default"}), "everyone"),
            (
                json!({"name": "flexibleRollout", "parameters": {"rollout": "25", "stickiness": "userId"}, "constraints": [
                    {"contextName": "country", "operator": "IN", "values": ["no", "se"]},
                    {"contextName": "age", "operator": "NUM_LT", "value": "40", "inverted": true}]}),
                "25 % of everyone, drawn by userId where country is “no” or “se” and age is not less than “40”",
            ),
            (
                json!({"name": "userWithId", "disabled": true, "parameters": {"userIds": "a, b,c,d,e,f"}}),
                "the users “a”, “b”, “c”, “d” or 2 others (disabled)",
            ),
            (json!({"name": "moonPhase"}), "whom the SDK's own strategy “moonPhase” lets in"),
        ];
        for (json, expected) in table {
            assert_eq!(strategy(&serde_json::from_value(json).unwrap()), expected);
        }
    }

    #[test]
    fn variants_are_said_with_all_that_a_change_of_them_can_change() {
        let list: Vec<Variant> = serde_json::from_value(json!([
            {"name": "blue", "weight": 250, "weightType": "fix", "stickiness": "tenant",
                "payload": {"type": "json", "value": "{\"colour\": 1}"}},
            {"name": "green", "weight": 750, "stickiness": "tenant",
                "overrides": [{"contextName": "userId", "values": ["ada", "bob"]}]},
        ]))
        .unwrap();
        let said =
            "“blue” at a fixed 25 % with JSON “{\"colour\": 1}” and “green” at 75 % (always for userId “ada” or “bob”)";
        assert_eq!(variants(&list), format!("Have the variants {said}, drawn by tenant"));
        let own = Strategy {
            name: "default".to_owned(),
            title: String::new(),
            disabled: false,
            parameters: std::collections::BTreeMap::new(),
            constraints: Vec::new(),
            variants: list,
        };
        assert_eq!(strategies(&[own]), format!("Let in everyone, who get the variants {said}"));
        let thirds: Vec<Variant> =
            ["a", "b", "c"].map(|name| serde_json::from_value(json!({"name": name, "weight": 1})).unwrap()).into();
        assert_eq!(variants(&thirds), "Have the variants “a” at 33.333 %, “b” at 33.333 % and “c” at 33.333 %");
    }
}
