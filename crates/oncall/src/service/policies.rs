//! Escalation policies: whom to page, in which order, after which delays.

use access::{Caller, Role};
use kernel::{Page, PageRequest, PersonId, PolicyKey, Revision};
use serde::Deserialize;

use super::error::on_conflict;
use super::{Error, Oncall, require};
use crate::model::{Invalid, Level, Policy, Schedule, Service, Target};
use crate::store::documents::{POLICIES, SCHEDULES, SERVICES};

/// An escalation policy as it shall be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyRequest {
    /// Its name for people.
    pub name: String,
    /// The levels, paged one after the other until somebody acknowledges.
    pub levels: Vec<Level>,
    /// How often the levels are walked again from the top before the catch-all is paged.
    #[serde(default)]
    pub repeat: u32,
}

impl PolicyRequest {
    fn into_policy(self, key: PolicyKey) -> Policy {
        let Self { name, levels, repeat } = self;
        Policy { key, name, levels, repeat, version: Revision(0) }
    }
}

impl Oncall {
    /// A page of policies by key.
    pub async fn policies(&self, page: &PageRequest) -> Result<Page<Policy>, Error> {
        let rows = POLICIES.list(&self.db, page).await?;
        Ok(page.page(rows, |policy: &Policy| policy.key.to_string()))
    }

    /// One policy.
    pub async fn policy(&self, key: &PolicyKey) -> Result<Policy, Error> {
        POLICIES.get(&self.db, key.as_str()).await?.ok_or(Error::NotFound("policy"))
    }

    /// Adds a policy.
    pub async fn create_policy(&self, caller: &Caller, key: PolicyKey, wish: PolicyRequest) -> Result<Policy, Error> {
        require(caller, Role::Writer)?;
        let policy = self.checked_policy(wish.into_policy(key)).await?;
        self.db.commit(POLICIES.insert(&policy).into()).await.map_err(on_conflict("policy", Error::Taken("policy")))?;
        self.policy(&policy.key).await
    }

    /// Changes a policy; incidents that are open keep the one that they began with.
    pub async fn update_policy(
        &self,
        caller: &Caller,
        key: &PolicyKey,
        wish: PolicyRequest,
        seen: Option<Revision>,
    ) -> Result<Policy, Error> {
        let present = self.policy(key).await?;
        require(caller, if present.is_catch_all() { Role::Admin } else { Role::Writer })?;
        let policy = self.checked_policy(wish.into_policy(key.clone())).await?;
        let update = POLICIES.update(&policy, seen.unwrap_or(present.version));
        self.db.commit(update.into()).await.map_err(on_conflict("policy", Error::Changed("policy")))?;
        self.policy(key).await
    }

    /// Deletes a policy that no service uses; never the catch-all.
    pub async fn delete_policy(&self, caller: &Caller, key: &PolicyKey, seen: Option<Revision>) -> Result<(), Error> {
        require(caller, Role::Writer)?;
        let policy = self.policy(key).await?;
        if policy.is_catch_all() {
            return Err(Error::Needed {
                code: "catch-all-needed",
                detail: "the catch-all policy cannot be deleted: it is paged when nobody else can be".to_owned(),
                hint: "change whom it names instead",
            });
        }
        let services: Vec<Service> = SERVICES.all(&self.db).await?;
        if let Some(user) = services.iter().find(|service| service.policy == *key) {
            return Err(Error::Needed {
                code: "policy-in-use",
                detail: format!("the service {} is paged by this policy", user.key),
                hint: "give its services another policy first",
            });
        }
        let delete = POLICIES.delete(key.as_str(), seen.unwrap_or(policy.version));
        self.db.commit(delete.into()).await.map_err(on_conflict("policy", Error::Changed("policy")))
    }

    async fn checked_policy(&self, policy: Policy) -> Result<Policy, Error> {
        policy.check()?;
        for (place, level) in policy.levels.iter().enumerate() {
            for (nth, target) in level.targets.iter().enumerate() {
                self.check_target(target, format!("/levels/{place}/targets/{nth}")).await?;
            }
        }
        Ok(policy)
    }

    async fn check_target(&self, target: &Target, field: String) -> Result<(), Error> {
        match target {
            Target::Person { person } => self.check_person(person, field).await,
            Target::Schedule { schedule } => {
                if SCHEDULES.get::<Schedule>(&self.db, schedule.as_str()).await?.is_some() {
                    return Ok(());
                }
                let detail = format!("there is no on-call schedule {schedule}");
                Err(Invalid::new("unknown-schedule", field, detail, "create the schedule first").into())
            }
            Target::CatchAll {} => Ok(()),
        }
    }

    /// Refuses somebody who is not here or may not come in.
    pub(super) async fn check_person(&self, person: &PersonId, field: String) -> Result<(), Error> {
        if self.active_name(person).await?.is_some() {
            return Ok(());
        }
        let detail = format!("{person} is not the id of an active person");
        Err(Invalid::new("unknown-person", field, detail, "use an id from GET /api/people").into())
    }
}
