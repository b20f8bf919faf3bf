//! Applies instructions to a state: a pure function that also gives the instructions which take them back.
//!
//! `apply(inverse)` gives the state back exactly; a test checks it for random states and instructions. Whether the
//! state that comes out may be is judged afterwards, on the whole of it, by [`crate::validate`].

mod configuration;
mod flag;
mod place;
mod segment;
mod strategies;

use crate::instruction::Instruction;
use crate::model::{Noun, State};
use crate::reason::{InstructionError, Reason};

/// What came of applying instructions.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The state afterwards.
    pub after: State,
    /// What takes it back; empty when there is no way back, or nothing happened.
    pub inverse: Vec<Instruction>,
}

/// Why one instruction does not fit, before its place is known.
type Refused = (&'static str, Reason);

/// At most so many instructions make one change.
pub const MOST_INSTRUCTIONS: usize = 1_000;

/// Applies `instructions`, in order, to a thing of this `noun`: all of them, or none.
///
/// `before` is `None` for a thing that does not exist yet, which only the instruction that creates it can change.
pub fn apply(noun: Noun, before: Option<&State>, instructions: &[Instruction]) -> Result<Applied, InstructionError> {
    if !(1..=MOST_INSTRUCTIONS).contains(&instructions.len()) {
        return Err(InstructionError { index: 0, field: "", reason: Reason::InstructionCount(MOST_INSTRUCTIONS) });
    }
    let mut state = before.cloned();
    let mut inverse = Vec::new();
    for (index, instruction) in instructions.iter().enumerate() {
        let back =
            step(noun, &mut state, instruction).map_err(|(field, reason)| InstructionError { index, field, reason })?;
        inverse.extend(back.into_iter().rev());
    }
    inverse.reverse();
    let after = state.ok_or(InstructionError { index: 0, field: "", reason: Reason::NoSuchThing(noun.word()) })?;
    Ok(Applied { after, inverse })
}

/// One instruction; what it gives takes it back, in that order.
fn step(noun: Noun, state: &mut Option<State>, instruction: &Instruction) -> Result<Vec<Instruction>, Refused> {
    if let Some(created) = create(noun, state.as_ref(), instruction)? {
        let (after, back) = created;
        *state = Some(after);
        return Ok(back);
    }
    match state.as_mut() {
        None => Err(("", Reason::NoSuchThing(noun.word()))),
        Some(State::Project(project)) => place::project(project, instruction),
        Some(State::Environment(environment)) => place::environment(environment, instruction),
        Some(State::Flag(flag)) => flag::step(flag, instruction),
        Some(State::Configuration(configuration)) => configuration::step(configuration, instruction),
        Some(State::Segment(segment)) => segment::step(segment, instruction),
    }
}

/// What the four creating instructions make, where there is nothing or something deleted.
fn create(
    noun: Noun,
    before: Option<&State>,
    instruction: &Instruction,
) -> Result<Option<(State, Vec<Instruction>)>, Refused> {
    let (after, back) = match instruction {
        Instruction::CreateProject(create) => (State::Project(create.project.clone()), vec![]),
        Instruction::CreateEnvironment(create) => (State::Environment(create.environment.clone()), vec![]),
        Instruction::CreateFlag(create) => {
            let flag = crate::model::Flag { deleted: false, ..create.flag.clone() };
            (State::Flag(flag), vec![Instruction::DeleteFlag {}])
        }
        Instruction::CreateSegment(create) => {
            let segment = crate::model::Segment { deleted: false, ..create.segment.clone() };
            (State::Segment(segment), vec![Instruction::DeleteSegment {}])
        }
        _ => return Ok(None),
    };
    if after.noun() != noun {
        return Err(not_applicable(instruction, noun));
    }
    if before.is_some_and(|state| !state.is_deleted()) {
        return Err(("", Reason::AlreadyThere(noun.word())));
    }
    Ok(Some((after, back)))
}

impl State {
    /// Whether the thing is gone, and only its version is kept.
    pub fn is_deleted(&self) -> bool {
        match self {
            Self::Flag(flag) => flag.deleted,
            Self::Segment(segment) => segment.deleted,
            Self::Project(_) | Self::Environment(_) | Self::Configuration(_) => false,
        }
    }

    /// Of a big segment: the list of members that it serves.
    pub fn generation(&self) -> Option<i64> {
        match self {
            Self::Segment(segment) => segment.generation,
            _ => None,
        }
    }
}

fn not_applicable(instruction: &Instruction, noun: Noun) -> Refused {
    ("", Reason::NotApplicable { instruction: instruction.name(), noun: noun.word() })
}

/// Puts `new` into `slot` and gives what was there, if it differs.
fn swap<T: PartialEq + Clone>(slot: &mut T, new: &T) -> Option<T> {
    (slot != new).then(|| std::mem::replace(slot, new.clone()))
}

#[cfg(test)]
mod tests;
