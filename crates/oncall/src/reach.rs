//! Who can be reached at an instant: a policy's targets become people, and people become ways to reach them.

use std::collections::BTreeMap;

use kernel::{PersonId, ScheduleKey};

use crate::model::{ContactMethodId, PolicySnapshot, Target, Urgency};

/// What is known of people and schedules at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// The people, with their names and their ways, first choice first; those who may not log in any more are absent.
    pub people: BTreeMap<PersonId, Person>,
    /// Who is on call in each schedule that exists.
    pub on_call: BTreeMap<ScheduleKey, Vec<PersonId>>,
    /// The people of the catch-all policy.
    pub catch_all: Vec<PersonId>,
}

/// Somebody, and the ways to reach them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name for sentences.
    pub name: String,
    /// Their contact methods, first choice first.
    pub ways: Vec<Way>,
}

/// A contact method, in the words of [`crate::model::Contact::describe`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which.
    pub id: ContactMethodId,
    /// `e-mail to ada@example.com`.
    pub words: String,
}

/// What a policy comes to at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// One for each level of the policy.
    pub levels: Vec<Found>,
    /// The last resort.
    pub catch_all: Found,
}

/// Whom a level finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The people who can be reached; each has at least one way.
    pub people: Vec<Reached>,
    /// Why others cannot, one clause each.
    pub missing: Vec<String>,
}

/// Somebody who can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Who.
    pub id: PersonId,
    /// The name for sentences.
    pub name: String,
    /// The ways, first choice first, never empty.
    pub ways: Vec<Way>,
}

impl Reached {
    /// The ways that an urgency deserves: all at once when it is high, the first choice when it is low.
    pub fn ways_for(&self, urgency: Urgency) -> &[Way] {
        match urgency {
            Urgency::High => &self.ways,
            Urgency::Low => &self.ways[..1],
        }
    }
}

/// Resolves a policy's targets; nobody is found twice in a level.
pub fn reach(policy: &PolicySnapshot, directory: &Directory) -> Reach {
    let levels = policy.levels.iter().map(|level| found(&level.targets, directory)).collect();
    Reach { levels, catch_all: found(&[Target::CatchAll {}], directory) }
}

fn found(targets: &[Target], directory: &Directory) -> Found {
    let mut found = Found::default();
    if targets.is_empty() {
        found.missing.push("the level has no targets".to_owned());
    }
    for target in targets {
        match target {
            Target::Person { person } => found.add(person, directory),
            Target::Schedule { schedule } => found.add_schedule(schedule, directory),
            Target::CatchAll {} => directory.catch_all.iter().for_each(|person| found.add(person, directory)),
        }
    }
    found
}

impl Found {
    fn add_schedule(&mut self, schedule: &ScheduleKey, directory: &Directory) {
        match directory.on_call.get(schedule) {
            None => self.missing.push(format!("there is no schedule {schedule}")),
            Some(people) if people.is_empty() => self.missing.push(format!("nobody is on call in {schedule}")),
            Some(people) => people.iter().for_each(|person| self.add(person, directory)),
        }
    }

    fn add(&mut self, id: &PersonId, directory: &Directory) {
        if self.people.iter().any(|reached| reached.id == *id) {
            return;
        }
        match directory.people.get(id) {
            None => self.missing.push(format!("{id} is no active person")),
            Some(person) if person.ways.is_empty() => {
                self.missing.push(format!("{} has no contact method", person.name));
            }
            Some(Person { name, ways }) => {
                self.people.push(Reached { id: id.clone(), name: name.clone(), ways: ways.clone() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{PolicyKey, Revision};

    use super::*;
    use crate::model::Level;

    fn id(name: &str) -> PersonId {
        PersonId::from_stored(format!("per_{name}"))
    }

    fn directory() -> Directory {
        let way =
            |name: &str| Way { id: ContactMethodId::from_stored(format!("con_{name}")), words: "e-mail".to_owned() };
        let person = |name: &str, ways: Vec<Way>| (id(name), Person { name: name.to_owned(), ways });
        Directory {
            people: BTreeMap::from([person("ada", vec![way("1"), way("2")]), person("bob", vec![])]),
            on_call: BTreeMap::from([
                (ScheduleKey::new("primary").unwrap(), vec![id("ada"), id("bob")]),
                (ScheduleKey::new("night").unwrap(), vec![]),
            ]),
            catch_all: vec![id("ada")],
        }
    }

    fn level(targets: Vec<Target>) -> PolicySnapshot {
        let levels = vec![Level { targets, delay_seconds: 60 }];
        PolicySnapshot { key: PolicyKey::new("p").unwrap(), version: Revision(1), levels, repeat: 0 }
    }

    fn schedule(key: &str) -> Target {
        Target::Schedule { schedule: ScheduleKey::new(key).unwrap() }
    }

    #[test]
    fn nobody_is_found_twice_and_who_cannot_be_reached_is_said() {
        let targets = vec![Target::Person { person: id("ada") }, schedule("primary"), Target::CatchAll {}];
        let found = reach(&level(targets), &directory()).levels.remove(0);
        assert_eq!(found.people.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["ada"]);
        assert_eq!(found.missing, ["bob has no contact method"]);
    }

    #[test]
    fn an_empty_level_says_why_it_is_empty() {
        for (targets, why) in [
            (vec![], "the level has no targets"),
            (vec![schedule("night")], "nobody is on call in night"),
            (vec![schedule("gone")], "there is no schedule gone"),
            (vec![Target::Person { person: id("eve") }], "per_eve is no active person"),
        ] {
            let found = reach(&level(targets), &directory()).levels.remove(0);
            assert_eq!((found.people.len(), found.missing.as_slice()), (0, [why.to_owned()].as_slice()));
        }
    }

    #[test]
    fn low_urgency_takes_the_first_way_and_high_takes_all() {
        let reach = reach(&level(vec![]), &directory());
        let ada = &reach.catch_all.people[0];
        assert_eq!((ada.ways_for(Urgency::Low).len(), ada.ways_for(Urgency::High).len()), (1, 2));
    }
}
