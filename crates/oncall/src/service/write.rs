//! Load, decide, commit: every write to an incident goes through here.

use db::{Batch, CommitError, Statement, outbox, sequence};
use kernel::{IncidentId, PageId, Revision, Timestamp};
use runtime::Turn;

use super::{Error, Oncall};
use crate::effect::{Effect, PageOutcome};
use crate::escalate::{self, escalate};
use crate::model::{Alert, Entry, Incident, Page, PageState, PlannedPage, TimelineEvent};
use crate::reach::reach;
use crate::store::{incidents, pages, people};

/// How often a write is decided anew when somebody else was faster.
pub(super) const TRIES: usize = 20;

/// What an effect is committed together with.
#[derive(Default)]
pub(super) struct Company<'a> {
    /// The turn of the reconciler that decided: its lease must still hold.
    pub turn: Option<&'a Turn>,
    /// The alert that opened or joined the incident.
    pub alert: Option<&'a Alert>,
    /// The outbox message that is answered by this.
    pub message: Option<&'a str>,
    /// Anything else.
    pub more: Vec<Statement>,
}

impl Oncall {
    /// The incident as it is.
    pub(super) async fn load(&self, id: &IncidentId) -> Result<Incident, Error> {
        incidents::get(&self.db, id).await?.ok_or(Error::NotFound("incident"))
    }

    /// Loads the incident, decides, commits what the decision comes to; decides anew when somebody else was faster.
    ///
    /// `decide` gives the effect, if there is one, and what to answer.
    pub(super) async fn decide<T>(
        &self,
        id: &IncidentId,
        decide: impl Fn(&Incident, Timestamp) -> Result<(Option<Effect>, T), Error>,
    ) -> Result<T, Error> {
        for _ in 0..TRIES {
            let incident = self.load(id).await?;
            let (effect, answer) = decide(&incident, self.now())?;
            let Some(effect) = effect else { return Ok(answer) };
            if self.commit(effect, Company::default()).await? {
                return Ok(answer);
            }
        }
        Err(Error::Busy)
    }

    /// Commits an effect, with the escalation's next step when that is due; `false` when somebody else was faster.
    pub(super) async fn commit(&self, effect: Effect, company: Company<'_>) -> Result<bool, Error> {
        let now = self.now();
        let effect = self.with_next_step(effect, now).await?;
        match self.db.commit(self.batch(&effect, company, now)).await {
            Ok(()) => {
                log(&effect);
                Ok(true)
            }
            Err(CommitError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Pages lie in the batch of what they are about: nothing can come between an alert and its first page.
    async fn with_next_step(&self, effect: Effect, now: Timestamp) -> Result<Effect, Error> {
        let due = effect.incident.progress.next_at.is_some_and(|at| at <= now);
        if !due || !effect.incident.is_open() {
            return Ok(effect);
        }
        let directory = self.directory(&effect.incident.policy, now).await?;
        let decision = escalate(&effect.incident, &reach(&effect.incident.policy, &directory), now);
        let next = escalate::effect(&effect.incident, &decision, now);
        Ok(match next {
            Some(next) => effect.then(next),
            None => effect,
        })
    }

    fn batch(&self, effect: &Effect, company: Company<'_>, now: Timestamp) -> Batch {
        let Effect { entries, pages: planned, call_off, ends_alert, page, .. } = effect;
        let mut batch = Batch::new();
        batch.extend(company.turn.map(Turn::guard));
        let mut incident = effect.incident.clone();
        let first_event = incident.events + 1;
        incident.events += i64::try_from(entries.len()).expect("a decision writes few entries");
        if incident.version == Revision(0) {
            batch.extend(incidents::insert(&incident, now));
            batch.extend(company.alert.map(incidents::add_alert));
        } else {
            batch.push(incidents::update(&incident));
            batch.extend(company.alert.map(incidents::update_alert));
        }
        let events = (first_event..).zip(entries).map(|(n, entry)| incidents::write(&incident.id, &event(n, entry)));
        batch.extend(events);
        batch.extend(call_off.as_deref().map(|reason| pages::call_off(&incident.id, reason)));
        batch.extend(planned.iter().flat_map(|planned| pages::queue(&self.page(&incident, planned, now), now)));
        batch.extend(page.iter().map(outcome));
        batch.extend(ends_alert.then(|| incidents::end_alerts(&incident.id, now)));
        batch.extend(company.message.map(|id| outbox::done(id, now).exactly_one("message")));
        batch.extend(company.more);
        batch.push(sequence::advance(incidents::TOPIC));
        batch
    }

    fn page(&self, incident: &Incident, planned: &PlannedPage, now: Timestamp) -> Page {
        let mut bits = [0; 16];
        self.rng.fill(&mut bits);
        Page {
            id: PageId::mint(now, &*self.rng),
            incident: incident.id.clone(),
            person: planned.person.clone(),
            contact_method: planned.contact_method.clone(),
            step: planned.step,
            state: PageState::Queued,
            attempts: 0,
            last_error: None,
            code: Some(format!("{:032x}", u128::from_le_bytes(bits))),
            created_at: now,
            sent_at: None,
        }
    }
}

fn event(n: i64, entry: &Entry) -> TimelineEvent {
    let Entry { at, kind, actor, sentence, change, page } = entry.clone();
    TimelineEvent { n, at, kind, actor, sentence, change, page }
}

fn outcome(outcome: &PageOutcome) -> Statement {
    match outcome {
        PageOutcome::Sent { page, at } => pages::sent(page, *at),
        PageOutcome::Failed { page, error } => pages::failed(page, error),
    }
}

/// What wakes people, and what stops that, is in the log in plain words.
fn log(effect: &Effect) {
    let incident = effect.incident.id.as_str();
    for Entry { kind, sentence, actor, .. } in &effect.entries {
        tracing::info!(incident, ?kind, by = actor.name, "{sentence}");
    }
}

/// What becomes of the contact method that a page went to.
pub(super) fn method_outcome(page: &Page, outcome: Result<Timestamp, &str>) -> Statement {
    match outcome {
        Ok(at) => people::prove_method(&page.contact_method, at),
        Err(error) => people::fault_method(&page.contact_method, error),
    }
}
