//! Flags and segments as SDKs receive them: read leniently, written so that the strictest SDK can read them.
//!
//! Reading (`launchdarkly.md` §2.1–2.2): missing members and nulls take their defaults, unknown members are ignored,
//! and whole numbers may be written as `1.0`. Writing (§7.4): every array is present, and so is each rule's
//! `trackEvents`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lenient::{integer, maybe_integer, maybe_natural, natural, or_default};

/// A flag in one environment.
#[allow(clippy::struct_excessive_bools)] // the format's, not ours
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FlagData {
    /// Its key; a payload's map key stands in when it is missing.
    #[serde(deserialize_with = "or_default")]
    pub key: String,
    /// Orders updates of the same key.
    #[serde(deserialize_with = "natural")]
    pub version: u64,
    /// Off flags serve `off_variation`.
    #[serde(deserialize_with = "or_default")]
    pub on: bool,
    /// Flags that must be on and serve the given variation first.
    #[serde(deserialize_with = "or_default")]
    pub prerequisites: Vec<PrerequisiteData>,
    /// Lists of keys; those of users live here.
    #[serde(deserialize_with = "or_default")]
    pub targets: Vec<TargetData>,
    /// Lists of keys of any kind, in order of precedence; an empty one of users stands for the entry of `targets` with
    /// the same variation.
    #[serde(deserialize_with = "or_default")]
    pub context_targets: Vec<TargetData>,
    /// The first rule that matches serves.
    #[serde(deserialize_with = "or_default")]
    pub rules: Vec<RuleData>,
    /// What the flag serves when nothing matched.
    #[serde(deserialize_with = "or_default")]
    pub fallthrough: ServeData,
    /// Index of the variation of an off flag; none means the caller's default.
    #[serde(deserialize_with = "maybe_integer")]
    pub off_variation: Option<i64>,
    /// The values, any JSON.
    #[serde(deserialize_with = "or_default")]
    pub variations: Vec<Value>,
    /// Which client-side SDKs may see the flag; absent in old data.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub client_side_availability: Option<ClientSideAvailability>,
    /// The older form of `using_environment_id`.
    #[serde(deserialize_with = "or_default")]
    pub client_side: bool,
    /// Separates the buckets of this flag from those of others.
    #[serde(deserialize_with = "or_default")]
    pub salt: String,
    /// Send an event for each evaluation.
    #[serde(deserialize_with = "or_default")]
    pub track_events: bool,
    /// Send an event for each evaluation that falls through.
    #[serde(deserialize_with = "or_default")]
    pub track_events_fallthrough: bool,
    /// Send debug events until then, milliseconds since the epoch.
    #[serde(deserialize_with = "maybe_natural")]
    pub debug_events_until_date: Option<u64>,
    /// A tombstone: the flag is not found.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Present on migration flags.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub migration: Option<MigrationData>,
    /// Send one event in so many; absent is 1.
    #[serde(deserialize_with = "maybe_natural", skip_serializing_if = "Option::is_none")]
    pub sampling_ratio: Option<u64>,
    /// Leave the flag out of summaries.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub exclude_from_summaries: bool,
}

/// A flag that must be on and serve a variation before another one is evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PrerequisiteData {
    /// The key of that flag.
    #[serde(deserialize_with = "or_default")]
    pub key: String,
    /// The index that it must serve.
    #[serde(deserialize_with = "integer")]
    pub variation: i64,
}

/// Context keys that get one variation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TargetData {
    /// The kind of the keys; absent is user.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// The keys.
    #[serde(deserialize_with = "or_default")]
    pub values: Vec<String>,
    /// The index that they get.
    #[serde(deserialize_with = "integer")]
    pub variation: i64,
}

/// A rule of a flag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RuleData {
    /// Names the rule in reasons.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// All of them must match; none at all always match.
    #[serde(deserialize_with = "or_default")]
    pub clauses: Vec<ClauseData>,
    /// What the rule serves.
    #[serde(flatten)]
    pub serve: ServeData,
    /// Send an event for each evaluation that matches this rule.
    #[serde(deserialize_with = "or_default")]
    pub track_events: bool,
}

/// One variation, or a split over several. If data gives both, the variation wins; neither is malformed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServeData {
    /// The index of the one variation.
    #[serde(deserialize_with = "maybe_integer", skip_serializing_if = "Option::is_none")]
    pub variation: Option<i64>,
    /// The split.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub rollout: Option<RolloutData>,
}

/// A split of contexts over variations by the hash of an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RolloutData {
    /// A plain rollout or an experiment.
    #[serde(deserialize_with = "or_default")]
    pub kind: RolloutKind,
    /// The kind of context that is split; absent is user.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// The shares, in the order in which they fill the range of buckets.
    #[serde(deserialize_with = "or_default")]
    pub variations: Vec<WeightedVariation>,
    /// The attribute that is hashed; absent is `key`, and experiments always use `key`.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub bucket_by: Option<String>,
    /// Takes the place of the flag's key and salt in the hash. Never write 0: JavaScript SDKs read it as absent.
    #[serde(deserialize_with = "maybe_integer", skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
}

/// Whether a split is an experiment, whose evaluations are tracked. Anything unknown is a rollout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "String")]
pub enum RolloutKind {
    /// A plain split.
    #[default]
    Rollout,
    /// A split whose arms are compared.
    Experiment,
}

/// One share of a split.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WeightedVariation {
    /// The index of the variation.
    #[serde(deserialize_with = "integer")]
    pub variation: i64,
    /// Its share in thousandths of a percent, 0 to 100,000.
    #[serde(deserialize_with = "integer")]
    pub weight: i64,
    /// Keeps this share out of the experiment.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub untracked: bool,
}

/// A condition on one attribute, or on membership of segments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClauseData {
    /// The kind of context that is looked at; absent is user, and makes `attribute` a literal name.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub context_kind: Option<String>,
    /// A reference to the attribute; not used by [`Operator::SegmentMatch`].
    #[serde(deserialize_with = "or_default")]
    pub attribute: String,
    /// The test.
    #[serde(deserialize_with = "or_default")]
    pub op: Operator,
    /// It holds if the test holds with any of these.
    #[serde(deserialize_with = "or_default")]
    pub values: Vec<Value>,
    /// Turn the answer round (but a missing attribute is a non-match either way).
    #[serde(deserialize_with = "or_default")]
    pub negate: bool,
}

/// A segment: contexts by key and by rule, shared by flags.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SegmentData {
    /// Its key; a payload's map key stands in when it is missing.
    #[serde(deserialize_with = "or_default")]
    pub key: String,
    /// Orders updates of the same key.
    #[serde(deserialize_with = "natural")]
    pub version: u64,
    /// Keys of users that are in it.
    #[serde(deserialize_with = "or_default")]
    pub included: Vec<String>,
    /// Keys of users that are not in it, unless included.
    #[serde(deserialize_with = "or_default")]
    pub excluded: Vec<String>,
    /// Keys of other kinds that are in it.
    #[serde(deserialize_with = "or_default")]
    pub included_contexts: Vec<SegmentTargetData>,
    /// Keys of other kinds that are not in it, unless included.
    #[serde(deserialize_with = "or_default")]
    pub excluded_contexts: Vec<SegmentTargetData>,
    /// Any rule that matches puts the context in.
    #[serde(deserialize_with = "or_default")]
    pub rules: Vec<SegmentRuleData>,
    /// Separates the buckets of this segment's weighted rules from others.
    #[serde(deserialize_with = "or_default")]
    pub salt: String,
    /// A big segment: its members are looked up, the lists above are not used.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub unbounded: bool,
    /// The kind of a big segment's keys; absent is user.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub unbounded_context_kind: Option<String>,
    /// Names the list of a big segment that is current.
    #[serde(deserialize_with = "maybe_integer", skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    /// A tombstone: the segment is not found.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// Context keys of one kind in or out of a segment. Written with its kind always, as the Rust SDK requires.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SegmentTargetData {
    /// The kind of the keys; empty is user.
    #[serde(deserialize_with = "or_default", serialize_with = "kind_or_user")]
    pub context_kind: String,
    /// The keys.
    #[serde(deserialize_with = "or_default")]
    pub values: Vec<String>,
}

fn kind_or_user<S: serde::Serializer>(kind: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if kind.is_empty() { "user" } else { kind })
}

/// A rule of a segment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SegmentRuleData {
    /// Names the rule for people.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// All of them must match.
    #[serde(deserialize_with = "or_default")]
    pub clauses: Vec<ClauseData>,
    /// The share of matching contexts that are in, in thousandths of a percent; absent is all.
    #[serde(deserialize_with = "maybe_integer", skip_serializing_if = "Option::is_none")]
    pub weight: Option<i64>,
    /// The attribute that is hashed for `weight`; absent is `key`.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub bucket_by: Option<String>,
    /// The kind that is hashed for `weight`; absent is user, and makes `bucket_by` a literal name.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    pub rollout_context_kind: Option<String>,
}

/// Which client-side SDKs may see a flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClientSideAvailability {
    /// Those with a mobile key.
    #[serde(deserialize_with = "or_default")]
    pub using_mobile_key: bool,
    /// Browsers, with a client-side id.
    #[serde(deserialize_with = "or_default")]
    pub using_environment_id: bool,
}

/// What a migration flag adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MigrationData {
    /// Check consistency on one dual read in so many; absent is 1.
    #[serde(deserialize_with = "maybe_natural", skip_serializing_if = "Option::is_none")]
    pub check_ratio: Option<u64>,
}

/// The test of a clause (`launchdarkly.md` §2.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Operator {
    /// Equal to a boolean, number or text.
    In,
    /// Text begins with.
    StartsWith,
    /// Text ends with.
    EndsWith,
    /// Text contains.
    Contains,
    /// Text has a match of a regular expression.
    Matches,
    /// Number is less than.
    LessThan,
    /// Number is at most.
    LessThanOrEqual,
    /// Number is greater than.
    GreaterThan,
    /// Number is at least.
    GreaterThanOrEqual,
    /// Instant is before.
    Before,
    /// Instant is after.
    After,
    /// The context is in a segment.
    SegmentMatch,
    /// Version has the same precedence.
    SemVerEqual,
    /// Version comes before.
    SemVerLessThan,
    /// Version comes after.
    SemVerGreaterThan,
    /// A test of a later day, kept as it was written: it matches nothing.
    Unknown(String),
}

impl Default for Operator {
    fn default() -> Self {
        Self::Unknown(String::new())
    }
}

/// The operators that have a name of their own.
const OPERATORS: [(Operator, &str); 15] = [
    (Operator::In, "in"),
    (Operator::StartsWith, "startsWith"),
    (Operator::EndsWith, "endsWith"),
    (Operator::Contains, "contains"),
    (Operator::Matches, "matches"),
    (Operator::LessThan, "lessThan"),
    (Operator::LessThanOrEqual, "lessThanOrEqual"),
    (Operator::GreaterThan, "greaterThan"),
    (Operator::GreaterThanOrEqual, "greaterThanOrEqual"),
    (Operator::Before, "before"),
    (Operator::After, "after"),
    (Operator::SegmentMatch, "segmentMatch"),
    (Operator::SemVerEqual, "semVerEqual"),
    (Operator::SemVerLessThan, "semVerLessThan"),
    (Operator::SemVerGreaterThan, "semVerGreaterThan"),
];

impl Operator {
    /// Its name in data.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Unknown(name) => name,
            known => OPERATORS.iter().find(|(operator, _)| operator == known).map_or("", |(_, name)| name),
        }
    }
}

impl From<String> for Operator {
    fn from(name: String) -> Self {
        let known = OPERATORS.iter().find(|(_, other)| *other == name);
        known.map_or_else(|| Self::Unknown(name.clone()), |(operator, _)| operator.clone())
    }
}

impl From<Operator> for String {
    fn from(operator: Operator) -> Self {
        operator.as_str().to_owned()
    }
}

impl From<String> for RolloutKind {
    fn from(name: String) -> Self {
        if name == "experiment" { Self::Experiment } else { Self::Rollout }
    }
}

impl ServeData {
    /// Serves one variation.
    pub fn variation(index: i64) -> Self {
        Self { variation: Some(index), rollout: None }
    }

    /// Serves a split.
    pub fn rollout(rollout: RolloutData) -> Self {
        Self { variation: None, rollout: Some(rollout) }
    }
}

impl FlagData {
    /// Which client-side SDKs may see the flag, old data included (`launchdarkly.md` §2.1).
    pub fn availability(&self) -> ClientSideAvailability {
        let old = ClientSideAvailability { using_mobile_key: true, using_environment_id: self.client_side };
        self.client_side_availability.unwrap_or(old)
    }
}
