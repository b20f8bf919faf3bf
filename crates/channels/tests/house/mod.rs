//! A furnished house for tests: on-call with one person to page, a real mail server, and channels in between.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

use std::sync::Arc;
use std::time::Duration;

use access::{Access, Arrival, Caller, Email, Name, Person, Role};
use channels::{Channels, Http, Mail, MailConfig, Reach};
use db::{Db, lease};
use flags::Flags;
use kernel::{Clock, IncidentId, PersonId, SystemRng, Timestamp};
use metrics::Metrics;
use oncall::model::Severity;
use oncall::service::{AlertAction, AlertRequest, ContactMethodRequest};
use oncall::view::IncidentDetail;
use oncall::{Oncall, Parts};
use releases::Releases;
use runtime::{ReconcileError, Reconciler, Status, Turn};
use testkit::{Mailbox, ManualClock};

const BASE: &str = "https://steadfast.example";

pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) oncall: Oncall,
    pub(crate) ada: Person,
    pub(crate) mailbox: Mailbox,
    pub(crate) channels: Channels,
}

/// Ada is paged for everything, by e-mail first.
pub(crate) async fn house(db: Db, reach: Reach) -> House {
    db::migrate(
        &db,
        &[access::MIGRATIONS, flags::MIGRATIONS, metrics::MIGRATIONS, releases::MIGRATIONS, oncall::MIGRATIONS],
    )
    .await
    .unwrap();
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
    let rng = Arc::new(SystemRng);
    let access = Access::new(db.clone(), clock.clone(), rng.clone(), BASE);
    let flags = Flags::new(db.clone(), clock.clone(), rng.clone());
    let metrics = Metrics::new(db.clone(), clock.clone(), rng.clone());
    let releases = Releases::new(db.clone(), clock.clone(), rng.clone(), flags.clone(), metrics);
    let oncall =
        Oncall::new(Parts { db: db.clone(), clock: clock.clone(), rng, access, flags, releases, base_url: BASE });
    let ada = Person {
        id: PersonId::from_stored("per_ada"),
        email: Email::new("ada@example.com").unwrap(),
        name: Name::new("Ada").unwrap(),
        role: Role::Admin,
        invited: false,
        created_at: Timestamp::EPOCH,
        disabled_at: None,
    };
    db.commit(access::store::insert_person(&ada, Some("no password fits this")).into()).await.unwrap();
    let first = oncall::welcome(&ada, Arrival::First, clock.now(), &SystemRng);
    db.commit(first.into_iter().collect()).await.unwrap();
    let mailbox = Mailbox::open().await.unwrap();
    let config = MailConfig {
        url: format!("smtp://{}", mailbox.address()),
        from: "Steadfast <steadfast@example.com>".to_owned(),
    };
    let mail = Mail::new(&config, BASE).unwrap();
    let http = Http::new(reach).unwrap();
    let channels = Channels::new(db.clone(), clock.clone(), oncall.clone(), Some(mail), http);
    House { db, clock, oncall, ada, mailbox, channels }
}

impl House {
    pub(crate) fn caller(&self) -> Caller {
        Caller { actor: self.ada.actor(), role: self.ada.role, person_id: Some(self.ada.id.clone()) }
    }

    /// Adds a webhook; gives its secret.
    pub(crate) async fn add_webhook(&self, url: &str) -> String {
        let wish = ContactMethodRequest::Webhook { url: url.to_owned(), secret: None };
        let added = self.oncall.add_contact_method(&self.caller(), &self.ada.id, wish).await.unwrap();
        added.secret.unwrap()
    }

    pub(crate) async fn alert(&self, severity: Severity) -> IncidentId {
        let request = AlertRequest {
            service: "default".parse().unwrap(),
            summary: "Checkout fails → 50 %".to_owned(),
            dedup_key: None,
            severity,
            details: None,
            change: None,
            action: AlertAction::Trigger,
        };
        self.oncall.alert(&self.caller(), request).await.unwrap().incident.unwrap()
    }

    pub(crate) async fn incident(&self, id: &IncidentId) -> IncidentDetail {
        self.oncall.incident(id).await.unwrap()
    }

    /// One turn of the reconciler, as the holder of the lease.
    pub(crate) async fn turn(&self) -> Result<Status, ReconcileError> {
        self.channels.reconcile(&self.held().await).await
    }

    pub(crate) async fn held(&self) -> Turn {
        let now = self.clock.now();
        let fence = lease::acquire(&self.db, "pages", "tests", now, Duration::from_hours(1)).await.unwrap();
        Turn { now, fence: fence.expect("nobody else holds it") }
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}
