//! How an evaluation went, step by step, in the words of the flag's configuration. Pure.

use evaluation::{ClauseTrace, RolloutTrace, RuleTrace, Trace};
use kernel::ContextKind;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::describe;
use crate::model::{Clause, Configuration, Flag, Rule};

/// How an evaluation went. Lists are in the order in which they are looked at; what was not looked at, because something before
/// it had decided, has no truth.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Steps {
    /// Whether the flag is on; off decides before everything else.
    pub on: bool,
    /// The flags that must come first.
    pub prerequisites: Vec<PrerequisiteStep>,
    /// The contexts that are targeted by name.
    pub targets: Vec<TargetStep>,
    /// The rules.
    pub rules: Vec<RuleStep>,
    /// What everybody else gets, in words.
    pub fallthrough: String,
    /// Where the context falls in the rollout that decided, if one did.
    pub rollout: Option<RolloutStep>,
}

/// A flag that must come first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrerequisiteStep {
    /// Its key.
    pub flag: String,
    /// The variation that it must serve, by index.
    pub wanted: i64,
    /// The variation that it serves this context, by index; null when it was not looked at, is not there, or serves none.
    pub served: Option<u32>,
    /// Whether it is on and serves that; null when it was not looked at, or cannot be told.
    pub met: Option<bool>,
}

/// Contexts that get a variation by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetStep {
    /// Of which kind.
    #[schema(value_type = String)]
    pub context_kind: ContextKind,
    /// What they get, by index.
    pub variation: usize,
    /// How many there are.
    pub count: usize,
    /// Whether the context is one of them; null when that was not looked at.
    pub named: Option<bool>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleStep {
    /// Its name for people; may be empty.
    pub description: String,
    /// Whether all its clauses hold; null when it was not looked at, or cannot be told.
    pub matched: Option<bool>,
    /// Its clauses.
    pub clauses: Vec<ClauseStep>,
    /// What it serves, in words.
    pub serves: String,
}

/// A clause.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClauseStep {
    /// What it asks: `email ends with “@acme.com”`.
    pub sentence: String,
    /// What it looks at in the context, also when it was not looked at; null when that is not there, or it asks for segments.
    pub subject: Value,
    /// Whether it holds; null when it was not looked at, or cannot be told.
    pub holds: Option<bool>,
}

/// Where the context falls in a rollout.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RolloutStep {
    /// Whose attribute is hashed.
    pub context_kind: String,
    /// What is hashed; null when the context has none.
    pub hashed: Value,
    /// The place from 0 to 100; null when the context has no such kind, which counts as 0.
    pub bucket: Option<f32>,
    /// The shares, each from where the one before it ends.
    pub shares: Vec<ShareStep>,
}

/// A share of a rollout.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShareStep {
    /// What it serves, by index.
    pub variation: Option<u32>,
    /// Where it ends, from 0 to 100.
    pub end: f32,
    /// Whether the context falls in it.
    pub chosen: bool,
}

/// The steps of `trace`, which was made of the same configuration.
pub fn steps(flag: &Flag, configuration: &Configuration, trace: &Trace<'_>) -> Steps {
    let targets = configuration.targets_in_order().into_iter().zip(&trace.targets);
    Steps {
        on: configuration.on,
        prerequisites: trace
            .prerequisites
            .iter()
            .map(|one| PrerequisiteStep {
                flag: one.key.to_owned(),
                wanted: one.wanted,
                served: one.served,
                met: one.met,
            })
            .collect(),
        targets: targets
            .map(|((kind, variation, keys), named)| TargetStep {
                context_kind: kind.clone(),
                variation,
                count: keys.len(),
                named: *named,
            })
            .collect(),
        rules: configuration.rules.iter().zip(&trace.rules).map(|(of, trace)| rule(flag, of, trace)).collect(),
        fallthrough: describe::serve(&configuration.fallthrough, Some(flag)),
        rollout: trace.rollout.as_ref().map(rollout),
    }
}

fn rule(flag: &Flag, rule: &Rule, trace: &RuleTrace) -> RuleStep {
    let clause = |(clause, ClauseTrace { subject, holds }): (&Clause, &ClauseTrace)| ClauseStep {
        sentence: describe::clause(clause),
        subject: shortened(subject),
        holds: *holds,
    };
    RuleStep {
        description: rule.description.clone(),
        matched: trace.matched,
        clauses: rule.clauses.iter().zip(&trace.clauses).map(clause).collect(),
        serves: describe::serve(&rule.serve, Some(flag)),
    }
}

/// An attribute may be as long as a request; people look at its beginning.
fn shortened(subject: &Value) -> Value {
    const ENOUGH: usize = 500;
    let text = match subject {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => subject.to_string(),
        short => return short.clone(),
    };
    if text.chars().count() <= ENOUGH {
        return subject.clone();
    }
    Value::String(text.chars().take(ENOUGH).chain(['…']).collect())
}

fn rollout(trace: &RolloutTrace) -> RolloutStep {
    let share = |share: &evaluation::ShareTrace| ShareStep {
        variation: share.variation,
        end: share.end * 100.0,
        chosen: share.chosen,
    };
    RolloutStep {
        context_kind: trace.kind.clone(),
        hashed: shortened(&trace.hashed),
        bucket: trace.bucket.map(|bucket| bucket * 100.0),
        shares: trace.shares.iter().map(share).collect(),
    }
}

#[cfg(test)]
mod tests {
    use evaluation::{Context, NoBigSegments, Payload, Snapshot};
    use kernel::Revision;
    use serde_json::json;

    use super::*;
    use crate::emit;

    /// What the flag `a` does with these rules and targets, step by step.
    fn of(configuration: &Value, context: &Value) -> Steps {
        let flag = Flag::boolean("A");
        let configuration: Configuration = serde_json::from_value(configuration.clone()).unwrap();
        let data = emit::flag("a", Revision(1), &flag, &configuration);
        let snapshot = Snapshot::compile(&Payload { flags: vec![data], ..Payload::default() });
        let context = Context::from_value(context.clone()).unwrap();
        steps(&flag, &configuration, &snapshot.trace("a", &context, &NoBigSegments).unwrap())
    }

    fn configuration() -> Value {
        let clause =
            |attribute: &str, op: &str, value: &str| json!({"attribute": attribute, "op": op, "values": [value]});
        json!({
            "on": true, "offVariation": 1, "salt": "s",
            "targets": [
                {"contextKind": "device", "variation": 0, "values": ["phone"]},
                {"contextKind": "user", "variation": 1, "values": ["tim", "tom"]}],
            "rules": [{"id": "r", "description": "Staff", "variation": 0, "clauses": [
                clause("email", "endsWith", "@acme.com"), clause("plan", "in", "gold")]}],
            "fallthrough": {"rollout": {"variations": [
                {"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]}},
        })
    }

    #[test]
    fn each_rule_and_clause_says_in_words_what_it_asks_and_what_it_saw() {
        let ada = of(&configuration(), &json!({"kind": "user", "key": "ada", "email": "ada@home.org", "plan": "gold"}));
        assert!(ada.on);
        let [rule] = &ada.rules[..] else { panic!("{ada:?}") };
        assert_eq!((rule.description.as_str(), rule.matched, rule.serves.as_str()), ("Staff", Some(false), "“on”"));
        let told: Vec<_> = rule.clauses.iter().map(|one| (one.sentence.as_str(), &one.subject, one.holds)).collect();
        let expected = [
            ("email ends with “@acme.com”", &json!("ada@home.org"), Some(false)),
            ("plan is “gold”", &json!("gold"), None),
        ];
        assert_eq!(told, expected);
        let rollout = ada.rollout.unwrap();
        assert_eq!((rollout.context_kind.as_str(), &rollout.hashed), ("user", &json!("ada")));
        assert_eq!(rollout.shares.iter().map(|share| share.end.round()).collect::<Vec<_>>(), [25.0, 100.0]);
        assert_eq!(rollout.shares.iter().filter(|share| share.chosen).count(), 1);
    }

    #[test]
    fn targets_are_told_in_the_order_in_which_they_are_looked_at() {
        let both = json!({"kind": "multi", "user": {"key": "tom"}, "device": {"key": "laptop"}});
        let tom = of(&configuration(), &both);
        let told: Vec<_> = tom.targets.iter().map(|one| (one.context_kind.as_str(), one.count, one.named)).collect();
        assert_eq!(told, [("device", 1, Some(false)), ("user", 2, Some(true))]);
        assert_eq!(tom.rules[0].matched, None);
        let mut only_users = configuration();
        only_users["targets"] = json!([{"contextKind": "user", "variation": 1, "values": ["tim"]}]);
        assert_eq!(of(&only_users, &both).targets[0].named, Some(false));
    }

    #[test]
    fn an_endless_attribute_is_cut() {
        let context = json!({"kind": "user", "key": "ada", "email": "x".repeat(10_000)});
        let Value::String(shown) = &of(&configuration(), &context).rules[0].clauses[0].subject else { panic!() };
        assert_eq!(shown.chars().count(), 501);
    }
}
