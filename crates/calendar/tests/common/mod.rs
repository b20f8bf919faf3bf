//! Short words for schedules and instants.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // each test file uses some of them, and they are tests

use calendar::{Day, Layer, Restriction, Rotation, Schedule, Shift, Turn, Unit, Zone};
use kernel::{PersonId, Timestamp};

pub(crate) const CHICAGO: &str = "America/Chicago";
pub(crate) const NEW_YORK: &str = "America/New_York";
pub(crate) const LORD_HOWE: &str = "Australia/Lord_Howe";

/// `2020-11-01T06:30` (UTC).
pub(crate) fn utc(text: &str) -> Timestamp {
    let text = if text.len() == 16 { format!("{text}:00Z") } else { text.to_owned() };
    Timestamp::from_jiff(text.parse().expect("an instant"))
}

pub(crate) fn person(name: char) -> PersonId {
    PersonId::from_stored(name.to_string())
}

/// One letter a person.
pub(crate) fn people(names: &str) -> Vec<PersonId> {
    names.chars().map(person).collect()
}

pub(crate) fn names(people: &[PersonId]) -> String {
    people.iter().map(PersonId::as_str).collect()
}

pub(crate) fn rotation(names: &str, zone: &str, anchor: &str, every: u32, unit: Unit) -> Rotation {
    Rotation {
        participants: people(names),
        anchor: anchor.parse().unwrap(),
        zone: Zone::new(zone).unwrap(),
        turn: Turn { every, unit },
        first: 0,
    }
}

pub(crate) fn layer(name: &str, priority: i32, rotation: Rotation) -> Layer {
    Layer { name: name.to_owned(), priority, rotation, restrictions: vec![] }
}

/// One person, always.
pub(crate) fn always(name: char) -> Rotation {
    rotation(&name.to_string(), "UTC", "2026-01-01T00:00", 1, Unit::Days)
}

/// One person at some hours of every day, in UTC.
pub(crate) fn daily(name: char, priority: i32, from: &str, to: &str) -> Layer {
    let restrictions = vec![restriction(&EVERY_DAY, from, to)];
    Layer { restrictions, ..layer(&format!("{name} {from}"), priority, always(name)) }
}

pub(crate) fn restriction(days: &[Day], from: &str, to: &str) -> Restriction {
    Restriction { days: days.to_vec(), from: from.parse().unwrap(), to: to.parse().unwrap() }
}

pub(crate) const WORKDAYS: [Day; 5] = [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday];
pub(crate) const EVERY_DAY: [Day; 7] =
    [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday, Day::Sunday];

pub(crate) fn schedule(layers: Vec<Layer>) -> Schedule {
    Schedule::starting(Timestamp::from_millis(-30_000_000_000_000), layers)
}

/// `10:00-12:00 A; 12:00-13:00 -`, times in UTC, dates left out.
pub(crate) fn told(shifts: &[Shift]) -> String {
    let clock = |instant: Timestamp| instant.to_jiff().strftime("%H:%M").to_string();
    let people = |shift: &Shift| if shift.people.is_empty() { "-".to_owned() } else { names(&shift.people) };
    let each = shifts.iter().map(|shift| format!("{}-{} {}", clock(shift.from), clock(shift.to), people(shift)));
    each.collect::<Vec<_>>().join("; ")
}
