//! Alerts come in: from monitors by the API, from releases by announcement.

use access::{Caller, Role};
use db::outbox::Claimed;
use kernel::{Actor, AlertId, IncidentId, ServiceKey, Timestamp};
use runtime::Turn;
use serde::{Deserialize, Serialize};

use super::write::{Company, TRIES};
use super::{Error, Oncall, require};
use crate::announcement::{self, Signal, signal};
use crate::effect::Effect;
use crate::model::{Alert, DEFAULT, Invalid, Policy, Service, Severity, Standing, check_text};
use crate::open::{self, Birth, Trigger};
use crate::respond;
use crate::store::{documents, incidents};
use releases::announce::Announcement;

/// An alert as a monitor sends it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AlertRequest {
    /// The service that it is about.
    #[schema(value_type = String)]
    pub service: ServiceKey,
    /// What is wrong, in one line of at most 1,024 characters.
    #[serde(default)]
    pub summary: String,
    /// What makes it the same alert when it comes again, at most 255 characters; without one each alert is a new incident.
    #[serde(default)]
    pub dedup_key: Option<String>,
    /// How bad it is; `critical` and `error` wake people, `warning` and `info` tell them once.
    #[serde(default)]
    pub severity: Severity,
    /// Anything that helps whoever is woken.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub details: Option<serde_json::Value>,
    /// The change that caused it, by its place in the change log, when the sender knows it: the page links to its undo.
    #[serde(default)]
    pub change: Option<i64>,
    /// Whether it begins or is over.
    #[serde(default)]
    pub action: AlertAction,
}

/// Whether an alert begins or is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum AlertAction {
    /// It begins, or goes on.
    #[default]
    Trigger,
    /// It is over.
    Resolve,
}

/// What an alert came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alerted {
    /// `opened`, `attached`, `resolved`, or `nothingOpen` when there was nothing to resolve.
    #[schema(value_type = String)]
    pub outcome: &'static str,
    /// The incident that it opened, joined or resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub incident: Option<IncidentId>,
    /// The key by which to resolve it.
    pub dedup_key: String,
}

impl AlertRequest {
    fn check(&self) -> Result<(), Invalid> {
        if self.action == AlertAction::Trigger {
            check_text("/summary", &self.summary, 1_024)?;
        } else if self.dedup_key.is_none() {
            let detail = "what is resolved is told by its dedup key";
            return Err(Invalid::new("dedup-key-missing", "/dedupKey", detail, "send the key that triggered it"));
        }
        self.dedup_key.as_deref().map_or(Ok(()), |key| check_text("/dedupKey", key, 255))
    }

    fn trigger(self, by: &Actor, service: &Service, dedup_key: String, now: Timestamp) -> Trigger {
        let standing = Standing { project: service.project.clone(), environment: service.environment.clone() };
        Trigger {
            by: by.clone(),
            dedup_key,
            title: first_line(&self.summary),
            summary: self.summary,
            severity: self.severity,
            urgency: self.severity.urgency(),
            details: self.details,
            cause: None,
            undone: None,
            started: None,
            detected: now,
            standing,
        }
    }
}

/// A title is one line of at most 200 characters.
fn first_line(summary: &str) -> String {
    let line = summary.trim().lines().next().unwrap_or_default();
    if line.chars().count() <= 200 { line.to_owned() } else { line.chars().take(199).chain(['…']).collect() }
}

impl Oncall {
    /// Takes an alert; `Ok` means that it and its first page are durable.
    pub async fn alert(&self, caller: &Caller, request: AlertRequest) -> Result<Alerted, Error> {
        require(caller, Role::Writer)?;
        request.check()?;
        let unknown = || {
            let detail = format!("there is no service {}", request.service);
            Invalid::new("unknown-service", "/service", detail, "create the service first, or use \"default\"")
        };
        let found = documents::SERVICES.get::<Service>(&self.db, request.service.as_str()).await?;
        let service = found.ok_or_else(unknown)?;
        let now = self.now();
        let id = AlertId::mint(now, &*self.rng);
        let dedup_key = request.dedup_key.clone().unwrap_or_else(|| id.to_string());
        if request.action == AlertAction::Resolve {
            return self.alert_over(&caller.actor, &service, dedup_key).await;
        }
        let cause = self.told_cause(request.change).await?;
        let trigger = Trigger { cause, ..request.trigger(&caller.actor, &service, dedup_key, now) };
        for _ in 0..TRIES {
            if let Some(alerted) = self.try_trigger(&trigger, &service, None).await? {
                return Ok(alerted);
            }
        }
        Err(Error::Busy)
    }

    async fn alert_over(&self, by: &Actor, service: &Service, dedup_key: String) -> Result<Alerted, Error> {
        for _ in 0..TRIES {
            let Some((_, incident)) = incidents::open_alert(&self.db, &service.key, &dedup_key).await? else {
                return Ok(Alerted { outcome: "nothingOpen", incident: None, dedup_key });
            };
            let Some(effect) = respond::alert_resolved(&incident, by, self.now()) else { continue };
            if self.commit(effect, Company::default()).await? {
                return Ok(Alerted { outcome: "resolved", incident: Some(incident.id), dedup_key });
            }
        }
        Err(Error::Busy)
    }

    /// Opens an incident or joins the open one; `None` when somebody else was faster.
    async fn try_trigger(
        &self,
        trigger: &Trigger,
        service: &Service,
        answers: Option<(&Turn, &Claimed)>,
    ) -> Result<Option<Alerted>, Error> {
        let now = self.now();
        let (outcome, (effect, alert)) =
            if let Some((alert, incident)) = incidents::open_alert(&self.db, &service.key, &trigger.dedup_key).await? {
                ("attached", open::attach(trigger, &alert, &incident, now))
            } else {
                ("opened", self.birth(trigger, service, now).await?)
            };
        let (id, dedup_key) = (effect.incident.id.clone(), trigger.dedup_key.clone());
        let company = Company { alert: Some(&alert), ..company(answers) };
        let done = self.commit(effect, company).await?;
        Ok(done.then_some(Alerted { outcome, incident: Some(id), dedup_key }))
    }

    async fn birth(&self, trigger: &Trigger, service: &Service, now: Timestamp) -> Result<(Effect, Alert), Error> {
        let policy = documents::POLICIES.get::<Policy>(&self.db, service.policy.as_str()).await?;
        let policy = policy.ok_or(Error::NotFound("policy"))?;
        let incident = IncidentId::mint(now, &*self.rng);
        let alert = AlertId::mint(now, &*self.rng);
        let birth = Birth { incident: &incident, alert: &alert, service: &service.key, policy: &policy, now };
        Ok(open::open(trigger, birth))
    }

    /// Does what an announcement of a release asks, once: its message is answered in the same batch.
    pub(crate) async fn hear(&self, turn: &Turn, message: &Claimed, heard: &Announcement) -> Result<(), Error> {
        let service = self.service_of(heard.service.as_ref()).await?;
        for _ in 0..TRIES {
            if self.try_hear(turn, message, heard, &service).await? {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    async fn try_hear(
        &self,
        turn: &Turn,
        message: &Claimed,
        heard: &Announcement,
        service: &Service,
    ) -> Result<bool, Error> {
        let answers = Some((turn, message));
        let open = incidents::open_alert(&self.db, &service.key, &announcement::dedup_key(heard)).await?;
        let now = self.now();
        let effect = match (signal(heard), open) {
            (Signal::Trigger(trigger), _) | (Signal::StillBad(trigger), None) => {
                return Ok(self.try_trigger(&trigger, service, answers).await?.is_some());
            }
            (Signal::StillBad(trigger), Some((_, incident))) => {
                respond::raise(&incident, &trigger.by, &trigger.summary, now)
            }
            (Signal::Recovered { sentence, at }, Some((_, incident))) => {
                respond::recovered(&incident, &announcement::author(heard), &sentence, at, now)
            }
            (Signal::Line(entry), Some((_, incident))) => {
                let mut effect = Effect::on(incident);
                effect.write(entry);
                effect
            }
            (Signal::Recovered { .. } | Signal::Line(_), None) => {
                tracing::info!(release = %heard.release_id, "{} No incident is open for it.", heard.sentence);
                let done = db::outbox::done(&message.id, now).exactly_one("message");
                self.db.commit([turn.guard(), done].into_iter().collect()).await?;
                return Ok(true);
            }
        };
        self.commit(effect, company(answers)).await
    }

    /// The service that a release names, or the default one when it names none that exists.
    async fn service_of(&self, key: Option<&ServiceKey>) -> Result<Service, Error> {
        if let Some(key) = key
            && let Some(service) = documents::SERVICES.get(&self.db, key.as_str()).await?
        {
            return Ok(service);
        }
        documents::SERVICES.get(&self.db, DEFAULT).await?.ok_or(Error::NotFound("service"))
    }
}

fn company<'a>(answers: Option<(&'a Turn, &'a Claimed)>) -> Company<'a> {
    let turn = answers.map(|(turn, _)| turn);
    Company { turn, message: answers.map(|(_, message)| message.id.as_str()), ..Company::default() }
}
