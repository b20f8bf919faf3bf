//! A stretch of time, cut where the people on call change.

use std::time::Duration;

use kernel::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::duty::{Reason, on_call_at};
use crate::schedule::{Layer, Schedule};

/// The longest stretch that may be asked about.
pub const MAX_WINDOW: Duration = days(400);

/// `[from, to)` with the same people for the same reason throughout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shift {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Who is on call; nobody in a gap.
    pub people: Vec<PersonId>,
    /// Why.
    pub reason: Reason,
}

/// `[from, to)` in which nobody is on call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Whether an override left nobody on purpose.
    pub deliberate: bool,
}

/// Why a stretch of time cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWindow {
    /// `to` does not lie after `from`.
    #[error("to must lie after from")]
    Backwards,
    /// Longer than [`MAX_WINDOW`].
    #[error("at most 400 days can be asked about at once")]
    TooLong,
}

impl InvalidWindow {
    /// The field's name in requests.
    pub const fn field(self) -> &'static str {
        "to"
    }
}

/// The shifts of `[from, to)`: they follow one another without a hole or an overlap, gaps being shifts with nobody, and
/// neighbours differ. The first and last are cut at the ends of the stretch.
pub fn shifts(schedule: &Schedule, from: Timestamp, to: Timestamp) -> Result<Vec<Shift>, InvalidWindow> {
    if to <= from {
        return Err(InvalidWindow::Backwards);
    }
    if to.since(from) > MAX_WINDOW {
        return Err(InvalidWindow::TooLong);
    }
    let mut shifts: Vec<Shift> = vec![];
    for start in starts(schedule, from, to) {
        let on_call = on_call_at(schedule, start);
        match shifts.last_mut() {
            Some(last) if last.people == on_call.people && last.reason == on_call.reason => {}
            last => {
                if let Some(last) = last {
                    last.to = start;
                }
                shifts.push(Shift { from: start, to, people: on_call.people, reason: on_call.reason });
            }
        }
    }
    Ok(shifts)
}

/// When nobody is on call in `[from, to)`.
pub fn gaps(schedule: &Schedule, from: Timestamp, to: Timestamp) -> Result<Vec<Gap>, InvalidWindow> {
    let mut gaps: Vec<Gap> = vec![];
    for shift in shifts(schedule, from, to)?.into_iter().filter(|shift| shift.people.is_empty()) {
        let deliberate = matches!(shift.reason, Reason::Overridden { .. });
        match gaps.last_mut() {
            Some(last) if last.to == shift.from && last.deliberate == deliberate => last.to = shift.to,
            _ => gaps.push(Gap { from: shift.from, to: shift.to, deliberate }),
        }
    }
    Ok(gaps)
}

/// The first instant after `instant` at which other people are on call, or the same for another reason. `None` when that
/// is further away than [`MAX_WINDOW`], or never.
pub fn next_change_after(schedule: &Schedule, instant: Timestamp) -> Option<Timestamp> {
    // Most changes are near, so look near first.
    [days(8), days(60), MAX_WINDOW].into_iter().find_map(|horizon| {
        let shifts = shifts(schedule, instant, instant.plus(horizon)).ok()?;
        shifts.get(1).map(|next| next.from)
    })
}

/// Every instant of `[from, to)` at which something may change, `from` first, ascending.
fn starts(schedule: &Schedule, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let to = to.min(Timestamp::from_jiff(jiff::Timestamp::MAX)); // where wall clocks end, and with them the handoffs
    let mut starts = vec![from];
    let inside = |instant: &Timestamp| from < *instant && *instant < to;
    let overridden = schedule.overrides.iter().flat_map(|exception| [exception.from, exception.to]);
    starts.extend(overridden.filter(inside));
    for (place, version) in schedule.versions.iter().enumerate() {
        let begins = version.effective_from.max(from);
        let ends = schedule.versions.get(place + 1).map_or(to, |next| next.effective_from.min(to));
        if begins < ends {
            starts.push(begins);
            version.layers.iter().for_each(|layer| starts.extend(layer_changes(layer, begins, ends)));
        }
    }
    starts.sort_unstable();
    starts.dedup();
    starts
}

fn layer_changes(layer: &Layer, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
    let zone = &layer.rotation.zone;
    let edges = layer.restrictions.iter().flat_map(move |restriction| restriction.edges(zone, from, to));
    layer.rotation.handoffs(from, to).chain(edges)
}

const fn days(days: u64) -> Duration {
    Duration::from_hours(days * 24)
}
