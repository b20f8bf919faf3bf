//! From the incident to the change and back: what caused it, what took that back, and taking it back.

use db::Batch;
use flags::model::{Cause as ChangeCause, ChangeSummary};
use flags::store::changes::ChangeFilter;
use kernel::{Actor, IncidentId, PageRequest, Revision};
use runtime::Turn;

use super::incidents::Answer;
use super::write::Company;
use super::{Error, Oncall};
use crate::effect::Effect;
use crate::model::{Cause, EventKind, Incident, TimelineEvent, Undone};
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

    /// Takes the change back that caused the incident: compare-and-set, so what somebody did since is theirs to judge.
    ///
    /// The change carries its own proof (`undoOf`): should this process die before the incident is written, the next
    /// look at the change log finds it.
    pub(super) async fn undo_as(&self, id: &IncidentId, actor: &Actor) -> Result<Answer, Error> {
        let incident = self.load(id).await?;
        let cause = incident.cause.as_ref().ok_or(Error::NothingToUndo)?;
        if let Some(undone) = &incident.undone {
            return self.answer(id, ("already", already(undone))).await;
        }
        let why = ChangeCause { incident_id: Some(id.clone()), ..ChangeCause::default() };
        let result = self.flags.undo(Revision(cause.change), actor.clone(), why, Batch::new()).await;
        let noted = self.note_undone(id, None).await?;
        match (result, noted) {
            (Ok(record), _) => {
                let sentence =
                    format!("{} took change {} back with change {}.", actor.name, cause.change, record.seq());
                self.answer(id, ("done", sentence)).await
            }
            (Err(_), Some(undone)) => self.answer(id, ("already", already(&undone))).await,
            (Err(error), None) => Err(error.into()),
        }
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
            let sentence =
                format!("{} took change {} back with change {}.", undone.by.name, cause.change, undone.change);
            let effect = respond::undone(&incident, &undone, &sentence);
            if self.commit(effect, Company { turn, ..Company::default() }).await? {
                return Ok(Some(undone));
            }
        }
        Err(Error::Busy)
    }

    async fn find_undo(&self, cause: &Cause) -> Result<Option<Undone>, Error> {
        let filter = ChangeFilter {
            project: Some(cause.project.clone()),
            environment: Some(cause.environment.clone()),
            flag: Some(cause.flag.clone()),
            since: None,
        };
        let later = self.flags.changes(&filter, &PageRequest { after: None, limit: PAGE }).await?.items;
        let undo = later.into_iter().find(|change| change.cause.undo_of == Some(Revision(cause.change)));
        Ok(undo.map(|change| Undone { change: change.seq.0, by: change.actor, at: change.at }))
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

fn already(undone: &Undone) -> String {
    format!("Already taken back by {} at {} (change {}).", undone.by.name, undone.at, undone.change)
}

fn change_event(change: &ChangeSummary) -> TimelineEvent {
    let what = change.sentences.join(" ");
    TimelineEvent {
        n: 0,
        at: change.at,
        kind: EventKind::Change,
        actor: change.actor.clone(),
        sentence: format!("{}: {what}", change.actor.name),
        change: Some(change.seq.0),
        page: None,
    }
}
