//! Decides what a release does next by itself: `(release, judgement, flag, now) → decision`.

use std::time::Duration;

use kernel::Timestamp;
use statistics::{Judgement, Reason, Verdict};

use crate::enact::Move;
use crate::model::{HoldReason, OnRegression, Release, ReleaseState};

/// What is known at the moment of the decision.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What the judge says; `None` at a step that is not judged.
    pub judgement: Option<&'a Judgement>,
    /// Whether the flag does what the release made it do.
    pub in_place: bool,
    /// The instant.
    pub now: Timestamp,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing, and nothing to say; look again then, if nothing happens before.
    Wait {
        /// When the step's minimum is over.
        until: Option<Timestamp>,
    },
    /// This.
    Do(Move),
}

/// Decides. Unknown is neither good nor bad: it never advances and never takes back.
pub fn advance(release: &Release, facts: &Facts<'_>) -> Decision {
    let quiet = Decision::Wait { until: None };
    if !release.state.is_open() {
        return quiet;
    }
    let held = release.state == ReleaseState::Held;
    if !facts.in_place {
        // Never fight with a person: whoever changed the flag knows more.
        return if held { quiet } else { Decision::Do(Move::Hold { reason: HoldReason::EditedByHand }) };
    }
    if let Some(judgement) = facts.judgement {
        if judgement.verdict == Verdict::Regressed {
            return regressed(release, judgement);
        }
        if !held && matches!(judgement.reason, Reason::SplitBroken { .. }) {
            return Decision::Do(Move::Hold { reason: HoldReason::SplitBroken });
        }
    }
    if held {
        return quiet;
    }
    let until = release.progress.step_started_at.plus(minimum(release, release.progress.step));
    let lasted = facts.now >= until;
    match facts.judgement.and_then(|judgement| objection(judgement, lasted)) {
        Some(about) if release.progress.told.contains(about) => quiet,
        Some(about) => Decision::Do(Move::Extend { about }),
        None if !lasted => Decision::Wait { until: Some(until) },
        None => Decision::Do(next_step(release)),
    }
}

/// Where the release goes from its step: to the next; and when nothing is left to wait for there, to its end.
pub fn next_step(release: &Release) -> Move {
    let last = release.plan.steps.len() - 1;
    let to = (release.progress.step + 1).min(last);
    let nothing_to_wait_for = to == release.progress.step || minimum(release, to).is_zero();
    if to == last && nothing_to_wait_for { Move::Complete { to } } else { Move::Advance { to } }
}

/// Also while it is held: a release that stands goes on hurting those who have it.
fn regressed(release: &Release, judgement: &Judgement) -> Decision {
    let Reason::HarmProven { causes } = &judgement.reason else { return Decision::Wait { until: None } };
    let holds_only = causes.iter().all(|cause| {
        let guard = release.plan.guards.iter().find(|guard| guard.metric.as_str() == cause.guard);
        guard.is_some_and(|guard| guard.on_regression == OnRegression::Hold)
    });
    let held_for_it = release.progress.hold.as_ref().is_some_and(|hold| hold.reason == HoldReason::Regressed);
    match (holds_only, held_for_it) {
        (false, _) => Decision::Do(Move::RollBack),
        (true, false) => Decision::Do(Move::Hold { reason: HoldReason::Regressed }),
        (true, true) => Decision::Wait { until: None },
    }
}

/// What speaks against going on. Too few units is no news before the step has lasted its time.
fn objection(judgement: &Judgement, lasted: bool) -> Option<&'static str> {
    match (judgement.verdict, &judgement.reason) {
        (Verdict::Healthy, _) => None,
        (Verdict::Suspect, _) => Some("suspect"),
        (_, Reason::TooFewUnits { .. }) => lasted.then_some("tooFewUnits"),
        (_, Reason::TelemetryLost { .. }) => Some("telemetryLost"),
        (_, Reason::ControlSilent { .. }) => Some("controlSilent"),
        (_, Reason::TreatmentSilent { .. }) => Some("treatmentSilent"),
        _ => Some("unknown"),
    }
}

fn minimum(release: &Release, step: usize) -> Duration {
    Duration::from_secs(release.plan.steps[step].minimum_seconds.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Hold;
    use crate::testing::{judgement, release, release_at};

    /// The decision at the 1 % step, so many seconds after its start.
    fn decide(change: impl FnOnce(&mut Release), judgement: Option<&Judgement>, seconds: u64) -> Decision {
        let mut release = release_at(1);
        change(&mut release);
        let now = release.progress.step_started_at.plus(Duration::from_secs(seconds));
        advance(&release, &Facts { judgement, in_place: true, now })
    }

    fn held(reason: HoldReason) -> impl FnOnce(&mut Release) {
        move |release| {
            release.state = ReleaseState::Held;
            release.progress.hold = Some(Hold { reason, sentence: String::new(), since: release.created_at });
        }
    }

    fn nothing(_: &mut Release) {}

    #[test]
    fn a_step_advances_when_it_is_healthy_and_has_lasted() {
        let healthy = judgement::healthy();
        let until = Some(release_at(1).progress.step_started_at.plus(Duration::from_mins(5)));
        assert_eq!(decide(nothing, Some(&healthy), 299), Decision::Wait { until });
        assert_eq!(decide(nothing, Some(&healthy), 300), Decision::Do(Move::Advance { to: 2 }));
    }

    #[test]
    fn a_segment_is_not_judged_and_only_has_to_last() {
        let release = release();
        let at = |seconds| release.created_at.plus(Duration::from_secs(seconds));
        let facts = |now| Facts { judgement: None, in_place: true, now };
        assert_eq!(advance(&release, &facts(at(10))), Decision::Wait { until: Some(at(300)) });
        assert_eq!(advance(&release, &facts(at(300))), Decision::Do(Move::Advance { to: 1 }));
    }

    #[test]
    fn the_last_step_completes_at_once_unless_it_has_to_last() {
        let healthy = judgement::healthy();
        let at_half = |release: &mut Release| release.progress.step = 3;
        assert_eq!(decide(at_half, Some(&healthy), 600), Decision::Do(Move::Complete { to: 4 }));
        let bakes = |release: &mut Release| {
            release.progress.step = 3;
            release.plan.steps[4].minimum_seconds = 60;
        };
        assert_eq!(decide(bakes, Some(&healthy), 600), Decision::Do(Move::Advance { to: 4 }));
        let at_the_end = |release: &mut Release| {
            release.progress.step = 4;
            release.plan.steps[4].minimum_seconds = 60;
        };
        assert_eq!(decide(at_the_end, None, 60), Decision::Do(Move::Complete { to: 4 }));
    }

    #[test]
    fn harm_takes_the_release_back_at_once_also_while_it_is_held() {
        let regressed = judgement::regressed();
        assert_eq!(decide(nothing, Some(&regressed), 1), Decision::Do(Move::RollBack));
        assert_eq!(decide(held(HoldReason::Asked), Some(&regressed), 1), Decision::Do(Move::RollBack));
        assert_eq!(decide(held(HoldReason::SplitBroken), Some(&regressed), 1), Decision::Do(Move::RollBack));
    }

    #[test]
    fn a_guard_that_only_holds_holds_once() {
        let regressed = judgement::regressed();
        let gentle = |release: &mut Release| release.plan.guards[0].on_regression = OnRegression::Hold;
        assert_eq!(decide(gentle, Some(&regressed), 1), Decision::Do(Move::Hold { reason: HoldReason::Regressed }));
        let standing = |release: &mut Release| {
            gentle(release);
            held(HoldReason::Regressed)(release);
        };
        assert_eq!(decide(standing, Some(&regressed), 1), Decision::Wait { until: None });
    }

    #[test]
    fn suspicion_and_blindness_extend_the_step_and_are_said_once() {
        let cases = [
            (judgement::suspect(), "suspect"),
            (judgement::telemetry_lost(), "telemetryLost"),
            (judgement::too_few_units(), "tooFewUnits"),
        ];
        for (judgement, about) in cases {
            assert_eq!(decide(nothing, Some(&judgement), 9_999), Decision::Do(Move::Extend { about }));
            let told = |release: &mut Release| release.progress.told = [about.to_owned()].into();
            assert_eq!(decide(told, Some(&judgement), 9_999), Decision::Wait { until: None });
        }
        let too_few = judgement::too_few_units();
        assert!(matches!(decide(nothing, Some(&too_few), 10), Decision::Wait { until: Some(_) }));
    }

    #[test]
    fn a_broken_split_holds_once() {
        let broken = judgement::split_broken();
        assert_eq!(decide(nothing, Some(&broken), 10), Decision::Do(Move::Hold { reason: HoldReason::SplitBroken }));
        assert_eq!(decide(held(HoldReason::SplitBroken), Some(&broken), 10), Decision::Wait { until: None });
    }

    #[test]
    fn a_flag_that_somebody_edited_is_not_fought_for() {
        let regressed = judgement::regressed();
        let release = release_at(1);
        let facts = Facts { judgement: Some(&regressed), in_place: false, now: release.created_at };
        assert_eq!(advance(&release, &facts), Decision::Do(Move::Hold { reason: HoldReason::EditedByHand }));
        let mut standing = release;
        held(HoldReason::EditedByHand)(&mut standing);
        assert_eq!(advance(&standing, &facts), Decision::Wait { until: None });
    }

    #[test]
    fn a_held_release_stays_where_it_is() {
        assert_eq!(decide(held(HoldReason::Asked), Some(&judgement::healthy()), 9_999), Decision::Wait { until: None });
        for state in [ReleaseState::Completed, ReleaseState::RolledBack, ReleaseState::Aborted] {
            let over = |release: &mut Release| release.state = state;
            assert_eq!(decide(over, Some(&judgement::regressed()), 9_999), Decision::Wait { until: None });
        }
    }
}
