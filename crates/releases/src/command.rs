//! What people may tell a release to do, and when.

use crate::advance::next_step;
use crate::enact::Move;
use crate::model::{HoldReason, Release, ReleaseState};

/// What somebody tells a release to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Stand where you are.
    Hold,
    /// Go on.
    Resume,
    /// Take the next step now, whatever the judge says.
    Skip,
    /// End, and give everybody what was; not because it hurts.
    Abort,
    /// End, and give everybody what was, because it hurts; also after the end.
    RollBack,
}

/// Why a command makes no sense now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only a release under way can do this.
    #[error("the release is over: it is {}", .0.as_str())]
    Over(ReleaseState),
    /// Only a walking release can be held.
    #[error("the release is held already")]
    HeldAlready,
    /// Only a held release can be resumed.
    #[error("the release is not held")]
    NotHeld,
    /// The judge would hold it again at once.
    #[error("a guard has seen harm, and would hold the release again at once")]
    Regressed,
    /// Nobody has it.
    #[error("the release was taken back already")]
    TakenBack,
}

/// What the command comes to.
pub fn command(release: &Release, command: Command) -> Result<Move, Refusal> {
    let state = release.state;
    if command == Command::RollBack && matches!(state, ReleaseState::RolledBack | ReleaseState::Aborted) {
        return Err(Refusal::TakenBack);
    }
    if command != Command::RollBack && !state.is_open() {
        return Err(Refusal::Over(state));
    }
    let reason = release.progress.hold.as_ref().map(|hold| hold.reason);
    match (command, reason) {
        (Command::Hold, None) => Ok(Move::Hold { reason: HoldReason::Asked }),
        (Command::Hold, Some(_)) => Err(Refusal::HeldAlready),
        (Command::Resume, None) => Err(Refusal::NotHeld),
        (Command::Resume, Some(HoldReason::Regressed)) => Err(Refusal::Regressed),
        (Command::Resume, Some(_)) => Ok(Move::Resume),
        (Command::Abort, _) => Ok(Move::Abort),
        (Command::Skip, _) => Ok(next_step(release)),
        (Command::RollBack, _) => Ok(Move::RollBack),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enact::enact;
    use crate::testing::release_at;

    #[test]
    fn each_command_has_its_states() {
        let walking = release_at(1);
        let now = walking.created_at;
        let held = |reason| enact(&walking, Move::Hold { reason }, "", now);
        let over = |what| enact(&walking, what, "", now);
        let (asked, regressed) = (held(HoldReason::Asked), held(HoldReason::Regressed));
        let (back, done) = (over(Move::RollBack), over(Move::Complete { to: 4 }));
        let table = [
            (&walking, Command::Hold, Ok(Move::Hold { reason: HoldReason::Asked })),
            (&asked, Command::Hold, Err(Refusal::HeldAlready)),
            (&asked, Command::Resume, Ok(Move::Resume)),
            (&walking, Command::Resume, Err(Refusal::NotHeld)),
            (&regressed, Command::Resume, Err(Refusal::Regressed)),
            (&walking, Command::Skip, Ok(Move::Advance { to: 2 })),
            (&asked, Command::Skip, Ok(Move::Advance { to: 2 })),
            (&asked, Command::Abort, Ok(Move::Abort)),
            (&done, Command::Abort, Err(Refusal::Over(ReleaseState::Completed))),
            (&done, Command::Skip, Err(Refusal::Over(ReleaseState::Completed))),
            (&walking, Command::RollBack, Ok(Move::RollBack)),
            (&done, Command::RollBack, Ok(Move::RollBack)),
            (&back, Command::RollBack, Err(Refusal::TakenBack)),
        ];
        for (release, what, expected) in table {
            assert_eq!(command(release, what), expected, "{what:?} when {:?}", release.state);
        }
    }

    #[test]
    fn resuming_starts_the_step_anew_and_ending_ends_it() {
        let release = release_at(1);
        let later = release.created_at.plus(std::time::Duration::from_mins(15));
        let held = enact(&release, Move::Hold { reason: HoldReason::Asked }, "", later);
        let resumed = enact(&held, Move::Resume, "", later);
        assert_eq!(
            (resumed.state, resumed.progress.step, resumed.progress.step_started_at),
            (ReleaseState::Walking, 1, later)
        );
        assert_eq!(
            (resumed.version, resumed.progress.decisions),
            (release.version + 2, release.progress.decisions + 2)
        );
        let over = enact(&resumed, Move::RollBack, "", later);
        assert_eq!((over.ended_at, over.progress.taken.last().unwrap().ended_at), (Some(later), Some(later)));
        assert!(over.needs_attention() && !enact(&resumed, Move::Abort, "", later).needs_attention());
    }
}
