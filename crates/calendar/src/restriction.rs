//! At which hours a layer counts.

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::zone::Zone;

/// A window of the wall clock that opens on some days of the week.
///
/// Where `to` is not after `from` it closes on the next day, so 08:00–08:00 is a whole day. A window that opens in a
/// spring gap opens at the gap's end; one that closes in an autumn fold closes at the second of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Restriction {
    /// The days on which it opens.
    pub days: Vec<Day>,
    /// When it opens: `09:00:00`.
    pub from: Time,
    /// When it closes.
    pub to: Time,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Tuesday => Weekday::Tuesday,
            Self::Wednesday => Weekday::Wednesday,
            Self::Thursday => Weekday::Thursday,
            Self::Friday => Weekday::Friday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

impl Restriction {
    /// Whether the window is open at `instant`.
    pub fn covers(&self, zone: &Zone, instant: Timestamp) -> bool {
        self.windows(zone, instant, instant).any(|(opens, closes)| opens <= instant && instant < closes)
    }

    /// When the window opens and closes, after `from` and before `to`.
    pub(crate) fn edges(&self, zone: &Zone, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
        self.windows(zone, from, to)
            .flat_map(|(opens, closes)| [opens, closes])
            .filter(move |edge| from < *edge && *edge < to)
    }

    /// The windows that may touch `[from, to]`: they last a day at most, and a zone may skip one.
    fn windows(&self, zone: &Zone, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let first = zone.wall_clock(from).date().saturating_sub(2.days());
        let last = zone.wall_clock(to).date().saturating_add(1.day());
        let opens_on = |date: &Date| self.days.iter().any(|day| day.weekday() == date.weekday());
        first.series(1.day()).take_while(move |date| *date <= last).filter(opens_on).map(|date| self.on(zone, date))
    }

    fn on(&self, zone: &Zone, date: Date) -> (Timestamp, Timestamp) {
        let closing_date = if self.to > self.from { date } else { date.saturating_add(1.day()) };
        (zone.first_instant(date.to_datetime(self.from)), zone.last_instant(closing_date.to_datetime(self.to)))
    }
}
