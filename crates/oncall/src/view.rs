//! How incidents are shown: as lists show them, and with all that is known.

use kernel::{Actor, IncidentId, PageId, PersonId, ServiceKey, Timestamp};
use serde::Serialize;

use crate::model::{
    Acknowledgement, Alert, Cause, Incident, IncidentState, Page, PageState, PolicySnapshot, Progress, Step,
    TimelineEvent, Times, Undone, Urgency,
};
use crate::suspects::Suspect;
use crate::times::{Spans, spans};

/// An incident as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncidentView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: IncidentId,
    /// Its number for people.
    pub number: i64,
    /// The service that it is about.
    #[schema(value_type = String)]
    pub service: ServiceKey,
    /// What is wrong, in one line.
    pub title: String,
    /// In which state it is.
    pub state: IncidentState,
    /// How loudly it is told.
    pub urgency: Urgency,
    /// What brought it about, when that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What took the cause back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undone>,
    /// Who has it in hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<Acknowledgement>,
    /// Its instants.
    pub times: Times,
    /// How long it took to detect, acknowledge, mitigate, recover.
    pub spans: Spans,
    /// The policy by which it is paged.
    pub policy: PolicySnapshot,
    /// How far the escalation has come.
    pub progress: Progress,
    /// Counts the writes to it.
    pub version: i64,
}

impl From<Incident> for IncidentView {
    fn from(incident: Incident) -> Self {
        let state = incident.state();
        let Incident { id, number, service, title, urgency, cause, policy, progress, .. } = incident;
        let Incident { acknowledgement, undone, times, version, .. } = incident;
        let spans = spans(&times);
        let version = version.0;
        Self {
            id,
            number,
            service,
            title,
            state,
            urgency,
            cause,
            undone,
            acknowledgement,
            times,
            spans,
            policy,
            progress,
            version,
        }
    }
}

/// An incident with all that is known.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncidentDetail {
    /// What lists show.
    #[serde(flatten)]
    pub incident: IncidentView,
    /// What happened, in the order in which it happened.
    pub timeline: Vec<TimelineEvent>,
    /// Which changes may have brought it about, the most suspect first.
    pub suspects: Vec<Suspect>,
    /// The alerts behind it.
    pub alerts: Vec<Alert>,
    /// Whom it was told, and whom it could not be told.
    pub pages: Vec<PageView>,
}

/// A page as an incident shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageView {
    /// Its id: also `Message-ID` and `webhook-id`.
    #[schema(value_type = String)]
    pub id: PageId,
    /// Who is to be told.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// Who that is, by name.
    pub name: String,
    /// By which way, such as `e-mail to ada@example.com`.
    pub way: String,
    /// The step that it belongs to.
    pub step: Step,
    /// How it fares.
    pub state: PageState,
    /// Attempts that failed so far.
    pub attempts: u32,
    /// Why the last attempt failed, or why it is not needed any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When it was queued.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When the provider took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Timestamp>,
}

impl PageView {
    /// The page, with the words for whom and how.
    pub fn new(page: Page, name: String, way: String) -> Self {
        let Page { id, person, step, state, attempts, last_error, created_at, sent_at, .. } = page;
        Self { id, person, name, way, step, state, attempts, last_error, created_at, sent_at }
    }
}

/// What the links in a page show to whoever holds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkView {
    /// Whom the page was for, by name.
    pub person: String,
    /// The incident's number.
    pub number: i64,
    /// The incident's id.
    #[schema(value_type = String)]
    pub incident: IncidentId,
    /// The service that it is about.
    #[schema(value_type = String)]
    pub service: ServiceKey,
    /// What is wrong, in one line.
    pub title: String,
    /// What is wrong, in a sentence.
    pub summary: String,
    /// In which state the incident is.
    pub state: IncidentState,
    /// How loudly it is told.
    pub urgency: Urgency,
    /// The change that caused it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<LinkedChange>,
    /// What took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undone>,
    /// Who has it in hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<Acknowledgement>,
    /// Whether this link may still acknowledge.
    pub can_acknowledge: bool,
    /// Whether this link may take the change back now.
    pub can_undo: bool,
    /// Until when the link holds.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// The change that a page is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkedChange {
    /// Its position in the change log.
    pub seq: i64,
    /// Who made it.
    #[schema(value_type = flags::api::schema::Actor)]
    pub actor: Actor,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What it did, one sentence for each instruction.
    pub sentences: Vec<String>,
}
