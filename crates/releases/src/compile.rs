//! What a release makes of its flag, and the instructions that get it there.

use flags::instruction::{AddRule, Instruction, RuleRef};
use flags::model::{Clause, Configuration, Operator, Rollout, RolloutKind, Rule, Serve, WHOLE, WeightedVariation};
use kernel::SegmentKey;

use crate::model::{Audience, Release, ReleaseState};

/// The part of a flag's configuration that belongs to the release: nothing else is touched, nothing else is watched.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Whether the flag is on.
    pub on: bool,
    /// What everyone gets whom no target or rule names.
    pub fallthrough: Serve,
    /// The release's own rules, for segments, in the order in which they are tried.
    pub rules: Vec<Rule>,
}

/// What the flag does when the release is where it is.
pub fn expectation(release: &Release) -> Expectation {
    let plan = &release.plan;
    if matches!(release.state, ReleaseState::RolledBack | ReleaseState::Aborted) {
        return Expectation { on: plan.original.on, fallthrough: plan.original.fallthrough.clone(), rules: Vec::new() };
    }
    match plan.weight_at(release.progress.step) {
        Some(WHOLE) => Expectation { on: true, fallthrough: Serve::Variation(plan.treatment), rules: Vec::new() },
        Some(weight) => {
            Expectation { on: true, fallthrough: Serve::Rollout(rollout(release, weight)), rules: rules(release) }
        }
        None => Expectation { on: true, fallthrough: Serve::Variation(plan.control), rules: rules(release) },
    }
}

/// The treatment first and the control last, the seed fixed: then nobody leaves the treatment as its share grows, and any SDK
/// reports each evaluation with `inExperiment` (`launchdarkly.md` §7.7, 7.8).
fn rollout(release: &Release, weight: u32) -> Rollout {
    let share = |variation, weight| WeightedVariation { variation, weight, untracked: false };
    Rollout {
        kind: RolloutKind::Experiment,
        context_kind: release.plan.context_kind.clone(),
        variations: vec![share(release.plan.treatment, weight), share(release.plan.control, WHOLE - weight)],
        bucket_by: None,
        seed: Some(release.plan.seed),
    }
}

/// One rule for each segment that was reached; its members keep what is new until everyone has it.
fn rules(release: &Release) -> Vec<Rule> {
    let reached = release.plan.steps.iter().enumerate().take(release.progress.step + 1);
    let segments = reached.filter_map(|(index, step)| match &step.audience {
        Audience::Segment(segment) => Some(rule(release, index, segment)),
        Audience::Percentage(_) => None,
    });
    segments.collect()
}

fn rule(release: &Release, step: usize, segment: &SegmentKey) -> Rule {
    let clause = Clause {
        context_kind: release.plan.context_kind.clone(),
        attribute: String::new(),
        op: Operator::SegmentMatch,
        values: vec![segment.as_str().into()],
        negate: false,
    };
    Rule {
        id: format!("{}-{step}", release.id),
        description: format!("Release step {}", release.plan.steps[step].name),
        clauses: vec![clause],
        serve: Serve::Variation(release.plan.treatment),
        track_events: false,
    }
}

/// Whether the flag does what is expected; if not, somebody else changed it.
pub fn is_in_place(release: &Release, configuration: &Configuration, expected: &Expectation) -> bool {
    configuration.on == expected.on
        && configuration.fallthrough == expected.fallthrough
        && own_rules(release, configuration).eq(expected.rules.iter())
}

/// What turns the flag as it is into what is expected; nothing when it is so already.
pub fn instructions(release: &Release, configuration: &Configuration, expected: &Expectation) -> Vec<Instruction> {
    let mut instructions = Vec::new();
    let own: Vec<&Rule> = own_rules(release, configuration).collect();
    let gone = own.iter().filter(|rule| !expected.rules.contains(rule));
    instructions.extend(gone.map(|rule| Instruction::RemoveRule(RuleRef { rule_id: rule.id.clone() })));
    let first_of_others = configuration.rules.iter().find(|rule| !is_own(release, rule)).map(|rule| rule.id.clone());
    for rule in expected.rules.iter().filter(|rule| !own.contains(rule)) {
        instructions.push(Instruction::AddRule(AddRule { rule: rule.clone(), before: first_of_others.clone() }));
    }
    if configuration.fallthrough != expected.fallthrough {
        instructions.push(Instruction::SetFallthrough(expected.fallthrough.clone()));
    }
    match (configuration.on, expected.on) {
        (false, true) => instructions.push(Instruction::ON),
        (true, false) => instructions.push(Instruction::OFF),
        _ => {}
    }
    instructions
}

fn own_rules<'a>(release: &'a Release, configuration: &'a Configuration) -> impl Iterator<Item = &'a Rule> {
    configuration.rules.iter().filter(|rule| is_own(release, rule))
}

fn is_own(release: &Release, rule: &Rule) -> bool {
    rule.id.strip_prefix(release.id.as_str()).is_some_and(|rest| rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use flags::apply::apply;
    use flags::model::{Noun, State};

    use super::*;
    use crate::testing::{configuration, release, release_at};

    fn applied(configuration: &Configuration, instructions: &[Instruction]) -> Configuration {
        let state = State::Configuration(configuration.clone());
        match apply(Noun::Configuration, Some(&state), instructions).unwrap().after {
            State::Configuration(after) => after,
            other => panic!("{other:?}"),
        }
    }

    /// Walks the flag to the release's place and checks that a second look changes nothing.
    fn walk(release: &Release, from: &Configuration) -> Configuration {
        let expected = expectation(release);
        let steps = instructions(release, from, &expected);
        let after = if steps.is_empty() { from.clone() } else { applied(from, &steps) };
        assert!(is_in_place(release, &after, &expected));
        assert_eq!(instructions(release, &after, &expected), []);
        after
    }

    #[test]
    fn the_flag_walks_from_off_to_everyone_and_back() {
        let original = configuration();
        let internal = walk(&release(), &original);
        assert!(internal.on);
        assert_eq!(internal.fallthrough, Serve::Variation(1), "everyone else gets what was");
        assert_eq!(internal.rules.len(), original.rules.len() + 1);
        assert_eq!(internal.rules[0].serve, Serve::Variation(0), "the release's rule is tried first");
        let one_percent = walk(&release_at(1), &internal);
        let Serve::Rollout(rollout) = &one_percent.fallthrough else { panic!("{one_percent:?}") };
        assert_eq!(rollout.kind, RolloutKind::Experiment);
        assert_eq!(one_percent.fallthrough.weights(), [(0, 1_000), (1, 99_000)], "the control comes last");
        assert_eq!(one_percent.rules, internal.rules, "internal people keep it");
        let everyone = walk(&release_at(4), &one_percent);
        assert_eq!(everyone, Configuration { on: true, fallthrough: Serve::Variation(0), ..original.clone() });
        let back = walk(&Release { state: ReleaseState::RolledBack, ..release_at(1) }, &one_percent);
        assert_eq!(back, original);
    }

    #[test]
    fn what_belongs_to_others_is_left_alone_and_what_is_ours_is_missed() {
        let release = release_at(1);
        let mut configuration = walk(&release, &configuration());
        configuration.track_events = true;
        configuration.rules.truncate(1);
        assert!(is_in_place(&release, &configuration, &expectation(&release)), "others' rules are none of ours");
        for edit in [
            (|configuration| configuration.on = false) as fn(&mut Configuration),
            |configuration| configuration.fallthrough = Serve::Variation(1),
            |configuration| configuration.rules.clear(),
            |configuration| configuration.rules[0].serve = Serve::Variation(1),
        ] {
            let mut edited = configuration.clone();
            edit(&mut edited);
            assert!(!is_in_place(&release, &edited, &expectation(&release)), "{edited:?}");
            walk(&release, &edited);
        }
    }
}
