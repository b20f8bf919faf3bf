//! Wall clock → instant: where a local time does not exist, or exists twice.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use kernel::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A time zone of the IANA database, by its name: `Europe/Berlin`, `UTC`.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// There is no such zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time zone: an IANA name was expected, such as Europe/Berlin")]
pub struct UnknownZone(pub String);

impl Zone {
    /// The zone of this name.
    pub fn new(name: &str) -> Result<Self, UnknownZone> {
        let rules = TimeZone::get(name).map_err(|_| UnknownZone(name.to_owned()))?;
        Ok(Self { name: rules.iana_name().unwrap_or(name).to_owned(), rules })
    }

    /// The name, as the database writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a clock on the wall shows at `instant`.
    pub fn wall_clock(&self, instant: Timestamp) -> DateTime {
        self.rules.to_datetime(instant.to_jiff())
    }

    /// The first instant at which the wall clock has reached `wall`: the end of the gap when `wall` is skipped (RFC 5545
    /// would go on counting into the next hour, and two hourly handoffs would coincide), the first of the two when it
    /// comes twice.
    pub fn first_instant(&self, wall: DateTime) -> Timestamp {
        self.resolve(wall, |before, _| before)
    }

    /// As [`Zone::first_instant`], but the second of the two when `wall` comes twice: the end of a window.
    pub fn last_instant(&self, wall: DateTime) -> Timestamp {
        self.resolve(wall, |_, after| after)
    }

    fn resolve(&self, wall: DateTime, in_fold: impl Fn(Offset, Offset) -> Offset) -> Timestamp {
        match self.rules.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => instant(wall, offset),
            AmbiguousOffset::Fold { before, after } => instant(wall, in_fold(before, after)),
            AmbiguousOffset::Gap { before, after } => {
                // The clocks jump after the instant that the later offset gives, and not after the earlier's.
                let jump = self.rules.following(instant(wall, after).to_jiff()).find(|to| to.offset() == after);
                jump.map_or_else(|| instant(wall, before), |to| Timestamp::from_jiff(to.timestamp()))
            }
        }
    }
}

/// Clamped to the first and last instants that there are.
fn instant(wall: DateTime, offset: Offset) -> Timestamp {
    let end = if wall.year() < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    Timestamp::from_jiff(offset.to_timestamp(wall).unwrap_or(end))
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
