//! The links in a page: opening one shows, its buttons act; the person's role is checked at that moment.

use access::{Person, Role};
use kernel::{Actor, ActorKind};

use super::incidents::Answer;
use super::{Error, Oncall};
use crate::model::{Incident, Page};
use crate::page::can_undo;
use crate::respond::can_acknowledge;
use crate::store::pages::{self, CODE_LIFETIME};
use crate::view::{LinkView, LinkedChange};

impl Oncall {
    /// What a link shows. Changes nothing: mail scanners and previews open links too.
    pub async fn link(&self, code: &str) -> Result<LinkView, Error> {
        let (page, person) = self.holder(code).await?;
        let incident = self.load(&page.incident).await?;
        let change = self.cause_of(&incident).await?.map(|change| LinkedChange {
            seq: change.seq.0,
            actor: change.actor,
            at: change.at,
            sentences: change.sentences,
        });
        let summary = self.summary(&incident).await?;
        let can_undo = can_undo(&incident) && incident.is_open() && person.role >= Role::Writer;
        let can_acknowledge = can_acknowledge(&incident);
        let (state, expires_at) = (incident.state(), page.created_at.plus(CODE_LIFETIME));
        let Incident { id, number, service, title, urgency, undone, acknowledgement, .. } = incident;
        Ok(LinkView {
            person: person.name.to_string(),
            number,
            incident: id,
            service,
            title,
            summary,
            state,
            urgency,
            change,
            undone,
            acknowledgement,
            can_acknowledge,
            can_undo,
            expires_at,
        })
    }

    /// Acknowledges in the name of the person whom the page was for.
    pub async fn acknowledge_by_link(&self, code: &str) -> Result<Answer, Error> {
        let (page, person) = self.holder(code).await?;
        self.acknowledge_as(&page.incident, &by_page(&person)).await
    }

    /// Takes the change back in the name of the person whom the page was for, who must be a writer now.
    pub async fn undo_by_link(&self, code: &str) -> Result<Answer, Error> {
        let (page, person) = self.holder(code).await?;
        if person.role < Role::Writer {
            return Err(Error::RoleTooLow { needed: Role::Writer });
        }
        self.undo_as(&page.incident, &by_page(&person)).await
    }

    async fn holder(&self, code: &str) -> Result<(Page, Person), Error> {
        let page = pages::by_code(&self.db, code).await?.ok_or(Error::UnknownLink)?;
        if self.now() >= page.created_at.plus(CODE_LIFETIME) {
            return Err(Error::ExpiredLink);
        }
        let person = self.access.person(&page.person).await?;
        if person.disabled_at.is_some() { Err(Error::Locked) } else { Ok((page, person)) }
    }
}

fn by_page(person: &Person) -> Actor {
    Actor { kind: ActorKind::Page, ..person.actor() }
}
