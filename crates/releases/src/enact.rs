//! What a decision makes of a release: its next state, nothing else.

use kernel::Timestamp;

use crate::model::{Hold, HoldReason, Recovery, Release, ReleaseState, StepTaken};

/// A decision, by the release itself or by a person, that changes the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The step lasts longer; said once for each reason.
    Extend {
        /// What sort of reason.
        about: &'static str,
    },
    /// Take a step.
    Advance {
        /// Its index.
        to: usize,
    },
    /// Everyone has it, or gets it now: the release is over.
    Complete {
        /// The index of the last step.
        to: usize,
    },
    /// Stand until somebody decides.
    Hold {
        /// Why.
        reason: HoldReason,
    },
    /// On its way again, from the start of its step.
    Resume,
    /// Taken back because it hurts.
    RollBack,
    /// Taken back for another reason.
    Abort,
}

/// The release after the move, which `sentence` explains. Its version grows by one, and so does the number of its decisions.
pub fn enact(release: &Release, what: Move, sentence: &str, now: Timestamp) -> Release {
    let mut next = release.clone();
    next.version += 1;
    next.progress.decisions += 1;
    match what {
        Move::Extend { about } => {
            next.progress.told.insert(about.to_owned());
        }
        Move::Advance { to } => {
            enter(&mut next, to, now);
            next.state = ReleaseState::Walking;
            next.progress.hold = None;
        }
        Move::Complete { to } => {
            if to != release.progress.step {
                enter(&mut next, to, now);
            }
            end(&mut next, ReleaseState::Completed, now);
        }
        Move::Hold { reason } => {
            next.state = ReleaseState::Held;
            next.progress.hold = Some(Hold { reason, sentence: sentence.to_owned(), since: now });
        }
        Move::Resume => {
            next.state = ReleaseState::Walking;
            next.progress.hold = None;
            next.progress.step_started_at = now;
            next.progress.told.clear();
        }
        Move::RollBack => {
            end(&mut next, ReleaseState::RolledBack, now);
            next.progress.recovery = Some(Recovery { since: now, still_bad: false, recovered_at: None, over: false });
        }
        Move::Abort => end(&mut next, ReleaseState::Aborted, now),
    }
    next
}

fn enter(release: &mut Release, step: usize, now: Timestamp) {
    let progress = &mut release.progress;
    leave(progress.taken.last_mut(), now);
    progress.taken.push(StepTaken { step, started_at: now, ended_at: None });
    progress.step = step;
    progress.step_started_at = now;
    progress.told.clear();
}

fn end(release: &mut Release, state: ReleaseState, now: Timestamp) {
    leave(release.progress.taken.last_mut(), now);
    release.state = state;
    release.ended_at = Some(now);
    release.progress.hold = None;
}

fn leave(step: Option<&mut StepTaken>, now: Timestamp) {
    if let Some(step) = step {
        step.ended_at = step.ended_at.or(Some(now));
    }
}
