//! LaunchDarkly's flags as Unleash's features, where the two come to the same for every context.
//!
//! Unleash's strategies say who is let in, any of them; LaunchDarkly's rules serve one after the other, the first that
//! matches. So a rule that serves `true` becomes a strategy, and what serves `false` before it is taken out of it. What
//! cannot be said so is refused with a sentence, and Unleash's SDKs are not told of the flag: it is evaluated here.

use serde_json::Value;

use super::context::RESERVED;
use super::model::{Constraint, Feature, Strategy};
use crate::model::{ClauseData, FlagData, Operator, ServeData, TargetData};

/// Why a flag has no feature that comes to the same for every context.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inexact {
    /// Features are on or off.
    #[error("it is not boolean")]
    NotBoolean,
    /// Features that are off are off.
    #[error("it leaves the caller's default while it is off")]
    NoOffVariation,
    /// Dependencies are on features.
    #[error("it has prerequisites")]
    Prerequisites,
    /// The two hash differently.
    #[error("it has a percentage rollout, which Unleash would draw differently")]
    Rollout,
    /// Unleash's contexts are users.
    #[error("it asks about contexts of kind {0}, which Unleash does not know")]
    Kind(String),
    /// Data that LaunchDarkly's SDKs could not evaluate either.
    #[error("it serves something that there is not")]
    Malformed,
    /// An attribute that Unleash has no property for.
    #[error("it asks for the attribute {0}, which is no property in Unleash")]
    Attribute(String),
    /// The operators differ, or there is none.
    #[error("Unleash has no operator that is exactly {0}")]
    Operator(String),
    /// Values that Unleash's SDKs read in different ways.
    #[error("a value of a rule is no plain text")]
    Value,
    /// Negation differs where the attribute is missing.
    #[error("it asks that an attribute is there and is not a value, which Unleash cannot say")]
    Negated,
    /// An alternative inside a strategy.
    #[error("a rule with several clauses serves false before another serves true, which Unleash cannot say")]
    Exception,
}

/// The feature that comes to the same as a flag for every context that Unleash knows.
pub fn translate(flag: &FlagData) -> Result<Feature, Inexact> {
    let sides: Option<Vec<bool>> = flag.variations.iter().map(Value::as_bool).collect();
    let sides = sides.filter(|sides| !sides.is_empty()).ok_or(Inexact::NotBoolean)?;
    let feature = |enabled, strategies| Feature {
        name: flag.key.clone(),
        kind: "release".to_owned(),
        // Unleash's own word where none is said; what a flag is told of does not know its project.
        project: "default".to_owned(),
        enabled,
        strategies,
        ..Feature::default()
    };
    let side = |index: i64| usize::try_from(index).ok().and_then(|at| sides.get(at)).copied().ok_or(Inexact::Malformed);
    if !flag.on {
        // A flag that serves `true` while off is on for everybody.
        return Ok(feature(side(flag.off_variation.ok_or(Inexact::NoOffVariation)?)?, Vec::new()));
    }
    if !flag.prerequisites.is_empty() {
        return Err(Inexact::Prerequisites);
    }
    let steps = steps(flag, &side)?;
    let strategies = let_in(&steps)?;
    // A feature without strategies is on for everybody.
    let everybody = strategies.iter().any(|strategy| strategy.constraints.is_empty());
    let constant = everybody || strategies.is_empty();
    Ok(if constant { feature(everybody, Vec::new()) } else { feature(true, strategies) })
}

/// One step of the decision: whoever passes all tests is served.
struct Step {
    tests: Vec<Test>,
    side: bool,
}

/// A test that Unleash can say, and perhaps its opposite.
struct Test {
    constraint: Constraint,
    /// What holds exactly where the constraint does not.
    opposite: Constraint,
}

fn steps(flag: &FlagData, side: &impl Fn(i64) -> Result<bool, Inexact>) -> Result<Vec<Step>, Inexact> {
    let mut steps = Vec::new();
    for target in flag.targets_in_order().filter(|target| !target.values.is_empty()) {
        steps.push(Step { tests: vec![named(target)?], side: side(target.variation)? });
    }
    for rule in &flag.rules {
        let tests = rule.clauses.iter().map(test).collect::<Result<_, _>>()?;
        steps.push(Step { tests, side: side(served(&rule.serve)?)? });
    }
    steps.push(Step { tests: Vec::new(), side: side(served(&flag.fallthrough)?)? });
    Ok(steps)
}

/// One strategy for each step that serves `true`, without those whom an earlier step serves `false`.
fn let_in(steps: &[Step]) -> Result<Vec<Strategy>, Inexact> {
    let mut strategies = Vec::new();
    let mut excepted: Vec<Constraint> = Vec::new();
    let last = steps.iter().rposition(|step| step.side).map_or(0, |last| last + 1);
    for step in &steps[..last] {
        if step.side {
            let own = step.tests.iter().map(|test| test.constraint.clone());
            let constraints = own.chain(excepted.iter().cloned()).collect();
            strategies.push(Strategy { name: "default".to_owned(), constraints, ..Strategy::default() });
            continue;
        }
        match step.tests.as_slice() {
            [only] => excepted.push(only.opposite.clone()),
            // Nobody comes past a step without tests.
            [] => break,
            _ => return Err(Inexact::Exception),
        }
    }
    Ok(strategies)
}

fn served(serve: &ServeData) -> Result<i64, Inexact> {
    match (serve.variation, &serve.rollout) {
        (Some(index), _) => Ok(index),
        (None, Some(_)) => Err(Inexact::Rollout),
        (None, None) => Err(Inexact::Malformed),
    }
}

/// Users by name.
fn named(target: &TargetData) -> Result<Test, Inexact> {
    user(target.context_kind.as_deref())?;
    let values = plain(target.values.iter().map(String::as_str).map(Some))?;
    Ok(of_key(false, values))
}

fn test(clause: &ClauseData) -> Result<Test, Inexact> {
    user(clause.context_kind.as_deref())?;
    let operator = match &clause.op {
        Operator::In => "IN",
        Operator::StartsWith => "STR_STARTS_WITH",
        Operator::EndsWith => "STR_ENDS_WITH",
        Operator::Contains => "STR_CONTAINS",
        other => return Err(Inexact::Operator(other.as_str().to_owned())),
    };
    let values = plain(clause.values.iter().map(Value::as_str))?;
    let attribute = clause.attribute.as_str();
    if attribute == "key" && operator == "IN" {
        return Ok(of_key(clause.negate, values));
    }
    let unknown = ["", "userId", "sessionId", "remoteAddress", "ip", "environment", "appName", "currentTime"];
    if attribute.starts_with('/') || RESERVED.contains(&attribute) || unknown.contains(&attribute) {
        return Err(Inexact::Attribute(attribute.to_owned()));
    }
    if clause.negate {
        return Err(Inexact::Negated);
    }
    let constraint = Constraint {
        context_name: attribute.to_owned(),
        operator: operator.to_owned(),
        values,
        ..Constraint::default()
    };
    // Where the attribute is missing, a clause does not match, and its opposite in Unleash holds.
    let opposite = Constraint { inverted: true, ..constraint.clone() };
    Ok(Test { constraint, opposite })
}

/// A test of the key: it is never missing, and who has no user id has a key that nobody names.
fn of_key(negate: bool, values: Vec<String>) -> Test {
    let not_among = Constraint {
        context_name: "userId".to_owned(),
        operator: "NOT_IN".to_owned(),
        values,
        ..Constraint::default()
    };
    let among = Constraint { operator: "IN".to_owned(), ..not_among.clone() };
    let (constraint, opposite) = if negate { (not_among, among) } else { (among, not_among) };
    Test { constraint, opposite }
}

fn user(kind: Option<&str>) -> Result<(), Inexact> {
    match kind {
        None | Some("" | "user") => Ok(()),
        Some(other) => Err(Inexact::Kind(other.to_owned())),
    }
}

/// Texts that every SDK of Unleash compares as they are: some trim, and leave out what is empty.
fn plain<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Result<Vec<String>, Inexact> {
    values
        .map(|value| value.filter(|text| !text.is_empty() && text.trim() == *text).map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or(Inexact::Value)
}
