//! What people wrote about flags and segments: words that SDKs never see, so they come beside the payload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::Defaults;

/// Words about what a payload holds, by key. What is not named keeps its own words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ImportDetails)]
pub struct Details {
    /// About flags.
    #[serde(default)]
    pub flags: BTreeMap<String, FlagDetails>,
    /// About segments.
    #[serde(default)]
    pub segments: BTreeMap<String, SegmentDetails>,
}

/// What people wrote about a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ImportFlagDetails)]
pub struct FlagDetails {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether it is to be removed once everybody has the new behaviour.
    #[serde(default)]
    pub temporary: bool,
    /// Who looks after it, in words; they are added to the description.
    #[serde(default)]
    pub maintainer: Option<String>,
    /// What its variations are called, in their order.
    #[serde(default)]
    pub variations: Vec<VariationDetails>,
    /// With which variations an unconfigured environment starts.
    #[serde(default)]
    pub defaults: Option<Defaults>,
    /// What its rules are for, by their ids.
    #[serde(default)]
    pub rules: BTreeMap<String, String>,
}

/// What people wrote about a variation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ImportVariationDetails)]
pub struct VariationDetails {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What it means.
    #[serde(default)]
    pub description: String,
}

/// What people wrote about a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ImportSegmentDetails)]
pub struct SegmentDetails {
    /// Its name.
    pub name: String,
    /// Who they are.
    #[serde(default)]
    pub description: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
}
