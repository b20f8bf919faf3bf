//! What a flag does in one environment.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ContextKind, FlagKey, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Dependency, Flag, Rule, Serve, Strategy, Variant};

/// What a flag does in one environment: tried from top to bottom, off first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // each is a member of what SDKs receive
pub struct Configuration {
    /// Off serves `offVariation` to everybody.
    pub on: bool,
    /// Other flags that must be on and serve a certain variation; tried in this order.
    #[serde(default)]
    pub prerequisites: Vec<Prerequisite>,
    /// Contexts that are named one by one.
    #[serde(default)]
    #[schema(value_type = Vec<Target>)]
    pub targets: Targets,
    /// Whose targets are looked at first, where a context of several kinds could match more than one; the others follow,
    /// by kind and variation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_order: Vec<TargetPlace>,
    /// The first that matches decides.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Of a flag by Unleash's rules: whoever any of these lets in gets it; none lets everybody in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategies: Vec<Strategy>,
    /// Of a flag by Unleash's rules: what those get who are let in by a strategy without variants of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Of a flag by Unleash's rules: other flags that must be as they say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    /// What everyone else gets.
    pub fallthrough: Serve,
    /// What is served while off, by index; none makes SDKs serve the caller's default.
    #[serde(deserialize_with = "Option::deserialize")] // null is said, never forgotten
    pub off_variation: Option<usize>,
    /// What contexts are hashed with; kept as it is when empty in a replacement.
    #[serde(default)]
    pub salt: String,
    /// Whether SDKs report each evaluation.
    #[serde(default)]
    pub track_events: bool,
    /// Whether SDKs report each evaluation that the fallthrough decides.
    #[serde(default)]
    pub track_events_fallthrough: bool,
    /// Until when SDKs report each evaluation with its whole context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub debug_events_until: Option<Timestamp>,
    /// SDKs send one event in so many; all when absent, none when 0. What they sum up stays exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling_ratio: Option<u32>,
    /// Whether SDKs leave the flag out of what they sum up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclude_from_summaries: bool,
    /// Makes it a migration flag, whose variations are the stages of moving from one system to another
    /// (`launchdarkly.md` §2.10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<Migration>,
}

impl Configuration {
    /// What an environment does before anybody has configured it: off.
    pub fn initial(flag: &Flag) -> Self {
        Self {
            on: false,
            prerequisites: Vec::new(),
            targets: Targets::default(),
            target_order: Vec::new(),
            rules: Vec::new(),
            strategies: Vec::new(),
            variants: Vec::new(),
            dependencies: Vec::new(),
            fallthrough: Serve::Variation(flag.defaults.on_variation),
            off_variation: Some(flag.defaults.off_variation),
            salt: flag.salt.clone(),
            track_events: false,
            track_events_fallthrough: false,
            debug_events_until: None,
            sampling_ratio: None,
            exclude_from_summaries: false,
            migration: None,
        }
    }

    /// Kind, variation and keys of each target, in the order in which they are looked at.
    pub fn targets_in_order(&self) -> Vec<(&ContextKind, usize, &BTreeSet<String>)> {
        let ranks: BTreeMap<_, _> = self.target_order.iter().map(TargetPlace::place).zip(0..).collect();
        let mut targets: Vec<_> = self.targets.iter().collect();
        targets.sort_by_key(|(kind, variation, _)| ranks.get(&(*kind, *variation)).copied().unwrap_or(ranks.len()));
        targets
    }

    /// Every variation that it can serve, by index.
    pub fn variations(&self) -> BTreeSet<usize> {
        let rules = self.rules.iter().map(|rule| &rule.serve).chain([&self.fallthrough]);
        let served = rules.flat_map(|serve| serve.weights().into_iter().map(|(index, _)| index));
        served.chain(self.off_variation).chain(self.targets.iter().map(|(_, variation, _)| variation)).collect()
    }
}

/// Another flag that must be on and serve this variation, or the flag serves its off variation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prerequisite {
    /// The other flag.
    #[schema(value_type = String)]
    pub key: FlagKey,
    /// What it must serve, by index.
    pub variation: usize,
}

/// What a migration flag adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Migration {
    /// SDKs compare what both systems answer on one read in so many; on all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_ratio: Option<u32>,
}

/// All contexts of a kind that get a variation by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetPlace {
    /// Of which kind.
    #[serde(default)]
    #[schema(value_type = String, default = "user")]
    pub context_kind: ContextKind,
    /// What they get, by index.
    pub variation: usize,
}

impl TargetPlace {
    /// Kind and variation.
    pub fn place(&self) -> (&ContextKind, usize) {
        (&self.context_kind, self.variation)
    }
}

/// Contexts, by key, that get a variation before any rule is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// Of which kind they are.
    #[serde(default)]
    #[schema(value_type = String, default = "user")]
    pub context_kind: ContextKind,
    /// What they get, by index.
    pub variation: usize,
    /// Their keys.
    pub values: BTreeSet<String>,
}

/// All targets of a configuration, one [`Target`] for each kind and variation, ordered by both; which come first for a
/// context of several kinds says [`Configuration::target_order`].
///
/// There is one way to write down one targeting, so that an undo gives back exactly what was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Target>", into = "Vec<Target>")]
pub struct Targets(BTreeMap<(ContextKind, usize), BTreeSet<String>>);

impl Targets {
    /// Kind, variation and keys of each.
    pub fn iter(&self) -> impl Iterator<Item = (&ContextKind, usize, &BTreeSet<String>)> {
        self.0.iter().map(|((kind, variation), values)| (kind, *variation, values))
    }

    /// The keys of this kind that get this variation.
    pub fn get(&self, kind: &ContextKind, variation: usize) -> Option<&BTreeSet<String>> {
        self.0.get(&(kind.clone(), variation))
    }

    /// Adds keys; says which of them were not there.
    pub fn add(&mut self, kind: &ContextKind, variation: usize, values: BTreeSet<String>) -> BTreeSet<String> {
        if values.is_empty() {
            return values;
        }
        let present = self.0.entry((kind.clone(), variation)).or_default();
        values.into_iter().filter(|value| present.insert(value.clone())).collect()
    }

    /// Removes keys; says which of them were there.
    pub fn remove(&mut self, kind: &ContextKind, variation: usize, values: &BTreeSet<String>) -> BTreeSet<String> {
        let place = (kind.clone(), variation);
        let Some(present) = self.0.get_mut(&place) else { return BTreeSet::new() };
        let removed = values.iter().filter(|value| present.remove(*value)).cloned().collect();
        if present.is_empty() {
            self.0.remove(&place);
        }
        removed
    }
}

impl From<Vec<Target>> for Targets {
    fn from(list: Vec<Target>) -> Self {
        let mut targets = Self::default();
        for Target { context_kind, variation, values } in list {
            targets.add(&context_kind, variation, values);
        }
        targets
    }
}

impl From<Targets> for Vec<Target> {
    fn from(targets: Targets) -> Self {
        let entries = targets.0.into_iter();
        entries.map(|((context_kind, variation), values)| Target { context_kind, variation, values }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn targets_have_one_way_to_be_written_down() {
        let scattered = json!([
            {"variation": 1, "values": ["b"]},
            {"contextKind": "org", "variation": 0, "values": []},
            {"variation": 0, "values": ["c"]},
            {"variation": 1, "values": ["a", "b"]},
        ]);
        let targets: Targets = serde_json::from_value(scattered).unwrap();
        let expected = json!([
            {"contextKind": "user", "variation": 0, "values": ["c"]},
            {"contextKind": "user", "variation": 1, "values": ["a", "b"]},
        ]);
        assert_eq!(serde_json::to_value(&targets).unwrap(), expected);
    }

    #[test]
    fn targets_are_looked_at_in_the_order_that_is_said() {
        let configuration: Configuration = serde_json::from_value(json!({
            "on": true, "fallthrough": {"variation": 0}, "offVariation": null,
            "targets": [
                {"contextKind": "device", "variation": 0, "values": ["d"]},
                {"contextKind": "org", "variation": 0, "values": ["o"]},
                {"contextKind": "user", "variation": 1, "values": ["u"]},
            ],
            "targetOrder": [{"variation": 1}, {"contextKind": "gone", "variation": 0}],
        }))
        .unwrap();
        let order = configuration.targets_in_order().into_iter().map(|(kind, ..)| kind.as_str());
        assert_eq!(order.collect::<Vec<_>>(), ["user", "device", "org"]);
    }

    #[test]
    fn the_variations_in_use_are_those_of_every_corner() {
        let configuration: Configuration = serde_json::from_value(json!({
            "on": true,
            "targets": [{"variation": 1, "values": ["a"]}],
            "rules": [{"clauses": [], "variation": 2}],
            "fallthrough": {"rollout": {"variations": [
                {"variation": 3, "weight": 1}, {"variation": 4, "weight": 99_999}
            ]}},
            "offVariation": 5,
        }))
        .unwrap();
        assert_eq!(configuration.variations(), BTreeSet::from([1, 2, 3, 4, 5]));
    }
}
