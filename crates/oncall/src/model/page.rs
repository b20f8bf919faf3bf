//! One message to one contact method.

use kernel::{IncidentId, PageId, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use super::ContactMethodId;

/// Which step of an escalation: a level in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PageStep)]
pub struct Step {
    /// How often the policy has been walked from the top before, from 0.
    pub round: u32,
    /// The level, from 1; one more than the policy has is the catch-all.
    pub level: u32,
}

/// How a page fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PageState {
    /// Not handed over yet; tried again and again until it is, or until it is not needed any more.
    Queued,
    /// The provider took it.
    Sent,
    /// Not needed any more: somebody acknowledged, or a newer page replaced it.
    Cancelled,
}

impl PageState {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Cancelled => "cancelled",
        }
    }

    /// From the store.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Sent, Self::Cancelled].into_iter().find(|state| state.as_str() == text)
    }
}

/// A page as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its id: also `Message-ID` and `webhook-id`, the same in every attempt.
    pub id: PageId,
    /// What it is about.
    pub incident: IncidentId,
    /// Who is to be told.
    pub person: PersonId,
    /// By which method.
    pub contact_method: ContactMethodId,
    /// The step that it belongs to.
    pub step: Step,
    /// How it fares.
    pub state: PageState,
    /// Attempts that failed so far.
    pub attempts: u32,
    /// Why the last attempt failed, or why it is not needed any more.
    pub last_error: Option<String>,
    /// The code of its links; forgotten once it is sent (its hash stays).
    pub code: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When the provider took it.
    pub sent_at: Option<Timestamp>,
}

/// A page that a decision wants; the store gives it an id and a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedPage {
    /// Who is to be told.
    pub person: PersonId,
    /// By which method.
    pub contact_method: ContactMethodId,
    /// The step that it belongs to.
    pub step: Step,
}
