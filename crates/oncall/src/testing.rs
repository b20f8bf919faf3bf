//! Incidents, pages and people for the tables in this crate's tests.

use kernel::{
    Actor, ActorKind, EnvironmentKey, FlagKey, IncidentId, MetricKey, PageId, PersonId, PolicyKey, ProjectKey,
    ReleaseId, Revision, ServiceKey, Timestamp,
};

use crate::model::{
    Cause, ContactMethodId, Incident, Level, Page, PageState, PolicySnapshot, Progress, Standing, Step, Target, Times,
    Undone, Urgency,
};
use crate::reach::{Found, Reach, Reached, Way};

pub(crate) const START: Timestamp = Timestamp::from_secs(1_795_000_000);

pub(crate) fn after(secs: u64) -> Timestamp {
    START.plus(std::time::Duration::from_secs(secs))
}

pub(crate) fn person(name: &str) -> Actor {
    Actor { kind: ActorKind::Person, id: format!("per_{name}"), name: name.to_owned() }
}

pub(crate) fn release() -> Actor {
    Actor { kind: ActorKind::Release, id: "rel_1".to_owned(), name: "the release of checkout-v2".to_owned() }
}

/// Urgent, caused by change 41, two levels of 5 and 10 minutes, no repeat, its first step due at [`START`].
pub(crate) fn incident() -> Incident {
    let level = |delay_seconds| Level { targets: vec![Target::CatchAll {}], delay_seconds };
    Incident {
        id: IncidentId::from_stored("inc_1"),
        number: 7,
        service: ServiceKey::new("shop").unwrap(),
        title: "errors regressed".to_owned(),
        urgency: Urgency::High,
        cause: Some(Cause {
            change: 41,
            release: Some(ReleaseId::from_stored("rel_1")),
            project: ProjectKey::new("shop").unwrap(),
            environment: EnvironmentKey::new("production").unwrap(),
            flag: FlagKey::new("checkout-v2").unwrap(),
            metric: Some(MetricKey::new("errors").unwrap()),
        }),
        standing: Standing {
            project: Some(ProjectKey::new("shop").unwrap()),
            environment: Some(EnvironmentKey::new("production").unwrap()),
        },
        policy: PolicySnapshot {
            key: PolicyKey::new("default").unwrap(),
            version: Revision(1),
            levels: vec![level(300), level(600)],
            repeat: 0,
        },
        progress: Progress { next_at: Some(START), ..Progress::default() },
        acknowledgement: None,
        undone: None,
        times: Times { started: Some(START), detected: START, ..Times::default() },
        events: 0,
        version: Revision(1),
    }
}

/// As [`incident`], but taken back by change 42 and therefore quiet.
pub(crate) fn healed_incident() -> Incident {
    let mut incident = incident();
    incident.urgency = Urgency::Low;
    incident.undone = Some(Undone { change: 42, by: release(), at: START });
    incident.times.mitigated = Some(START);
    incident
}

/// The people of each level and of the catch-all by name, each with two ways.
pub(crate) fn reach(levels: &[&[&str]], catch_all: &[&str]) -> Reach {
    let way = |name: &str, n| Way {
        id: ContactMethodId::from_stored(format!("con_{name}{n}")),
        words: if n == 1 { format!("e-mail to {name}@example.com") } else { "webhook to hooks.example.com".to_owned() },
    };
    let person = |name: &&str| Reached {
        id: PersonId::from_stored(format!("per_{name}")),
        name: (*name).to_owned(),
        ways: vec![way(name, 1), way(name, 2)],
    };
    let found = |names: &[&str]| Found {
        people: names.iter().map(person).collect(),
        missing: if names.is_empty() { vec!["nobody is on call in primary".to_owned()] } else { Vec::new() },
    };
    Reach { levels: levels.iter().map(|names| found(names)).collect(), catch_all: found(catch_all) }
}

/// A queued page of level 1 to Ada by her `method`-th way.
pub(crate) fn page(method: u32) -> Page {
    Page {
        id: PageId::from_stored(format!("pag_{method}")),
        incident: IncidentId::from_stored("inc_1"),
        person: PersonId::from_stored("per_ada"),
        contact_method: ContactMethodId::from_stored(format!("con_ada{method}")),
        step: Step { round: 0, level: 1 },
        state: PageState::Queued,
        attempts: 0,
        last_error: None,
        code: Some(format!("c0de{method}")),
        created_at: START,
        sent_at: None,
    }
}
