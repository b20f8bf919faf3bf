//! Instructions for a segment.

use std::collections::BTreeSet;

use super::place::{refuse_others, unless_empty};
use super::{Refused, not_applicable, swap};
use crate::instruction::{Instruction, ReplaceMembers, ReplaceRules, ReplaceSegment, UpdateDetails, UpdateMembers};
use crate::model::{Noun, Segment};
use crate::reason::Reason;

pub(super) fn step(segment: &mut Segment, instruction: &Instruction) -> Result<Vec<Instruction>, Refused> {
    if segment.deleted {
        return match instruction {
            Instruction::RestoreSegment {} => {
                segment.deleted = false;
                Ok(vec![Instruction::DeleteSegment {}])
            }
            _ => Err(("", Reason::NoSuchThing("segment"))),
        };
    }
    match instruction {
        Instruction::DeleteSegment {} => {
            segment.deleted = true;
            Ok(vec![Instruction::RestoreSegment {}])
        }
        Instruction::RestoreSegment {} => Ok(vec![]),
        Instruction::UpdateMembers(_) if segment.unbounded => Err(("", Reason::MembersElsewhere)),
        Instruction::UpdateMembers(update) => Ok(update_members(segment, update)),
        Instruction::ReplaceMembers(_) if !segment.unbounded => Err(("", Reason::NotBig)),
        // No way back: the list that it replaces is deleted soon after.
        Instruction::ReplaceMembers(ReplaceMembers { generation, .. }) => {
            segment.generation = Some(*generation);
            Ok(vec![])
        }
        Instruction::ReplaceRules(ReplaceRules { rules }) => {
            let back = swap(&mut segment.rules, rules).map(|rules| Instruction::ReplaceRules(ReplaceRules { rules }));
            Ok(back.into_iter().collect())
        }
        Instruction::ReplaceSegment(ReplaceSegment { segment: new }) => replace(segment, new),
        Instruction::UpdateDetails(update) => {
            refuse_others(update, Noun::Segment, &["name", "description", "tags"])?;
            Ok(unless_empty(UpdateDetails {
                name: update.name.as_ref().and_then(|new| swap(&mut segment.name, new)),
                description: update.description.as_ref().and_then(|new| swap(&mut segment.description, new)),
                tags: update.tags.as_ref().and_then(|new| swap(&mut segment.tags, new)),
                ..UpdateDetails::default()
            }))
        }
        other => Err(not_applicable(other, Noun::Segment)),
    }
}

fn replace(segment: &mut Segment, new: &Segment) -> Result<Vec<Instruction>, Refused> {
    if new.unbounded != segment.unbounded {
        return Err(("segment", Reason::SizeFixed));
    }
    // A big segment keeps its members, whatever generation it had when this was written.
    let (kind, generation) = (segment.unbounded_context_kind.clone(), segment.generation);
    let mut new = Segment { deleted: false, unbounded_context_kind: kind, generation, ..new.clone() };
    if new.salt.is_empty() {
        new.salt.clone_from(&segment.salt);
    }
    let back = swap(segment, &new).map(|segment| Instruction::ReplaceSegment(ReplaceSegment { segment }));
    Ok(back.into_iter().collect())
}

fn update_members(segment: &mut Segment, update: &UpdateMembers) -> Vec<Instruction> {
    let UpdateMembers { list, context_kind, add, remove } = update;
    let members = segment.list_mut(*list);
    let wanted: BTreeSet<String> = add.difference(remove).cloned().collect();
    let added = members.add(context_kind, wanted);
    let removed = members.remove(context_kind, remove);
    if added.is_empty() && removed.is_empty() {
        return vec![];
    }
    vec![Instruction::UpdateMembers(UpdateMembers {
        list: *list,
        context_kind: context_kind.clone(),
        add: removed,
        remove: added,
    })]
}
