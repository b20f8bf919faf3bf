//! Who gets what: clauses, rules, rollouts.

use kernel::ContextKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// One test of a context: does an attribute match one of the values?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Clause {
    /// Which part of the context is looked at.
    #[serde(default)]
    #[schema(value_type = String, default = "user")]
    pub context_kind: ContextKind,
    /// An attribute reference, such as `email` or `/address/city`; empty for `segmentMatch`.
    #[serde(default)]
    pub attribute: String,
    /// How they are compared.
    pub op: Operator,
    /// What the attribute is compared with; one match is enough.
    pub values: Vec<Value>,
    /// Whether the answer is turned around.
    #[serde(default)]
    pub negate: bool,
}

/// How a clause compares (`launchdarkly.md` §2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Operator {
    In,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    LessThan,
    LessThanOrEqual,
    GreaterThan,
    GreaterThanOrEqual,
    Before,
    After,
    SemVerEqual,
    SemVerLessThan,
    SemVerGreaterThan,
    SegmentMatch,
}

/// What is served: one variation, or a rollout. In JSON `{"variation": 0}` or `{"rollout": {…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Serve {
    /// This one, by index.
    Variation(usize),
    /// Each its share.
    Rollout(Rollout),
}

impl Serve {
    /// The variations that it can serve, with their weights of [`crate::model::WHOLE`].
    pub fn weights(&self) -> Vec<(usize, u32)> {
        match self {
            Self::Variation(index) => vec![(*index, super::WHOLE)],
            Self::Rollout(rollout) => rollout.variations.iter().map(|entry| (entry.variation, entry.weight)).collect(),
        }
    }
}

/// Shares of contexts, by a hash that keeps each context where it is while its share grows (`launchdarkly.md` §2.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rollout {
    /// Whether evaluations are reported one by one, so that outcomes can be compared.
    #[serde(default)]
    pub kind: RolloutKind,
    /// Which part of the context is hashed.
    #[serde(default)]
    #[schema(value_type = String, default = "user")]
    pub context_kind: ContextKind,
    /// The shares, in an order that must not change while they grow.
    pub variations: Vec<WeightedVariation>,
    /// The attribute that is hashed; the key when absent. Experiments always take the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket_by: Option<String>,
    /// Replaces flag key and salt in the hash. Never 0, which the JavaScript SDKs read as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
}

/// Whether a rollout is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum RolloutKind {
    /// Only summed up.
    #[default]
    Rollout,
    /// Each evaluation is reported by the SDK.
    Experiment,
}

/// One share of a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WeightedVariation {
    /// What this share gets, by index.
    pub variation: usize,
    /// Thousandths of a percent; all shares sum up to 100,000.
    pub weight: u32,
    /// In an experiment: served, but not counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untracked: bool,
}

/// Contexts that match every clause are served something of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RuleWire", into = "RuleWire")]
pub struct Rule {
    /// Stays the same when the rule moves; given by the server when absent.
    pub id: String,
    /// What it is for.
    pub description: String,
    /// All must match; at least one.
    pub clauses: Vec<Clause>,
    /// What those get.
    pub serve: Serve,
    /// Whether SDKs report each evaluation that this rule decides.
    pub track_events: bool,
}

/// Contexts that match every clause are served something of their own: exactly one of `variation` and `rollout`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RuleWire {
    /// Stays the same when the rule moves; given by the server when absent.
    #[serde(default)]
    id: String,
    /// What it is for.
    #[serde(default)]
    description: String,
    /// All must match; at least one.
    clauses: Vec<Clause>,
    /// What those get, by index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variation: Option<usize>,
    /// Each its share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollout: Option<Rollout>,
    /// Whether SDKs report each evaluation that this rule decides.
    #[serde(default)]
    track_events: bool,
}

/// In the document a rule is what it is in JSON.
impl PartialSchema for Rule {
    fn schema() -> RefOr<Schema> {
        RuleWire::schema()
    }
}

impl ToSchema for Rule {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        RuleWire::schemas(schemas);
    }
}

impl From<Rule> for RuleWire {
    fn from(rule: Rule) -> Self {
        let (variation, rollout) = match rule.serve {
            Serve::Variation(index) => (Some(index), None),
            Serve::Rollout(rollout) => (None, Some(rollout)),
        };
        let Rule { id, description, clauses, track_events, .. } = rule;
        Self { id, description, clauses, variation, rollout, track_events }
    }
}

impl TryFrom<RuleWire> for Rule {
    type Error = &'static str;

    fn try_from(wire: RuleWire) -> Result<Self, Self::Error> {
        let serve = match (wire.variation, wire.rollout) {
            (Some(index), None) => Serve::Variation(index),
            (None, Some(rollout)) => Serve::Rollout(rollout),
            _ => return Err("a rule serves either a variation or a rollout"),
        };
        let RuleWire { id, description, clauses, track_events, .. } = wire;
        Ok(Self { id, description, clauses, serve, track_events })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_serves_exactly_one_thing() {
        let rule = |more: Value| {
            let mut rule = json!({"id": "r", "description": "", "clauses": [], "trackEvents": false});
            rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_json::from_value::<Rule>(rule)
        };
        let one = rule(json!({"variation": 1})).unwrap();
        assert_eq!(one.serve, Serve::Variation(1));
        assert_eq!(
            serde_json::to_value(&one).unwrap(),
            json!({"id": "r", "description": "", "clauses": [], "variation": 1, "trackEvents": false})
        );
        assert!(rule(json!({})).is_err());
        assert!(rule(json!({"variation": 1, "rollout": {"variations": []}})).is_err());
        assert!(rule(json!({"variation": 1, "colour": "red"})).is_err());
    }

    #[test]
    fn what_is_served_has_one_member_in_json() {
        let rollout = json!({"rollout": {"variations": [{"variation": 0, "weight": 100_000}]}});
        let serve: Serve = serde_json::from_value(rollout).unwrap();
        assert_eq!(serve.weights(), [(0, 100_000)]);
        assert!(serde_json::from_value::<Serve>(json!({"variation": 0, "rollout": {"variations": []}})).is_err());
        assert_eq!(serde_json::to_value(Serve::Variation(3)).unwrap(), json!({"variation": 3}));
    }
}
