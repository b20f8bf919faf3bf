//! Instructions for projects and environments.

use super::{Refused, not_applicable, swap};
use crate::instruction::{Instruction, UpdateDetails};
use crate::model::{Environment, Noun, Project};
use crate::reason::Reason;

pub(super) fn project(project: &mut Project, instruction: &Instruction) -> Result<Vec<Instruction>, Refused> {
    let Instruction::UpdateDetails(update) = instruction else {
        return Err(not_applicable(instruction, Noun::Project));
    };
    refuse_others(update, Noun::Project, &["name", "description"])?;
    let back = UpdateDetails {
        name: update.name.as_ref().and_then(|new| swap(&mut project.name, new)),
        description: update.description.as_ref().and_then(|new| swap(&mut project.description, new)),
        ..UpdateDetails::default()
    };
    Ok(unless_empty(back))
}

/// Keys have rows of their own, so their instructions leave the environment as it is; there is no way back from them.
pub(super) fn environment(
    environment: &mut Environment,
    instruction: &Instruction,
) -> Result<Vec<Instruction>, Refused> {
    match instruction {
        Instruction::AddKey(_) | Instruction::RevokeKey(_) => Ok(vec![]),
        Instruction::UpdateDetails(update) => {
            refuse_others(update, Noun::Environment, &["name", "production", "secureMode"])?;
            let back = UpdateDetails {
                name: update.name.as_ref().and_then(|new| swap(&mut environment.name, new)),
                production: update.production.as_ref().and_then(|new| swap(&mut environment.production, new)),
                secure_mode: update.secure_mode.as_ref().and_then(|new| swap(&mut environment.secure_mode, new)),
                ..UpdateDetails::default()
            };
            Ok(unless_empty(back))
        }
        other => Err(not_applicable(other, Noun::Environment)),
    }
}

/// Refuses details that this noun does not have.
pub(super) fn refuse_others(update: &UpdateDetails, noun: Noun, known: &[&str]) -> Result<(), Refused> {
    let given = [
        ("name", update.name.is_some()),
        ("description", update.description.is_some()),
        ("tags", update.tags.is_some()),
        ("temporary", update.temporary.is_some()),
        ("clientSideAvailability", update.client_side_availability.is_some()),
        ("maintainerId", update.maintainer_id.is_some()),
        ("production", update.production.is_some()),
        ("secureMode", update.secure_mode.is_some()),
    ];
    match given.into_iter().find(|(detail, is_given)| *is_given && !known.contains(detail)) {
        Some((detail, _)) => Err((detail, Reason::NoSuchDetail { detail, noun: noun.word() })),
        None => Ok(()),
    }
}

/// An update that changed nothing needs no way back.
pub(super) fn unless_empty(back: UpdateDetails) -> Vec<Instruction> {
    if back == UpdateDetails::default() { vec![] } else { vec![Instruction::UpdateDetails(back)] }
}
