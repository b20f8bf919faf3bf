//! Whose turn it is: turns of equal wall-clock length, counted from an anchor in both directions.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use kernel::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::zone::Zone;

/// People who take turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rotation {
    /// In the order of their turns; a name may come more than once.
    pub participants: Vec<PersonId>,
    /// The wall-clock time of one handoff, from which all others follow: `2026-03-02T09:00:00`.
    pub anchor: DateTime,
    /// Whose wall clock.
    pub zone: Zone,
    /// How long a turn is.
    pub turn: Turn,
    /// The place in `participants` of the one whose turn begins at the anchor.
    #[serde(default)]
    pub first: u32,
}

/// The length of a turn on the wall clock: 24 hours are a day, also when the day has 23 or 25.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Turn {
    /// How many units.
    pub every: u32,
    /// Of which unit.
    pub unit: Unit,
}

/// A unit of turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unit {
    /// Hours on the wall clock.
    Hours,
    /// Days.
    Days,
    /// Weeks.
    Weeks,
}

impl Turn {
    /// Seconds on the wall clock, at least an hour's.
    fn seconds(self) -> i64 {
        let unit = match self.unit {
            Unit::Hours => 3_600,
            Unit::Days => 86_400,
            Unit::Weeks => 604_800,
        };
        unit * i64::from(self.every.max(1))
    }
}

impl Rotation {
    /// Whose turn it is at `instant`; nobody's without participants.
    pub fn on_turn(&self, instant: Timestamp) -> Option<&PersonId> {
        let people = i64::try_from(self.participants.len()).ok().filter(|people| *people > 0)?;
        let place = (self.turn_at(instant) + i64::from(self.first)).rem_euclid(people);
        usize::try_from(place).ok().and_then(|place| self.participants.get(place))
    }

    /// The number of the turn that holds `instant`: 0 begins at the anchor, earlier ones are negative.
    ///
    /// Turns that a gap swallows whole (an hourly one in spring, a daily one where the date line moved) have no instant,
    /// but keep their number.
    pub fn turn_at(&self, instant: Timestamp) -> i64 {
        let shown = self.zone.wall_clock(instant).duration_since(self.anchor);
        let length = i128::from(self.turn.seconds()) * 1_000_000_000;
        let mut turn = i64::try_from(shown.as_nanos().div_euclid(length)).unwrap_or(0);
        // In a fold the clock shows less than it has shown before: handoffs of the first pass stand. No fold is longer
        // than a day, nor a turn shorter than an hour.
        for _ in 0..25 {
            if self.handoff(turn + 1) > instant {
                break;
            }
            turn += 1;
        }
        turn
    }

    /// The instant at which a turn begins.
    pub fn handoff(&self, turn: i64) -> Timestamp {
        let wall = self.anchor.saturating_add(SignedDuration::from_secs(turn.saturating_mul(self.turn.seconds())));
        self.zone.first_instant(wall)
    }

    /// The handoffs after `from` and before `to`.
    pub(crate) fn handoffs(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
        let next = self.turn_at(from).saturating_add(1);
        (next..).map(|turn| self.handoff(turn)).take_while(move |handoff| *handoff < to)
    }
}
