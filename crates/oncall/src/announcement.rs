//! What releases announce, read into what on-call makes of it.

use kernel::{Actor, ActorKind, EnvironmentKey, FlagKey, MetricKey, ProjectKey, ReleaseId, ServiceKey, Timestamp};
use serde::Deserialize;

use crate::model::{Cause, Entry, EventKind, Severity, Standing, Undone, Urgency};
use crate::open::Trigger;

/// The outbox topic on which releases announce.
pub const TOPIC: &str = "announcement";

/// One announcement. What on-call does not use is ignored, so that releases may say more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Announcement {
    /// What happened.
    pub kind: Kind,
    /// To which release.
    pub release_id: ReleaseId,
    /// Where.
    pub project: ProjectKey,
    /// Where.
    pub environment: EnvironmentKey,
    /// Of which flag.
    pub flag: FlagKey,
    /// Whom to page; `default` when the release does not say.
    #[serde(default)]
    pub service: Option<ServiceKey>,
    /// The change that caused it.
    #[serde(default)]
    pub change_seq: Option<i64>,
    /// The change that took it back, when one did.
    #[serde(default)]
    pub undone_by: Option<i64>,
    /// The metric that regressed.
    #[serde(default)]
    pub metric: Option<MetricKey>,
    /// What happened, in one sentence.
    pub sentence: String,
    /// When it began to hurt.
    #[serde(default)]
    pub first_bad_at: Option<Timestamp>,
    /// When the guard noticed.
    #[serde(default)]
    pub detected_at: Option<Timestamp>,
    /// When it was taken back.
    #[serde(default)]
    pub mitigated_at: Option<Timestamp>,
    /// When this was announced.
    pub at: Timestamp,
}

/// What releases announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Kind {
    /// A guard saw that the release hurts.
    #[serde(rename = "release.regressed")]
    Regressed,
    /// It stands still until somebody decides.
    #[serde(rename = "release.held")]
    Held,
    /// It reached everyone.
    #[serde(rename = "release.completed")]
    Completed,
    /// After it was taken back the metric is well again.
    #[serde(rename = "release.recovered")]
    Recovered,
    /// It was taken back, and the metric is as bad as before.
    #[serde(rename = "release.notRecovered")]
    NotRecovered,
}

/// What on-call makes of an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Somebody has to know: open an incident, or join the open one.
    Trigger(Box<Trigger>),
    /// Somebody has to act although it was taken back: raise the open incident, or open an urgent one.
    StillBad(Box<Trigger>),
    /// All is well again: says so on the open incident.
    Recovered {
        /// The sentence of the guard.
        sentence: String,
        /// When it was well.
        at: Timestamp,
    },
    /// Worth a line on the open incident, and nothing when there is none.
    Line(Entry),
}

impl Announcement {
    /// What makes it the same alert each time: one for each release.
    pub fn dedup_key(&self) -> String {
        format!("release:{}", self.release_id)
    }

    /// The release as an author.
    pub fn actor(&self) -> Actor {
        Actor {
            kind: ActorKind::Release,
            id: self.release_id.to_string(),
            name: format!("The release of {}", self.flag),
        }
    }

    /// What to make of it.
    ///
    /// A release that is held without a regression (too little data, an edit by hand) waits in the console and wakes nobody.
    pub fn signal(&self) -> Signal {
        match self.kind {
            Kind::Regressed => Signal::Trigger(Box::new(self.trigger())),
            Kind::NotRecovered => {
                let trigger = Trigger { urgency: Urgency::High, undone: None, ..self.trigger() };
                Signal::StillBad(Box::new(trigger))
            }
            Kind::Recovered => Signal::Recovered { sentence: self.sentence.clone(), at: self.at },
            Kind::Held | Kind::Completed => {
                Signal::Line(Entry::new(self.at, EventKind::Verdict, self.actor(), self.sentence.clone()))
            }
        }
    }

    fn trigger(&self) -> Trigger {
        let detected = self.detected_at.unwrap_or(self.at);
        let undone =
            self.undone_by.map(|change| Undone { change, by: self.actor(), at: self.mitigated_at.unwrap_or(self.at) });
        let urgency = if undone.is_some() { Urgency::Low } else { Urgency::High };
        Trigger {
            by: self.actor(),
            dedup_key: self.dedup_key(),
            title: self.title(),
            summary: self.sentence.clone(),
            severity: Severity::Error,
            urgency,
            details: None,
            cause: self.cause(),
            undone,
            started: self.first_bad_at,
            detected,
            standing: Standing { project: Some(self.project.clone()), environment: Some(self.environment.clone()) },
        }
    }

    fn cause(&self) -> Option<Cause> {
        self.change_seq.map(|change| Cause {
            change,
            release: Some(self.release_id.clone()),
            project: self.project.clone(),
            environment: self.environment.clone(),
            flag: self.flag.clone(),
            metric: self.metric.clone(),
        })
    }

    fn title(&self) -> String {
        let Self { flag, environment, .. } = self;
        match &self.metric {
            Some(metric) => format!("{metric} regressed with {flag} in {environment}"),
            None => format!("The release of {flag} in {environment} regressed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(kind: &str, undone_by: Option<i64>) -> Announcement {
        let json = serde_json::json!({
            "kind": kind, "releaseId": "rel_1", "project": "shop", "environment": "production", "flag": "checkout-v2",
            "service": null, "changeSeq": 41, "undoneBy": undone_by, "metric": "errors", "sentence": "Errors rose.",
            "firstBadAt": "2026-11-23T02:00:00Z", "detectedAt": "2026-11-23T02:00:04Z",
            "mitigatedAt": "2026-11-23T02:00:05Z", "at": "2026-11-23T02:00:06Z", "step": 2,
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_was_taken_back_is_told_quietly_and_what_was_not_loudly() {
        let Signal::Trigger(healed) = announcement("release.regressed", Some(42)).signal() else { panic!() };
        assert_eq!((healed.urgency, healed.undone.map(|undone| undone.change)), (Urgency::Low, Some(42)));
        let Signal::Trigger(open) = announcement("release.regressed", None).signal() else { panic!() };
        assert_eq!((open.urgency, open.undone), (Urgency::High, None));
        assert_eq!(open.cause.unwrap().change, 41);
        assert_eq!(open.title, "errors regressed with checkout-v2 in production");
    }

    #[test]
    fn what_did_not_recover_is_urgent_and_its_undo_does_not_count() {
        let Signal::StillBad(trigger) = announcement("release.notRecovered", Some(42)).signal() else { panic!() };
        assert_eq!((trigger.urgency, trigger.undone), (Urgency::High, None));
    }

    #[test]
    fn a_hold_without_a_regression_wakes_nobody() {
        let Signal::Line(entry) = announcement("release.held", None).signal() else { panic!() };
        assert_eq!((entry.kind, entry.sentence.as_str()), (EventKind::Verdict, "Errors rose."));
    }
}
