//! What channels ask: what to send to whom, and what became of it.

use db::outbox::{self, Claimed};
use db::{Batch, CommitError};
use kernel::{IncidentId, PageId, Timestamp};
use runtime::Turn;

use super::write::{Company, TRIES, method_outcome};
use super::{Error, Oncall};
use crate::deliver::{self, Attempt, Failure};
use crate::model::{Alert, Contact, ContactMethod, ContactMethodId, Incident, Page, PageState, Urgency};
use crate::page::{Facts, Letter, letter, test_letter};
use crate::store::{incidents, pages, people};

/// Something to hand over to a provider.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The idempotency key, the same in every attempt: `Message-ID` and `webhook-id`.
    pub id: PageId,
    /// What several pages of one incident have in common; a mail reader shows them together.
    pub thread: Option<IncidentId>,
    /// Where to.
    pub contact: Contact,
    /// What to say.
    pub letter: Letter,
    /// Whether it is urgent.
    pub urgent: bool,
    method: ContactMethodId,
}

/// When a delivery that failed is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// Then.
    TryAgain(Timestamp),
    /// Not by itself: it was a test.
    GaveUp,
}

impl Oncall {
    /// What to hand over for this message; `None` when that is not needed any more, which is then noted.
    pub async fn delivery(&self, turn: &Turn, message: &Claimed) -> Result<Option<Delivery>, Error> {
        let job = serde_json::from_str(&message.body).map_err(|error| Error::Fault(Box::new(error)))?;
        match job {
            pages::Job::Page { page } => self.page_delivery(turn, message, &page).await,
            pages::Job::Test { method } => self.test_delivery(turn, message, &method).await,
        }
    }

    async fn page_delivery(&self, turn: &Turn, message: &Claimed, id: &PageId) -> Result<Option<Delivery>, Error> {
        let Some(page) = pages::get(&self.db, id).await? else {
            return self.not_needed(turn, message, "it is not there any more").await;
        };
        if page.state != PageState::Queued {
            let reason = page.last_error.as_deref().unwrap_or("it was sent");
            return self.not_needed(turn, message, reason).await;
        }
        let (name, method) =
            (self.active_name(&page.person).await?, people::method(&self.db, &page.contact_method).await?);
        let (Some(name), Some(method)) = (name, method) else {
            let error = "the contact method was deleted, or its owner was locked out";
            self.page_failed(turn, message, &page, End { error, retry_at: None }).await?;
            return Ok(None);
        };
        let incident = self.load(&page.incident).await?;
        let alert = self.first_alert(&incident).await?;
        let change = self.cause_in_words(&incident).await?;
        let facts = Facts {
            base: &self.base_url,
            incident: &incident,
            summary: alert.as_ref().map_or(&incident.title, |alert| &alert.summary),
            details: alert.as_ref().and_then(|alert| alert.details.as_ref()),
            page: &page,
            name: &name,
            change: change.as_ref(),
        };
        Ok(Some(Delivery {
            id: page.id.clone(),
            thread: Some(incident.id.clone()),
            contact: method.contact,
            letter: letter(facts),
            urgent: incident.urgency == Urgency::High,
            method: method.id,
        }))
    }

    async fn test_delivery(
        &self,
        turn: &Turn,
        message: &Claimed,
        id: &ContactMethodId,
    ) -> Result<Option<Delivery>, Error> {
        let Some(ContactMethod { id, person, contact, .. }) = people::method(&self.db, id).await? else {
            return self.not_needed(turn, message, "the contact method was deleted").await;
        };
        let name = self.active_name(&person).await?.unwrap_or_default();
        let letter = test_letter(&self.base_url, &name, message.created_at);
        let page = PageId::from_stored(message.key.clone());
        Ok(Some(Delivery { id: page, thread: None, contact, letter, urgent: false, method: id }))
    }

    async fn not_needed(&self, turn: &Turn, message: &Claimed, reason: &str) -> Result<Option<Delivery>, Error> {
        tracing::info!(page = message.key, reason, "a page is not sent");
        let done = outbox::done(&message.id, self.now());
        self.db.commit([turn.guard(), done].into_iter().collect()).await?;
        Ok(None)
    }

    /// What is wrong, in the words of the alert that opened the incident.
    pub(super) async fn summary(&self, incident: &Incident) -> Result<String, Error> {
        let alert = self.first_alert(incident).await?;
        Ok(alert.map_or_else(|| incident.title.clone(), |alert| alert.summary))
    }

    async fn first_alert(&self, incident: &Incident) -> Result<Option<Alert>, Error> {
        Ok(incidents::alerts(&self.db, &incident.id).await?.into_iter().next())
    }

    /// The provider took it.
    pub async fn delivered(&self, turn: &Turn, message: &Claimed, delivery: &Delivery) -> Result<(), Error> {
        let now = self.now();
        if delivery.thread.is_none() {
            let proven = people::prove_method(&delivery.method, now);
            return self.finish_test(turn, message, proven).await;
        }
        for _ in 0..TRIES {
            let (page, incident) = self.page_and_incident(&delivery.id).await?;
            let name = self.active_name(&page.person).await?.unwrap_or_else(|| page.person.to_string());
            let way = delivery.contact.describe();
            let effect = deliver::sent(Attempt { incident: &incident, page: &page, name: &name, way: &way, now });
            let more = vec![method_outcome(&page, Ok(now))];
            let company = Company { turn: Some(turn), message: Some(&message.id), more, ..Company::default() };
            if self.commit(effect, company).await? {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    /// The provider did not take it: `error` says why.
    pub async fn failed(
        &self,
        turn: &Turn,
        message: &Claimed,
        delivery: &Delivery,
        error: &str,
    ) -> Result<Failed, Error> {
        if delivery.thread.is_none() {
            self.finish_test(turn, message, people::fault_method(&delivery.method, error)).await?;
            return Ok(Failed::GaveUp);
        }
        let page = pages::get(&self.db, &delivery.id).await?.ok_or(Error::NotFound("page"))?;
        let retry_at = self.now().plus(deliver::backoff(page.attempts + 1, self.rng.next_u64()));
        self.page_failed(turn, message, &page, End { error, retry_at: Some(retry_at) }).await?;
        Ok(Failed::TryAgain(retry_at))
    }

    async fn page_failed(&self, turn: &Turn, message: &Claimed, page: &Page, end: End<'_>) -> Result<(), Error> {
        for _ in 0..TRIES {
            let (page, incident) = self.page_and_incident(&page.id).await?;
            let name = self.active_name(&page.person).await?.unwrap_or_else(|| page.person.to_string());
            let methods = people::methods(&self.db, Some(&page.person)).await?;
            let way = methods.iter().find(|method| method.id == page.contact_method);
            let way =
                way.map_or_else(|| "a contact method that is gone".to_owned(), |method| method.contact.describe());
            let methods: Vec<ContactMethodId> = methods.into_iter().map(|method| method.id).collect();
            let siblings = pages::of_incident(&self.db, &incident.id).await?;
            let attempt = Attempt { incident: &incident, page: &page, name: &name, way: &way, now: self.now() };
            let effect = deliver::failed(attempt, Failure { error: end.error, methods: &methods, pages: &siblings });
            let mut more = vec![method_outcome(&page, Err(end.error))];
            let message_id = if let Some(due) = end.retry_at {
                more.push(outbox::retry_at(&message.id, due, end.error));
                None
            } else {
                more.push(pages::cancel(&page.id, end.error));
                Some(message.id.as_str())
            };
            let company = Company { turn: Some(turn), message: message_id, more, ..Company::default() };
            if self.commit(effect, company).await? {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    async fn page_and_incident(&self, id: &PageId) -> Result<(Page, Incident), Error> {
        let page = pages::get(&self.db, id).await?.ok_or(Error::NotFound("page"))?;
        let incident = self.load(&page.incident).await?;
        Ok((page, incident))
    }

    async fn finish_test(&self, turn: &Turn, message: &Claimed, outcome: db::Statement) -> Result<(), Error> {
        let mut batch = Batch::from(turn.guard());
        batch.push(outbox::done(&message.id, self.now()));
        batch.push(outcome);
        batch.push(db::sequence::advance(incidents::TOPIC));
        match self.db.commit(batch).await {
            Err(CommitError::Conflict { .. }) => Err(Error::Busy),
            other => Ok(other?),
        }
    }
}

/// How an attempt that failed ends.
struct End<'a> {
    error: &'a str,
    /// When it is tried again; `None` when it cannot be.
    retry_at: Option<Timestamp>,
}
