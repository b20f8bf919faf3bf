//! Which changes may have brought an incident about: the one that did, when that is known, then the recent ones.

use std::time::Duration;

use flags::model::{ChangeSummary, Noun};
use kernel::{Timestamp, words};
use serde::Serialize;

use crate::model::Incident;

/// A change loses half its suspicion in this time (`oncall.md` §6.2: decay from change to onset).
const HALF_LIFE: Duration = Duration::from_mins(30);
/// Older changes are not looked at.
pub const HORIZON: Duration = Duration::from_hours(24);
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
/// Left out: what came after the onset, what another environment saw, what made a thing that was not there (nobody had it
/// yet), and what took the cause back: the release itself, or somebody by way of the incident.
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
    if change.creation || takes_back(incident, change) {
        return None;
    }
    let onset = incident.times.started.unwrap_or(incident.times.detected);
    if change.at > onset.plus(TOLERANCE) || onset.since(change.at) > HORIZON {
        return None;
    }
    let (place, reason) = place(incident, change)?;
    let score = place * recency(change.at, onset);
    Some(made(
        Relation::Suspect,
        score,
        vec![reason, format!("{} before it began", words::span(onset.since(change.at)))],
    ))
}

/// Whether the change is an answer to the incident and not its cause: clocks that differ may show it before the onset.
fn takes_back(incident: &Incident, change: &ChangeSummary) -> bool {
    let by_release = incident.cause.as_ref().is_some_and(|cause| {
        cause.release.is_some() && cause.release == change.cause.release_id && change.seq.0 > cause.change
    });
    let by_incident = change.cause.incident_id.as_ref() == Some(&incident.id);
    by_release || by_incident || incident.undone.as_ref().is_some_and(|undone| undone.change == change.seq.0)
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

#[cfg(test)]
mod tests {
    use flags::model::Cause;
    use kernel::{EnvironmentKey, ProjectKey, ReleaseId, Revision};

    use super::*;
    use crate::model::Standing;
    use crate::testing::{START, healed_incident, incident, person};

    /// A change of a flag in `environment`, so many seconds before the onset (after it when negative).
    fn change(seq: i64, environment: Option<&str>, before_secs: i64) -> ChangeSummary {
        ChangeSummary {
            seq: Revision(seq),
            at: Timestamp::from_micros(START.as_micros() - before_secs * 1_000_000),
            actor: person("Ada"),
            project: ProjectKey::new("shop").unwrap(),
            environment: environment.map(|key| EnvironmentKey::new(key).unwrap()),
            noun: Noun::Configuration,
            key: "search".to_owned(),
            comment: String::new(),
            sentences: vec!["Turned on.".to_owned()],
            cause: Cause::default(),
            undoable: true,
            creation: false,
        }
    }

    fn seqs(suspects: &[Suspect]) -> Vec<i64> {
        suspects.iter().map(|suspect| suspect.change.seq.0).collect()
    }

    #[test]
    fn the_cause_comes_first_and_the_rest_by_nearness_in_time_and_place() {
        let changes = [
            change(39, Some("production"), 3_600),
            change(40, Some("production"), 60),
            change(38, None, 60),
            change(41, Some("production"), 7_200),
        ];
        let found = suspects(&incident(), &changes);
        assert_eq!(seqs(&found), [41, 40, 38, 39]);
        assert_eq!((found[0].relation, found[1].relation), (Relation::Caused, Relation::Suspect));
        assert!(found[1].score > 0.7 && found[3].score < 0.25, "{found:?}");
    }

    #[test]
    fn what_came_later_or_elsewhere_or_long_ago_is_no_suspect() {
        let changes = [
            change(50, Some("production"), -6),
            change(51, Some("test"), 60),
            change(52, Some("production"), 90_000),
            change(53, Some("production"), -4),
        ];
        assert_eq!(seqs(&suspects(&incident(), &changes)), [53], "a clock may be off by some seconds");
    }

    #[test]
    fn a_change_that_was_taken_back_says_by_which() {
        let mut undo = change(60, Some("production"), -30);
        undo.cause.undo_of = Some(Revision(40));
        let changes = [undo, change(40, Some("production"), 60), change(41, Some("production"), 10)];
        let found = suspects(&healed_incident(), &changes);
        let told: Vec<_> = found.iter().map(|suspect| (suspect.change.seq.0, suspect.undone_by)).collect();
        assert_eq!(told, [(41, Some(42)), (40, Some(60))]);
    }

    #[test]
    fn what_was_made_anew_hurts_nobody() {
        let made = |noun, seq, environment| ChangeSummary { creation: true, noun, ..change(seq, environment, 60) };
        let changes = [
            made(Noun::Project, 30, None),
            made(Noun::Environment, 31, Some("production")),
            made(Noun::Flag, 32, None),
            change(33, None, 60),
        ];
        assert_eq!(seqs(&suspects(&incident(), &changes)), [33]);
    }

    #[test]
    fn what_took_the_cause_back_did_not_bring_it_about() {
        let caused = |seq, cause| ChangeSummary { cause, ..change(seq, Some("production"), -3) };
        let release_id = incident().cause.unwrap().release;
        let rollback = caused(42, Cause { release_id: release_id.clone(), ..Cause::default() });
        let by_page = caused(43, Cause { incident_id: Some(incident().id), ..Cause::default() });
        let another = caused(44, Cause { release_id: Some(ReleaseId::from_stored("rel_2")), ..Cause::default() });
        let step_before =
            ChangeSummary { cause: Cause { release_id, ..Cause::default() }, ..change(40, Some("production"), 600) };
        let changes = [another, by_page, rollback, change(41, Some("production"), 1), step_before];
        assert_eq!(seqs(&suspects(&incident(), &changes)), [41, 44, 40]);
        let undone_by_hand = [change(42, Some("production"), -2)];
        assert_eq!(seqs(&suspects(&healed_incident(), &undone_by_hand)), [0; 0]);
    }

    #[test]
    fn without_a_known_place_every_environment_is_suspect_but_less() {
        let mut anywhere = incident();
        anywhere.cause = None;
        anywhere.standing = Standing::default();
        let found = suspects(&anywhere, &[change(40, Some("test"), 0)]);
        assert!((found[0].score - 0.4).abs() < 1e-9, "{found:?}");
    }
}
