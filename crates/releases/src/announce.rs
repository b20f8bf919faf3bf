//! What a release tells others, through the outbox: on-call listens.

use db::Statement;
use db::outbox::{self, Message};
use kernel::{EnvironmentKey, FlagKey, MetricKey, ProjectKey, ReleaseId, Revision, ServiceKey, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::Release;

/// The outbox topic on which releases announce.
pub const TOPIC: &str = "announcement";

/// One announcement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Announcement {
    /// What happened.
    pub kind: AnnouncementKind,
    /// To which release.
    pub release_id: ReleaseId,
    /// Where.
    pub project: ProjectKey,
    /// Where.
    pub environment: EnvironmentKey,
    /// Of which flag.
    pub flag: FlagKey,
    /// Whose people are to know.
    pub service: Option<ServiceKey>,
    /// The change that caused it: the release's last step before.
    pub change_seq: Option<Revision>,
    /// The change that took it back, when one did.
    pub undone_by: Option<Revision>,
    /// The metric that got worse.
    pub metric: Option<MetricKey>,
    /// What happened, in one sentence.
    pub sentence: String,
    /// When the first unit of the treatment was bad.
    pub first_bad_at: Option<Timestamp>,
    /// When the guard was sure.
    pub detected_at: Option<Timestamp>,
    /// When it was taken back.
    pub mitigated_at: Option<Timestamp>,
    /// When this was decided.
    pub at: Timestamp,
}

/// What releases announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnnouncementKind {
    /// A guard saw that the release hurts.
    #[serde(rename = "release.regressed")]
    Regressed,
    /// It stands still until somebody decides.
    #[serde(rename = "release.held")]
    Held,
    /// It reached everyone.
    #[serde(rename = "release.completed")]
    Completed,
    /// After it was taken back the metrics are well again.
    #[serde(rename = "release.recovered")]
    Recovered,
    /// It was taken back, and the metrics are as bad as before.
    #[serde(rename = "release.notRecovered")]
    NotRecovered,
}

impl Announcement {
    /// An announcement about a release that says no more than the sentence.
    pub fn about(release: &Release, kind: AnnouncementKind, sentence: &str, at: Timestamp) -> Self {
        Self {
            kind,
            release_id: release.id.clone(),
            project: release.project.clone(),
            environment: release.environment.clone(),
            flag: release.flag.clone(),
            service: release.plan.service.clone(),
            change_seq: None,
            undone_by: None,
            metric: None,
            sentence: sentence.to_owned(),
            first_bad_at: None,
            detected_at: None,
            mitigated_at: None,
            at,
        }
    }

    /// Puts it into the outbox, once for each decision.
    pub fn enqueue(&self, decision: i64, now: Timestamp) -> Statement {
        let key = format!("{}:{decision}", self.release_id);
        let body = serde_json::to_string(self).expect("an announcement always serialises");
        let message = Message {
            id: format!("announcement-{key}"),
            topic: TOPIC,
            key: format!("release:{key}"),
            body,
            due_at: now,
        };
        outbox::enqueue(&message, now)
    }
}
