//! What is there as soon as somebody is, so that the first alert already reaches them.

use std::time::Duration;

use access::{Arrival, Person};
use calendar::{Layer, Rotation, Turn, Unit, Zone};
use db::Statement;
use jiff::civil::time;
use kernel::{PersonId, PolicyKey, Revision, Rng, ScheduleKey, ServiceKey, Timestamp};

use crate::model::{
    CATCH_ALL, Contact, ContactMethod, ContactMethodId, DEFAULT, Level, PRIMARY, Policy, Schedule, Service, Target,
};
use crate::store::documents::{POLICIES, SCHEDULES, SERVICES};
use crate::store::people;

/// How long the person on call has before the catch-all is paged.
const FIRST_DELAY: Duration = Duration::from_mins(5);

/// What on-call writes when somebody comes: their e-mail address as the first way to reach them and, for the first admin,
/// the service, the policies and the schedule that every installation has. What is there already stays as it is.
pub fn welcome(person: &Person, arrival: Arrival, now: Timestamp, rng: &dyn Rng) -> Vec<Statement> {
    let method = people::seed_method(&ContactMethod {
        id: ContactMethodId::mint(now, rng),
        person: person.id.clone(),
        contact: Contact::Email { address: person.email.to_string() },
        position: 0,
        created_at: now,
        proven_at: None,
        last_error: None,
    });
    match arrival {
        Arrival::Invited => vec![method],
        Arrival::First => vec![
            method,
            POLICIES.seed(&catch_all(&person.id)),
            SCHEDULES.seed(&primary(&person.id, now)),
            POLICIES.seed(&default_policy()),
            SERVICES.seed(&default_service()),
        ],
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
