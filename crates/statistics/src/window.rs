//! What is counted: units and events of two arms in one stretch of time.

use serde::{Deserialize, Serialize};

/// One arm in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Units: users seen in the window who had no event of this metric in this release before, or requests.
    pub n: u64,
    /// Units among them with the event (an error; a conversion). More than `n` counts as `n`.
    pub k: u64,
}

/// The counts of both arms between the same two instants, closed by one watermark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Who keeps the old behaviour.
    pub control: Arm,
    /// Who gets the new behaviour.
    pub treatment: Arm,
}

/// Which way an event counts against the treatment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BadIs {
    /// More events are worse: errors, crashes, slow answers.
    #[default]
    Higher,
    /// Fewer events are worse: conversions. Judged on the complement, the units without the event.
    Lower,
}

impl Arm {
    /// The counts of two sources of the same arm and window.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { n: self.n.saturating_add(other.n), k: self.k.saturating_add(other.k) }
    }

    /// Share of units with the event, from 0 to 1; 0 without units.
    pub fn rate(self) -> f64 {
        if self.n == 0 { 0.0 } else { self.k.min(self.n) as f64 / self.n as f64 }
    }

    /// Units without the event when fewer is worse, units with it otherwise; never more than `n`.
    pub(crate) fn bad(self, bad_is: BadIs) -> u64 {
        let events = self.k.min(self.n);
        match bad_is {
            BadIs::Higher => events,
            BadIs::Lower => self.n - events,
        }
    }
}

impl Window {
    /// The counts of two sources, or of two windows that are shown as one.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { control: self.control.and(other.control), treatment: self.treatment.and(other.treatment) }
    }
}
