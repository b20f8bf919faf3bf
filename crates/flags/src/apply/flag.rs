//! Instructions for a flag in all environments.

use super::place::{refuse_others, unless_empty};
use super::{Refused, not_applicable, swap};
use crate::instruction::{AddVariation, Instruction, UpdateDetails, UpdateVariation, VariationRef};
use crate::model::{Flag, Noun};
use crate::reason::Reason;

pub(super) fn step(flag: &mut Flag, instruction: &Instruction) -> Result<Vec<Instruction>, Refused> {
    if flag.deleted {
        return match instruction {
            Instruction::RestoreFlag {} => {
                flag.deleted = false;
                Ok(vec![Instruction::DeleteFlag {}])
            }
            _ => Err(("", Reason::NoSuchThing("flag"))),
        };
    }
    match instruction {
        Instruction::DeleteFlag {} => {
            flag.deleted = true;
            Ok(vec![Instruction::RestoreFlag {}])
        }
        Instruction::RestoreFlag {} => Ok(vec![]),
        Instruction::AddVariation(AddVariation { variation }) => {
            flag.variations.push(variation.clone());
            Ok(vec![Instruction::RemoveVariation(VariationRef { variation: flag.variations.len() - 1 })])
        }
        Instruction::UpdateVariation(update) => update_variation(flag, update),
        Instruction::RemoveVariation(VariationRef { variation }) => remove_variation(flag, *variation),
        Instruction::SetDefaults(defaults) => {
            Ok(swap(&mut flag.defaults, defaults).map(Instruction::SetDefaults).into_iter().collect())
        }
        Instruction::UpdateDetails(update) => update_details(flag, update),
        other => Err(not_applicable(other, Noun::Flag)),
    }
}

fn update_variation(flag: &mut Flag, update: &UpdateVariation) -> Result<Vec<Instruction>, Refused> {
    let count = flag.variations.len();
    let Some(variation) = flag.variations.get_mut(update.variation) else {
        return Err(("variation", Reason::VariationUnknown { index: update.variation, count }));
    };
    let back = UpdateVariation {
        variation: update.variation,
        name: update.name.as_ref().and_then(|new| swap(&mut variation.name, new)),
        description: update.description.as_ref().and_then(|new| swap(&mut variation.description, new)),
        value: update.value.as_ref().and_then(|new| swap(&mut variation.value, new)),
    };
    let unchanged = back.name.is_none() && back.description.is_none() && back.value.is_none();
    Ok(if unchanged { vec![] } else { vec![Instruction::UpdateVariation(back)] })
}

/// Only the last: SDKs, events and releases name variations by their place, which must keep its meaning.
fn remove_variation(flag: &mut Flag, index: usize) -> Result<Vec<Instruction>, Refused> {
    let count = flag.variations.len();
    if index >= count {
        return Err(("variation", Reason::VariationUnknown { index, count }));
    }
    if index + 1 != count {
        return Err(("variation", Reason::VariationNotLast(index)));
    }
    let variation = flag.variations.remove(index);
    Ok(vec![Instruction::AddVariation(AddVariation { variation })])
}

fn update_details(flag: &mut Flag, update: &UpdateDetails) -> Result<Vec<Instruction>, Refused> {
    let known = ["name", "description", "tags", "temporary", "clientSideAvailability", "maintainerId"];
    refuse_others(update, Noun::Flag, &known)?;
    let availability = update.client_side_availability.as_ref();
    Ok(unless_empty(UpdateDetails {
        name: update.name.as_ref().and_then(|new| swap(&mut flag.name, new)),
        description: update.description.as_ref().and_then(|new| swap(&mut flag.description, new)),
        tags: update.tags.as_ref().and_then(|new| swap(&mut flag.tags, new)),
        temporary: update.temporary.as_ref().and_then(|new| swap(&mut flag.temporary, new)),
        client_side_availability: availability.and_then(|new| swap(&mut flag.client_side_availability, new)),
        maintainer_id: update.maintainer_id.as_ref().and_then(|new| swap(&mut flag.maintainer_id, new)),
        ..UpdateDetails::default()
    }))
}
