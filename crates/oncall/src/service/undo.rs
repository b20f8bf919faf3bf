//! From the incident to the change and back: what caused it, what took that back, and taking it back.

use db::Batch;
use flags::model::{Cause as ChangeCause, ChangeSummary, Subject};
use flags::store::changes::ChangeFilter;
use kernel::{Actor, IncidentId, PageRequest, Revision, words};
use releases::{Command, ReleaseState};
use runtime::Turn;

use super::incidents::Answer;
use super::write::Company;
use super::{Error, Oncall};
use crate::effect::Effect;
use crate::model::{Cause, EventKind, Incident, Invalid, TimelineEvent, Undone};
use crate::page::ChangeWords;
use crate::respond;
use crate::store::incidents::{self, Filter, StateFilter};
use crate::suspects::HORIZON;

/// So many changes are read at once, and so often, when an incident looks for its suspects.
const PAGE: usize = 200;
const PAGES: usize = 10;

impl Oncall {
    /// The change that caused the incident, when that is known.
    pub(super) async fn cause_of(&self, incident: &Incident) -> Result<Option<ChangeSummary>, Error> {
        let Some(cause) = &incident.cause else { return Ok(None) };
        match self.flags.change_at(Revision(cause.change)).await {
            Ok(record) => Ok(Some(record.summary)),
            Err(flags::Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The same in words.
    pub(super) async fn cause_in_words(&self, incident: &Incident) -> Result<Option<ChangeWords>, Error> {
        let words =
            |ChangeSummary { seq, at, actor, sentences, .. }| ChangeWords { seq: seq.0, by: actor.name, at, sentences };
        Ok(self.cause_of(incident).await?.map(words))
    }

    /// The cause that the sender of an alert knows: a change of a flag in an environment.
    pub(super) async fn told_cause(&self, change: Option<i64>) -> Result<Option<Cause>, Error> {
        let Some(seq) = change else { return Ok(None) };
        let subject = match self.flags.change_at(Revision(seq)).await {
            Ok(record) => record.subject(),
            Err(flags::Error::NotFound(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let Some(Subject::Configuration(project, environment, flag)) = subject else {
            let detail = format!("change {seq} is not one of a flag in an environment");
            return Err(Invalid::new("unknown-change", "/change", detail, "use a number from GET /api/changes").into());
        };
        Ok(Some(Cause { change: seq, release: None, project, environment, flag, metric: None }))
    }

    /// Takes back what caused the incident: the whole release when a release did, else the change. Compare-and-set, so what
    /// somebody did since is theirs to judge.
    ///
    /// The change log carries the proof: should this process die before the incident is written, the next look at the log
    /// finds it.
    pub(super) async fn undo_as(&self, id: &IncidentId, actor: &Actor) -> Result<Answer, Error> {
        let incident = self.load(id).await?;
        let cause = incident.cause.as_ref().ok_or(Error::NothingToUndo)?;
        if let Some(undone) = &incident.undone {
            return self.answer(id, ("already", already(undone))).await;
        }
        let result = self.take_back(&incident, cause, actor).await;
        match (result, self.note_undone(id, None).await?) {
            (Ok(()), Some(undone)) if undone.by == *actor => self.answer(id, ("done", sentence(cause, &undone))).await,
            (Ok(()) | Err(_), Some(undone)) => self.answer(id, ("already", already(&undone))).await,
            (Ok(()), None) => Err(Error::Busy),
            (Err(error), None) => Err(error),
        }
    }

    async fn take_back(&self, incident: &Incident, cause: &Cause, actor: &Actor) -> Result<(), Error> {
        if let Some(release) = &cause.release {
            let why = format!("Incident {}: {}", incident.number, incident.title);
            let back = self.releases.direct_as(actor, release, Command::RollBack, &why, Some(&incident.id));
            return Ok(back.await.map(drop)?);
        }
        let why = ChangeCause { incident_id: Some(incident.id.clone()), ..ChangeCause::default() };
        Ok(self.flags.undo(Revision(cause.change), actor.clone(), why, Batch::new()).await.map(drop)?)
    }

    /// Writes on the incident what the change log says about its cause: that it was taken back, by whom and when.
    async fn note_undone(&self, id: &IncidentId, turn: Option<&Turn>) -> Result<Option<Undone>, Error> {
        for _ in 0..super::write::TRIES {
            let incident = self.load(id).await?;
            let Some(cause) = &incident.cause else { return Ok(None) };
            if incident.undone.is_some() {
                return Ok(incident.undone);
            }
            let Some(undone) = self.find_undo(cause).await? else { return Ok(None) };
            let effect = respond::undone(&incident, &undone, &sentence(cause, &undone));
            if self.commit(effect, Company { turn, ..Company::default() }).await? {
                return Ok(Some(undone));
            }
        }
        Err(Error::Busy)
    }

    /// The later change that took the cause back: its undo, or the end of the release that made it.
    async fn find_undo(&self, cause: &Cause) -> Result<Option<Undone>, Error> {
        let filter = ChangeFilter {
            project: Some(cause.project.clone()),
            environment: Some(cause.environment.clone()),
            flag: Some(cause.flag.clone()),
            since: None,
        };
        let changes = self.flags.changes(&filter, &PageRequest { after: None, limit: PAGE }).await?.items;
        let later = || changes.iter().filter(|change| change.seq.0 > cause.change);
        let mut undo = later().find(|change| change.cause.undo_of == Some(Revision(cause.change)));
        if undo.is_none() && self.was_taken_back(cause).await? {
            undo = later().find(|change| change.cause.release_id == cause.release);
        }
        Ok(undo.map(|change| Undone { change: change.seq.0, by: change.actor.clone(), at: change.at }))
    }

    /// Whether the release that made the cause gave everybody back what was; then its last change did so.
    async fn was_taken_back(&self, cause: &Cause) -> Result<bool, Error> {
        let Some(release) = &cause.release else { return Ok(false) };
        match self.releases.release(release).await {
            Ok(release) => Ok(matches!(release.state, ReleaseState::RolledBack | ReleaseState::Aborted)),
            Err(releases::Error::NotFound(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks whether the causes of open incidents were taken back elsewhere, such as in the flag's history.
    pub(crate) async fn notice_undone(&self, turn: &Turn) -> Result<usize, Error> {
        let filter = Filter { state: Some(StateFilter::Open), ..Filter::default() };
        let open = incidents::list(&self.db, &filter, &PageRequest { after: None, limit: PAGE }).await?;
        let mut noticed = 0;
        for incident in open.iter().filter(|incident| incident.cause.is_some() && incident.undone.is_none()) {
            noticed += usize::from(self.note_undone(&incident.id, Some(turn)).await?.is_some());
        }
        Ok(noticed)
    }

    /// The changes from a day before the onset until the incident was over, newest first, the cause among them.
    pub(super) async fn changes_around(&self, incident: &Incident) -> Result<Vec<ChangeSummary>, Error> {
        let onset = incident.times.started.unwrap_or(incident.times.detected);
        let filter = ChangeFilter {
            project: incident.standing.project.clone(),
            environment: incident.standing.environment.clone(),
            flag: None,
            since: Some(onset.minus(HORIZON)),
        };
        let end = incident.times.resolved;
        let mut changes = Vec::new();
        let mut after = None;
        for _ in 0..PAGES {
            let page = self.flags.changes(&filter, &PageRequest { after, limit: PAGE }).await?;
            changes.extend(page.items.into_iter().filter(|change| end.is_none_or(|end| change.at <= end)));
            after = page.next;
            if after.is_none() || changes.len() >= PAGE {
                break;
            }
        }
        let cause = self.cause_of(incident).await?;
        changes.extend(cause.filter(|cause| changes.iter().all(|change| change.seq != cause.seq)));
        Ok(changes)
    }

    /// Takes the next step of incidents whose time has come; gives how many there were.
    pub(crate) async fn step_due(&self, turn: &Turn, limit: u32) -> Result<usize, Error> {
        let due = incidents::due(&self.db, self.now(), limit).await?;
        for incident in &due {
            let company = Company { turn: Some(turn), ..Company::default() };
            // Whoever was faster has changed what is due; the next turn sees it.
            let _faster = !self.commit(Effect::on(incident.clone()), company).await?;
        }
        Ok(due.len())
    }

    /// When the next step of any incident is due.
    pub(crate) async fn next_step_at(&self) -> Result<Option<kernel::Timestamp>, Error> {
        Ok(incidents::next_due(&self.db).await?)
    }
}

/// Events for what the change log says of the flag that caused the incident, from that change on; what the timeline
/// tells already is left out.
pub(super) fn changes_on_timeline(
    incident: &Incident,
    changes: &[ChangeSummary],
    told: &[TimelineEvent],
) -> Vec<TimelineEvent> {
    let Some(cause) = &incident.cause else { return Vec::new() };
    let of_flag = |change: &&ChangeSummary| {
        let there = change.environment.as_ref().is_none_or(|environment| *environment == cause.environment);
        change.seq.0 >= cause.change && change.key == cause.flag.as_str() && change.project == cause.project && there
    };
    let untold = |change: &&ChangeSummary| told.iter().all(|event| event.change != Some(change.seq.0));
    changes.iter().filter(of_flag).filter(untold).map(change_event).collect()
}

fn sentence(cause: &Cause, undone: &Undone) -> String {
    format!("Change {} was taken back by {} with change {}.", cause.change, undone.by.name, undone.change)
}

fn already(undone: &Undone) -> String {
    format!("Already taken back by {} at {} (change {}).", undone.by.name, words::instant(undone.at), undone.change)
}

fn change_event(change: &ChangeSummary) -> TimelineEvent {
    let what = change.sentences.join(" ");
    TimelineEvent {
        n: 0,
        at: change.at,
        kind: EventKind::Change,
        actor: change.actor.clone(),
        sentence: format!("Change {} by {}: {what}", change.seq, change.actor.name),
        change: Some(change.seq.0),
        page: None,
    }
}
