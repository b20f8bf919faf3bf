//! On-call schedules: who is woken when, who stands in, who is it now.

use std::collections::BTreeMap;

use access::{Caller, Role};
use calendar::{Effect, Gap, Layer, on_call_at};
use kernel::{Page, PageRequest, PersonId, Revision, ScheduleKey, ServiceKey, Timestamp};
use serde::{Deserialize, Serialize};

use super::error::on_conflict;
use super::{Error, Oncall, require};
use crate::model::{Invalid, Override, OverrideId, Policy, PolicySnapshot, Schedule, Service, check_text};
use crate::reach::{Found, reach};
use crate::store::documents::{POLICIES, SCHEDULES, SERVICES};
use crate::store::people;

/// A schedule as it shall be from now on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduleRequest {
    /// Its name for people.
    pub name: String,
    /// Its layers; a higher priority masks a lower one, equal ones are on call together.
    #[schema(value_type = Vec<crate::api::schema::Layer>)]
    pub layers: Vec<Layer>,
}

/// Somebody stands in for a while.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OverrideRequest {
    /// Who stands in.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// For whom, wherever they would have been on call; for everybody in the schedule when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub replaces: Option<PersonId>,
    /// From this instant on.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until just before this instant.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

/// Who is on call from an instant until another.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Shifts {
    /// One after the other without a hole; a shift of nobody is a gap.
    pub shifts: Vec<ShiftView>,
    /// The stretches in which nobody is on call.
    #[schema(value_type = Vec<crate::api::schema::Gap>)]
    pub gaps: Vec<Gap>,
    /// The overrides that touch the stretch.
    pub overrides: Vec<OverrideView>,
}

/// A stretch of time with the same people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShiftView {
    /// The first instant.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Who is on call.
    pub people: Vec<PersonView>,
    /// Why: `turn`, `overridden`, `uncovered` or `notYet`.
    #[serde(rename = "because")]
    #[schema(value_type = String)]
    pub reason: &'static str,
}

/// An override as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverrideView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: OverrideId,
    /// Who stands in; absent when it leaves nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonView>,
    /// For whom; for everybody when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<PersonView>,
    /// From this instant on.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until just before this instant.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Who arranged it, by name.
    pub created_by: String,
}

/// Somebody by id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// The id.
    #[schema(value_type = String)]
    pub id: PersonId,
    /// The name.
    pub name: String,
}

/// Who would be woken now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OnCallNow {
    /// The instant that this is about.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Each schedule, and its next handoff.
    pub schedules: Vec<ScheduleDuty>,
    /// Each service, level by level.
    pub services: Vec<ServiceDuty>,
}

/// Who is on call in a schedule, and who is next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleDuty {
    /// The schedule.
    #[schema(value_type = String)]
    pub schedule: ScheduleKey,
    /// Its name.
    pub name: String,
    /// Who is on call now; nobody in a gap.
    pub people: Vec<PersonView>,
    /// When that changes next; absent when it does not within 400 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Who is on call from then on.
    pub next: Vec<PersonView>,
}

/// Whom an incident of a service would page now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceDuty {
    /// The service.
    #[schema(value_type = String)]
    pub service: ServiceKey,
    /// Its name.
    pub name: String,
    /// Its levels in order.
    pub levels: Vec<LevelDuty>,
}

/// Whom a level would page now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LevelDuty {
    /// Who can be reached.
    pub people: Vec<PersonView>,
    /// Why others cannot, one clause each.
    pub missing: Vec<String>,
}

impl Oncall {
    /// A page of schedules by key.
    pub async fn schedules(&self, page: &PageRequest) -> Result<Page<Schedule>, Error> {
        let rows = SCHEDULES.list(&self.db, page).await?;
        Ok(page.page(rows, |schedule: &Schedule| schedule.key.to_string()))
    }

    /// One schedule.
    pub async fn schedule(&self, key: &ScheduleKey) -> Result<Schedule, Error> {
        SCHEDULES.get(&self.db, key.as_str()).await?.ok_or(Error::NotFound("schedule"))
    }

    /// Adds a schedule; it holds from now on.
    pub async fn create_schedule(
        &self,
        caller: &Caller,
        key: ScheduleKey,
        wish: ScheduleRequest,
    ) -> Result<Schedule, Error> {
        require(caller, Role::Writer)?;
        self.check_schedule(&wish).await?;
        let calendar = calendar::Schedule::starting(self.now(), wish.layers);
        calendar.check().map_err(|error| invalid_schedule(&error))?;
        let schedule = Schedule { key, name: wish.name, versions: calendar.versions, version: Revision(0) };
        let insert = SCHEDULES.insert(&schedule);
        self.db.commit(insert.into()).await.map_err(on_conflict("schedule", Error::Taken("schedule")))?;
        self.schedule(&schedule.key).await
    }

    /// Changes a schedule from now on; whoever is on call stays so until the next handoff if the line-up still has them.
    pub async fn update_schedule(
        &self,
        caller: &Caller,
        key: &ScheduleKey,
        wish: ScheduleRequest,
        seen: Option<Revision>,
    ) -> Result<Schedule, Error> {
        require(caller, Role::Writer)?;
        self.check_schedule(&wish).await?;
        let mut schedule = self.schedule(key).await?;
        let seen = seen.unwrap_or(schedule.version);
        if wish.layers != schedule.layers() {
            let mut calendar = schedule.calendar(&[]);
            calendar.revise(wish.layers, self.now()).map_err(|error| invalid_schedule(&error))?;
            schedule.versions = calendar.versions;
        }
        schedule.name = wish.name;
        let update = SCHEDULES.update(&schedule, seen);
        self.db.commit(update.into()).await.map_err(on_conflict("schedule", Error::Changed("schedule")))?;
        self.schedule(key).await
    }

    async fn check_schedule(&self, wish: &ScheduleRequest) -> Result<(), Error> {
        check_text("/name", &wish.name, 200)?;
        for (place, layer) in wish.layers.iter().enumerate() {
            for (nth, person) in layer.rotation.participants.iter().enumerate() {
                self.check_person(person, format!("/layers/{place}/rotation/participants/{nth}")).await?;
            }
        }
        Ok(())
    }

    /// Who is on call from `from` until `to`, at most 400 days.
    pub async fn shifts(&self, key: &ScheduleKey, from: Timestamp, to: Timestamp) -> Result<Shifts, Error> {
        let schedule = self.schedule(key).await?;
        let overrides = people::overrides(&self.db, Some(key), from).await?;
        let calendar = schedule.calendar(&overrides);
        let invalid = |error: calendar::InvalidWindow| {
            Invalid::new("invalid-window", error.field(), error.to_string(), "give from and to, at most 400 days apart")
        };
        let shifts = calendar::shifts(&calendar, from, to).map_err(invalid)?;
        let gaps = calendar::gaps(&calendar, from, to).map_err(invalid)?;
        let mut names = Names::new(self);
        let mut views = Vec::new();
        for calendar::Shift { from, to, people, reason } in shifts {
            views.push(ShiftView { from, to, people: names.views(people).await?, reason: word(&reason) });
        }
        let mut exceptions = Vec::new();
        for exception in overrides.into_iter().filter(|exception| exception.rule.from < to) {
            exceptions.push(names.exception(exception).await?);
        }
        Ok(Shifts { shifts: views, gaps, overrides: exceptions })
    }

    /// Adds an override.
    pub async fn add_override(
        &self,
        caller: &Caller,
        key: &ScheduleKey,
        wish: OverrideRequest,
    ) -> Result<OverrideView, Error> {
        require(caller, Role::Writer)?;
        let now = self.now();
        self.check_person(&wish.person, "/person".to_owned()).await?;
        let schedule = self.schedule(key).await?;
        let effect = match wish.replaces {
            Some(person) => Effect::Replace { person, with: wish.person },
            None => Effect::TakeWindow { person: Some(wish.person) },
        };
        let id = OverrideId::mint(now, &*self.rng);
        let rule = calendar::Override { id, created_at: now, from: wish.from, to: wish.to, effect };
        let present = schedule.calendar(&people::overrides(&self.db, Some(key), now).await?);
        present.check_override(&rule, now).map_err(|error| invalid_override(&error))?;
        let exception = Override { schedule: key.clone(), created_by: caller.actor.clone(), rule };
        self.db
            .commit(people::add_override(&exception).into())
            .await
            .map_err(on_conflict("schedule", Error::NotFound("schedule")))?;
        tracing::info!(schedule = %key, by = caller.actor.name, override_id = %exception.rule.id, "an override is added");
        Names::new(self).exception(exception).await
    }

    /// Takes an override away.
    pub async fn delete_override(&self, caller: &Caller, key: &ScheduleKey, id: &OverrideId) -> Result<(), Error> {
        require(caller, Role::Writer)?;
        let delete = people::delete_override(id.as_str(), key);
        self.db.commit(delete.into()).await.map_err(on_conflict("override", Error::NotFound("override")))?;
        tracing::info!(schedule = %key, by = caller.actor.name, override_id = %id, "an override is taken away");
        Ok(())
    }

    /// Who would be woken now, by schedule and by service.
    pub async fn on_call(&self) -> Result<OnCallNow, Error> {
        let now = self.now();
        let overrides = people::overrides(&self.db, None, now).await?;
        let mut names = Names::new(self);
        let mut schedules = Vec::new();
        for schedule in SCHEDULES.all::<Schedule>(&self.db).await? {
            schedules.push(names.duty(schedule, &overrides, now).await?);
        }
        let mut services = Vec::new();
        for service in SERVICES.all::<Service>(&self.db).await? {
            services.push(self.service_duty(service, now).await?);
        }
        Ok(OnCallNow { at: now, schedules, services })
    }

    async fn service_duty(&self, service: Service, now: Timestamp) -> Result<ServiceDuty, Error> {
        let policy: Option<Policy> = POLICIES.get(&self.db, service.policy.as_str()).await?;
        let policy = PolicySnapshot::from(&policy.ok_or(Error::NotFound("policy"))?);
        let reach = reach(&policy, &self.directory(&policy, now).await?);
        let level = |Found { people, missing }| {
            let people = people.into_iter().map(|person| PersonView { id: person.id, name: person.name });
            LevelDuty { people: people.collect(), missing }
        };
        let levels = reach.levels.into_iter().map(level).collect();
        Ok(ServiceDuty { service: service.key, name: service.name, levels })
    }
}

/// Names of people, each looked up once.
struct Names<'a> {
    oncall: &'a Oncall,
    known: BTreeMap<PersonId, String>,
}

impl<'a> Names<'a> {
    fn new(oncall: &'a Oncall) -> Self {
        Self { oncall, known: BTreeMap::new() }
    }

    async fn view(&mut self, id: PersonId) -> Result<PersonView, Error> {
        if !self.known.contains_key(&id) {
            let name = self.oncall.active_name(&id).await?.unwrap_or_else(|| id.to_string());
            self.known.insert(id.clone(), name);
        }
        let name = self.known[&id].clone();
        Ok(PersonView { id, name })
    }

    async fn views(&mut self, ids: Vec<PersonId>) -> Result<Vec<PersonView>, Error> {
        let mut views = Vec::with_capacity(ids.len());
        for id in ids {
            views.push(self.view(id).await?);
        }
        Ok(views)
    }

    async fn exception(&mut self, exception: Override) -> Result<OverrideView, Error> {
        let calendar::Override { id, from, to, effect, .. } = exception.rule;
        let (person, replaces) = match effect {
            Effect::Replace { person, with } => (Some(with), Some(person)),
            Effect::TakeWindow { person } => (person, None),
            Effect::Add { person } => (Some(person), None),
            Effect::Remove { person } => (None, Some(person)),
        };
        let person = self.views(person.into_iter().collect()).await?.pop();
        let replaces = self.views(replaces.into_iter().collect()).await?.pop();
        Ok(OverrideView { id, person, replaces, from, to, created_by: exception.created_by.name })
    }

    async fn duty(
        &mut self,
        schedule: Schedule,
        overrides: &[Override],
        now: Timestamp,
    ) -> Result<ScheduleDuty, Error> {
        let calendar = schedule.calendar(overrides);
        let people = on_call_at(&calendar, now).people;
        let until = next_handoff(&calendar, &people, now);
        let next = until.map(|until| on_call_at(&calendar, until).people).unwrap_or_default();
        let (people, next) = (self.views(people).await?, self.views(next).await?);
        Ok(ScheduleDuty { schedule: schedule.key, name: schedule.name, people, until, next })
    }
}

/// When other people are on call; a handoff from somebody to themselves is none.
fn next_handoff(calendar: &calendar::Schedule, people: &[PersonId], now: Timestamp) -> Option<Timestamp> {
    let horizon = now.plus(calendar::MAX_WINDOW);
    let mut at = now;
    while let Some(change) = calendar::next_change_after(calendar, at).filter(|change| *change <= horizon) {
        if on_call_at(calendar, change).people != people {
            return Some(change);
        }
        at = change;
    }
    None
}

fn word(reason: &calendar::Reason) -> &'static str {
    match reason {
        calendar::Reason::Turn { .. } => "turn",
        calendar::Reason::Overridden { .. } => "overridden",
        calendar::Reason::Uncovered => "uncovered",
        calendar::Reason::NotYet => "notYet",
    }
}

fn invalid_schedule(error: &calendar::InvalidSchedule) -> Invalid {
    let hint = match error {
        calendar::InvalidSchedule::AnchorAndLineUp { .. } => "send two edits: first one, then the other",
        _ => "a layer is a name and a rotation of participants, anchor, zone and turn",
    };
    Invalid::new("invalid-schedule", pointer(&error.field()), error.to_string(), hint)
}

fn invalid_override(error: &calendar::InvalidOverride) -> Invalid {
    let field = match error.field() {
        "to" => "/to",
        "effect.with" => "/person",
        _ => "",
    };
    Invalid::new("invalid-override", field, error.to_string(), "give a person, and from and to in the future")
}

/// `layers[0].rotation.turn` as the JSON pointer `/layers/0/rotation/turn` (RFC 6901).
fn pointer(path: &str) -> String {
    format!("/{}", path.replace(']', "").replace(['[', '.'], "/"))
}
