//! A furnished house for tests: a migrated database, people, a flag with a change to blame, and hands to turn things with.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

use std::sync::Arc;
use std::time::Duration;

use access::{Access, Arrival, Caller, Email, Name, Person, Role};
use db::outbox::{self, Claimed, Message};
use db::{Db, lease};
use flags::instruction::{CreateFlag, Instruction};
use flags::model::{ChangeRecord, ChangeSummary, Flag, Project, Subject};
use flags::service::NewProject;
use flags::store::changes::ChangeFilter;
use flags::{Change, Flags};
use kernel::{
    Actor, Clock, EnvironmentKey, FlagKey, IncidentId, MetricKey, PageRequest, PersonId, ProjectKey, ReleaseId,
    Revision, ServiceKey, SystemRng, Timestamp,
};
use metrics::{Metrics, Place};
use oncall::model::{Level, Severity, Target};
use oncall::service::{
    AlertAction, AlertRequest, Alerted, ContactMethodRequest, KnownServices, PolicyRequest, ServicePatch,
};
use oncall::view::{IncidentDetail, PageView};
use oncall::{Delivery, Oncall, Parts};
use releases::Releases;
use runtime::{Reconciler, Turn};
use serde_json::json;
use testkit::ManualClock;

pub(crate) const BASE: &str = "https://steadfast.example";

pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) access: Access,
    pub(crate) flags: Flags,
    pub(crate) metrics: Metrics,
    pub(crate) releases: Releases,
    pub(crate) oncall: Oncall,
    /// The first admin, who is the catch-all and on call in `primary`.
    pub(crate) ada: Person,
    /// A writer who is nowhere on call.
    pub(crate) bob: Person,
    reconcilers: Vec<Arc<dyn Reconciler>>,
    fence: lease::Fence,
}

pub(crate) async fn house(db: Db) -> House {
    db::migrate(
        &db,
        &[access::MIGRATIONS, flags::MIGRATIONS, metrics::MIGRATIONS, releases::MIGRATIONS, oncall::MIGRATIONS],
    )
    .await
    .unwrap();
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
    let rng = Arc::new(SystemRng);
    let access = Access::new(db.clone(), clock.clone(), rng.clone(), BASE).with_welcome(oncall::welcome);
    let flags = Flags::new(db.clone(), clock.clone(), rng.clone());
    let metrics = Metrics::new(db.clone(), clock.clone(), rng.clone());
    let releases = Releases::new(db.clone(), clock.clone(), rng.clone(), flags.clone(), metrics.clone())
        .with_services(Arc::new(KnownServices::new(db.clone())));
    let oncall = Oncall::new(Parts {
        db: db.clone(),
        clock: clock.clone(),
        rng: rng.clone(),
        access: access.clone(),
        flags: flags.clone(),
        releases: releases.clone(),
        base_url: BASE,
    });
    access.setup_link().await.unwrap();
    let ada = person(&db, "Ada", Role::Admin).await;
    let first = oncall::welcome(&ada, Arrival::First, clock.now(), &*rng);
    db.commit(first.into_iter().collect()).await.unwrap();
    let bob = person(&db, "Bob", Role::Writer).await;
    let project = Project { name: "Shop".to_owned(), description: String::new() };
    flags.create_project(Actor::system(), NewProject::usual(project_key(), project)).await.unwrap();
    let reconcilers = oncall::reconcilers(&oncall);
    let held = lease::acquire(&db, "tests", "tests", Timestamp::EPOCH, Duration::from_hours(1)).await.unwrap();
    let fence = held.expect("nobody else holds it");
    House { db, clock, access, flags, metrics, releases, oncall, ada, bob, reconcilers, fence }
}

pub(crate) async fn person(db: &Db, name: &str, role: Role) -> Person {
    let person = Person {
        id: PersonId::from_stored(format!("per_{}", name.to_lowercase())),
        email: Email::new(&format!("{name}@example.com")).unwrap(),
        name: Name::new(name).unwrap(),
        role,
        invited: false,
        created_at: Timestamp::EPOCH,
        disabled_at: None,
    };
    db.commit(access::store::insert_person(&person, Some("no password fits this")).into()).await.unwrap();
    person
}

pub(crate) fn caller(person: &Person) -> Caller {
    Caller { actor: person.actor(), role: person.role, person_id: Some(person.id.clone()) }
}

pub(crate) fn project_key() -> ProjectKey {
    ProjectKey::new("shop").unwrap()
}

pub(crate) fn service(key: &str) -> ServiceKey {
    ServiceKey::new(key).unwrap()
}

pub(crate) fn level(targets: Vec<Target>, delay_seconds: u32) -> Level {
    Level { targets, delay_seconds }
}

pub(crate) fn at(person: &Person) -> Target {
    Target::Person { person: person.id.clone() }
}

impl House {
    /// Pages for the default service by these levels from now on.
    pub(crate) async fn levels(&self, levels: Vec<Level>, repeat: u32) {
        let wish = PolicyRequest { name: "Default".to_owned(), levels, repeat };
        self.oncall.update_policy(&caller(&self.ada), &"default".parse().unwrap(), wish, None).await.unwrap();
    }

    pub(crate) async fn add_email(&self, person: &Person) {
        let wish = ContactMethodRequest::Email { address: person.email.to_string() };
        self.oncall.add_contact_method(&caller(person), &person.id, wish).await.unwrap();
    }

    pub(crate) async fn add_webhook(&self, person: &Person, url: &str) {
        let wish = ContactMethodRequest::Webhook { url: url.to_owned(), secret: None };
        self.oncall.add_contact_method(&caller(person), &person.id, wish).await.unwrap();
    }

    /// The default service runs in production.
    pub(crate) async fn place_service(&self) {
        let environment = EnvironmentKey::new("production").unwrap();
        let wish = ServicePatch {
            project: Some(Some(project_key())),
            environment: Some(Some(environment)),
            ..ServicePatch::default()
        };
        self.oncall.update_service(&caller(&self.ada), &service("default"), wish, None).await.unwrap();
    }

    /// A change to blame: the flag is turned on in production.
    pub(crate) async fn turn_on(&self, flag: &str) -> ChangeRecord {
        let key = FlagKey::new(flag).unwrap();
        let create = Instruction::CreateFlag(CreateFlag { flag: Flag::boolean(flag) });
        let subject = Subject::Flag(project_key(), key.clone());
        self.flags.change(Change::new(Actor::system(), subject, vec![create])).await.unwrap();
        self.flip(flag, Instruction::ON, &self.bob.actor()).await
    }

    pub(crate) async fn flip(&self, flag: &str, instruction: Instruction, actor: &Actor) -> ChangeRecord {
        let production = EnvironmentKey::new("production").unwrap();
        let subject = Subject::Configuration(project_key(), production, FlagKey::new(flag).unwrap());
        self.flags.change(Change::new(actor.clone(), subject, vec![instruction])).await.unwrap()
    }

    pub(crate) async fn newest_change(&self) -> ChangeSummary {
        let newest = PageRequest { after: None, limit: 1 };
        self.flags.changes(&ChangeFilter::default(), &newest).await.unwrap().items.remove(0)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn turn(&self) -> Turn {
        use kernel::Clock;
        Turn { now: self.clock.now(), fence: self.fence.clone() }
    }

    /// Lets every reconciler have its turn until none has more to do now.
    pub(crate) async fn settle(&self) {
        for reconciler in &self.reconcilers {
            while reconciler.reconcile(&self.turn()).await.unwrap().more {}
        }
    }

    pub(crate) async fn alert(&self, dedup_key: &str, severity: Severity, action: AlertAction) -> Alerted {
        let request = AlertRequest {
            service: service("default"),
            summary: "Checkout fails".to_owned(),
            dedup_key: Some(dedup_key.to_owned()),
            severity,
            details: None,
            change: None,
            action,
        };
        self.oncall.alert(&caller(&self.bob), request).await.unwrap()
    }

    /// An urgent alert whose sender knows the change that caused it.
    pub(crate) async fn blame(&self, change: Revision) -> IncidentId {
        let request = AlertRequest {
            service: service("default"),
            summary: "Checkout fails".to_owned(),
            dedup_key: None,
            severity: Severity::Critical,
            details: None,
            change: Some(change.0),
            action: AlertAction::Trigger,
        };
        self.oncall.alert(&caller(&self.bob), request).await.unwrap().incident.unwrap()
    }

    /// Begins a release of a new flag in production; gives it, and the change by which it began.
    pub(crate) async fn release(&self, flag: &str) -> (ReleaseId, Revision) {
        let create = Instruction::CreateFlag(CreateFlag { flag: Flag::boolean(flag) });
        let subject = Subject::Flag(project_key(), FlagKey::new(flag).unwrap());
        self.flags.change(Change::new(Actor::system(), subject, vec![create])).await.unwrap();
        let definition = serde_json::from_value(json!({ "name": "Errors", "eventKey": "error" })).unwrap();
        let bob = caller(&self.bob);
        self.metrics.create(&bob, &project_key(), MetricKey::new("errors").unwrap(), definition).await.unwrap();
        let wish = json!({ "flag": flag, "treatment": 0, "guards": [{ "metric": "errors", "onRegression": "hold" }] });
        let place = Place { project: project_key(), environment: EnvironmentKey::new("production").unwrap() };
        let release = self.releases.start(&bob, &place, serde_json::from_value(wish).unwrap()).await.unwrap();
        let change = self.newest_change().await;
        assert_eq!(change.cause.release_id.as_ref(), Some(&release.id));
        (release.id, change.seq)
    }

    pub(crate) async fn open(&self) -> IncidentId {
        self.alert("checkout", Severity::Critical, AlertAction::Trigger).await.incident.unwrap()
    }

    pub(crate) async fn incident(&self, id: &IncidentId) -> IncidentDetail {
        self.oncall.incident(id).await.unwrap()
    }

    /// What releases announce, about a change to the flag `checkout-v2`.
    pub(crate) async fn announce(&self, n: i64, kind: &str, change: i64, undone_by: Option<i64>) {
        self.announce_of("rel_1", n, kind, change, undone_by).await;
    }

    pub(crate) async fn announce_of(&self, release: &str, n: i64, kind: &str, change: i64, undone_by: Option<i64>) {
        let now = self.turn().now;
        let body = json!({
            "kind": kind, "releaseId": release, "project": "shop", "environment": "production", "flag": "checkout-v2",
            "service": null, "changeSeq": change, "undoneBy": undone_by, "metric": "errors",
            "sentence": format!("{kind} was announced."), "firstBadAt": now.minus(Duration::from_secs(4)),
            "detectedAt": now, "mitigatedAt": undone_by.map(|_| now), "at": now,
        });
        let message = Message {
            id: format!("announcement-{n}"),
            topic: "announcement",
            key: format!("release:{release}:{n}"),
            body: body.to_string(),
            due_at: now,
        };
        self.db.commit(outbox::enqueue(&message, now).into()).await.unwrap();
        self.settle().await;
    }

    /// What waits in the outbox of pages, claimed as channels do.
    pub(crate) async fn claim(&self) -> Vec<Claimed> {
        outbox::claim_due(&self.db, "page", self.turn().now, 100, Duration::from_secs(15)).await.unwrap()
    }

    /// Plays channels once: what is due is handed over or fails as `outcome` says; gives to whom by which way it went.
    pub(crate) async fn deliver(&self, outcome: impl Fn(&Delivery) -> Result<(), &'static str>) -> Vec<String> {
        let turn = self.turn();
        let mut ways = Vec::new();
        for message in self.claim().await {
            let Some(delivery) = self.oncall.delivery(&turn, &message).await.unwrap() else { continue };
            match outcome(&delivery) {
                Ok(()) => {
                    ways.push(delivery.contact.describe());
                    self.oncall.delivered(&turn, &message, &delivery).await.unwrap();
                }
                Err(error) => {
                    ways.push(format!("{} failed", delivery.contact.describe()));
                    self.oncall.failed(&turn, &message, &delivery, error).await.unwrap();
                }
            }
        }
        ways.sort();
        ways
    }

    pub(crate) async fn send_all(&self) -> Vec<String> {
        self.deliver(|_| Ok(())).await
    }

    /// What the one page that waits says; it is sent.
    pub(crate) async fn text_of_the_page(&self) -> String {
        let turn = self.turn();
        let message = self.claim().await.pop().expect("a page waits");
        let delivery = self.oncall.delivery(&turn, &message).await.unwrap().unwrap();
        self.oncall.delivered(&turn, &message, &delivery).await.unwrap();
        delivery.letter.text
    }

    /// The code in its link.
    pub(crate) async fn take_code(&self) -> String {
        let text = self.text_of_the_page().await;
        let (_, rest) = text.split_once("/pages/").expect("a page has a link");
        rest.chars().take_while(char::is_ascii_alphanumeric).collect()
    }
}

/// The page that goes this way.
pub(crate) fn page_by<'a>(detail: &'a IncidentDetail, way: &str) -> &'a PageView {
    detail.pages.iter().find(|page| page.way.starts_with(way)).expect("there is a page that goes this way")
}

/// The sentences of a timeline.
pub(crate) fn sentences(detail: &IncidentDetail) -> Vec<&str> {
    detail.timeline.iter().map(|event| event.sentence.as_str()).collect()
}
