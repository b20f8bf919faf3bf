//! Unleash's way to say who gets a flag: strategies with constraints, variants, and dependencies on other flags.
//!
//! In the words and the shape of Unleash's own API (`oss-flags.md` §4.1), so that what is imported reads as it did there.

use std::collections::BTreeMap;

use kernel::FlagKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// By whose rules a flag is evaluated. Chosen when it is created, and never changed: everybody would change sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Bucketing {
    /// LaunchDarkly's: targets, rules and rollouts, drawn by SHA-1.
    #[default]
    LaunchDarkly,
    /// Unleash's: strategies with constraints and variants, drawn by MurmurHash3.
    Unleash,
}

/// One way to be let in: its own test, and all of its constraints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Strategy {
    /// Which: `default`, `flexibleRollout`, `userWithId`, `remoteAddress`, …; others are custom, and hold for nobody but in
    /// SDKs that were given them.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Whether it is passed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// What it goes by, such as `rollout`, `stickiness` and `groupId`; always text.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// All must hold.
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    /// What those get whom it lets in; the flag's variants when empty.
    #[serde(default)]
    pub variants: Vec<Variant>,
}

/// One test of a context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Constraint {
    /// The field or property that is tested: `userId`, `appName`, `plan`, ….
    pub context_name: String,
    /// How: `IN`, `NOT_IN`, `STR_STARTS_WITH`, `STR_ENDS_WITH`, `STR_CONTAINS`, `NUM_EQ`, `NUM_GT`, `NUM_GTE`, `NUM_LT`,
    /// `NUM_LTE`, `DATE_AFTER`, `DATE_BEFORE`, `SEMVER_EQ`, `SEMVER_GT`, `SEMVER_GTE`, `SEMVER_LT`, `SEMVER_LTE`, `REGEX` or
    /// `IN_CIDR`.
    pub operator: String,
    /// What it is compared with, for operators that take a list; one is enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// What it is compared with, for the other operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether upper and lower case are the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub case_insensitive: bool,
    /// Whether it holds where it otherwise would not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inverted: bool,
}

/// One of several things that those get who are let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Variant {
    /// Its name: what SDKs tell.
    pub name: String,
    /// Its share among the variants; in Unleash all of them sum up to 1000.
    pub weight: u32,
    /// Whether the weight stays when others change.
    #[serde(default, skip_serializing_if = "WeightType::is_variable")]
    pub weight_type: WeightType,
    /// The field by which it is drawn; a strategy's variants go by the strategy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stickiness: Option<String>,
    /// What comes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<VariantPayload>,
    /// Who gets it in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<VariantOverride>,
}

/// What becomes of a variant's weight when others change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum WeightType {
    /// It shares what the fixed ones leave.
    #[default]
    Variable,
    /// It stays.
    Fix,
}

impl WeightType {
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde asks so
    fn is_variable(&self) -> bool {
        *self == Self::Variable
    }
}

/// What comes with a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantPayload {
    /// How SDKs read the value.
    #[serde(rename = "type")]
    pub kind: PayloadType,
    /// The value, as text.
    pub value: String,
}

/// How SDKs read what comes with a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PayloadType {
    /// As it is.
    String,
    /// As JSON.
    Json,
    /// As values with commas between.
    Csv,
    /// As a number.
    Number,
}

/// Contexts that get a variant in any case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VariantOverride {
    /// The field or property that is looked at.
    pub context_name: String,
    /// What it may be.
    pub values: Vec<String>,
}

/// Another flag that must be on, or off; one without dependencies of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dependency {
    /// The other flag.
    #[schema(value_type = String)]
    pub feature: FlagKey,
    /// Whether it must be on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Which variants it may come to; any when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
}

fn yes() -> bool {
    true
}
