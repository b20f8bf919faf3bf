//! What people do about incidents, and what they see of them.

use access::{Caller, Role};
use kernel::{Actor, IncidentId, Page, PageRequest, words};
use serde::Serialize;

use super::undo::changes_on_timeline;
use super::{Error, Oncall, require};
use crate::model::{Incident, Invalid, check_text};
use crate::respond::{self, Acknowledged};
use crate::store::incidents::Filter;
use crate::store::{incidents, pages, people};
use crate::suspects::suspects;
use crate::view::{IncidentDetail, IncidentView, PageView};

/// What an action came to, and the incident afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// `done`, or `already` when somebody was faster.
    #[schema(value_type = String)]
    pub outcome: &'static str,
    /// What happened, in one sentence.
    pub sentence: String,
    /// The incident afterwards.
    pub incident: IncidentView,
}

impl Oncall {
    /// A page of incidents, the latest first.
    pub async fn incidents(&self, filter: &Filter, page: &PageRequest) -> Result<Page<IncidentView>, Error> {
        let rows = incidents::list(&self.db, filter, page).await?;
        let page = page.page(rows, |incident| incident.number.to_string());
        Ok(Page { items: page.items.into_iter().map(IncidentView::from).collect(), next: page.next })
    }

    /// An incident with its timeline, suspects, alerts and pages.
    pub async fn incident(&self, id: &IncidentId) -> Result<IncidentDetail, Error> {
        let incident = self.load(id).await?;
        let changes = self.changes_around(&incident).await?;
        let suspects = suspects(&incident, &changes);
        let mut timeline = incidents::timeline(&self.db, id).await?;
        timeline.extend(changes_on_timeline(&incident, &changes, &timeline));
        timeline.sort_by_key(|event| (event.at, event.n));
        Ok(IncidentDetail {
            timeline,
            suspects,
            alerts: incidents::alerts(&self.db, id).await?,
            pages: self.pages_of(id).await?,
            incident: incident.into(),
        })
    }

    async fn pages_of(&self, id: &IncidentId) -> Result<Vec<PageView>, Error> {
        let mut views = Vec::new();
        for page in pages::of_incident(&self.db, id).await? {
            let name = self.active_name(&page.person).await?.unwrap_or_else(|| page.person.to_string());
            let method = people::method(&self.db, &page.contact_method).await?;
            let way = method.map_or_else(|| "a contact method that is gone".to_owned(), |it| it.contact.describe());
            views.push(PageView::new(page, name, way));
        }
        Ok(views)
    }

    /// The caller takes the incident in hand; whoever comes second sees who was first.
    pub async fn acknowledge(&self, caller: &Caller, id: &IncidentId) -> Result<Answer, Error> {
        require(caller, Role::Writer)?;
        self.acknowledge_as(id, &caller.actor).await
    }

    pub(super) async fn acknowledge_as(&self, id: &IncidentId, actor: &Actor) -> Result<Answer, Error> {
        let answer = self
            .decide(id, |incident, now| match respond::acknowledge(incident, actor, now) {
                Acknowledged::Now(effect) => {
                    Ok((Some(*effect), ("done", format!("{} acknowledged at {}.", actor.name, words::instant(now)))))
                }
                Acknowledged::Already(earlier) => {
                    let sentence =
                        format!("{} acknowledged already at {}.", earlier.by.name, words::instant(earlier.at));
                    Ok((None, ("already", sentence)))
                }
                Acknowledged::TooLate { resolved } => Err(Error::Resolved { at: resolved }),
            })
            .await?;
        self.answer(id, answer).await
    }

    /// The caller says that it is over.
    pub async fn resolve(&self, caller: &Caller, id: &IncidentId) -> Result<Answer, Error> {
        require(caller, Role::Writer)?;
        let answer = self
            .decide(id, |incident, now| match respond::resolve(incident, &caller.actor, now) {
                Some(effect) => Ok((Some(effect), ("done", format!("{} resolved the incident.", caller.actor.name)))),
                None => Ok((None, ("already", resolved_sentence(incident)))),
            })
            .await?;
        self.answer(id, answer).await
    }

    /// The caller writes something on the timeline; also after the incident is over.
    pub async fn note(&self, caller: &Caller, id: &IncidentId, text: &str) -> Result<Answer, Error> {
        require(caller, Role::Writer)?;
        check_text("/text", text, 4_096)
            .map_err(|invalid| Error::Invalid(Invalid { code: "invalid-note", ..invalid }))?;
        let sentence = format!("{} wrote a note.", caller.actor.name);
        let answer = self
            .decide(id, |incident, now| {
                Ok((Some(respond::note(incident, &caller.actor, text, now)), ("done", sentence.clone())))
            })
            .await?;
        self.answer(id, answer).await
    }

    /// The caller takes the change back that caused the incident.
    pub async fn undo(&self, caller: &Caller, id: &IncidentId) -> Result<Answer, Error> {
        require(caller, Role::Writer)?;
        self.undo_as(id, &caller.actor).await
    }

    pub(super) async fn answer(
        &self,
        id: &IncidentId,
        (outcome, sentence): (&'static str, String),
    ) -> Result<Answer, Error> {
        Ok(Answer { outcome, sentence, incident: self.load(id).await?.into() })
    }
}

fn resolved_sentence(incident: &Incident) -> String {
    incident.times.resolved.map_or_else(String::new, |at| format!("It was resolved already at {}.", words::instant(at)))
}
