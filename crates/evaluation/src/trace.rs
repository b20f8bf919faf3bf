//! How an evaluation goes, step by step: for people who ask why. Slower than an evaluation, and by the same steps.

use serde_json::Value;

use crate::big_segments::BigSegments;
use crate::bucket::Bucket;
use crate::clause::Clause;
use crate::context::Context;
use crate::evaluate::{Evaluation, Scope};
use crate::flag::{Choice, Flag, Prerequisite, Rule, Serve, Share, Split, Target};
use crate::reason::ReasonKind;
use crate::snapshot::Snapshot;

/// How the evaluation of one flag for one context went. Each list is in the order of the flag; what was not looked at,
/// because something before it had decided, says `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace<'s> {
    /// What it came to.
    pub evaluation: Evaluation<'s>,
    /// The flags that must come first.
    pub prerequisites: Vec<PrerequisiteTrace<'s>>,
    /// Whether each list of targets names the context.
    pub targets: Vec<Option<bool>>,
    /// The rules.
    pub rules: Vec<RuleTrace>,
    /// The rollout that decided, if one did.
    pub rollout: Option<RolloutTrace>,
}

/// A flag that must come first.
#[derive(Clone, Debug, PartialEq)]
pub struct PrerequisiteTrace<'s> {
    /// Its key.
    pub key: &'s str,
    /// The variation that it must serve, by index.
    pub wanted: i64,
    /// The variation that it serves; `None` when it was not looked at, is not there, or serves nothing.
    pub served: Option<u32>,
    /// Whether it is on, and serves that.
    pub met: Option<bool>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTrace {
    /// Whether all its clauses hold.
    pub matched: Option<bool>,
    /// Its clauses: what comes after one that does not hold is not looked at.
    pub clauses: Vec<ClauseTrace>,
}

/// A clause.
#[derive(Clone, Debug, PartialEq)]
pub struct ClauseTrace {
    /// What it looks at in the context, also when it was not looked at; null when that is not there, or it asks for segments.
    pub subject: Value,
    /// Whether it holds.
    pub holds: Option<bool>,
}

/// Where the context falls in a rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutTrace {
    /// Whose attribute is hashed, such as `user`.
    pub kind: String,
    /// The value that is hashed; null when the context has none.
    pub hashed: Value,
    /// The place from 0 to 1; `None` when the context has no such kind, which counts as 0.
    pub bucket: Option<f32>,
    /// The shares, each from where the one before it ends.
    pub shares: Vec<ShareTrace>,
}

/// A share of a rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareTrace {
    /// What it serves, by index; `None` for an index that the flag does not have.
    pub variation: Option<u32>,
    /// Where it ends, from 0 to 1.
    pub end: f32,
    /// Whether the context falls in it.
    pub chosen: bool,
}

impl Snapshot {
    /// Evaluates the flag of this key and tells how it went; `None` when there is no such flag. The steps of a flag that is
    /// one of Unleash's features are not told.
    pub fn trace<'s, B>(&'s self, flag_key: &str, context: &Context, big_segments: &B) -> Option<Trace<'s>>
    where
        B: BigSegments + ?Sized,
    {
        let flag = self.flag(flag_key)?;
        let mut looked_at = Vec::new();
        let evaluation = self.evaluate_flag(flag, context, big_segments, |event| {
            if std::ptr::eq(event.dependant, flag) {
                looked_at.push((event.flag, event.evaluation));
            }
        });
        let prerequisites = prerequisites(flag, &looked_at);
        let goes_on = flag.on && prerequisites.iter().all(|one| one.met == Some(true));
        let targets = targets(flag, context, goes_on);
        let goes_on = goes_on && !targets.contains(&Some(true));
        let mut scope = Scope::new(self, context, big_segments);
        let rules = rules(flag, &mut scope, goes_on);
        let rollout = deciding_serve(flag, &evaluation).and_then(Serve::split).map(|split| split.trace(context));
        Some(Trace { evaluation, prerequisites, targets, rules, rollout })
    }
}

fn prerequisites<'s>(flag: &'s Flag, looked_at: &[(&Flag, Evaluation<'s>)]) -> Vec<PrerequisiteTrace<'s>> {
    let mut goes_on = flag.on;
    let mut looked_at = looked_at.iter();
    let trace = |one: &'s Prerequisite| {
        // One that is not there is not evaluated.
        let (known, evaluated) = if goes_on && one.flag.is_some() { (true, looked_at.next()) } else { (false, None) };
        let served = evaluated.and_then(|(_, evaluation)| evaluation.variation_index);
        let met = match evaluated {
            Some((needed, _)) => Some(needed.on && served.map(i64::from) == Some(one.variation)),
            // In a circle there is no answer.
            None if known => None,
            None => goes_on.then_some(false),
        };
        goes_on &= met == Some(true);
        PrerequisiteTrace { key: &one.key, wanted: one.variation, served, met }
    };
    flag.prerequisites.iter().map(trace).collect()
}

fn targets(flag: &Flag, context: &Context, mut goes_on: bool) -> Vec<Option<bool>> {
    let trace = |target: &Target| {
        let named = goes_on.then(|| context.key(&target.kind).is_some_and(|key| target.keys.contains(key)));
        goes_on &= named != Some(true);
        named
    };
    flag.targets.iter().map(trace).collect()
}

fn rules<B: BigSegments + ?Sized>(flag: &Flag, scope: &mut Scope<'_, '_, B>, mut goes_on: bool) -> Vec<RuleTrace> {
    let trace = |rule: &Rule| {
        let trace = rule_trace(rule, scope, goes_on);
        // A rule that cannot be evaluated ends it as one that matches does.
        goes_on &= trace.matched == Some(false);
        trace
    };
    flag.rules.iter().map(trace).collect()
}

fn rule_trace<B: BigSegments + ?Sized>(rule: &Rule, scope: &mut Scope<'_, '_, B>, looked_at: bool) -> RuleTrace {
    let mut so_far = looked_at.then_some(true);
    let clause_trace = |clause: &Clause| {
        let subject = match clause {
            Clause::Attribute(attribute) => attribute.subject(scope.context),
            Clause::Segments { .. } => Value::Null,
        };
        let holds = if so_far == Some(true) { scope.clause_holds(clause).ok() } else { None };
        if so_far == Some(true) {
            so_far = holds;
        }
        ClauseTrace { subject, holds }
    };
    let clauses = rule.clauses.iter().map(clause_trace).collect();
    RuleTrace { matched: so_far, clauses }
}

/// What the rule or the fallthrough that decided serves.
fn deciding_serve<'s>(flag: &'s Flag, evaluation: &Evaluation<'_>) -> Option<&'s Serve> {
    match evaluation.reason.kind {
        ReasonKind::RuleMatch { index, .. } => flag.rules.get(index as usize).map(|rule| &rule.serve),
        ReasonKind::Fallthrough { .. } => Some(&flag.fallthrough),
        _ => None,
    }
}

impl Serve {
    fn split(&self) -> Option<&Split> {
        match self {
            Self::Split(split) => Some(split),
            Self::Fixed(_) | Self::Nothing => None,
        }
    }
}

impl Split {
    fn trace(&self, context: &Context) -> RolloutTrace {
        let bucket = match self.bucketing.bucket(context) {
            Ok(Bucket::At(bucket)) => Some(bucket),
            Ok(Bucket::NoContext) | Err(_) => None,
        };
        let chosen = self.share(bucket.unwrap_or(0.0));
        let share = |share: &Share| ShareTrace {
            variation: match share.choice {
                Choice::Variation(index) => Some(index),
                Choice::OutOfRange => None,
            },
            end: share.end,
            chosen: chosen.is_some_and(|chosen| std::ptr::eq(chosen, share)),
        };
        let individual = context.individual(&self.bucketing.kind);
        let hashed = individual.zip(self.bucketing.by.as_ref().ok());
        RolloutTrace {
            kind: self.bucketing.kind.as_str().to_owned(),
            hashed: hashed.map_or(Value::Null, |(individual, by)| individual.value(by).to_value()),
            bucket,
            shares: self.shares.iter().map(share).collect(),
        }
    }
}
