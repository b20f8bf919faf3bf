//! What releases announce, read into what on-call makes of it.

use kernel::{Actor, ActorKind, Timestamp};
use releases::announce::{Announcement, AnnouncementKind};

use crate::model::{Cause, Entry, EventKind, Severity, Standing, Undone, Urgency};
use crate::open::Trigger;

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

/// What to make of an announcement.
///
/// A release that is held without a regression (too little data, an edit by hand) waits in the console and wakes nobody.
pub fn signal(heard: &Announcement) -> Signal {
    match heard.kind {
        AnnouncementKind::Regressed => Signal::Trigger(Box::new(trigger(heard))),
        AnnouncementKind::NotRecovered => {
            let trigger = Trigger { urgency: Urgency::High, undone: None, ..trigger(heard) };
            Signal::StillBad(Box::new(trigger))
        }
        AnnouncementKind::Recovered => Signal::Recovered { sentence: heard.sentence.clone(), at: heard.at },
        AnnouncementKind::Held | AnnouncementKind::Completed => {
            Signal::Line(Entry::new(heard.at, EventKind::Verdict, author(heard), heard.sentence.clone()))
        }
    }
}

/// What makes it the same alert each time: one for each release.
pub fn dedup_key(heard: &Announcement) -> String {
    format!("release:{}", heard.release_id)
}

/// The release as an author.
pub fn author(heard: &Announcement) -> Actor {
    let name = format!("the release of {}", heard.flag);
    Actor { kind: ActorKind::Release, id: heard.release_id.to_string(), name }
}

fn trigger(heard: &Announcement) -> Trigger {
    let undone = heard.undone_by.map(|change| Undone {
        change: change.0,
        by: author(heard),
        at: heard.mitigated_at.unwrap_or(heard.at),
    });
    let urgency = if undone.is_some() { Urgency::Low } else { Urgency::High };
    Trigger {
        by: author(heard),
        dedup_key: dedup_key(heard),
        title: title(heard),
        summary: heard.sentence.clone(),
        severity: Severity::Error,
        urgency,
        details: None,
        cause: cause(heard),
        undone,
        started: heard.first_bad_at,
        detected: heard.detected_at.unwrap_or(heard.at),
        standing: Standing { project: Some(heard.project.clone()), environment: Some(heard.environment.clone()) },
    }
}

fn cause(heard: &Announcement) -> Option<Cause> {
    heard.change_seq.map(|change| Cause {
        change: change.0,
        release: Some(heard.release_id.clone()),
        project: heard.project.clone(),
        environment: heard.environment.clone(),
        flag: heard.flag.clone(),
        metric: heard.metric.clone(),
    })
}

fn title(heard: &Announcement) -> String {
    let Announcement { flag, environment, .. } = heard;
    match &heard.metric {
        Some(metric) => format!("{metric} regressed with {flag} in {environment}"),
        None => format!("The release of {flag} in {environment} regressed"),
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
            "mitigatedAt": "2026-11-23T02:00:05Z", "at": "2026-11-23T02:00:06Z"
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_was_taken_back_is_told_quietly_and_what_was_not_loudly() {
        let Signal::Trigger(healed) = signal(&announcement("release.regressed", Some(42))) else { panic!() };
        assert_eq!((healed.urgency, healed.undone.map(|undone| undone.change)), (Urgency::Low, Some(42)));
        let Signal::Trigger(open) = signal(&announcement("release.regressed", None)) else { panic!() };
        assert_eq!((open.urgency, open.undone), (Urgency::High, None));
        assert_eq!(open.cause.unwrap().change, 41);
        assert_eq!(open.title, "errors regressed with checkout-v2 in production");
    }

    #[test]
    fn what_did_not_recover_is_urgent_and_its_undo_does_not_count() {
        let Signal::StillBad(trigger) = signal(&announcement("release.notRecovered", Some(42))) else { panic!() };
        assert_eq!((trigger.urgency, trigger.undone), (Urgency::High, None));
    }

    #[test]
    fn a_hold_without_a_regression_wakes_nobody() {
        let Signal::Line(entry) = signal(&announcement("release.held", None)) else { panic!() };
        assert_eq!((entry.kind, entry.sentence.as_str()), (EventKind::Verdict, "Errors rose."));
    }
}
