//! Which changes may have brought an incident about: the one that did, when that is known, then the recent ones.

use std::time::Duration;

use flags::{ChangeSummary, Noun};
use kernel::Timestamp;
use serde::Serialize;

use crate::model::Incident;

/// A change loses half its suspicion in this time (`oncall.md` §6.2: decay from change to onset).
const HALF_LIFE: Duration = Duration::from_secs(30 * 60);
/// Older changes are not looked at.
pub const HORIZON: Duration = Duration::from_secs(24 * 60 * 60);
/// So many are shown.
const SHOWN: usize = 10;
/// The clocks of those who report an onset may be so much off.
const TOLERANCE: Duration = Duration::from_secs(5);

/// How a change stands to an incident; only a guard that ran the change, or a person, says *caused*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Relation {
    /// It brought the incident about.
    Caused,
    /// It may have.
    Suspect,
}

/// A change that may have brought the incident about.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suspect {
    /// The change.
    #[schema(value_type = Object)]
    pub change: ChangeSummary,
    /// How it stands to the incident.
    pub relation: Relation,
    /// From 0 to 1; 1 for what is known.
    pub score: f64,
    /// Why it is suspected, one clause each.
    pub reasons: Vec<String>,
    /// The change that took it back since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<i64>,
}

/// The suspects among `changes`, the most suspect first.
///
/// Left out: what came after the onset, what another environment saw, and what takes something back by way of the incident.
pub fn suspects(incident: &Incident, changes: &[ChangeSummary]) -> Vec<Suspect> {
    let mut found: Vec<Suspect> = changes.iter().filter_map(|change| suspect(incident, change, changes)).collect();
    found.sort_by(|a, b| {
        (a.relation.cmp(&b.relation)).then(b.score.total_cmp(&a.score)).then(b.change.seq.cmp(&a.change.seq))
    });
    found.truncate(SHOWN);
    found
}

fn suspect(incident: &Incident, change: &ChangeSummary, changes: &[ChangeSummary]) -> Option<Suspect> {
    let undone_by = changes.iter().find(|later| later.cause.undo_of == Some(change.seq)).map(|later| later.seq.0);
    let undone_by = match (&incident.cause, &incident.undone) {
        (Some(cause), Some(undone)) if cause.change == change.seq.0 => Some(undone.change),
        _ => undone_by,
    };
    let made = |relation, score, reasons| Suspect { change: change.clone(), relation, score, reasons, undone_by };
    if incident.cause.as_ref().is_some_and(|cause| cause.change == change.seq.0) {
        let reason = "the guard that raised the alert watched this very change".to_owned();
        return Some(made(Relation::Caused, 1.0, vec![reason]));
    }
    let onset = incident.times.started.unwrap_or(incident.times.detected);
    if change.at > onset.plus(TOLERANCE) || onset.since(change.at) > HORIZON {
        return None;
    }
    let (place, reason) = place(incident, change)?;
    let score = place * recency(change.at, onset);
    Some(made(Relation::Suspect, score, vec![reason, format!("{} before it began", age(onset.since(change.at)))]))
}

/// How near the change was made, from 0 to 1; `None` when it was made elsewhere.
fn place(incident: &Incident, change: &ChangeSummary) -> Option<(f64, String)> {
    let standing = &incident.standing;
    if standing.project.as_ref().is_some_and(|project| *project != change.project) {
        return None;
    }
    let same_flag = incident.cause.as_ref().is_some_and(|cause| {
        cause.flag.as_str() == change.key && matches!(change.noun, Noun::Flag | Noun::Configuration)
    });
    match (&standing.environment, &change.environment) {
        (Some(ours), Some(theirs)) if ours != theirs => None,
        _ if same_flag => Some((0.9, format!("it changed the same flag, {}", change.key))),
        (Some(_), Some(theirs)) => Some((0.8, format!("it changed {theirs}, where the service runs"))),
        (_, None) => Some((0.5, format!("it changed all environments of {}", change.project))),
        (None, Some(theirs)) => Some((0.4, format!("it changed {theirs}, and where the service runs is not known"))),
    }
}

fn recency(changed: Timestamp, onset: Timestamp) -> f64 {
    0.5_f64.powf(onset.since(changed).as_secs_f64() / HALF_LIFE.as_secs_f64())
}

fn age(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}
