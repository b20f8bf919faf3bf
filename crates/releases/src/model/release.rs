//! One feature's walk along a pipeline.

use std::collections::BTreeSet;

use flags::model::Serve;
use kernel::{
    Actor, ContextKind, EnvironmentKey, FlagKey, MetricKey, PipelineKey, ProjectKey, ReleaseId, ServiceKey, Timestamp,
};
use metrics::ComparedMetric;
use serde::{Deserialize, Serialize};
use statistics::Tolerance;
use utoipa::ToSchema;

use super::{DeploymentId, Step};

/// A flag on its way to everyone in one environment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// Such as `rel_…`.
    #[schema(value_type = String)]
    pub id: ReleaseId,
    /// Where.
    #[schema(value_type = String)]
    pub project: ProjectKey,
    /// Where.
    #[schema(value_type = String)]
    pub environment: EnvironmentKey,
    /// Of which flag.
    #[schema(value_type = String)]
    pub flag: FlagKey,
    /// Where it stands.
    pub state: ReleaseState,
    /// Grows with each decision.
    pub version: i64,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// What was decided before it began; never changes.
    pub plan: Plan,
    /// What has happened since.
    pub progress: Progress,
}

/// Where a release stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ReleaseState {
    /// On its way by itself.
    Walking,
    /// Stands at its step until somebody decides; still watched.
    Held,
    /// Everyone has it.
    Completed,
    /// It hurt, and nobody has it any more.
    RolledBack,
    /// Somebody ended it for another reason, and nobody has it any more.
    Aborted,
}

impl ReleaseState {
    const ALL: [Self; 5] = [Self::Walking, Self::Held, Self::Completed, Self::RolledBack, Self::Aborted];

    /// Whether it is still under way.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Walking | Self::Held)
    }

    /// The word in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Walking => "walking",
            Self::Held => "held",
            Self::Completed => "completed",
            Self::RolledBack => "rolledBack",
            Self::Aborted => "aborted",
        }
    }

    /// The state of this word.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What is decided before the start and never changes: else the stated error rate would not hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The pipeline that the steps come from.
    #[schema(value_type = String)]
    pub pipeline: PipelineKey,
    /// The steps that it takes.
    pub steps: Vec<Step>,
    /// What was left out of the pipeline, and why.
    pub notes: Vec<String>,
    /// The variation that is new, by index.
    pub treatment: usize,
    /// The variation that was, by index.
    pub control: usize,
    /// What people call them.
    pub treatment_name: String,
    /// What people call them.
    pub control_name: String,
    /// What contexts are dealt by; the same at every step, so that nobody who has it loses it as the share grows.
    pub seed: i64,
    /// Whose key is dealt and counted.
    #[schema(value_type = String)]
    pub context_kind: ContextKind,
    /// What it is watched by.
    pub guards: Vec<Guard>,
    /// The guards' metrics as they were when it began, in the same order.
    pub metrics: Vec<ComparedMetric>,
    /// The chance at most that a harmless release is taken back.
    pub alpha: f64,
    /// Whose people are paged.
    #[schema(value_type = Option<String>)]
    pub service: Option<ServiceKey>,
    /// The deployment that brought the code.
    #[schema(value_type = Option<String>)]
    pub deployment: Option<DeploymentId>,
    /// What rolling back restores.
    pub original: Original,
    /// How long after a rollback the guards' metrics may take to be as before.
    pub recovery_seconds: u32,
    /// Why, in the starter's words.
    pub comment: String,
    /// Who started it.
    #[schema(value_type = flags::api::schema::Actor)]
    pub started_by: Actor,
}

/// A metric that must not get worse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Guard {
    /// The metric.
    #[schema(value_type = String)]
    pub metric: MetricKey,
    /// Its part of alpha, relative to the other guards'.
    #[serde(default = "one")]
    pub weight: f64,
    /// How much worse than the control is still fine.
    #[serde(default)]
    #[schema(value_type = crate::api::schema::Tolerance)]
    pub tolerance: Tolerance,
    /// What to do when it gets worse.
    #[serde(default)]
    pub on_regression: OnRegression,
}

const fn one() -> f64 {
    1.0
}

/// What to do when a guard's metric gets worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnRegression {
    /// Take the release back at once.
    #[default]
    RollBack,
    /// Stand still and page somebody.
    Hold,
}

/// What the flag did before the release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Original {
    /// Whether it was on.
    pub on: bool,
    /// What everyone got while it was on.
    pub fallthrough: Serve,
}

/// What has happened so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The step that it is at, by index.
    pub step: usize,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub step_started_at: Timestamp,
    /// The steps taken, this one included.
    pub taken: Vec<StepTaken>,
    /// Why it stands, while it is held.
    pub hold: Option<Hold>,
    /// The number of its last decision.
    pub decisions: i64,
    /// What was said already at this step, so that it is said once.
    pub told: BTreeSet<String>,
    /// Whether its metrics are well again, after it was rolled back.
    pub recovery: Option<Recovery>,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepTaken {
    /// Which, by index.
    pub step: usize,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// Why a release stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// What sort of reason.
    pub reason: HoldReason,
    /// In plain words.
    pub sentence: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// What makes a release stand until somebody decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum HoldReason {
    /// Somebody asked for it.
    Asked,
    /// Users do not reach the arms in the planned shares, so no number can be trusted.
    SplitBroken,
    /// A guard saw harm, and is set to hold.
    Regressed,
    /// Somebody changed by hand what the release serves.
    EditedByHand,
}

/// Whether the metrics are well again after a rollback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// When it was rolled back.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Whether it was said that they are still bad.
    pub still_bad: bool,
    /// When they were well again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recovered_at: Option<Timestamp>,
    /// Whether nobody looks any more.
    pub over: bool,
}

impl Progress {
    /// At the first step, since `now`.
    pub fn begin(now: Timestamp) -> Self {
        Self {
            step: 0,
            step_started_at: now,
            taken: vec![StepTaken { step: 0, started_at: now, ended_at: None }],
            hold: None,
            decisions: 1,
            told: BTreeSet::new(),
            recovery: None,
        }
    }
}

impl Release {
    /// The step that it is at.
    pub fn step(&self) -> &Step {
        &self.plan.steps[self.progress.step]
    }

    /// The release as an author.
    pub fn actor(&self) -> Actor {
        Actor {
            kind: kernel::ActorKind::Release,
            id: self.id.to_string(),
            name: format!("the release of {}", self.flag),
        }
    }

    /// Whether the reconciler has to look at it.
    pub fn needs_attention(&self) -> bool {
        self.state.is_open() || self.progress.recovery.as_ref().is_some_and(|recovery| !recovery.over)
    }

    /// Where.
    pub fn place(&self) -> metrics::Place {
        metrics::Place { project: self.project.clone(), environment: self.environment.clone() }
    }
}

impl Plan {
    /// The share of what is new at a step, in thousandths of a percent: the largest so far; none before the first.
    pub fn weight_at(&self, step: usize) -> Option<u32> {
        self.steps.iter().take(step + 1).filter_map(|step| step.audience.weight()).max()
    }

    /// Whether the arms are compared at a step: when both have their share.
    pub fn is_compared_at(&self, step: usize) -> bool {
        self.weight_at(step).is_some_and(|weight| weight < flags::model::WHOLE)
    }

    /// Whether that step is judged: internal people are no sample of everybody.
    pub fn is_judged_at(&self, step: usize) -> bool {
        self.steps[step].audience.weight().is_some() && self.is_compared_at(step)
    }
}
