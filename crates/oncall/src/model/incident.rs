//! An incident, the alerts that opened it, and its timeline.

use kernel::{
    Actor, AlertId, EnvironmentKey, FlagKey, IncidentId, MetricKey, PageId, PolicyKey, ProjectKey, ReleaseId, Revision,
    ServiceKey, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{Level, Policy, Step};

/// How loudly an incident is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Urgency {
    /// One page by the first contact method, no escalation.
    Low,
    /// Every contact method, and escalation until somebody acknowledges.
    High,
}

impl Urgency {
    /// As it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
        }
    }
}

/// How bad the sender of an alert says it is (the words of PagerDuty's Events API, `oncall.md` §2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// It is down.
    Critical,
    /// It fails for some.
    #[default]
    Error,
    /// It will fail soon.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Who must be woken for it.
    pub fn urgency(self) -> Urgency {
        match self {
            Self::Critical | Self::Error => Urgency::High,
            Self::Warning | Self::Info => Urgency::Low,
        }
    }
}

/// One thing that is wrong with a service, as a guard or a monitor tells it; equal keys are the same thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// Its id.
    #[schema(value_type = String)]
    pub id: AlertId,
    /// The incident that it opened or joined.
    #[schema(value_type = String)]
    pub incident: IncidentId,
    /// The service that it is about.
    #[schema(value_type = String)]
    pub service: ServiceKey,
    /// What makes it the same alert when it comes again.
    pub dedup_key: String,
    /// What is wrong, in one line.
    pub summary: String,
    /// How bad, by its sender.
    pub severity: Severity,
    /// Whatever the sender added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub details: Option<serde_json::Value>,
    /// How often it came.
    pub count: i64,
    /// When it first came.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    /// When it last came.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// When its sender said that it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
}

/// What brought it about, by construction and not by guess: the guard that raised the alert knows the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IncidentCause)]
pub struct Cause {
    /// The change's position in the change log.
    pub change: i64,
    /// The release that made the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub release: Option<ReleaseId>,
    /// Where the change was made.
    #[schema(value_type = String)]
    pub project: ProjectKey,
    /// The environment of that project.
    #[schema(value_type = String)]
    pub environment: EnvironmentKey,
    /// The flag that was changed.
    #[schema(value_type = String)]
    pub flag: FlagKey,
    /// The metric that regressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub metric: Option<MetricKey>,
}

/// The change that took the cause back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Undone {
    /// The undoing change's position in the change log.
    pub change: i64,
    /// Who took it back.
    #[schema(value_type = flags::api::schema::Actor)]
    pub by: Actor,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// Who has taken the incident in hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Acknowledgement {
    /// Who.
    #[schema(value_type = flags::api::schema::Actor)]
    pub by: Actor,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// The escalation policy as it was when the incident opened, so that an edit does not move a page under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicySnapshot {
    /// The policy's key.
    #[schema(value_type = String)]
    pub key: PolicyKey,
    /// Its version then.
    #[schema(value_type = i64)]
    pub version: Revision,
    /// Its levels then.
    pub levels: Vec<Level>,
    /// Its repeats then.
    pub repeat: u32,
}

impl PolicySnapshot {
    /// How many levels it has; the catch-all stands one above.
    pub fn height(&self) -> u32 {
        u32::try_from(self.levels.len()).expect("a policy has at most 20 levels")
    }
}

impl From<&Policy> for PolicySnapshot {
    fn from(policy: &Policy) -> Self {
        let Policy { key, levels, repeat, version, .. } = policy.clone();
        Self { key, version, levels, repeat }
    }
}

/// How far the escalation has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Escalation)]
pub struct Progress {
    /// The last step that was paged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Step>,
    /// The round in which the present urgency began; repeats are counted from it.
    #[serde(default)]
    pub since_round: u32,
    /// When the next step is due; absent when nothing more will be paged as things stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// Nobody at all could be reached, not even by the catch-all; said once on the timeline.
    #[serde(default)]
    pub stranded: bool,
}

/// The instants of an incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Times {
    /// When it began to hurt: the first bad outcome, when the guard knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started: Option<Timestamp>,
    /// When the guard or the monitor noticed.
    #[schema(value_type = String, format = DateTime)]
    pub detected: Timestamp,
    /// When the first page was taken by its provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paged: Option<Timestamp>,
    /// When somebody first took it in hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged: Option<Timestamp>,
    /// When the cause was taken back, whether or not that helped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub mitigated: Option<Timestamp>,
    /// When it was seen that taking the cause back did not help, or not for long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub relapsed: Option<Timestamp>,
    /// When the metric was well again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recovered: Option<Timestamp>,
    /// When the incident was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved: Option<Timestamp>,
}

/// In which state an incident is; derived from what happened, furthest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum IncidentState {
    /// Nobody has taken it in hand.
    Triggered,
    /// Somebody has.
    Acknowledged,
    /// Its cause was taken back.
    Mitigated,
    /// It is over.
    Resolved,
}

impl IncidentState {
    /// As it is stored and asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::Acknowledged => "acknowledged",
            Self::Mitigated => "mitigated",
            Self::Resolved => "resolved",
        }
    }
}

/// Something that is wrong, and what people and Steadfast do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// Its number for people, from 1; 0 until it is stored.
    #[serde(skip)]
    pub number: i64,
    /// The service that it is about.
    pub service: ServiceKey,
    /// What is wrong, in one line.
    pub title: String,
    /// How loudly it is told.
    pub urgency: Urgency,
    /// What brought it about, when that is known.
    pub cause: Option<Cause>,
    /// Where to look for suspects.
    pub standing: Standing,
    /// The policy by which it is paged.
    pub policy: PolicySnapshot,
    /// How far the escalation has come.
    pub progress: Progress,
    /// Who has it in hand.
    pub acknowledgement: Option<Acknowledgement>,
    /// What took the cause back.
    pub undone: Option<Undone>,
    /// Its instants.
    pub times: Times,
    /// How many events its timeline has.
    pub events: i64,
    /// Counts the writes to it.
    #[serde(skip)]
    pub version: Revision,
}

/// Where an incident's service stands: the environment whose changes are suspects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The project; `None` when it is not known.
    pub project: Option<ProjectKey>,
    /// The environment; `None` when it is not known.
    pub environment: Option<EnvironmentKey>,
}

impl Incident {
    /// In which state it is.
    pub fn state(&self) -> IncidentState {
        if self.times.resolved.is_some() {
            IncidentState::Resolved
        } else if self.times.mitigated.is_some() && self.times.relapsed.is_none() {
            IncidentState::Mitigated
        } else if self.acknowledgement.is_some() {
            IncidentState::Acknowledged
        } else {
            IncidentState::Triggered
        }
    }

    /// Whether anything can still happen to it.
    pub fn is_open(&self) -> bool {
        self.times.resolved.is_none()
    }
}

/// The sorts of event on a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum EventKind {
    /// It was opened.
    Opened,
    /// An alert joined it or came again.
    Alert,
    /// A guard gave its verdict.
    Verdict,
    /// Something in production was changed.
    Change,
    /// People are being paged, or a page failed or was called off.
    Page,
    /// A level had nobody to page.
    Passed,
    /// It became urgent.
    Raised,
    /// Somebody took it in hand.
    Acknowledged,
    /// Somebody wrote something down.
    Note,
    /// The metric is well again.
    Recovered,
    /// It is over.
    Resolved,
}

/// Something to be written on the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it happened, which may be before it was written.
    pub at: Timestamp,
    /// What sort of event.
    pub kind: EventKind,
    /// Who did it.
    pub actor: Actor,
    /// What happened, in one sentence.
    pub sentence: String,
    /// The change that it is about.
    pub change: Option<i64>,
    /// The page that it is about.
    pub page: Option<PageId>,
}

impl Entry {
    /// An entry about no change and no page in particular.
    pub fn new(at: Timestamp, kind: EventKind, actor: Actor, sentence: impl Into<String>) -> Self {
        Self { at, kind, actor, sentence: sentence.into(), change: None, page: None }
    }

    /// About this change.
    #[must_use]
    pub fn change(mut self, change: i64) -> Self {
        self.change = Some(change);
        self
    }

    /// About this page.
    #[must_use]
    pub fn page(mut self, page: PageId) -> Self {
        self.page = Some(page);
        self
    }
}

/// An event of a timeline, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimelineEvent {
    /// Its place in the order in which events were written, from 1; 0 for what is read from the change log.
    pub n: i64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What sort of event.
    pub kind: EventKind,
    /// Who did it.
    #[schema(value_type = flags::api::schema::Actor)]
    pub actor: Actor,
    /// What happened, in one sentence.
    pub sentence: String,
    /// The change that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<i64>,
    /// The page that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub page: Option<PageId>,
}
