//! The nouns of an on-call schedule.

use kernel::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::restriction::Restriction;
use crate::rotation::Rotation;

kernel::id! {
    /// An override of an on-call schedule.
    OverrideId = "ovr",
}

/// Everything that decides who is on call. Stored whole, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schedule {
    /// By `effective_from`, ascending. Append-only: the past is never rewritten.
    pub versions: Vec<Version>,
    /// In any order. Those that end before the time asked about may be left out.
    #[serde(default)]
    pub overrides: Vec<Override>,
}

/// The layers that hold from an instant until the next version's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Version {
    /// The first instant at which it holds.
    pub effective_from: Timestamp,
    /// In the order in which people read them.
    pub layers: Vec<Layer>,
}

/// One rotation at one height. A higher priority masks a lower; equal ones are on call together; where a higher one has
/// nobody, the next lower counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Layer {
    /// Unique in its version; what [`crate::revise`] recognises it by.
    pub name: String,
    /// Higher masks lower.
    #[serde(default)]
    pub priority: i32,
    /// Whose turn it is.
    pub rotation: Rotation,
    /// The hours at which the layer counts; none means always, several mean any of them.
    #[serde(default)]
    pub restrictions: Vec<Restriction>,
}

/// An exception for a stretch of time, over all layers.
///
/// All overrides are applied to what the layers say, once: if Ada's duty goes to Bob and Bob's to Cy, Bob has Ada's
/// duty and Cy has Bob's. Where two disagree, the one created later counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Override {
    /// Which.
    pub id: OverrideId,
    /// When it was made.
    pub created_at: Timestamp,
    /// The first instant at which it holds.
    pub from: Timestamp,
    /// The first instant at which it no longer holds.
    pub to: Timestamp,
    /// What it changes.
    pub effect: Effect,
}

/// What an override changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum Effect {
    /// `with` does the duty of `person` wherever the layers put `person`; elsewhere it does nothing.
    Replace { person: PersonId, with: PersonId },
    /// `person` alone is on call for the whole stretch, whatever the layers say. `null` is nobody, on purpose.
    TakeWindow { person: Option<PersonId> },
    /// `person` is on call too.
    Add { person: PersonId },
    /// `person` is not on call.
    Remove { person: PersonId },
}

impl Schedule {
    /// A schedule with its first version and no overrides.
    pub fn starting(effective_from: Timestamp, layers: Vec<Layer>) -> Self {
        Self { versions: vec![Version { effective_from, layers }], overrides: vec![] }
    }

    /// The version that holds at `instant`; `None` before the first.
    pub fn version_at(&self, instant: Timestamp) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.effective_from <= instant)
    }
}

impl Override {
    /// Whether it holds at `instant`.
    pub fn covers(&self, instant: Timestamp) -> bool {
        self.from <= instant && instant < self.to
    }
}
