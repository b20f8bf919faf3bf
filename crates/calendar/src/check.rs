//! What a schedule must be before it is stored.

use jiff::civil::Time;
use kernel::Timestamp;

use crate::restriction::Restriction;
use crate::rotation::{Rotation, Turn, Unit};
use crate::schedule::{Effect, Layer, Override, OverrideId, Schedule, Version};
use crate::shifts::MAX_WINDOW;

const MAX_LAYERS: usize = 20;
const MAX_PARTICIPANTS: usize = 100;
const MAX_RESTRICTIONS: usize = 20;
const MAX_NAME: usize = 100;
/// A turn lasts a year at most.
const MAX_TURN_DAYS: u32 = 366;

/// Why a schedule was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSchedule {
    /// Versions must follow one another.
    #[error("a version must take effect after the one before it")]
    VersionOrder { version: usize },
    /// `layers`
    #[error("a schedule has 1 to {MAX_LAYERS} layers")]
    LayerCount,
    /// `name`
    #[error("a layer has a name of 1 to {MAX_NAME} characters")]
    LayerName { layer: usize },
    /// `name`
    #[error("two layers have the same name")]
    SameName { layer: usize },
    /// `rotation.participants`
    #[error("a rotation has 1 to {MAX_PARTICIPANTS} participants")]
    ParticipantCount { layer: usize },
    /// `rotation.first`
    #[error("first is the place of a participant, counted from 0")]
    First { layer: usize },
    /// `rotation.turn.every`
    #[error("a turn lasts from one hour to {MAX_TURN_DAYS} days")]
    TurnLength { layer: usize },
    /// `rotation.anchor`
    #[error("the anchor is a whole minute, in the years 1970 to 2199")]
    Anchor { layer: usize },
    /// `restrictions`
    #[error("a layer has at most {MAX_RESTRICTIONS} restrictions")]
    RestrictionCount { layer: usize },
    /// `restrictions.days`
    #[error("a restriction opens on at least one day, and names each day once")]
    RestrictionDays { layer: usize, restriction: usize },
    /// `restrictions.from`
    #[error("a restriction opens and closes on a whole minute")]
    RestrictionTime { layer: usize, restriction: usize },
    /// `rotation`: both at once cannot keep the person on call in place.
    #[error("change either when turns begin or who takes them; both at once would move everybody's turns unseen")]
    AnchorAndLineUp { layer: usize },
}

impl InvalidSchedule {
    /// The path of the field in JSON, from the version: `layers[0].rotation.turn.every`.
    pub fn field(&self) -> String {
        match self {
            Self::VersionOrder { .. } => "effectiveFrom".to_owned(),
            Self::LayerCount => "layers".to_owned(),
            Self::LayerName { layer } | Self::SameName { layer } => format!("layers[{layer}].name"),
            Self::ParticipantCount { layer } => format!("layers[{layer}].rotation.participants"),
            Self::First { layer } => format!("layers[{layer}].rotation.first"),
            Self::TurnLength { layer } => format!("layers[{layer}].rotation.turn.every"),
            Self::Anchor { layer } => format!("layers[{layer}].rotation.anchor"),
            Self::RestrictionCount { layer } => format!("layers[{layer}].restrictions"),
            Self::RestrictionDays { layer, restriction } => format!("layers[{layer}].restrictions[{restriction}].days"),
            Self::RestrictionTime { layer, restriction } => format!("layers[{layer}].restrictions[{restriction}].from"),
            Self::AnchorAndLineUp { layer } => format!("layers[{layer}].rotation"),
        }
    }
}

/// Why an override was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOverride {
    /// `to`
    #[error("an override ends after it begins")]
    Backwards,
    /// `to`
    #[error("an override lasts at most 400 days")]
    TooLong,
    /// `to`
    #[error("an override that has ended changes nothing")]
    Over,
    /// `effect.with`
    #[error("nobody can be replaced by themselves")]
    SamePerson,
    /// The whole override.
    #[error("override {0} already says exactly this")]
    Duplicate(OverrideId),
}

impl InvalidOverride {
    /// The path of the field in JSON.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Backwards | Self::TooLong | Self::Over => "to",
            Self::SamePerson => "effect.with",
            Self::Duplicate(_) => "effect",
        }
    }
}

impl Schedule {
    /// Whether every version makes sense and takes effect after the one before it.
    pub fn check(&self) -> Result<(), InvalidSchedule> {
        let follows = |pair: &[Version]| pair[0].effective_from < pair[1].effective_from;
        if let Some(place) = self.versions.windows(2).position(|pair| !follows(pair)) {
            return Err(InvalidSchedule::VersionOrder { version: place + 1 });
        }
        self.versions.iter().try_for_each(|version| check_layers(&version.layers))
    }

    /// Whether `new` may be added at `now`. Overlapping overrides are allowed, as one can take over from another.
    pub fn check_override(&self, new: &Override, now: Timestamp) -> Result<(), InvalidOverride> {
        if new.to <= new.from {
            return Err(InvalidOverride::Backwards);
        }
        if new.to.since(new.from) > MAX_WINDOW {
            return Err(InvalidOverride::TooLong);
        }
        if new.to <= now {
            return Err(InvalidOverride::Over);
        }
        if matches!(&new.effect, Effect::Replace { person, with } if person == with) {
            return Err(InvalidOverride::SamePerson);
        }
        let same = |old: &&Override| (old.from, old.to, &old.effect) == (new.from, new.to, &new.effect);
        let twin = self.overrides.iter().find(same);
        twin.map_or(Ok(()), |twin| Err(InvalidOverride::Duplicate(twin.id.clone())))
    }
}

/// Whether these layers make sense together.
pub(crate) fn check_layers(layers: &[Layer]) -> Result<(), InvalidSchedule> {
    if !(1..=MAX_LAYERS).contains(&layers.len()) {
        return Err(InvalidSchedule::LayerCount);
    }
    for (place, layer) in layers.iter().enumerate() {
        if !(1..=MAX_NAME).contains(&layer.name.chars().count()) {
            return Err(InvalidSchedule::LayerName { layer: place });
        }
        if layers[..place].iter().any(|earlier| earlier.name == layer.name) {
            return Err(InvalidSchedule::SameName { layer: place });
        }
        check_rotation(&layer.rotation, place)?;
        check_restrictions(&layer.restrictions, place)?;
    }
    Ok(())
}

fn check_rotation(rotation: &Rotation, layer: usize) -> Result<(), InvalidSchedule> {
    let Rotation { participants, anchor, turn: Turn { every, unit }, first, .. } = rotation;
    if !(1..=MAX_PARTICIPANTS).contains(&participants.len()) {
        return Err(InvalidSchedule::ParticipantCount { layer });
    }
    if *first as usize >= participants.len() {
        return Err(InvalidSchedule::First { layer });
    }
    let most = match unit {
        Unit::Hours => MAX_TURN_DAYS * 24,
        Unit::Days => MAX_TURN_DAYS,
        Unit::Weeks => MAX_TURN_DAYS / 7,
    };
    if !(1..=most).contains(every) {
        return Err(InvalidSchedule::TurnLength { layer });
    }
    if !is_whole_minute(anchor.time()) || !(1970..2200).contains(&anchor.year()) {
        return Err(InvalidSchedule::Anchor { layer });
    }
    Ok(())
}

fn check_restrictions(restrictions: &[Restriction], layer: usize) -> Result<(), InvalidSchedule> {
    if restrictions.len() > MAX_RESTRICTIONS {
        return Err(InvalidSchedule::RestrictionCount { layer });
    }
    for (restriction, Restriction { days, from, to }) in restrictions.iter().enumerate() {
        let repeats = (1..days.len()).any(|place| days[..place].contains(&days[place]));
        if days.is_empty() || repeats {
            return Err(InvalidSchedule::RestrictionDays { layer, restriction });
        }
        if !is_whole_minute(*from) || !is_whole_minute(*to) {
            return Err(InvalidSchedule::RestrictionTime { layer, restriction });
        }
    }
    Ok(())
}

fn is_whole_minute(time: Time) -> bool {
    time.second() == 0 && time.subsec_nanosecond() == 0
}
