//! Each decision in one sentence that needs no statistics to be read.

use std::time::Duration;

use flags::model::WHOLE;
use kernel::{Actor, Timestamp, words};
use statistics::{GuardReading, Judgement, Reason};

use crate::enact::Move;
use crate::model::{Audience, HoldReason, Release, Step};

/// What a release decided by itself.
pub fn by_itself(release: &Release, what: Move, judgement: Option<&Judgement>, now: Timestamp) -> String {
    let flag = &release.flag;
    let why = judgement.map(|judgement| format!(": {judgement}")).unwrap_or_default();
    let stay = format!("after {} with {}", lasted(release, now), reach(release.step()));
    match what {
        Move::Extend { .. } => format!("Stays with {} for now{why}.", reach(release.step())),
        Move::Advance { to } => format!("Advanced to {} {stay}{why}.", reach(&release.plan.steps[to])),
        Move::Complete { .. } => format!("Completed: everyone has {}, {stay}{why}.", release.plan.treatment_name),
        Move::RollBack => format!("Rolled back: {}.", harm(release, judgement)),
        Move::Hold { reason: HoldReason::Regressed } => {
            format!("Held: {}. The guard is set to hold, so somebody has to decide.", harm(release, judgement))
        }
        Move::Hold { reason: HoldReason::SplitBroken } => format!(
            "Held{why}. Likely causes: one arm crashes before its exposures are sent, a filter of bots, a redirect, or \
             keys that change between visits."
        ),
        Move::Hold { .. } => format!(
            "Held: somebody changed by hand what {flag} serves in {}. Resume to give it back to the release, or abort.",
            release.environment
        ),
        Move::Resume => "Resumed.".to_owned(),
        Move::Abort => "Aborted.".to_owned(),
    }
}

/// What somebody told a release to do.
pub fn by_person(release: &Release, what: Move, actor: &Actor, comment: &str) -> String {
    let (name, plan) = (&actor.name, &release.plan);
    let done = match what {
        Move::Hold { .. } | Move::Extend { .. } => format!("Held by {name} with {}", reach(release.step())),
        Move::Resume => format!("Resumed by {name} with {}", reach(release.step())),
        Move::Advance { to } => format!("Skipped to {} by {name}", reach(&plan.steps[to])),
        Move::Complete { .. } => format!("Skipped to the end by {name}: everyone has {}", plan.treatment_name),
        Move::RollBack => format!("Rolled back by {name} from {}", reach(release.step())),
        Move::Abort => format!("Aborted by {name} with {}", reach(release.step())),
    };
    with_comment(&done, comment)
}

/// How it began.
pub fn started(release: &Release) -> String {
    let (plan, first) = (&release.plan, reach(release.step()));
    let rest = match release.plan.weight_at(release.progress.step) {
        Some(WHOLE) => String::new(),
        _ => format!("; everyone else keeps {}", plan.control_name),
    };
    let done = format!("Started by {}: {} for {first}{rest}", plan.started_by.name, plan.treatment_name);
    with_comment(&done, &plan.comment)
}

/// How the metrics are after a rollback at `since`: well again from `at` on.
pub fn recovered(metrics: &[&str], since: Timestamp, at: Timestamp) -> String {
    let after = at.since(since);
    let from = if after < Duration::from_secs(1) {
        "from the rollback on".to_owned()
    } else {
        format!("from {} after the rollback on", words::span(after))
    };
    format!("Recovered: {} as before the release, {from}.", list(metrics))
}

/// How the metrics are after a rollback.
pub fn still_bad(metrics: &[&str], since: Timestamp, now: Timestamp) -> String {
    format!(
        "Not recovered: {} still worse than before the release, {} after the rollback.",
        list(metrics),
        words::span(now.since(since))
    )
}

/// How the metrics are after a rollback.
pub fn out_of_sight(since: Timestamp, now: Timestamp) -> String {
    format!(
        "Nobody knows whether it recovered: no events came in the {} since the rollback.",
        words::span(now.since(since))
    )
}

fn list(metrics: &[&str]) -> String {
    match metrics {
        [one] => format!("{one} is"),
        [all @ .., last] => format!("{} and {last} are", all.join(", ")),
        [] => "nothing is".to_owned(),
    }
}

fn with_comment(done: &str, comment: &str) -> String {
    let comment = comment.trim().trim_end_matches('.');
    if comment.is_empty() { format!("{done}.") } else { format!("{done}: {comment}.") }
}

/// `7 of 12 units on checkout-v2 had payment-failed against 3 of 1,184 in control; evidence 512 passed 100`.
fn harm(release: &Release, judgement: Option<&Judgement>) -> String {
    let Some(judgement) = judgement else { return "a guard saw harm".to_owned() };
    let Reason::HarmProven { causes } = &judgement.reason else { return judgement.to_string() };
    let counts = |cause: &GuardReading| {
        let (treatment, control) = (cause.step.treatment, cause.step.control);
        format!(
            "{} of {} units on {} had {} against {} of {} in control",
            grouped(treatment.k),
            grouped(treatment.n),
            release.flag,
            cause.guard,
            grouped(control.k),
            grouped(control.n)
        )
    };
    let causes = causes.iter().map(counts).collect::<Vec<_>>().join("; ");
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1/alpha: from 2 to a million millions
    let limit = grouped(judgement.threshold.round() as u64);
    format!("{causes}; evidence {} passed {limit}", judgement.harm)
}

fn lasted(release: &Release, now: Timestamp) -> String {
    words::span(now.since(release.progress.step_started_at))
}

/// Whom a step reaches: `1 %`, `everyone`, `the segment internal`.
fn reach(step: &Step) -> String {
    match (&step.audience, step.audience.weight()) {
        (Audience::Segment(segment), _) => format!("the segment {segment}"),
        (_, Some(WHOLE)) => "everyone".to_owned(),
        (Audience::Percentage(percent), _) => format!("{percent} %"),
    }
}

/// `1184` → `1,184`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let mut groups = if head > 0 { vec![&digits[..head]] } else { Vec::new() };
    groups
        .extend(digits.as_bytes()[head..].chunks(3).map(|group| std::str::from_utf8(group).expect("digits are ASCII")));
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{judgement, person, release, release_at};

    #[test]
    fn a_rollback_tells_the_counts_and_the_evidence() {
        let release = release_at(1);
        let said = by_itself(&release, Move::RollBack, Some(&judgement::regressed()), release.created_at);
        let expected =
            "Rolled back: 10 of 20 units on checkout had payment-failed against 10 of 1,980 in control; evidence ";
        assert!(said.starts_with(expected), "{said}");
        assert!(said.ends_with(" passed 100."), "{said}");
    }

    #[test]
    fn each_move_has_its_sentence() {
        let (start, one_percent) = (release(), release_at(1));
        let later = start.created_at.plus(Duration::from_mins(5));
        let table = [
            (
                by_itself(&start, Move::Advance { to: 1 }, None, later),
                "Advanced to 1 % after 5 minutes with the segment internal.",
            ),
            (started(&start), "Started by Ann: on for the segment internal; everyone else keeps off: Try it."),
            (
                by_itself(&one_percent, Move::Hold { reason: HoldReason::EditedByHand }, None, later),
                "Held: somebody changed by hand what checkout serves in production. Resume to give it back to the release, \
                 or abort.",
            ),
            (
                by_person(&one_percent, Move::Advance { to: 4 }, &person(), "In a hurry."),
                "Skipped to everyone by Ann: In a hurry.",
            ),
            (by_person(&one_percent, Move::RollBack, &person(), ""), "Rolled back by Ann from 1 %."),
            (
                recovered(&["errors", "crashes"], start.created_at, later),
                "Recovered: errors and crashes are as before the release, from 5 minutes after the rollback on.",
            ),
            (
                recovered(&["errors"], start.created_at, start.created_at),
                "Recovered: errors is as before the release, from the rollback on.",
            ),
            (
                still_bad(&["errors"], start.created_at, later),
                "Not recovered: errors is still worse than before the release, 5 minutes after the rollback.",
            ),
        ];
        for (said, expected) in table {
            assert_eq!(said, expected);
        }
        let suspect = by_itself(&one_percent, Move::Extend { about: "suspect" }, Some(&judgement::suspect()), later);
        assert!(suspect.starts_with("Stays with 1 % for now: payment-failed: "), "{suspect}");
        assert!(suspect.ends_with(", from which on harm is suspected.") && !suspect.contains("held"), "{suspect}");
        let healthy = judgement::healthy();
        let said = by_itself(&one_percent, Move::Advance { to: 2 }, Some(&healthy), later);
        assert!(
            said.starts_with("Advanced to 10 % after 5 minutes with 1 %: no sign of harm: payment-failed: "),
            "{said}"
        );
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!([0, 999, 1_184, 1_234_567].map(grouped), ["0", "999", "1,184", "1,234,567"]);
    }
}
