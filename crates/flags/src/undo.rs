//! Whether a change can be taken back, and if not, what stands in the way: a pure decision.

use std::collections::BTreeSet;

use kernel::Revision;

use crate::instruction::Instruction;
use crate::model::ChangeRecord;

/// What undoing a change would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// Apply these to the thing as the change left it.
    Apply(Vec<Instruction>),
    /// The change did nothing, or there is no way back from it.
    NoWayBack,
    /// The thing has been changed since.
    Overtaken {
        /// The latest change that touched the same part, or, when none did, the latest at all.
        by: Revision,
        /// Whether it touched the same part.
        overlaps: bool,
    },
}

/// Decides on undoing `change`, given the later changes of the same thing, oldest first.
///
/// Compare-and-set: only what is still as the change left it is taken back. What somebody did since is theirs to judge.
pub fn undo(change: &ChangeRecord, later: &[(Revision, Vec<Instruction>)]) -> Undo {
    if change.inverse.is_empty() {
        return Undo::NoWayBack;
    }
    let Some((latest, _)) = later.last() else { return Undo::Apply(change.inverse.clone()) };
    let ours = parts(&change.instructions);
    let overlapping = later.iter().rev().find(|(_, theirs)| overlap(&ours, &parts(theirs)));
    match overlapping {
        Some((by, _)) => Undo::Overtaken { by: *by, overlaps: true },
        None => Undo::Overtaken { by: *latest, overlaps: false },
    }
}

/// The parts of a thing that instructions touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    On,
    OffVariation,
    Fallthrough,
    Rules,
    Targets,
    Prerequisites,
    Strategies,
    Variants,
    Dependencies,
    Tracking,
    Variations,
    Defaults,
    Details,
    Members,
    Keys,
    Everything,
}

fn overlap(ours: &BTreeSet<Part>, theirs: &BTreeSet<Part>) -> bool {
    ours.contains(&Part::Everything) || theirs.contains(&Part::Everything) || !ours.is_disjoint(theirs)
}

fn parts(instructions: &[Instruction]) -> BTreeSet<Part> {
    instructions.iter().map(part).collect()
}

fn part(instruction: &Instruction) -> Part {
    match instruction {
        Instruction::TurnFlagOn {} | Instruction::TurnFlagOff {} => Part::On,
        Instruction::SetOffVariation(_) => Part::OffVariation,
        Instruction::SetFallthrough(_) => Part::Fallthrough,
        Instruction::AddRule(_)
        | Instruction::ReplaceRule(_)
        | Instruction::RemoveRule(_)
        | Instruction::MoveRule(_)
        | Instruction::ReplaceRules(_) => Part::Rules,
        Instruction::AddTargets(_)
        | Instruction::RemoveTargets(_)
        | Instruction::ClearTargets(_)
        | Instruction::SetTargetOrder(_) => Part::Targets,
        Instruction::AddPrerequisite(_) | Instruction::RemovePrerequisite(_) => Part::Prerequisites,
        Instruction::SetTracking(_) | Instruction::SetMigration(_) => Part::Tracking,
        Instruction::ReplaceStrategies(_) => Part::Strategies,
        Instruction::ReplaceVariants(_) => Part::Variants,
        Instruction::ReplaceDependencies(_) => Part::Dependencies,
        Instruction::AddVariation(_) | Instruction::UpdateVariation(_) | Instruction::RemoveVariation(_) => {
            Part::Variations
        }
        Instruction::SetDefaults(_) => Part::Defaults,
        Instruction::UpdateDetails(_) => Part::Details,
        Instruction::UpdateMembers(_) | Instruction::ReplaceMembers(_) => Part::Members,
        Instruction::AddKey(_) | Instruction::RevokeKey(_) => Part::Keys,
        Instruction::ReplaceConfiguration(_)
        | Instruction::CreateFlag(_)
        | Instruction::DeleteFlag {}
        | Instruction::RestoreFlag {}
        | Instruction::CreateSegment(_)
        | Instruction::ReplaceSegment(_)
        | Instruction::DeleteSegment {}
        | Instruction::RestoreSegment {}
        | Instruction::CreateProject(_)
        | Instruction::CreateEnvironment(_) => Part::Everything,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruction::{OffVariation, ReplaceConfiguration};
    use crate::model::{Cause, ChangeSummary, Configuration, Flag, Noun, Serve, State};
    use kernel::{Actor, ProjectKey, Timestamp};

    fn change(instructions: Vec<Instruction>, inverse: Vec<Instruction>) -> ChangeRecord {
        let configuration = Configuration::initial(&Flag::boolean("A"));
        ChangeRecord {
            summary: ChangeSummary {
                seq: Revision(5),
                at: Timestamp::EPOCH,
                actor: Actor::system(),
                project: ProjectKey::new("shop").unwrap(),
                environment: None,
                noun: Noun::Configuration,
                key: "a".to_owned(),
                comment: String::new(),
                sentences: vec![],
                cause: Cause::default(),
                undoable: !inverse.is_empty(),
                creation: false,
            },
            instructions,
            inverse,
            before: None,
            after: State::Configuration(configuration),
        }
    }

    #[test]
    fn what_is_as_the_change_left_it_is_taken_back() {
        let change = change(vec![Instruction::ON], vec![Instruction::OFF]);
        assert_eq!(undo(&change, &[]), Undo::Apply(vec![Instruction::OFF]));
    }

    #[test]
    fn what_did_nothing_has_no_way_back() {
        assert_eq!(undo(&change(vec![Instruction::ON], vec![]), &[]), Undo::NoWayBack);
    }

    #[test]
    fn the_change_that_stands_in_the_way_is_named() {
        let change = change(vec![Instruction::ON], vec![Instruction::OFF]);
        let everything = ReplaceConfiguration { configuration: Configuration::initial(&Flag::boolean("A")) };
        let other = Instruction::SetFallthrough(Serve::Variation(1));
        let off = Instruction::SetOffVariation(OffVariation { variation: None });
        let overlapping = Undo::Overtaken { by: Revision(6), overlaps: true };
        let table = [
            (vec![(Revision(6), vec![Instruction::OFF]), (Revision(7), vec![other.clone()])], overlapping.clone()),
            (vec![(Revision(6), vec![Instruction::ReplaceConfiguration(everything)])], overlapping),
            (
                vec![(Revision(6), vec![other]), (Revision(7), vec![off])],
                Undo::Overtaken { by: Revision(7), overlaps: false },
            ),
        ];
        for (later, expected) in table {
            assert_eq!(undo(&change, &later), expected);
        }
    }
}
