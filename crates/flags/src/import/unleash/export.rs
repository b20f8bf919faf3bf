//! `/api/admin/features-batch/export`: tables that name each other, of one environment or, in older files, of several.

use std::collections::BTreeMap;

use evaluation::unleash::model::{ClientFeatures, Constraint, Dependency, Feature, Strategy, Variant};
use serde::Deserialize;
use serde_json::{Value, json};

use super::InvalidState;

/// An export as SDKs would receive it, and what they would not.
#[derive(Debug, Default)]
pub(super) struct Exported {
    pub(super) client: ClientFeatures,
    /// Words to find a feature by, by its name.
    pub(super) tags: BTreeMap<String, Vec<String>>,
    /// The names of features that are no more in use.
    pub(super) archived: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Export {
    features: Vec<Value>,
    feature_strategies: Vec<ExportedStrategy>,
    feature_environments: Vec<ExportedEnvironment>,
    feature_tags: Option<Vec<ExportedTag>>,
    segments: Option<Vec<Value>>,
    dependencies: Option<Vec<ExportedDependencies>>,
}

/// `name` is today's word for the strategy, `strategyName` that of older files; some have both.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ExportedStrategy {
    feature_name: String,
    environment: Option<String>,
    name: Option<String>,
    strategy_name: Option<String>,
    sort_order: Option<f64>,
    parameters: Value,
    constraints: Option<Vec<Constraint>>,
    segments: Option<Vec<i64>>,
    variants: Option<Vec<Variant>>,
    disabled: Option<bool>,
}

/// `name` and `featureName` are both the feature's; either may be missing.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ExportedEnvironment {
    feature_name: Option<String>,
    name: Option<String>,
    environment: String,
    enabled: bool,
    variants: Option<Vec<Variant>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ExportedTag {
    feature_name: String,
    tag_type: String,
    tag_value: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ExportedDependencies {
    feature: String,
    dependencies: Vec<Dependency>,
}

/// The tables, by the feature that they are about.
struct Tables<'e> {
    environments: BTreeMap<&'e str, &'e ExportedEnvironment>,
    strategies: BTreeMap<&'e str, Vec<&'e ExportedStrategy>>,
    dependencies: BTreeMap<&'e str, &'e [Dependency]>,
}

pub(super) fn read(text: &str, from: Option<&str>) -> Result<Exported, InvalidState> {
    let export: Export = serde_json::from_str(text).map_err(|error| InvalidState::Shape(error.to_string()))?;
    let tables = Tables::of(&export, &environment(&export, from)?);
    let mut exported = Exported::default();
    for ExportedTag { feature_name, tag_type, tag_value } in export.feature_tags.iter().flatten() {
        let word = if tag_type == "simple" { tag_value.clone() } else { format!("{tag_type}:{tag_value}") };
        exported.tags.entry(feature_name.clone()).or_default().push(word);
    }
    for json in &export.features {
        let name = json["name"].as_str().unwrap_or("?");
        match tables.feature(json) {
            _ if json["archived"] == true => exported.archived.push(name.to_owned()),
            Ok(feature) => exported.client.features.push(feature),
            Err(why) => exported.client.unreadable.push((name.to_owned(), why)),
        }
    }
    // An export of today names segments without saying what they hold.
    let told = export.segments.iter().flatten().filter(|segment| segment["constraints"].is_array());
    exported.client.segments = told.filter_map(|segment| serde_json::from_value(segment.clone()).ok()).collect();
    Ok(exported)
}

fn environment(export: &Export, from: Option<&str>) -> Result<String, InvalidState> {
    let mut known: Vec<&str> = export.feature_environments.iter().map(|one| one.environment.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    match (from, known.as_slice()) {
        (Some(from), known) if known.contains(&from) => Ok(from.to_owned()),
        (None, [only]) => Ok((*only).to_owned()),
        (None, []) => Ok(String::new()),
        (_, known) => Err(InvalidState::Environment(known.join(", "))),
    }
}

impl<'e> Tables<'e> {
    fn of(export: &'e Export, environment: &str) -> Self {
        let here = |of: &str| of == environment;
        let environments = export.feature_environments.iter().filter(|one| here(&one.environment));
        let named = |one: &'e ExportedEnvironment| one.feature_name.as_deref().or(one.name.as_deref());
        let environments = environments.filter_map(|one| Some((named(one)?, one))).collect();
        let mut strategies = BTreeMap::<&str, Vec<_>>::new();
        for one in export.feature_strategies.iter().filter(|one| one.environment.as_deref().is_none_or(here)) {
            strategies.entry(&one.feature_name).or_default().push(one);
        }
        for list in strategies.values_mut() {
            let order = |one: &ExportedStrategy| one.sort_order.unwrap_or(f64::MAX);
            list.sort_by(|a, b| order(a).total_cmp(&order(b)));
        }
        let dependencies = export.dependencies.iter().flatten();
        let dependencies = dependencies.map(|one| (one.feature.as_str(), one.dependencies.as_slice())).collect();
        Self { environments, strategies, dependencies }
    }

    fn feature(&self, json: &Value) -> Result<Feature, String> {
        let words = json!({"name": json["name"], "type": json["type"], "description": json["description"],
            "project": json["project"], "impressionData": json["impressionData"], "stale": json["stale"]});
        let mut feature: Feature = serde_json::from_value(words).map_err(|error| error.to_string())?;
        let name = feature.name.as_str();
        // Of a feature that the environment does not know nothing is on.
        let configured = self.environments.get(name);
        feature.enabled = configured.is_some_and(|one| one.enabled);
        feature.variants = configured.and_then(|one| one.variants.clone()).unwrap_or_default();
        let strategies = self.strategies.get(name).into_iter().flatten();
        let strategies = strategies.map(|one| strategy(one)).collect::<Result<_, _>>()?;
        let dependencies = self.dependencies.get(name).map(|list| list.to_vec()).unwrap_or_default();
        Ok(Feature { strategies, dependencies, ..feature })
    }
}

fn strategy(exported: &ExportedStrategy) -> Result<Strategy, String> {
    let name = exported.name.as_ref().or(exported.strategy_name.as_ref());
    let words = json!({"name": name, "parameters": exported.parameters});
    let strategy: Strategy = serde_json::from_value(words).map_err(|error| error.to_string())?;
    Ok(Strategy {
        constraints: exported.constraints.clone().unwrap_or_default(),
        segments: exported.segments.clone().unwrap_or_default(),
        variants: exported.variants.clone().unwrap_or_default(),
        disabled: exported.disabled.unwrap_or(false),
        ..strategy
    })
}
