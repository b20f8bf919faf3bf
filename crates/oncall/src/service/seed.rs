//! What is there at the first start, so that the first alert already reaches somebody.

use std::time::Duration;

use access::Person;
use calendar::{Layer, Rotation, Turn, Unit, Zone};
use db::Batch;
use jiff::civil::time;
use kernel::{PageRequest, PersonId, PolicyKey, Revision, ScheduleKey, ServiceKey, Timestamp};

use super::{Error, Oncall};
use crate::model::{
    CATCH_ALL, Contact, ContactMethod, ContactMethodId, DEFAULT, Level, PRIMARY, Policy, Schedule, Service, Target,
};
use crate::store::documents::{POLICIES, SCHEDULES, SERVICES};
use crate::store::people;

/// How long the person on call has before the catch-all is paged.
const FIRST_DELAY: Duration = Duration::from_mins(5);

impl Oncall {
    /// Sets up the service, the policies and the schedule that every installation has, for its first admin. What is there
    /// already stays as it is, so it may be called again.
    pub async fn seed(&self, admin: &Person) -> Result<(), Error> {
        let now = self.now();
        let mut batch = Batch::new();
        batch.push(people::seed_method(&ContactMethod {
            id: ContactMethodId::mint(now, &*self.rng),
            person: admin.id.clone(),
            contact: Contact::Email { address: admin.email.to_string() },
            position: 0,
            created_at: now,
            proven_at: None,
            last_error: None,
        }));
        batch.push(POLICIES.seed(&catch_all(&admin.id)));
        batch.push(SCHEDULES.seed(&primary(&admin.id, now)));
        batch.push(POLICIES.seed(&default_policy()));
        batch.push(SERVICES.seed(&default_service()));
        Ok(self.db.commit(batch).await?)
    }

    /// Does that for the first admin there is, unless it was done; `false` while there is no admin.
    ///
    /// For a process that died between set-up and [`Oncall::seed`].
    pub(crate) async fn seed_if_needed(&self) -> Result<bool, Error> {
        if SERVICES.get::<Service>(&self.db, DEFAULT).await?.is_some() {
            return Ok(true);
        }
        let people = self.access.people(&PageRequest { after: None, limit: 1_000 }).await?.items;
        let admins = people.iter().filter(|person| person.is_active_admin());
        let Some(admin) = admins.min_by_key(|person| person.created_at) else { return Ok(false) };
        self.seed(admin).await.map(|()| true)
    }
}

fn key<E: std::fmt::Debug, K: std::str::FromStr<Err = E>>(text: &str) -> K {
    text.parse().expect("the keys of the first start are valid")
}

fn catch_all(admin: &PersonId) -> Policy {
    let targets = vec![Target::Person { person: admin.clone() }];
    Policy {
        key: key::<_, PolicyKey>(CATCH_ALL),
        name: "Catch-all".to_owned(),
        levels: vec![level(targets)],
        repeat: 0,
        version: Revision(0),
    }
}

fn default_policy() -> Policy {
    let on_call = Target::Schedule { schedule: key::<_, ScheduleKey>(PRIMARY) };
    Policy {
        key: key::<_, PolicyKey>(DEFAULT),
        name: "Default".to_owned(),
        levels: vec![level(vec![on_call]), level(vec![Target::CatchAll {}])],
        repeat: 0,
        version: Revision(0),
    }
}

fn level(targets: Vec<Target>) -> Level {
    Level { targets, delay_seconds: u32::try_from(FIRST_DELAY.as_secs()).expect("five minutes are few seconds") }
}

fn default_service() -> Service {
    Service {
        key: key::<_, ServiceKey>(DEFAULT),
        name: "Default".to_owned(),
        description: "What pages go to when a release or an alert names no other service.".to_owned(),
        policy: key::<_, PolicyKey>(DEFAULT),
        project: None,
        environment: None,
        version: Revision(0),
    }
}

/// Weeks from Monday 09:00 UTC; people join the rotation as they come.
fn primary(admin: &PersonId, now: Timestamp) -> Schedule {
    let today = now.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    let monday = today
        .checked_sub(jiff::Span::new().days(i64::from(today.weekday().to_monday_zero_offset())))
        .expect("no clock tells the first week of the calendar");
    let rotation = Rotation {
        participants: vec![admin.clone()],
        anchor: monday.to_datetime(time(9, 0, 0, 0)),
        zone: Zone::new("UTC").expect("every machine knows UTC"),
        turn: Turn { every: 1, unit: Unit::Weeks },
        first: 0,
    };
    let layer = Layer { name: "weekly".to_owned(), priority: 0, rotation, restrictions: Vec::new() };
    let versions = calendar::Schedule::starting(now, vec![layer]).versions;
    Schedule { key: key::<_, ScheduleKey>(PRIMARY), name: "Primary".to_owned(), versions, version: Revision(0) }
}
