//! Loads what is known of the people whom a policy may page, as of an instant.

use std::collections::{BTreeMap, BTreeSet};

use calendar::on_call_at;
use kernel::{PersonId, ScheduleKey, Timestamp};

use super::{Error, Oncall};
use crate::model::{CATCH_ALL, Policy, PolicySnapshot, Schedule, Target};
use crate::reach::{Directory, Person, Way};
use crate::store::{documents, people};

impl Oncall {
    /// The people of `policy` and of the catch-all, and who is on call in the schedules that `policy` names, at `now`.
    pub(super) async fn directory(&self, policy: &PolicySnapshot, now: Timestamp) -> Result<Directory, Error> {
        let mut directory = Directory { catch_all: self.catch_all().await?, ..Directory::default() };
        for target in policy.levels.iter().flat_map(|level| &level.targets) {
            if let Target::Schedule { schedule } = target
                && let Some(on_call) = self.on_call_in(schedule, now).await?
            {
                directory.on_call.insert(schedule.clone(), on_call);
            }
        }
        directory.people = self.known(mentioned(policy, &directory)).await?;
        Ok(directory)
    }

    /// Everybody whom the catch-all policy names.
    pub(super) async fn catch_all(&self) -> Result<Vec<PersonId>, Error> {
        let policy: Option<Policy> = documents::POLICIES.get(&self.db, CATCH_ALL).await?;
        let targets = policy.into_iter().flat_map(|policy| policy.levels).flat_map(|level| level.targets);
        let person = |target| if let Target::Person { person } = target { Some(person) } else { None };
        Ok(targets.filter_map(person).collect())
    }

    /// Who is on call in a schedule; `None` when there is no such schedule.
    async fn on_call_in(&self, key: &ScheduleKey, now: Timestamp) -> Result<Option<Vec<PersonId>>, Error> {
        let Some(schedule) = documents::SCHEDULES.get::<Schedule>(&self.db, key.as_str()).await? else {
            return Ok(None);
        };
        let overrides = people::overrides(&self.db, Some(key), now).await?;
        Ok(Some(on_call_at(&schedule.calendar(&overrides), now).people))
    }

    /// Those who may still come in, with their contact methods.
    async fn known(&self, ids: BTreeSet<PersonId>) -> Result<BTreeMap<PersonId, Person>, Error> {
        let mut known = BTreeMap::new();
        for id in ids {
            let Some(name) = self.active_name(&id).await? else { continue };
            let methods = people::methods(&self.db, Some(&id)).await?;
            let ways = methods.into_iter().map(|method| Way { id: method.id, words: method.contact.describe() });
            known.insert(id, Person { name, ways: ways.collect() });
        }
        Ok(known)
    }

    /// The name of somebody who may come in; `None` for everybody else.
    pub(super) async fn active_name(&self, id: &PersonId) -> Result<Option<String>, Error> {
        match self.access.person(id).await {
            Ok(person) if person.disabled_at.is_none() => Ok(Some(person.name.to_string())),
            Ok(_) | Err(access::Error::NoSuchPerson) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn mentioned(policy: &PolicySnapshot, directory: &Directory) -> BTreeSet<PersonId> {
    let named = policy.levels.iter().flat_map(|level| &level.targets).filter_map(|target| match target {
        Target::Person { person } => Some(person),
        Target::Schedule { .. } | Target::CatchAll {} => None,
    });
    let on_call = directory.on_call.values().flatten();
    named.chain(on_call).chain(&directory.catch_all).cloned().collect()
}
