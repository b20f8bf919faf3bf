//! The one language of change: console, REST, releases, pages and undo all speak it.
//!
//! Instructions are applied by the pure function [`crate::apply::apply`], which also gives their inverse.

use std::collections::BTreeSet;

use kernel::{ContextKind, FlagKey, PersonId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::model::{
    ClientSideAvailability, Configuration, Defaults, Dependency, Environment, Flag, KeyId, KeyKind, MemberList,
    Migration, Project, Rule, Segment, SegmentRule, Serve, Strategy, TargetPlace, Variant, Variation,
};

/// One step of a change. In JSON its name is the member `kind`, beside the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum Instruction {
    // -- a flag in one environment
    /// Serves by targets, rules and fallthrough.
    TurnFlagOn {},
    /// Serves the off variation to everybody.
    TurnFlagOff {},
    /// What is served while off.
    SetOffVariation(OffVariation),
    /// What everyone else gets: `variation` or `rollout`.
    SetFallthrough(Serve),
    /// A new rule.
    AddRule(AddRule),
    /// Another rule in the place of the one with its id.
    ReplaceRule(ReplaceRule),
    /// Takes a rule away.
    RemoveRule(RuleRef),
    /// Tries a rule earlier or later.
    MoveRule(MoveRule),
    /// Serves contexts by name; a context that has another variation is moved.
    AddTargets(TargetKeys),
    /// Stops serving contexts by name.
    RemoveTargets(TargetKeys),
    /// Stops serving this variation to any context of this kind by name.
    ClearTargets(TargetPlace),
    /// Whose targets are looked at first.
    SetTargetOrder(TargetOrder),
    /// Makes another flag a condition.
    AddPrerequisite(AddPrerequisite),
    /// Makes another flag no condition any more.
    RemovePrerequisite(PrerequisiteRef),
    /// Which evaluations SDKs report one by one.
    SetTracking(Tracking),
    /// Makes the flag one of a migration, or an ordinary one again.
    SetMigration(SetMigration),
    /// Other strategies, for a flag by Unleash's rules.
    ReplaceStrategies(ReplaceStrategies),
    /// Other variants, for a flag by Unleash's rules.
    ReplaceVariants(ReplaceVariants),
    /// Other dependencies, for a flag by Unleash's rules.
    ReplaceDependencies(ReplaceDependencies),
    /// Everything at once.
    ReplaceConfiguration(ReplaceConfiguration),

    // -- a flag in all environments
    /// A new flag.
    CreateFlag(CreateFlag),
    /// Takes the flag from every SDK.
    DeleteFlag {},
    /// Brings a deleted flag back as it was.
    RestoreFlag {},
    /// One more value to serve; it comes last.
    AddVariation(AddVariation),
    /// Changes what a variation is called or what SDKs get.
    UpdateVariation(UpdateVariation),
    /// Takes the last variation away, if nothing serves it.
    RemoveVariation(VariationRef),
    /// With which variations an unconfigured environment starts.
    SetDefaults(Defaults),

    // -- a segment
    /// A new segment.
    CreateSegment(CreateSegment),
    /// Takes the segment away, if nothing names it.
    DeleteSegment {},
    /// Brings a deleted segment back as it was.
    RestoreSegment {},
    /// Adds contexts by name and removes others.
    UpdateMembers(UpdateMembers),
    /// Another list of members for a big segment, which was uploaded. Made by the server alone.
    ReplaceMembers(ReplaceMembers),
    /// Another list of rules.
    ReplaceRules(ReplaceRules),
    /// Everything at once.
    ReplaceSegment(ReplaceSegment),

    // -- where they live
    /// A new project.
    CreateProject(CreateProject),
    /// A new environment.
    CreateEnvironment(CreateEnvironment),
    /// One more key; the others of its kind expire then, if that is said.
    AddKey(AddKey),
    /// Refuses a key at once.
    RevokeKey(KeyRef),

    // -- anything with words
    /// Changes what is given and leaves the rest.
    UpdateDetails(UpdateDetails),
}

/// What is served while off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OffVariation {
    /// By index; null makes SDKs serve the caller's default.
    #[serde(deserialize_with = "Option::deserialize")] // null is said, never forgotten
    pub variation: Option<usize>,
}

/// A new rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddRule {
    /// The rule; without an id it is given one.
    pub rule: Rule,
    /// The id of the rule before which it is tried; last when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// Another rule in the place of the one with its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceRule {
    /// The rule as it shall be.
    pub rule: Rule,
}

/// A rule by its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleRef {
    /// Which rule.
    pub rule_id: String,
}

/// Tries a rule earlier or later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MoveRule {
    /// Which rule.
    pub rule_id: String,
    /// The id of the rule before which it is tried; last when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// Contexts by name that get a variation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetKeys {
    /// Of which kind.
    #[serde(default)]
    #[schema(value_type = String, default = "user")]
    pub context_kind: ContextKind,
    /// What they get, by index.
    pub variation: usize,
    /// Their keys.
    pub values: BTreeSet<String>,
}

/// Whose targets are looked at first, where a context of several kinds could match more than one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetOrder {
    /// First to last; the targets that are not named follow, by kind and variation.
    pub order: Vec<TargetPlace>,
}

/// Makes another flag a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddPrerequisite {
    /// The other flag.
    #[schema(value_type = String)]
    pub key: FlagKey,
    /// What it must serve, by index.
    pub variation: usize,
    /// The prerequisite before which it is tried; last when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub before: Option<FlagKey>,
}

/// A prerequisite by its flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PrerequisiteRef {
    /// The other flag.
    #[schema(value_type = String)]
    pub key: FlagKey,
}

/// Which evaluations SDKs report one by one; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tracking {
    /// All.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track_events: Option<bool>,
    /// Those that the fallthrough decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track_events_fallthrough: Option<bool>,
    /// Until when each evaluation is reported with its whole context; null for no longer.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub debug_events_until: Option<Option<Timestamp>>,
    /// One event in so many is sent; null for all.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub sampling_ratio: Option<Option<u32>>,
    /// Left out of what is summed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_from_summaries: Option<bool>,
}

/// Makes the flag one of a migration, or an ordinary one again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetMigration {
    /// What it adds; null for an ordinary flag.
    #[serde(deserialize_with = "Option::deserialize")] // null is said, never forgotten
    pub migration: Option<Migration>,
}

/// Other strategies: whoever any of them lets in gets the flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceStrategies {
    /// The strategies as they shall be; none lets everybody in.
    pub strategies: Vec<Strategy>,
}

/// Other variants for those whom a strategy without variants of its own lets in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceVariants {
    /// The variants as they shall be.
    pub variants: Vec<Variant>,
}

/// Other flags that must be on, or off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceDependencies {
    /// The dependencies as they shall be.
    pub dependencies: Vec<Dependency>,
}

/// Everything at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceConfiguration {
    /// How it shall be; an empty salt keeps the present one.
    pub configuration: Configuration,
}

/// A new flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateFlag {
    /// How it shall be.
    pub flag: Flag,
}

/// One more value to serve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddVariation {
    /// The variation; without an id it is given one.
    pub variation: Variation,
}

/// Changes what a variation is called or what SDKs get; what is absent stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateVariation {
    /// Which variation, by index.
    pub variation: usize,
    /// Its new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What SDKs get; null is a value of a JSON flag.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub value: Option<Value>,
}

/// A variation by its index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VariationRef {
    /// Which variation.
    pub variation: usize,
}

/// A new segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSegment {
    /// How it shall be.
    pub segment: Segment,
}

/// Adds contexts to one of a segment's lists and removes others from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateMembers {
    /// Which list.
    pub list: MemberList,
    /// Of which kind the contexts are.
    #[serde(default)]
    #[schema(value_type = String, default = "user")]
    pub context_kind: ContextKind,
    /// Keys to add.
    #[serde(default)]
    pub add: BTreeSet<String>,
    /// Keys to remove; a key in both is removed.
    #[serde(default)]
    pub remove: BTreeSet<String>,
}

/// Another list of members for a big segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceMembers {
    /// The generation of the uploaded list.
    pub generation: i64,
    /// How many it includes.
    pub included: u64,
    /// How many it excludes.
    pub excluded: u64,
}

/// Another list of rules for a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceRules {
    /// The rules as they shall be.
    pub rules: Vec<SegmentRule>,
}

/// A segment's name, words, members, rules and salt at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceSegment {
    /// How it shall be; an empty salt keeps the present one.
    pub segment: Segment,
}

/// A new project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateProject {
    /// How it shall be.
    pub project: Project,
}

/// A new environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateEnvironment {
    /// How it shall be.
    pub environment: Environment,
}

/// One more key of an environment. The log names it by its id and never tells its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddKey {
    /// For which SDKs.
    pub key_kind: KeyKind,
    /// The new key.
    #[schema(value_type = String)]
    pub key_id: KeyId,
    /// Until when the others of its kind still hold; for good when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expire_others_at: Option<Timestamp>,
}

/// A key of an environment by its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyRef {
    /// Which key.
    #[schema(value_type = String)]
    pub key_id: KeyId,
}

/// Changes words and marks; what is absent stays. Not every thing has every one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateDetails {
    /// Of anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of projects, flags and segments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Of flags and segments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Of flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporary: Option<bool>,
    /// Of flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_side_availability: Option<ClientSideAvailability>,
    /// Of flags; null for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub maintainer_id: Option<Option<PersonId>>,
    /// Of environments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub production: Option<bool>,
    /// Of environments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_mode: Option<bool>,
}

/// A member that is there, even when it is null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Instruction {
    /// Turns a flag on.
    pub const ON: Self = Self::TurnFlagOn {};
    /// Turns a flag off.
    pub const OFF: Self = Self::TurnFlagOff {};

    /// Its name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TurnFlagOn {} => "turnFlagOn",
            Self::TurnFlagOff {} => "turnFlagOff",
            Self::SetOffVariation(_) => "setOffVariation",
            Self::SetFallthrough(_) => "setFallthrough",
            Self::AddRule(_) => "addRule",
            Self::ReplaceRule(_) => "replaceRule",
            Self::RemoveRule(_) => "removeRule",
            Self::MoveRule(_) => "moveRule",
            Self::AddTargets(_) => "addTargets",
            Self::RemoveTargets(_) => "removeTargets",
            Self::ClearTargets(_) => "clearTargets",
            Self::SetTargetOrder(_) => "setTargetOrder",
            Self::AddPrerequisite(_) => "addPrerequisite",
            Self::RemovePrerequisite(_) => "removePrerequisite",
            Self::SetTracking(_) => "setTracking",
            Self::SetMigration(_) => "setMigration",
            Self::ReplaceStrategies(_) => "replaceStrategies",
            Self::ReplaceVariants(_) => "replaceVariants",
            Self::ReplaceDependencies(_) => "replaceDependencies",
            Self::ReplaceConfiguration(_) => "replaceConfiguration",
            Self::CreateFlag(_) => "createFlag",
            Self::DeleteFlag {} => "deleteFlag",
            Self::RestoreFlag {} => "restoreFlag",
            Self::AddVariation(_) => "addVariation",
            Self::UpdateVariation(_) => "updateVariation",
            Self::RemoveVariation(_) => "removeVariation",
            Self::SetDefaults(_) => "setDefaults",
            Self::CreateSegment(_) => "createSegment",
            Self::DeleteSegment {} => "deleteSegment",
            Self::RestoreSegment {} => "restoreSegment",
            Self::UpdateMembers(_) => "updateMembers",
            Self::ReplaceMembers(_) => "replaceMembers",
            Self::ReplaceRules(_) => "replaceRules",
            Self::ReplaceSegment(_) => "replaceSegment",
            Self::CreateProject(_) => "createProject",
            Self::CreateEnvironment(_) => "createEnvironment",
            Self::AddKey(_) => "addKey",
            Self::RevokeKey(_) => "revokeKey",
            Self::UpdateDetails(_) => "updateDetails",
        }
    }
}

/// Gives ids and salts to what came without: rules, variations, new flags and segments.
///
/// Done once, before the instructions are applied, so that applying stays a pure function and a second try writes the
/// same ids.
pub fn complete(instructions: &mut [Instruction], mint: &mut dyn FnMut() -> String) {
    let mut fill = |id: &mut String| {
        if id.is_empty() {
            *id = mint();
        }
    };
    for instruction in instructions {
        match instruction {
            Instruction::AddRule(AddRule { rule, .. }) => fill(&mut rule.id),
            Instruction::ReplaceConfiguration(ReplaceConfiguration { configuration }) => {
                configuration.rules.iter_mut().for_each(|rule| fill(&mut rule.id));
            }
            Instruction::AddVariation(AddVariation { variation }) => fill(&mut variation.id),
            Instruction::CreateFlag(CreateFlag { flag }) => {
                fill(&mut flag.salt);
                flag.variations.iter_mut().for_each(|variation| fill(&mut variation.id));
            }
            Instruction::CreateSegment(CreateSegment { segment }) => {
                fill(&mut segment.salt);
                segment.rules.iter_mut().for_each(|rule| fill(&mut rule.id));
            }
            Instruction::ReplaceRules(ReplaceRules { rules })
            | Instruction::ReplaceSegment(ReplaceSegment { segment: Segment { rules, .. } }) => {
                for rule in rules {
                    fill(&mut rule.id);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_instruction_is_one_flat_object_and_comes_back() {
        let table = [
            json!({"kind": "turnFlagOn"}),
            json!({"kind": "setOffVariation", "variation": null}),
            json!({"kind": "setFallthrough", "variation": 1}),
            json!({"kind": "setFallthrough", "rollout": {"kind": "experiment", "contextKind": "user", "seed": 7,
                "variations": [{"variation": 1, "weight": 1_000}, {"variation": 0, "weight": 99_000}]}}),
            json!({"kind": "addRule", "before": "r2", "rule": {"id": "r1", "description": "Staff", "trackEvents": false,
                "clauses": [{"contextKind": "user", "attribute": "email", "op": "endsWith", "values": ["@acme.com"],
                    "negate": false}], "variation": 0}}),
            json!({"kind": "addTargets", "contextKind": "user", "variation": 0, "values": ["ada"]}),
            json!({"kind": "updateVariation", "variation": 0, "value": null}),
            json!({"kind": "updateDetails", "maintainerId": null}),
            json!({"kind": "addKey", "keyKind": "clientSide", "keyId": "key_1"}),
        ];
        for json in table {
            let instruction: Instruction = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(serde_json::to_value(&instruction).unwrap(), json);
            assert_eq!(json["kind"], instruction.name());
        }
    }

    #[test]
    fn unknown_kinds_unknown_members_and_wrong_types_are_refused() {
        let table = [
            json!({"kind": "turnFlagSideways"}),
            json!({"kind": "turnFlagOn", "really": true}),
            json!({"kind": "setFallthrough"}),
            json!({"kind": "setFallthrough", "variation": 1, "rollout": {"variations": []}}),
            json!({"kind": "setFallthrough", "variation": -1}),
            json!({"kind": "setFallthrough", "variation": "1"}),
            json!({"kind": "removeRule"}),
            json!({"kind": "setOffVariation"}),
            json!({"kind": "addTargets", "contextKind": "multi", "variation": 0, "values": []}),
            json!({"variation": 1}),
        ];
        for json in table {
            assert!(serde_json::from_value::<Instruction>(json.clone()).is_err(), "{json}");
        }
    }

    #[test]
    fn what_comes_without_an_id_is_given_one_once() {
        let mut instructions = vec![
            serde_json::from_value(json!({"kind": "addRule", "rule": {"clauses": [], "variation": 0}})).unwrap(),
            serde_json::from_value(json!({"kind": "addRule", "rule": {"id": "mine", "clauses": [], "variation": 0}}))
                .unwrap(),
        ];
        let mut count = 0;
        let mut mint = || {
            count += 1;
            format!("id-{count}")
        };
        complete(&mut instructions, &mut mint);
        complete(&mut instructions, &mut mint);
        let ids = instructions.iter().map(|instruction| match instruction {
            Instruction::AddRule(AddRule { rule, .. }) => rule.id.as_str(),
            other => panic!("{other:?}"),
        });
        assert_eq!(ids.collect::<Vec<_>>(), ["id-1", "mine"]);
    }
}
