//! The next step of an escalation: whom to page now, until when to wait, or why to be quiet.

use std::time::Duration;

use kernel::{Actor, Timestamp};

use crate::effect::Effect;
use crate::model::{Entry, EventKind, Incident, PlannedPage, Step, Urgency};
use crate::reach::{Found, Reach, Reached};

/// After the policy has ended the catch-all is paged again and again until somebody acknowledges (`oncall.md` §3.7).
pub const CATCH_ALL_INTERVAL: Duration = Duration::from_mins(15);

/// How long to wait for somebody to become reachable when not even the catch-all is.
pub const STRANDED_INTERVAL: Duration = Duration::from_mins(1);

/// What to do about an incident now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Page nobody, and do not come back by yourself.
    Quiet(Quiet),
    /// Page nobody before this instant.
    Wait {
        /// When the next step is due.
        until: Timestamp,
    },
    /// Page these people.
    Page(Paging),
    /// Nobody at all can be reached: try again then.
    Stranded {
        /// When to try again.
        until: Timestamp,
        /// Why nobody can, level by level.
        passed: Vec<Passed>,
    },
}

/// Why nobody is paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// It is over.
    Resolved,
    /// Somebody has it in hand.
    Acknowledged,
    /// The metric is well again.
    Recovered,
    /// Its low urgency deserved one page, and that is out.
    Told,
}

/// One step: these people at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Which step.
    pub step: Step,
    /// Whether it is the last resort.
    pub catch_all: bool,
    /// Who.
    pub people: Vec<Reached>,
    /// The levels that had nobody and were passed on the way.
    pub passed: Vec<Passed>,
    /// When the next step is due; `None` when this one was all.
    pub next_at: Option<Timestamp>,
}

/// A level that had nobody to page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The level, from 1.
    pub level: u32,
    /// Why it had nobody.
    pub why: String,
}

/// Decides the next step of `incident` at `now`, when the people in `reach` can be reached.
///
/// A level without anybody never waits: it is passed at once, and that is recorded.
pub fn escalate(incident: &Incident, reach: &Reach, now: Timestamp) -> Decision {
    if !incident.is_open() {
        return Decision::Quiet(Quiet::Resolved);
    }
    if incident.acknowledgement.is_some() {
        return Decision::Quiet(Quiet::Acknowledged);
    }
    if incident.times.recovered.is_some() {
        return Decision::Quiet(Quiet::Recovered);
    }
    match incident.progress.next_at {
        None => Decision::Quiet(Quiet::Told),
        Some(until) if now < until => Decision::Wait { until },
        Some(_) => next_step(incident, reach, now),
    }
}

fn next_step(incident: &Incident, reach: &Reach, now: Timestamp) -> Decision {
    let mut passed = Vec::new();
    for step in steps_ahead(incident) {
        let level = &incident.policy.levels[step.level as usize - 1];
        let found = &reach.levels[step.level as usize - 1];
        if !found.people.is_empty() {
            let next_at = now.plus(Duration::from_secs(u64::from(level.delay_seconds)));
            return page(incident, step, found, passed, next_at);
        }
        passed.push(Passed { level: step.level, why: found.missing.join("; ") });
    }
    let step = catch_all_step(incident);
    if reach.catch_all.people.is_empty() {
        passed.push(Passed { level: step.level, why: reach.catch_all.missing.join("; ") });
        return Decision::Stranded { until: now.plus(STRANDED_INTERVAL), passed };
    }
    page(incident, step, &reach.catch_all, passed, now.plus(CATCH_ALL_INTERVAL))
}

/// The levels that are still to be walked: the rest of this round, and one whole round more if a repeat is left.
///
/// More rounds than one need no look: what is empty in one is empty in the next at the same instant.
fn steps_ahead(incident: &Incident) -> Vec<Step> {
    let levels = incident.policy.height();
    let since = incident.progress.since_round;
    let (round, walked) = incident.progress.last.map_or((since, 0), |last| (last.round, last.level));
    let rest = (walked + 1..=levels).map(|level| Step { round, level });
    let repeat_left = walked > 0 && walked <= levels && round - since < incident.policy.repeat;
    let again = (1..=levels).filter(|_| repeat_left).map(|level| Step { round: round + 1, level });
    rest.chain(again).collect()
}

/// The catch-all stands after the last level; paged again it opens a round of its own.
fn catch_all_step(incident: &Incident) -> Step {
    let level = incident.policy.height() + 1;
    match incident.progress.last {
        Some(last) if last.level == level => Step { round: last.round + 1, level },
        Some(last) => Step { round: last.round, level },
        None => Step { round: incident.progress.since_round, level },
    }
}

fn page(incident: &Incident, step: Step, found: &Found, passed: Vec<Passed>, next_at: Timestamp) -> Decision {
    let next_at = (incident.urgency == Urgency::High).then_some(next_at);
    let catch_all = step.level > incident.policy.height();
    Decision::Page(Paging { step, catch_all, people: found.people.clone(), passed, next_at })
}

/// What a decision comes to; `None` when it changes nothing.
pub fn effect(incident: &Incident, decision: &Decision, now: Timestamp) -> Option<Effect> {
    match decision {
        Decision::Wait { .. } => None,
        Decision::Quiet(_) if incident.progress.next_at.is_none() => None,
        Decision::Quiet(_) => {
            let mut effect = Effect::on(incident.clone());
            effect.incident.progress.next_at = None;
            Some(effect)
        }
        Decision::Page(paging) => Some(paging_effect(incident, paging, now)),
        Decision::Stranded { until, passed } => Some(stranded_effect(incident, *until, passed, now)),
    }
}

fn paging_effect(incident: &Incident, paging: &Paging, now: Timestamp) -> Effect {
    let mut effect = Effect::on(incident.clone());
    let progress = &mut effect.incident.progress;
    progress.last = Some(paging.step);
    progress.next_at = paging.next_at;
    progress.stranded = false;
    write_passed(&mut effect, &paging.passed, now);
    effect.write(Entry::new(now, EventKind::Page, Actor::system(), paging_sentence(incident.urgency, paging)));
    for person in &paging.people {
        effect.pages.extend(person.ways_for(incident.urgency).iter().map(|way| PlannedPage {
            person: person.id.clone(),
            contact_method: way.id.clone(),
            step: paging.step,
        }));
    }
    effect
}

/// `Paging level 2: Ada by e-mail to ada@example.com. Next step in 5 min.`
fn paging_sentence(urgency: Urgency, paging: &Paging) -> String {
    let by = |person: &Reached| {
        let ways: Vec<&str> = person.ways_for(urgency).iter().map(|way| way.words.as_str()).collect();
        format!("{} by {}", person.name, ways.join(" and "))
    };
    let people = paging.people.iter().map(by).collect::<Vec<_>>().join(", ");
    let place = if paging.catch_all { "the catch-all".to_owned() } else { format!("level {}", paging.step.level) };
    let again = if paging.step.round > 0 { format!(", round {}", paging.step.round + 1) } else { String::new() };
    match urgency {
        Urgency::High => format!("Paging {place}{again}: {people}."),
        Urgency::Low => format!("Telling {people} at low urgency; nobody else is paged."),
    }
}

fn stranded_effect(incident: &Incident, until: Timestamp, passed: &[Passed], now: Timestamp) -> Effect {
    let mut effect = Effect::on(incident.clone());
    effect.incident.progress.next_at = Some(until);
    if !incident.progress.stranded {
        effect.incident.progress.stranded = true;
        write_passed(&mut effect, passed, now);
        let sentence = "Nobody can be reached, not even by the catch-all; trying again every minute.";
        effect.write(Entry::new(now, EventKind::Passed, Actor::system(), sentence));
    }
    effect
}

fn write_passed(effect: &mut Effect, passed: &[Passed], now: Timestamp) {
    let height = effect.incident.policy.height();
    for Passed { level, why } in passed {
        let place = if *level > height { "The catch-all".to_owned() } else { format!("Level {level}") };
        let sentence = format!("{place} had nobody to page: {why}.");
        effect.write(Entry::new(now, EventKind::Passed, Actor::system(), sentence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Acknowledgement;
    use crate::testing::{START, after, healed_incident, incident, person, reach};

    /// Walks an incident that nobody acknowledges and tells each step as `seconds: round/level who`.
    fn walk(mut incident: Incident, reach: &Reach, steps: usize) -> Vec<String> {
        let mut now = incident.progress.next_at.unwrap();
        let mut told = Vec::new();
        for _ in 0..steps {
            let decision = escalate(&incident, reach, now);
            let Some(effect) = effect(&incident, &decision, now) else { break };
            if let Decision::Page(paging) = &decision {
                let who: Vec<&str> = paging.people.iter().map(|person| person.name.as_str()).collect();
                let Step { round, level } = paging.step;
                told.push(format!("{}: {round}/{level} {}", now.since(START).as_secs(), who.join("+")));
            }
            incident = effect.incident;
            let Some(next) = incident.progress.next_at else { break };
            now = next;
        }
        told
    }

    fn repeating(repeat: u32) -> Incident {
        let mut incident = incident();
        incident.policy.repeat = repeat;
        incident
    }

    #[test]
    fn levels_are_paged_after_their_delays_then_again_then_the_catch_all_until_somebody_acknowledges() {
        let reach = reach(&[&["ada"], &["bob", "eve"]], &["ida"]);
        let expected =
            ["0: 0/1 ada", "300: 0/2 bob+eve", "900: 1/1 ada", "1200: 1/2 bob+eve", "1800: 1/3 ida", "2700: 2/3 ida"];
        assert_eq!(walk(repeating(1), &reach, 6), expected);
        assert_eq!(walk(repeating(0), &reach, 3), ["0: 0/1 ada", "300: 0/2 bob+eve", "900: 0/3 ida"]);
    }

    #[test]
    fn an_empty_level_never_waits() {
        for (levels, catch_all, expected) in [
            ([&[][..], &["bob"][..]], &["ida"][..], vec!["0: 0/2 bob", "600: 1/2 bob", "1200: 1/3 ida"]),
            ([&["ada"][..], &[][..]], &["ida"][..], vec!["0: 0/1 ada", "300: 1/1 ada", "600: 1/3 ida"]),
            ([&[][..], &[][..]], &["ida"][..], vec!["0: 0/3 ida", "900: 1/3 ida", "1800: 2/3 ida"]),
        ] {
            assert_eq!(walk(repeating(1), &reach(&levels, catch_all), 3), expected, "{levels:?}");
        }
    }

    #[test]
    fn a_passed_level_is_written_down_with_its_reason() {
        let incident = incident();
        let decision = escalate(&incident, &reach(&[&[], &["bob"]], &[]), START);
        let sentences: Vec<String> =
            effect(&incident, &decision, START).unwrap().entries.into_iter().map(|entry| entry.sentence).collect();
        assert_eq!(
            sentences,
            [
                "Level 1 had nobody to page: nobody is on call in primary.",
                "Paging level 2: bob by e-mail to bob@example.com and webhook to hooks.example.com.",
            ]
        );
    }

    #[test]
    fn when_nobody_can_be_reached_it_is_said_once_and_tried_every_minute() {
        let nobody = reach(&[&[], &[]], &[]);
        let incident = incident();
        let first = effect(&incident, &escalate(&incident, &nobody, START), START).unwrap();
        assert_eq!(first.entries.len(), 4, "{:?}", first.entries);
        assert_eq!(first.incident.progress.next_at, Some(after(60)));
        let again = effect(&first.incident, &escalate(&first.incident, &nobody, after(60)), after(60)).unwrap();
        assert_eq!((again.entries.len(), again.incident.progress.next_at), (0, Some(after(120))));
        let found = escalate(&again.incident, &reach(&[&["ada"], &[]], &[]), after(120));
        assert!(matches!(found, Decision::Page(Paging { step: Step { round: 0, level: 1 }, .. })), "{found:?}");
    }

    #[test]
    fn low_urgency_is_told_once_by_the_first_contact_method() {
        let incident = healed_incident();
        let reach = reach(&[&["ada"], &["bob"]], &["ida"]);
        let effect = effect(&incident, &escalate(&incident, &reach, START), START).unwrap();
        let methods: Vec<&str> = effect.pages.iter().map(|page| page.contact_method.as_str()).collect();
        assert_eq!((methods, effect.incident.progress.next_at), (vec!["con_ada1"], None));
        assert_eq!(escalate(&effect.incident, &reach, after(86_400)), Decision::Quiet(Quiet::Told));
    }

    #[test]
    fn it_waits_until_its_time_and_is_quiet_once_somebody_knows_or_it_is_over() {
        let reach = reach(&[&["ada"], &["bob"]], &["ida"]);
        let mut waiting = incident();
        waiting.progress.next_at = Some(after(1));
        assert_eq!(escalate(&waiting, &reach, START), Decision::Wait { until: after(1) });
        let mut known = incident();
        known.acknowledgement = Some(Acknowledgement { by: person("Ada"), at: START });
        let mut well = incident();
        well.times.recovered = Some(START);
        let mut over = incident();
        over.times.resolved = Some(START);
        for (incident, why) in [(known, Quiet::Acknowledged), (well, Quiet::Recovered), (over, Quiet::Resolved)] {
            let decision = escalate(&incident, &reach, after(900));
            assert_eq!(decision, Decision::Quiet(why));
            assert_eq!(effect(&incident, &decision, after(900)).unwrap().incident.progress.next_at, None);
        }
    }
}
