//! What an alert comes to: a new incident, one more line on an open one, an urgent one where it was quiet, or nothing.

use kernel::{Actor, AlertId, IncidentId, Revision, ServiceKey, Timestamp};

use crate::effect::Effect;
use crate::model::{
    Alert, Cause, Entry, EventKind, Incident, Policy, PolicySnapshot, Progress, Severity, Standing, Times, Undone,
    Urgency,
};
use crate::respond;

/// Something is wrong, as a guard or a monitor tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Who tells it.
    pub by: Actor,
    /// What makes it the same alert when it comes again.
    pub dedup_key: String,
    /// What is wrong, in one line.
    pub title: String,
    /// What is wrong, in a sentence.
    pub summary: String,
    /// How bad, by its sender.
    pub severity: Severity,
    /// How loudly to tell it.
    pub urgency: Urgency,
    /// Whatever the sender added.
    pub details: Option<serde_json::Value>,
    /// What brought it about, when that is known.
    pub cause: Option<Cause>,
    /// What took it back, when something did.
    pub undone: Option<Undone>,
    /// When it began to hurt, when that is known.
    pub started: Option<Timestamp>,
    /// When it was noticed.
    pub detected: Timestamp,
    /// Where to look for suspects.
    pub standing: Standing,
}

/// What a new incident is born with.
#[derive(Clone, Copy, Debug)]
pub struct Birth<'a> {
    /// Its id.
    pub incident: &'a IncidentId,
    /// The id of its first alert.
    pub alert: &'a AlertId,
    /// The service that it is about.
    pub service: &'a ServiceKey,
    /// The service's policy, frozen into it.
    pub policy: &'a Policy,
    /// Now.
    pub now: Timestamp,
}

/// Opens an incident; its first step is due at once.
pub fn open(trigger: &Trigger, birth: Birth<'_>) -> (Effect, Alert) {
    let Birth { incident, alert, service, policy, now } = birth;
    let alert = Alert {
        id: alert.clone(),
        incident: incident.clone(),
        service: service.clone(),
        dedup_key: trigger.dedup_key.clone(),
        summary: trigger.summary.clone(),
        severity: trigger.severity,
        details: trigger.details.clone(),
        count: 1,
        opened_at: now,
        last_at: now,
        resolved_at: None,
    };
    let times = Times {
        started: trigger.started,
        detected: trigger.detected,
        mitigated: trigger.undone.as_ref().map(|undone| undone.at),
        ..Times::default()
    };
    let mut effect = Effect::on(Incident {
        id: incident.clone(),
        number: 0,
        service: service.clone(),
        title: trigger.title.clone(),
        urgency: trigger.urgency,
        cause: trigger.cause.clone(),
        standing: trigger.standing.clone(),
        policy: PolicySnapshot::from(policy),
        progress: Progress { next_at: Some(now), ..Progress::default() },
        acknowledgement: None,
        undone: trigger.undone.clone(),
        times,
        events: 0,
        version: Revision(0),
    });
    effect.write(Entry::new(trigger.detected, EventKind::Verdict, trigger.by.clone(), trigger.summary.clone()));
    let sentence = format!("Opened for {service} at {} urgency.", trigger.urgency.as_str());
    effect.write(Entry::new(now, EventKind::Opened, Actor::system(), sentence));
    (effect, alert)
}

/// The alert comes again while its incident is open.
///
/// The timeline grows by its logarithm: the 2nd, 4th, 8th … time is written down, so that a storm cannot drown the rest.
pub fn attach(trigger: &Trigger, alert: &Alert, incident: &Incident, now: Timestamp) -> (Effect, Alert) {
    let mut alert = Alert { count: alert.count + 1, last_at: now, ..alert.clone() };
    alert.severity = trigger.severity;
    let urgent = trigger.urgency == Urgency::High && incident.urgency == Urgency::Low;
    let relapsed = incident.times.recovered.is_some();
    let mut effect = if urgent || relapsed {
        let why = if urgent { "It is urgent now" } else { "It is back" };
        respond::raise(incident, &trigger.by, &format!("{why}: {}", trigger.summary), now)
    } else {
        Effect::on(incident.clone())
    };
    if alert.count.count_ones() == 1 {
        let sentence = format!("The alert came for the {}. time: {}", alert.count, trigger.summary);
        effect.write(Entry::new(now, EventKind::Alert, trigger.by.clone(), sentence));
    }
    if let (None, Some(undone)) = (&effect.incident.undone, &trigger.undone) {
        effect.incident.undone = Some(undone.clone());
        effect.incident.times.mitigated.get_or_insert(undone.at);
    }
    (effect, alert)
}

#[cfg(test)]
mod tests {
    use kernel::PolicyKey;

    use super::*;
    use crate::model::Level;
    use crate::testing::{START, after, healed_incident, incident, release};

    fn trigger(urgency: Urgency) -> Trigger {
        Trigger {
            by: release(),
            dedup_key: "release:rel_1".to_owned(),
            title: "errors regressed".to_owned(),
            summary: "Errors rose.".to_owned(),
            severity: Severity::Error,
            urgency,
            details: None,
            cause: None,
            undone: healed_incident().undone,
            started: Some(START),
            detected: after(4),
            standing: Standing::default(),
        }
    }

    fn opened() -> (Effect, Alert) {
        let policy = Policy {
            key: PolicyKey::new("default").unwrap(),
            name: "Default".to_owned(),
            levels: vec![Level { targets: vec![], delay_seconds: 60 }],
            repeat: 0,
            version: Revision(3),
        };
        let (incident, alert) = (IncidentId::from_stored("inc_1"), AlertId::from_stored("alt_1"));
        let service = ServiceKey::new("shop").unwrap();
        let birth = Birth { incident: &incident, alert: &alert, service: &service, policy: &policy, now: after(5) };
        open(&trigger(Urgency::Low), birth)
    }

    #[test]
    fn a_new_incident_freezes_its_policy_and_is_due_at_once() {
        let (effect, alert) = opened();
        let incident = effect.incident;
        assert_eq!((incident.policy.version, incident.progress.next_at), (Revision(3), Some(after(5))));
        assert_eq!((incident.times.started, incident.times.detected), (Some(START), after(4)));
        assert_eq!(incident.times.mitigated, Some(START));
        assert_eq!((alert.count, alert.incident), (1, incident.id));
    }

    #[test]
    fn a_storm_writes_the_logarithm_of_itself() {
        let (_, mut alert) = opened();
        let mut lines = 0;
        for _ in 0..999 {
            let (effect, next) = attach(&trigger(Urgency::High), &alert, &incident(), after(9));
            lines += effect.entries.len();
            alert = next;
        }
        assert_eq!((alert.count, lines), (1_000, 9));
    }

    #[test]
    fn an_urgent_alert_raises_a_quiet_incident_and_a_quiet_one_does_not_calm_an_urgent_incident() {
        let (_, alert) = opened();
        let (raised, _) = attach(&trigger(Urgency::High), &alert, &healed_incident(), after(9));
        assert_eq!((raised.incident.urgency, raised.incident.progress.next_at), (Urgency::High, Some(after(9))));
        let (calm, _) = attach(&trigger(Urgency::Low), &alert, &incident(), after(9));
        assert_eq!(calm.incident.urgency, Urgency::High);
    }

    #[test]
    fn an_incident_that_was_well_again_is_paged_anew_when_the_alert_comes_back() {
        let (_, alert) = opened();
        let mut well = incident();
        well.times.recovered = Some(after(8));
        well.progress.next_at = None;
        let (effect, _) = attach(&trigger(Urgency::High), &alert, &well, after(9));
        assert_eq!((effect.incident.times.recovered, effect.incident.progress.next_at), (None, Some(after(9))));
    }
}
