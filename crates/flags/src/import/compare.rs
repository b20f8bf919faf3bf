//! What there is against what a payload wants: the instructions that lead from the one to the other, and what they change.

use super::details::FlagDetails;
use super::refusal::Refusal;
use super::translate::Wanted;
use super::words;
use crate::instruction::{AddVariation, Instruction, Tracking, UpdateDetails, UpdateVariation};
use crate::model::{Configuration, Flag, Segment};

/// What leads a thing to what is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Difference {
    /// What people call the parts that differ; none when nothing does.
    pub(super) parts: Vec<String>,
    pub(super) instructions: Vec<Instruction>,
}

impl Difference {
    fn note(&mut self, differs: bool, part: &str) {
        if differs {
            self.parts.push(part.to_owned());
        }
    }
}

/// A flag that is there, in all environments. Variations beyond those of the payload stay: nothing in it serves them.
pub(super) fn flag(
    there: &Flag,
    wanted: &Wanted,
    details: Option<&FlagDetails>,
    notes: &mut Vec<String>,
) -> Result<Difference, Refusal> {
    let mut after = there.clone();
    for (at, value) in wanted.values.iter().enumerate() {
        match after.variations.get_mut(at) {
            Some(variation) => variation.value = value.clone(),
            None => after.variations.push(words::variation(at, value)),
        }
    }
    after.client_side_availability = wanted.availability;
    if let Some(details) = details {
        words::of_flag(&mut after, details, notes);
    }
    if !after.variations.iter().all(|variation| there.kind.accepts(&variation.value)) {
        return Err(Refusal::KindDiffers(there.kind.as_str()));
    }
    let mut difference = variations(there, &after);
    let update = UpdateDetails {
        name: changed(&there.name, &after.name),
        description: changed(&there.description, &after.description),
        tags: changed(&there.tags, &after.tags),
        temporary: changed(&there.temporary, &after.temporary),
        client_side_availability: changed(&there.client_side_availability, &after.client_side_availability),
        ..UpdateDetails::default()
    };
    difference.note(update.client_side_availability.is_some(), "which client-side SDKs see it");
    let words = UpdateDetails { client_side_availability: None, ..update.clone() };
    difference.note(words != UpdateDetails::default(), "its words");
    if update != UpdateDetails::default() {
        difference.instructions.push(Instruction::UpdateDetails(update));
    }
    if there.defaults != after.defaults {
        difference.note(true, "its defaults");
        difference.instructions.push(Instruction::SetDefaults(after.defaults));
    }
    Ok(difference)
}

fn variations(there: &Flag, after: &Flag) -> Difference {
    let mut difference = Difference::default();
    for (at, new) in after.variations.iter().enumerate() {
        let instruction = match there.variations.get(at) {
            None => Instruction::AddVariation(AddVariation { variation: new.clone() }),
            Some(old) if old == new => continue,
            Some(old) => Instruction::UpdateVariation(UpdateVariation {
                variation: at,
                name: changed(&old.name, &new.name),
                description: changed(&old.description, &new.description),
                value: changed(&old.value, &new.value),
            }),
        };
        difference.instructions.push(instruction);
    }
    difference.note(!difference.instructions.is_empty(), "its variations");
    difference
}

/// A configuration that is there: which parts differ. What the payload does not know, such as what a rule is for, is taken
/// over into `wanted`.
pub(super) fn configuration(there: &Configuration, wanted: &mut Configuration) -> Vec<String> {
    for rule in &mut wanted.rules {
        let same = there.rules.iter().find(|other| other.id == rule.id);
        if let Some(same) = same.filter(|_| rule.description.is_empty()) {
            rule.description.clone_from(&same.description);
        }
    }
    if there.targets_in_order() == wanted.targets_in_order() {
        wanted.target_order.clone_from(&there.target_order);
    }
    let parts = [
        (there.on != wanted.on, "whether it is on"),
        (there.prerequisites != wanted.prerequisites, "its prerequisites"),
        (there.targets != wanted.targets || there.target_order != wanted.target_order, "its targets"),
        (there.rules != wanted.rules, "its rules"),
        (there.strategies != wanted.strategies, "its strategies"),
        (there.variants != wanted.variants, "its variants"),
        (there.dependencies != wanted.dependencies, "what it depends on"),
        (there.fallthrough != wanted.fallthrough, "what everyone else gets"),
        (there.off_variation != wanted.off_variation, "what is served while off"),
        (there.salt != wanted.salt, "its salt"),
        (reporting(there) != reporting(wanted), "what SDKs report"),
        (there.migration != wanted.migration, "its migration"),
    ];
    differing(&parts, *there == *wanted)
}

/// All of what SDKs report.
fn reporting(of: &Configuration) -> Tracking {
    Tracking {
        track_events: Some(of.track_events),
        track_events_fallthrough: Some(of.track_events_fallthrough),
        debug_events_until: Some(of.debug_events_until),
        sampling_ratio: Some(of.sampling_ratio),
        exclude_from_summaries: Some(of.exclude_from_summaries),
    }
}

/// A segment that is there: which parts differ. What the payload does not know is taken over into `wanted`.
pub(super) fn segment(there: &Segment, wanted: &mut Segment, worded: bool) -> Vec<String> {
    if !worded {
        wanted.name.clone_from(&there.name);
        wanted.description.clone_from(&there.description);
        wanted.tags.clone_from(&there.tags);
    }
    for rule in &mut wanted.rules {
        if let Some(same) = there.rules.iter().find(|other| other.id == rule.id) {
            rule.description.clone_from(&same.description);
        }
    }
    let words = |one: &Segment| (one.name.clone(), one.description.clone(), one.tags.clone());
    let parts = [
        (words(there) != words(wanted), "its words"),
        (there.included != wanted.included || there.excluded != wanted.excluded, "its members"),
        (there.rules != wanted.rules, "its rules"),
        (there.salt != wanted.salt, "its salt"),
    ];
    differing(&parts, *there == *wanted)
}

/// The parts that differ; whatever else a thing has does so too, though no payload speaks of it.
fn differing(parts: &[(bool, &str)], same: bool) -> Vec<String> {
    let named: Vec<String> = parts.iter().filter(|(differs, _)| *differs).map(|(_, part)| (*part).to_owned()).collect();
    if named.is_empty() && !same { vec!["what else it has".to_owned()] } else { named }
}

fn changed<T: PartialEq + Clone>(old: &T, new: &T) -> Option<T> {
    (old != new).then(|| new.clone())
}
