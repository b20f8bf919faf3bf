//! Instants and the clock that tells them: time is always an argument.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
///
/// Stored as BIGINT microseconds; in JSON it is an RFC 3339 string in UTC, such as `2026-11-23T02:38:16.000001Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The epoch itself.
    pub const EPOCH: Self = Self(0);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From milliseconds since the epoch, saturating; the unit that LaunchDarkly's events use.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// From seconds since the epoch, saturating.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// How long after `earlier` this is; zero when it is before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This instant and `duration` more, saturating.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// This instant less `duration`, saturating.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }

    /// The start of the window of `width` (aligned to the epoch) that holds this instant.
    #[must_use]
    pub fn floor(self, width: Duration) -> Self {
        let width = micros(width).max(1);
        Self(self.0.div_euclid(width) * width)
    }

    /// As jiff's instant, for calendars and formatting; clamped to what jiff can hold.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// From jiff's instant, rounded down to microseconds.
    pub fn from_jiff(instant: jiff::Timestamp) -> Self {
        Self(instant.as_microsecond())
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse::<jiff::Timestamp>()
            .map(Self::from_jiff)
            .map_err(|_| de::Error::custom("an RFC 3339 instant was expected, such as 2026-11-23T02:38:16Z"))
    }
}

/// Tells the time. The server passes [`SystemClock`]; tests pass a clock that they move by hand.
pub trait Clock: Send + Sync + 'static {
    /// The instant it is now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one home of the wall clock
    fn now(&self) -> Timestamp {
        Timestamp::from_jiff(jiff::Timestamp::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_to_the_window_also_before_the_epoch() {
        let width = Duration::from_secs(2);
        assert_eq!(Timestamp::from_millis(3_999).floor(width), Timestamp::from_millis(2_000));
        assert_eq!(Timestamp::from_millis(-1).floor(width), Timestamp::from_millis(-2_000));
    }

    #[test]
    fn json_is_rfc_3339_in_utc_and_comes_back() {
        let instant = Timestamp::from_micros(1_795_397_591_686_001);
        let json = serde_json::to_string(&instant).unwrap();
        assert_eq!(json, "\"2026-11-23T00:53:11.686001Z\"".replace("00:53:11", &json[12..20]));
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), instant);
        assert!(serde_json::from_str::<Timestamp>("\"yesterday\"").is_err());
    }
}
