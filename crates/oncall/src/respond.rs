//! What people do about an incident: acknowledge, undo, note, resolve; and what the metric does: recover or not.

use kernel::{Actor, ActorKind, Timestamp};

use crate::effect::Effect;
use crate::model::{Acknowledgement, Entry, EventKind, Incident, Undone, Urgency};

/// What an acknowledgement comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// This one counts.
    Now(Box<Effect>),
    /// Somebody was faster, or the same person taps again.
    Already(Acknowledgement),
    /// It had been closed, by somebody or by itself, after it was acknowledged or without.
    TooLate {
        /// When it was closed.
        resolved: Timestamp,
    },
}

/// `actor` takes the incident in hand: nothing more is paged for it.
///
/// An incident that closed by itself may still be acknowledged once: whoever was told answers, and the time counts.
pub fn acknowledge(incident: &Incident, actor: &Actor, now: Timestamp) -> Acknowledged {
    if let Some(earlier) = &incident.acknowledgement {
        return Acknowledged::Already(earlier.clone());
    }
    if let Some(resolved) = incident.times.resolved.filter(|_| !can_acknowledge(incident)) {
        return Acknowledged::TooLate { resolved };
    }
    let mut effect = Effect::on(incident.clone());
    take_in_hand(&mut effect, actor, now);
    if effect.incident.is_open() && effect.incident.times.recovered.is_some() {
        close(&mut effect, &Actor::system(), "Resolved: the metric is well again and somebody has seen it.", now);
    }
    Acknowledged::Now(Box::new(effect))
}

/// Whether an acknowledgement would count now: what links offer, and what [`acknowledge`] takes.
pub fn can_acknowledge(incident: &Incident) -> bool {
    incident.acknowledgement.is_none() && (incident.is_open() || incident.times.recovered.is_some())
}

fn take_in_hand(effect: &mut Effect, actor: &Actor, now: Timestamp) {
    let incident = &mut effect.incident;
    incident.acknowledgement = Some(Acknowledgement { by: actor.clone(), at: now });
    incident.times.acknowledged.get_or_insert(now);
    incident.progress.next_at = None;
    effect.call_off = Some(format!("{} acknowledged before it was sent", actor.name));
    let sentence = format!("{} acknowledged; nobody else is paged.", actor.name);
    effect.write(Entry::new(now, EventKind::Acknowledged, actor.clone(), sentence));
}

/// The cause was taken back: the incident is mitigated, and a person who did it has it in hand.
pub fn undone(incident: &Incident, undone: &Undone, sentence: &str) -> Effect {
    let mut effect = Effect::on(incident.clone());
    let by_person = matches!(undone.by.kind, ActorKind::Person | ActorKind::Page);
    if by_person && effect.incident.is_open() && effect.incident.acknowledgement.is_none() {
        take_in_hand(&mut effect, &undone.by, undone.at);
    }
    effect.incident.times.mitigated.get_or_insert(undone.at);
    effect.write(Entry::new(undone.at, EventKind::Change, undone.by.clone(), sentence).change(undone.change));
    effect.incident.undone = Some(undone.clone());
    effect
}

/// `actor` writes something down.
pub fn note(incident: &Incident, actor: &Actor, text: &str, now: Timestamp) -> Effect {
    let mut effect = Effect::on(incident.clone());
    effect.write(Entry::new(now, EventKind::Note, actor.clone(), text.trim()));
    effect
}

/// `actor` says that it is over; `None` when it was over before.
pub fn resolve(incident: &Incident, actor: &Actor, now: Timestamp) -> Option<Effect> {
    if !incident.is_open() {
        return None;
    }
    let mut effect = Effect::on(incident.clone());
    close(&mut effect, actor, &format!("{} resolved the incident.", actor.name), now);
    Some(effect)
}

/// The sender of the alert says that it is over; `None` when it was over before.
pub fn alert_resolved(incident: &Incident, actor: &Actor, now: Timestamp) -> Option<Effect> {
    if !incident.is_open() {
        return None;
    }
    let mut effect = Effect::on(incident.clone());
    effect.incident.times.recovered.get_or_insert(now);
    let sentence = format!("{} says that it is well again.", actor.name);
    effect.write(Entry::new(now, EventKind::Recovered, actor.clone(), sentence));
    close(&mut effect, actor, "Resolved: the alert is over.", now);
    Some(effect)
}

/// The metric is well again.
///
/// Closes the incident when nobody has to act on it: its urgency is low, or somebody has it in hand. Otherwise paging
/// stops and the incident waits for somebody to see it.
pub fn recovered(incident: &Incident, actor: &Actor, sentence: &str, at: Timestamp, now: Timestamp) -> Effect {
    let mut effect = Effect::on(incident.clone());
    effect.incident.times.recovered.get_or_insert(at);
    effect.write(Entry::new(at, EventKind::Recovered, actor.clone(), sentence));
    if !effect.incident.is_open() {
        return effect;
    }
    if let Some(Acknowledgement { by, .. }) = &incident.acknowledgement {
        let why = format!("Resolved: the metric is well again and {} has it in hand.", by.name);
        close(&mut effect, &Actor::system(), &why, now);
    } else if incident.urgency == Urgency::Low {
        close(&mut effect, &Actor::system(), "Resolved: the metric is well again and nobody has to act.", now);
    } else {
        effect.incident.progress.next_at = None;
        effect.call_off = Some("the metric is well again".to_owned());
        let sentence = "Paging stops; the incident stays open until somebody has seen it.";
        effect.write(Entry::new(now, EventKind::Page, Actor::system(), sentence));
    }
    effect
}

/// The metric is still bad although the cause was taken back: the incident turns urgent and is paged from level 1.
///
/// An acknowledgement of the quiet page does not hold any more: it was of something that had healed.
pub fn raise(incident: &Incident, actor: &Actor, sentence: &str, now: Timestamp) -> Effect {
    let mut effect = Effect::on(incident.clone());
    let was_low = incident.urgency == Urgency::Low;
    effect.write(Entry::new(now, EventKind::Raised, actor.clone(), sentence));
    effect.incident.times.recovered = None;
    effect.incident.times.relapsed = effect.incident.times.mitigated.map(|_| now);
    if was_low {
        effect.incident.urgency = Urgency::High;
        effect.incident.acknowledgement = None;
        effect.call_off = Some("replaced by a page of high urgency".to_owned());
    }
    if effect.incident.acknowledgement.is_none() {
        restart(&mut effect.incident, now);
    }
    effect
}

/// The next step is level 1 of a fresh round, at once.
pub(crate) fn restart(incident: &mut Incident, now: Timestamp) {
    let progress = &mut incident.progress;
    progress.since_round = progress.last.take().map_or(progress.since_round, |last| last.round + 1);
    progress.next_at = Some(now);
}

fn close(effect: &mut Effect, actor: &Actor, sentence: &str, now: Timestamp) {
    effect.incident.times.resolved = Some(now);
    effect.incident.progress.next_at = None;
    effect.call_off.get_or_insert_with(|| "the incident was resolved before it was sent".to_owned());
    effect.ends_alert = true;
    effect.write(Entry::new(now, EventKind::Resolved, actor.clone(), sentence));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IncidentState, Step};
    use crate::testing::{START, after, healed_incident, incident, person, release};

    fn kinds(effect: &Effect) -> Vec<EventKind> {
        effect.entries.iter().map(|entry| entry.kind).collect()
    }

    #[test]
    fn the_first_acknowledgement_counts_and_the_second_sees_it() {
        let Acknowledged::Now(first) = acknowledge(&incident(), &person("Ada"), after(30)) else { panic!() };
        assert_eq!(first.incident.state(), IncidentState::Acknowledged);
        assert_eq!((first.incident.progress.next_at, first.incident.times.acknowledged), (None, Some(after(30))));
        assert_eq!(first.call_off.as_deref(), Some("Ada acknowledged before it was sent"));
        let second = acknowledge(&first.incident, &person("Bob"), after(31));
        assert_eq!(second, Acknowledged::Already(Acknowledgement { by: person("Ada"), at: after(30) }));
    }

    #[test]
    fn what_healed_closes_by_itself_unless_somebody_must_still_see_it() {
        let quiet = recovered(&healed_incident(), &release(), "Errors are back to normal.", after(60), after(61));
        assert_eq!(quiet.incident.state(), IncidentState::Resolved);
        assert_eq!(quiet.incident.times.recovered, Some(after(60)));
        assert!(quiet.ends_alert && quiet.entries[1].sentence.contains("nobody has to act"), "{quiet:?}");

        let urgent = recovered(&incident(), &release(), "Errors are back to normal.", after(60), after(61));
        assert_eq!((urgent.incident.state(), urgent.incident.progress.next_at), (IncidentState::Triggered, None));
        let Acknowledged::Now(seen) = acknowledge(&urgent.incident, &person("Ada"), after(90)) else { panic!() };
        assert_eq!(kinds(&seen), [EventKind::Acknowledged, EventKind::Resolved]);

        let Acknowledged::Now(held) = acknowledge(&incident(), &person("Ada"), after(30)) else { panic!() };
        let closed = recovered(&held.incident, &release(), "Errors are back to normal.", after(60), after(61));
        assert!(closed.entries[1].sentence.contains("Ada has it in hand"), "{:?}", closed.entries);
    }

    #[test]
    fn whoever_was_told_may_answer_after_it_closed_by_itself_but_not_after_somebody_closed_it() {
        let healed = recovered(&healed_incident(), &release(), "Well.", after(60), after(61)).incident;
        assert!(can_acknowledge(&healed) && !healed.is_open());
        let Acknowledged::Now(late) = acknowledge(&healed, &person("Ada"), after(90)) else { panic!() };
        assert_eq!((late.incident.times.acknowledged, kinds(&late)), (Some(after(90)), vec![EventKind::Acknowledged]));
        assert!(!can_acknowledge(&late.incident), "once");
        let closed = resolve(&incident(), &person("Bob"), after(10)).unwrap().incident;
        assert!(!can_acknowledge(&closed));
        let late = acknowledge(&closed, &person("Ada"), after(90));
        assert_eq!(late, Acknowledged::TooLate { resolved: after(10) });
        assert_eq!(resolve(&closed, &person("Bob"), after(11)), None);
    }

    #[test]
    fn what_did_not_recover_turns_urgent_and_starts_again_at_level_1_even_if_it_was_acknowledged() {
        let mut told = healed_incident();
        told.progress.last = Some(Step { round: 0, level: 1 });
        told.progress.next_at = None;
        let Acknowledged::Now(seen) = acknowledge(&told, &person("Ada"), after(30)) else { panic!() };
        for before in [told, seen.incident] {
            let raised = raise(&before, &release(), "Errors are still high.", after(120)).incident;
            assert_eq!((raised.urgency, raised.state()), (Urgency::High, IncidentState::Triggered));
            assert_eq!((raised.times.mitigated, raised.times.relapsed), (Some(START), Some(after(120))));
            assert_eq!((raised.progress.last, raised.progress.since_round), (None, 1));
            assert_eq!(raised.progress.next_at, Some(after(120)));
        }
    }

    #[test]
    fn somebody_who_has_an_urgent_incident_in_hand_is_not_paged_again_by_bad_news() {
        let Acknowledged::Now(held) = acknowledge(&incident(), &person("Ada"), after(30)) else { panic!() };
        let raised = raise(&held.incident, &release(), "Errors are still high.", after(120)).incident;
        assert_eq!(raised.progress.next_at, None);
        assert!(raised.acknowledgement.is_some());
    }

    #[test]
    fn whoever_undoes_the_change_has_the_incident_in_hand() {
        let by_ada = Undone { change: 42, by: person("Ada"), at: after(40) };
        let effect = undone(&incident(), &by_ada, "Ada took change 41 back.");
        assert_eq!(
            (effect.incident.state(), effect.incident.times.mitigated),
            (IncidentState::Mitigated, Some(after(40)))
        );
        assert_eq!(kinds(&effect), [EventKind::Acknowledged, EventKind::Change]);
        assert_eq!(effect.incident.progress.next_at, None);
    }
}
