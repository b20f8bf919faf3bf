//! A new line-up, without moving the person who is on call.

use kernel::Timestamp;

use crate::check::{InvalidSchedule, check_layers};
use crate::rotation::Rotation;
use crate::schedule::{Layer, Schedule, Version};

impl Schedule {
    /// Adds a version that takes effect at `from`, and leaves everything before it as it was.
    ///
    /// A layer is recognised by its name. When its participants or its zone changed, `first` is set so that whoever is on
    /// turn at `from` stays until the next handoff, told by the new zone, or, being no longer a participant, the next one
    /// who still is begins. When its anchor or turn changed, `first` is taken as given, and the participants must be the
    /// same.
    pub fn revise(&mut self, mut layers: Vec<Layer>, from: Timestamp) -> Result<(), InvalidSchedule> {
        if self.versions.last().is_some_and(|last| from <= last.effective_from) {
            return Err(InvalidSchedule::VersionOrder { version: self.versions.len() });
        }
        check_layers(&layers)?;
        let known = self.versions.last().map_or(&[][..], |version| &version.layers);
        for (place, layer) in layers.iter_mut().enumerate() {
            let Some(before) = known.iter().find(|known| known.name == layer.name) else { continue };
            let (old, new) = (&before.rotation, &mut layer.rotation);
            let same_turns = (old.anchor, old.turn) == (new.anchor, new.turn);
            let same_people = old.participants == new.participants;
            // Whoever sends another `first` with the zone says whose turn it is.
            let moved = old.zone != new.zone && old.first == new.first;
            if same_turns && (moved || !same_people) {
                new.first = first_that_keeps(old, new, from);
            } else if !same_turns && !same_people {
                return Err(InvalidSchedule::AnchorAndLineUp { layer: place });
            }
        }
        self.versions.push(Version { effective_from: from, layers });
        Ok(())
    }
}

/// The `first` with which the right one of the new participants is on turn at `from`.
fn first_that_keeps(old: &Rotation, new: &Rotation, from: Timestamp) -> u32 {
    let place = |index: i64, people: usize| index.rem_euclid(i64::try_from(people.max(1)).unwrap_or(1));
    let on_turn = place(old.turn_at(from) + i64::from(old.first), old.participants.len());
    let on_turn = usize::try_from(on_turn).unwrap_or(0);
    let index =
        if old.participants == new.participants { on_turn } else { place_of_the_one_who_stays(old, new, on_turn) };
    let index = i64::try_from(index).unwrap_or(0);
    u32::try_from(place(index - new.turn_at(from), new.participants.len())).unwrap_or(0)
}

/// Where the new line-up has the one on turn, or else the next in the old order whom it still has.
fn place_of_the_one_who_stays(old: &Rotation, new: &Rotation, on_turn: usize) -> usize {
    let (earlier, from_on_turn) = old.participants.split_at(on_turn.min(old.participants.len()));
    let mut successors = from_on_turn.iter().chain(earlier);
    successors.find_map(|person| new.participants.iter().position(|other| other == person)).unwrap_or(0)
}
