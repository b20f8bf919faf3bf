//! Why a context gets what it gets, in plain words.

use evaluation::{BigSegmentsStatus, ErrorKind, Reason, ReasonKind};

use crate::describe;
use crate::model::{Bucketing, Configuration, Flag, Serve};

/// One sentence for an evaluation of `flag`, which served the variation at `index`.
pub fn explain(flag: &Flag, configuration: &Configuration, reason: &Reason<'_>, index: Option<usize>) -> String {
    if flag.bucketing == Bucketing::Unleash {
        return strategies(configuration, reason);
    }
    let served = index.map_or_else(|| "the caller's own default".to_owned(), |index| described(flag, index));
    match reason.kind {
        ReasonKind::Off => format!("The flag is off, so everyone gets {served}"),
        ReasonKind::TargetMatch => format!("The context is targeted by name and gets {served}"),
        ReasonKind::RuleMatch { index: at, .. } => rule(configuration, at, flag, &served),
        ReasonKind::Fallthrough { .. } => {
            format!("No target and no rule matches, {}", share(&configuration.fallthrough, flag, &served))
        }
        ReasonKind::PrerequisiteFailed { key } => {
            format!("Flag {key}, which must come first, is off or serves something else, so everyone gets {served}")
        }
        ReasonKind::Error(ErrorKind::FlagNotFound) => "There is no such flag".to_owned(),
        ReasonKind::Error(ErrorKind::MalformedFlag) => {
            "The flag cannot be evaluated for this context: its rules lead nowhere or in a circle".to_owned()
        }
        ReasonKind::Error(_) => "The flag cannot be evaluated for this context".to_owned(),
    }
}

/// What is to be said beside, when members of big segments were asked for and could not be told; empty else.
pub fn members_note(status: Option<BigSegmentsStatus>) -> &'static str {
    match status {
        None | Some(BigSegmentsStatus::Healthy) => "",
        Some(BigSegmentsStatus::Stale) => ". Members of a big segment may be out of date",
        Some(BigSegmentsStatus::StoreError) => {
            ". Members of a big segment could not be read, so its rules alone counted"
        }
        Some(BigSegmentsStatus::NotConfigured) => {
            ". Members of a big segment are not known, so its rules alone counted"
        }
    }
}

/// The same for a flag by Unleash's rules.
fn strategies(configuration: &Configuration, reason: &Reason<'_>) -> String {
    match reason.kind {
        ReasonKind::Off => "The flag is off for everyone".to_owned(),
        ReasonKind::RuleMatch { index, .. } => {
            // Nobody is told of disabled strategies, so they do not count.
            let told = (1..).zip(&configuration.strategies).filter(|(_, one)| !one.disabled);
            match usize::try_from(index).ok().and_then(|at| told.clone().nth(at)) {
                Some((place, one)) => {
                    format!("Strategy {place} lets in {}, and so this context", describe::strategy(one))
                }
                None => "A strategy lets the context in".to_owned(),
            }
        }
        ReasonKind::Fallthrough { .. } if configuration.strategies.is_empty() => {
            "The flag has no strategies, so it is on for everyone".to_owned()
        }
        ReasonKind::Fallthrough { .. } => "No strategy lets the context in".to_owned(),
        ReasonKind::PrerequisiteFailed { key } => format!("Flag {key}, on which it depends, is not as it must be"),
        _ => "The flag cannot be evaluated for this context".to_owned(),
    }
}

fn rule(configuration: &Configuration, at: u32, flag: &Flag, served: &str) -> String {
    let place = at.saturating_add(1);
    let Some(rule) = usize::try_from(at).ok().and_then(|at| configuration.rules.get(at)) else {
        return format!("Rule {place} matches and serves {served}");
    };
    let clauses: Vec<String> = rule.clauses.iter().map(describe::clause).collect();
    let name = if rule.description.is_empty() { String::new() } else { format!(" “{}”", rule.description) };
    format!("Rule {place}{name} matches ({}), {}", clauses.join(" and "), share(&rule.serve, flag, served))
}

fn share(serve: &Serve, flag: &Flag, served: &str) -> String {
    match serve {
        Serve::Variation(_) => format!("so {served} is served"),
        Serve::Rollout(_) => {
            format!("and of {} the context's bucket falls to {served}", describe::serve(serve, Some(flag)))
        }
    }
}

fn described(flag: &Flag, index: usize) -> String {
    describe::serve(&Serve::Variation(index), Some(flag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_said_when_members_could_not_be_read_and_only_then() {
        assert_eq!([None, Some(BigSegmentsStatus::Healthy)].map(members_note), ["", ""]);
        assert!(members_note(Some(BigSegmentsStatus::StoreError)).contains("could not be read"));
    }

    #[test]
    fn each_reason_is_said_in_plain_words() {
        let flag = Flag::boolean("A");
        let clause = json!({"attribute": "email", "op": "endsWith", "values": ["@acme.com"]});
        let configuration: Configuration = serde_json::from_value(json!({
            "on": true, "offVariation": 1,
            "rules": [{"id": "r", "description": "Staff", "clauses": [clause], "variation": 0}],
            "fallthrough": {"rollout": {"variations": [
                {"variation": 0, "weight": 1_000}, {"variation": 1, "weight": 99_000}]}},
        }))
        .unwrap();
        let table = [
            (ReasonKind::Off, Some(1), "The flag is off, so everyone gets “off”"),
            (ReasonKind::TargetMatch, Some(0), "The context is targeted by name and gets “on”"),
            (
                ReasonKind::RuleMatch { index: 0, id: "r", in_experiment: false },
                Some(0),
                "Rule 1 “Staff” matches (email ends with “@acme.com”), so “on” is served",
            ),
            (
                ReasonKind::Fallthrough { in_experiment: false },
                Some(0),
                "No target and no rule matches, and of 1 % “on” and 99 % “off”, by user the context's bucket falls to “on”",
            ),
            (
                ReasonKind::PrerequisiteFailed { key: "base" },
                Some(1),
                "Flag base, which must come first, is off or serves something else, so everyone gets “off”",
            ),
            (ReasonKind::Error(ErrorKind::FlagNotFound), None, "There is no such flag"),
        ];
        for (kind, index, expected) in table {
            assert_eq!(explain(&flag, &configuration, &Reason::from(kind), index), expected);
        }
    }

    #[test]
    fn a_strategy_is_called_by_its_place_among_all_though_disabled_ones_let_nobody_in() {
        let mut flag = Flag::boolean("A");
        flag.bucketing = Bucketing::Unleash;
        let configuration: Configuration = serde_json::from_value(json!({
            "on": true, "offVariation": 1, "fallthrough": {"variation": 0},
            "strategies": [{"name": "default", "disabled": true}, {"name": "userWithId", "parameters": {"userIds": "ada"}}],
        }))
        .unwrap();
        let first = Reason::from(ReasonKind::RuleMatch { index: 0, id: "", in_experiment: false });
        let expected = "Strategy 2 lets in the users “ada”, and so this context";
        assert_eq!(explain(&flag, &configuration, &first, Some(0)), expected);
    }
}
