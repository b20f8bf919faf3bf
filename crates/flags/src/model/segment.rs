//! Segments: contexts that belong together, so that many flags can name them at once.

use std::collections::{BTreeMap, BTreeSet};

use kernel::ContextKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Clause;

/// Contexts that belong together in one environment.
///
/// A context is in when it is included by name; else out when it is excluded; else in when a rule matches
/// (`launchdarkly.md` §2.8). A big segment has no lists of its own: its members are stored apart, and looked up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Segment {
    /// Its name for people.
    pub name: String,
    /// Who they are.
    #[serde(default)]
    pub description: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// In by name: context kind → keys.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    pub included: Members,
    /// Out by name, unless they are included too: context kind → keys.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    pub excluded: Members,
    /// The first that matches decides.
    #[serde(default)]
    pub rules: Vec<SegmentRule>,
    /// Whether it is big; from its creation and for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unbounded: bool,
    /// Of a big segment: the kind of its members; the user when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub unbounded_context_kind: Option<ContextKind>,
    /// Of a big segment: which list of members is served; given by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    /// What contexts are hashed with where a rule takes only a share; given by the server when empty.
    #[serde(default)]
    pub salt: String,
    /// Whether it is gone; its row stays, because its version must keep growing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// Context keys by kind; a kind without keys is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<ContextKind, BTreeSet<String>>")]
pub struct Members(BTreeMap<ContextKind, BTreeSet<String>>);

/// Which of a segment's two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum MemberList {
    /// In by name.
    Included,
    /// Out by name.
    Excluded,
}

/// Contexts that match every clause are in, or a share of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SegmentRule {
    /// Given by the server when absent.
    #[serde(default)]
    pub id: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// All must match; at least one.
    pub clauses: Vec<Clause>,
    /// Takes only this share of them, in thousandths of a percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// The attribute by which the share is taken; the key when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket_by: Option<String>,
    /// The part of the context by which the share is taken; the user when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub rollout_context_kind: Option<ContextKind>,
}

impl Members {
    /// The keys of each kind.
    pub fn iter(&self) -> impl Iterator<Item = (&ContextKind, &BTreeSet<String>)> {
        self.0.iter()
    }

    /// Adds keys; says which of them were not there.
    pub fn add(&mut self, kind: &ContextKind, values: BTreeSet<String>) -> BTreeSet<String> {
        if values.is_empty() {
            return values;
        }
        let present = self.0.entry(kind.clone()).or_default();
        values.into_iter().filter(|value| present.insert(value.clone())).collect()
    }

    /// Removes keys; says which of them were there.
    pub fn remove(&mut self, kind: &ContextKind, values: &BTreeSet<String>) -> BTreeSet<String> {
        let Some(present) = self.0.get_mut(kind) else { return BTreeSet::new() };
        let removed = values.iter().filter(|value| present.remove(*value)).cloned().collect();
        if present.is_empty() {
            self.0.remove(kind);
        }
        removed
    }
}

impl From<BTreeMap<ContextKind, BTreeSet<String>>> for Members {
    fn from(mut map: BTreeMap<ContextKind, BTreeSet<String>>) -> Self {
        map.retain(|_, values| !values.is_empty());
        Self(map)
    }
}

impl Segment {
    /// Of a big segment: the kind of its members.
    pub fn member_kind(&self) -> ContextKind {
        self.unbounded_context_kind.clone().unwrap_or_default()
    }

    /// One of its two lists.
    pub fn list_mut(&mut self, list: MemberList) -> &mut Members {
        match list {
            MemberList::Included => &mut self.included,
            MemberList::Excluded => &mut self.excluded,
        }
    }
}
