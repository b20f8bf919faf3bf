//! The nouns: metrics, comparisons, windows.

use std::time::Duration;

pub use delivery::Place;
use kernel::{ContextKind, FlagKey, MetricKey, ProjectKey, Timestamp};
use serde::{Deserialize, Serialize};

/// The width of a window while a release is under way: as fine as the harm that may pass before a verdict.
pub const WINDOW: Duration = Duration::from_secs(1);

/// At most so many units are remembered per comparison; beyond it the sample is halved by the units' hash, which does not
/// know the arm, so the comparison stays fair.
pub const MAX_UNITS: usize = 200_000;

/// How long an outcome waits for the exposure that says which arm it belongs to: other services flush later.
pub const OUTCOME_WAITS: Duration = Duration::from_mins(1);

/// An outcome may be this much older than the exposure by the clients' clocks and still follow from it.
pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(1);

/// Outcomes of an environment are counted by the second, so that recovery is seen by the second.
pub const OUTCOME_WIDTH: Duration = Duration::from_secs(1);

/// Something that is counted per unit: bad when its event occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    /// The project.
    #[schema(value_type = String)]
    pub project: ProjectKey,
    /// Its key.
    #[schema(value_type = String)]
    pub key: MetricKey,
    /// Grows with each edit.
    pub version: i64,
    /// What it is.
    #[serde(flatten)]
    pub definition: MetricDefinition,
}

/// What a metric is, as people write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MetricDefinition {
    /// For people: `Failed payments`.
    pub name: String,
    /// For people: why it matters.
    #[serde(default)]
    pub description: String,
    /// The key of the SDK's custom event: `payment-failed`.
    pub event_key: String,
    /// When a unit counts as bad.
    #[serde(default)]
    pub bad_when: BadWhen,
}

/// When a unit counts as bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum BadWhen {
    /// When its first event arrives.
    #[default]
    Occurs,
}

/// Why a metric's definition was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} must have 1 to {limit} characters")]
pub struct InvalidMetric {
    /// Its name in JSON.
    pub field: &'static str,
    /// Characters.
    pub limit: usize,
}

impl MetricDefinition {
    /// Whether every field makes sense.
    pub fn check(&self) -> Result<(), InvalidMetric> {
        let fields = [("name", &self.name, 1, 200), ("description", &self.description, 0, 2_000)];
        let event = ("eventKey", &self.event_key, 1, 200);
        for (field, text, least, limit) in fields.into_iter().chain([event]) {
            if !(least..=limit).contains(&text.chars().count()) {
                return Err(InvalidMetric { field, limit });
            }
        }
        Ok(())
    }
}

/// Which side of a comparison a unit is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Arm {
    /// Who keeps what was.
    Control,
    /// Who gets what is new.
    Treatment,
}

impl Arm {
    /// Both, in the order of their index.
    pub const BOTH: [Self; 2] = [Self::Control, Self::Treatment];

    /// 0 for the control, 1 for the treatment.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Control => Self::Treatment,
            Self::Treatment => Self::Control,
        }
    }
}

/// Two arms of one flag that are being compared, from a release's start to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The release's id.
    pub id: String,
    /// Where.
    pub place: Place,
    /// The flag.
    pub flag: FlagKey,
    /// What is compared.
    pub arms: ComparedArms,
    /// Exposures by SDKs that knew only earlier versions of the flag do not count.
    pub since_version: i64,
    /// Only exposures by SDKs that knew this version count for the split: others were dealt by the step before.
    pub step_version: i64,
    /// The last intake row that was folded.
    pub cursor: i64,
    /// Windows before this instant are closed: nothing can change them.
    pub closed_until: Timestamp,
    /// Windows before this instant were judged: they may be merged.
    pub judged_until: Timestamp,
    /// How often the sample was halved.
    pub halvings: u8,
}

/// What is compared with what, by which unit, in which metrics. Fixed from the start: see `delivery-stats.md` §2.9.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparedArms {
    /// The variation that is new.
    pub treatment: u32,
    /// The variation that was.
    pub control: u32,
    /// Whose key is the unit.
    pub context_kind: ContextKind,
    /// The metrics and their events; a fact names a metric by its place in this list. At most 32.
    pub metrics: Vec<ComparedMetric>,
}

/// A metric as it was when the comparison began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedMetric {
    /// The metric.
    #[schema(value_type = String)]
    pub key: MetricKey,
    /// Its event.
    pub event_key: String,
}

impl ComparedArms {
    /// The arm of a variation, if it is one of the two.
    pub fn arm(&self, variation: u32) -> Option<Arm> {
        match variation {
            v if v == self.treatment => Some(Arm::Treatment),
            v if v == self.control => Some(Arm::Control),
            _ => None,
        }
    }
}

/// What a window counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Units that met the comparison for the first time: what the split is judged by.
    NewUnits,
    /// Units that were seen and had been free of this metric's event, and how many had their first.
    Metric(MetricKey),
}

/// One arm's counts in one closed window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowRow {
    /// What is counted.
    pub counted: Counted,
    /// Whose.
    pub arm: Arm,
    /// From this instant,
    pub start: Timestamp,
    /// until this one.
    pub finish: Timestamp,
    /// Units.
    pub n: u64,
    /// Units among them with their first bad event.
    pub k: u64,
}

/// Over how long evaluations are added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum BinWidth {
    /// A minute: as finely as they are counted.
    #[default]
    Minute,
    /// Ten minutes.
    TenMinutes,
    /// An hour: as finely as they are kept after two days.
    Hour,
}

impl BinWidth {
    /// How long that is.
    pub const fn duration(self) -> Duration {
        match self {
            Self::Minute => Duration::from_mins(1),
            Self::TenMinutes => Duration::from_mins(10),
            Self::Hour => Duration::from_hours(1),
        }
    }
}

/// Evaluations of a flag that gave one variation, within one minute, ten minutes or an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationCount {
    /// From this instant on, by our clock.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// The index of the variation; null when SDKs returned the default in the code.
    pub variation: Option<u32>,
    /// Which variant came with it, by name, for flags by Unleash's rules; null when none did.
    pub variant: Option<String>,
    /// How many.
    pub n: i64,
}

/// Events of one metric in an environment, whoever sent them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeCount {
    /// From this instant, by our clock,
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// until this one: a second later, or a minute when it is long ago.
    #[schema(value_type = String, format = DateTime)]
    pub finish: Timestamp,
    /// How many.
    pub n: i64,
}
