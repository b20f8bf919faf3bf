//! Who is on call at an instant, and why.

use kernel::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::schedule::{Effect, Layer, Override, OverrideId, Schedule, Version};

/// Who is on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnCall {
    /// Everyone, each once, in the order of the layers; nobody in a gap.
    pub people: Vec<PersonId>,
    /// Why.
    pub reason: Reason,
}

/// Why these people are on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Reason {
    /// It is their turn in these layers.
    Turn { layers: Vec<String> },
    /// These overrides changed what the layers say, also when they leave nobody.
    Overridden { overrides: Vec<OverrideId> },
    /// No layer covers this time.
    Uncovered,
    /// The first version begins later.
    NotYet,
}

/// Who is on call at `instant`.
pub fn on_call_at(schedule: &Schedule, instant: Timestamp) -> OnCall {
    let base = schedule
        .version_at(instant)
        .map_or_else(|| OnCall { people: vec![], reason: Reason::NotYet }, |version| by_turn(version, instant));
    let mut active: Vec<_> = schedule.overrides.iter().filter(|exception| exception.covers(instant)).collect();
    if active.is_empty() {
        return base;
    }
    active.sort_unstable_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    overridden(base, &active)
}

impl Layer {
    /// Who is on call in this layer alone.
    pub fn on_call(&self, instant: Timestamp) -> Option<&PersonId> {
        let open = |restriction: &crate::Restriction| restriction.covers(&self.rotation.zone, instant);
        let counts = self.restrictions.is_empty() || self.restrictions.iter().any(open);
        if counts { self.rotation.on_turn(instant) } else { None }
    }
}

/// The highest priority that has somebody.
fn by_turn(version: &Version, instant: Timestamp) -> OnCall {
    let on_call = |layer| Some((layer, Layer::on_call(layer, instant)?));
    let taken: Vec<_> = version.layers.iter().filter_map(on_call).collect();
    let Some(highest) = taken.iter().map(|(layer, _)| layer.priority).max() else {
        return OnCall { people: vec![], reason: Reason::Uncovered };
    };
    let (mut people, mut layers) = (vec![], vec![]);
    for (layer, person) in taken.into_iter().filter(|(layer, _)| layer.priority == highest) {
        layers.push(layer.name.clone());
        join(&mut people, person);
    }
    OnCall { people, reason: Reason::Turn { layers } }
}

/// Applies `active`, the latest first, to what the layers say.
fn overridden(base: OnCall, active: &[&Override]) -> OnCall {
    let taken = active.iter().find_map(|exception| match &exception.effect {
        Effect::TakeWindow { person } => Some((exception, person)),
        _ => None,
    });
    if let Some((exception, person)) = taken {
        let people = person.iter().cloned().collect();
        return OnCall { people, reason: Reason::Overridden { overrides: vec![exception.id.clone()] } };
    }
    let (mut people, mut overrides) = (vec![], vec![]);
    for person in &base.people {
        match active.iter().find_map(|exception| substitute(exception, person)) {
            None => join(&mut people, person),
            Some((id, with)) => {
                overrides.push(id.clone());
                if let Some(with) = with {
                    join(&mut people, with);
                }
            }
        }
    }
    for exception in active.iter().rev() {
        if let Effect::Add { person } = &exception.effect
            && !people.contains(person)
        {
            overrides.push(exception.id.clone());
            people.push(person.clone());
        }
    }
    if overrides.is_empty() { base } else { OnCall { people, reason: Reason::Overridden { overrides } } }
}

/// Who does the duty of `person`, when the override says so: `Some(None)` is nobody.
fn substitute<'a>(exception: &'a Override, person: &PersonId) -> Option<(&'a OverrideId, Option<&'a PersonId>)> {
    match &exception.effect {
        Effect::Replace { person: replaced, with } if replaced == person => Some((&exception.id, Some(with))),
        Effect::Remove { person: removed } if removed == person => Some((&exception.id, None)),
        _ => None,
    }
}

fn join(people: &mut Vec<PersonId>, person: &PersonId) {
    if !people.contains(person) {
        people.push(person.clone());
    }
}
