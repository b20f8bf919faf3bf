//! The reconciler that empties the outbox of pages: claim, send, report.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use async_trait::async_trait;
use db::outbox::{self, Claimed};
use db::{Batch, CommitError, Db};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use kernel::{Clock, words};
use oncall::model::Contact;
use oncall::store::pages::TOPIC;
use oncall::{Delivery, Oncall};
use runtime::{ReconcileError, Reconciler, Status, Turn};
use tokio::sync::watch;

use crate::email::{Mail, Outgoing};
use crate::http::Http;
use crate::webhook::{self, Webhook};

/// So many are under way at once.
const WIDTH: usize = 32;
/// An attempt takes at most so long, whatever the other side does.
const ATTEMPT: Duration = Duration::from_secs(10);
/// A claim outlives the attempt, or the same page would be sent twice at once; who takes over does not wait for it.
const CLAIM: Duration = Duration::from_secs(15);
/// A turn claims nothing new after this long, so that it ends before the driver loses its patience.
const CLAIMING: Duration = Duration::from_secs(30);
/// Commits that come within this time of one another wake the turn once.
const GAP: Duration = Duration::from_millis(20);

/// Sends pages by e-mail and webhook.
pub struct Channels {
    db: Db,
    clock: Arc<dyn Clock>,
    oncall: Oncall,
    mail: Option<Mail>,
    http: Http,
    /// The number of the lease under which it took over.
    took_over: AtomicI64,
}

impl Channels {
    /// Without `mail` each attempt at an e-mail fails, says so on the incident, and is tried again.
    pub fn new(db: Db, clock: Arc<dyn Clock>, oncall: Oncall, mail: Option<Mail>, http: Http) -> Self {
        Self { db, clock, oncall, mail, http, took_over: AtomicI64::new(-1) }
    }

    /// What the one before had under way when it died is sent again at once, under the keys that it had.
    async fn take_over(&self, turn: &Turn) -> Result<(), CommitError> {
        let number = turn.fence.number();
        if self.took_over.load(Relaxed) != number {
            self.db.commit(Batch::from_iter([turn.guard(), outbox::unclaim(TOPIC)]).quiet()).await?;
            self.took_over.store(number, Relaxed);
        }
        Ok(())
    }

    /// One attempt at one message, and its report.
    async fn attempt(&self, turn: &Turn, message: Claimed) -> Result<(), oncall::Error> {
        let Some(delivery) = self.oncall.delivery(turn, &message).await? else { return Ok(()) };
        let page = delivery.id.as_str();
        let result = tokio::time::timeout(ATTEMPT, self.hand_over(&delivery)).await;
        match result.unwrap_or_else(|_| Err(format!("no answer within {}", words::span(ATTEMPT)))) {
            Ok(()) => {
                tracing::info!(page, way = delivery.contact.describe(), "a page is sent");
                self.oncall.delivered(turn, &message, &delivery).await
            }
            Err(error) => {
                let next = self.oncall.failed(turn, &message, &delivery, &error).await?;
                tracing::warn!(page, way = delivery.contact.describe(), error, ?next, "a page could not be sent");
                Ok(())
            }
        }
    }

    async fn hand_over(&self, delivery: &Delivery) -> Result<(), String> {
        let now = self.clock.now();
        let Delivery { id, thread, contact, letter, urgent, .. } = delivery;
        match contact {
            Contact::Email { address } => {
                let mail = self.mail.as_ref().ok_or("no mail server is configured")?;
                let thread = thread.as_ref().map(kernel::IncidentId::as_str);
                let outgoing = Outgoing { id: id.as_str(), thread, address, letter, urgent: *urgent };
                mail.send(outgoing, now).await.map_err(|error| error.to_string())
            }
            Contact::Webhook { url, secret } => {
                let webhook = Webhook { id: id.as_str(), url, secret, body: &letter.event };
                webhook::send(&self.http, webhook, now).await.map_err(|error| error.to_string())
            }
        }
    }
}

#[async_trait]
impl Reconciler for Channels {
    fn name(&self) -> &'static str {
        "pages"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Sends what is due, many at once: a slow receiver delays nobody else's page, since what comes in meanwhile is claimed
    /// while others are still under way.
    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        self.take_over(turn).await?;
        let mut pokes = self.db.pokes();
        let mut under_way = FuturesUnordered::new();
        let (mut attempts, mut failure) = (0_usize, None::<oncall::Error>);
        loop {
            let now = self.clock.now();
            if failure.is_none() && now.since(turn.now) < CLAIMING && under_way.len() < WIDTH {
                let room = u32::try_from(WIDTH - under_way.len()).expect("the width is small");
                match outbox::claim_due(&self.db, TOPIC, now, room, CLAIM).await {
                    Ok(claimed) => {
                        attempts += claimed.len();
                        under_way.extend(claimed.into_iter().map(|message| self.attempt(turn, message)));
                    }
                    Err(error) => failure = Some(error.into()),
                }
            }
            tokio::select! {
                ended = under_way.next() => match ended {
                    None => break,
                    Some(Ok(())) => {}
                    // The others under way are still reported on; what this one was is claimed again.
                    Some(Err(error)) => failure = Some(error),
                },
                () = poked(&mut pokes), if !under_way.is_empty() => {}
            }
        }
        if let Some(error) = failure {
            return Err(error.into());
        }
        Ok(Status::new(format!("attempted {attempts}")).next(outbox::next_due(&self.db, TOPIC).await?))
    }
}

async fn poked(pokes: &mut watch::Receiver<u64>) {
    // The sender lives in the database handle that the caller holds.
    drop(pokes.changed().await);
    tokio::time::sleep(GAP).await;
}
