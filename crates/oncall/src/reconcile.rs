//! What on-call does by itself: hear announcements, take the next step of escalations, notice what was undone elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use async_trait::async_trait;
use db::{outbox, sequence};
use releases::announce::{self, Announcement};
use runtime::{ReconcileError, Reconciler, Status, Turn};

use crate::Oncall;

/// The reconcilers of this capability, for the server's list.
pub fn reconcilers(oncall: &Oncall) -> Vec<Arc<dyn Reconciler>> {
    vec![
        Arc::new(Announcements(oncall.clone())),
        Arc::new(Escalations { oncall: oncall.clone(), looked: AtomicI64::new(-1) }),
    ]
}

/// At most so many messages or incidents a turn.
const BATCH: u32 = 50;
/// How long a claim holds: short, since one node at a time hears, and after a crash the next turn waits for it.
const CLAIM: Duration = Duration::from_secs(1);
/// How long until a message that makes no sense is looked at again: perhaps by a newer version of Steadfast.
const UNREADABLE: Duration = Duration::from_hours(1);

/// Turns what releases announce into alerts and incidents.
struct Announcements(Oncall);

#[async_trait]
impl Reconciler for Announcements {
    fn name(&self) -> &'static str {
        "announcements"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        let Self(oncall) = self;
        let claimed = outbox::claim_due(oncall.db(), announce::TOPIC, turn.now, BATCH, CLAIM).await?;
        for message in &claimed {
            match serde_json::from_str::<Announcement>(&message.body) {
                // In their order: a recovery must not be heard before what it recovers from. A turn that fails is repeated.
                Ok(heard) => oncall.hear(turn, message, &heard).await?,
                Err(error) => {
                    tracing::error!(message = message.id, %error, "an announcement makes no sense");
                    let later = outbox::retry_at(&message.id, turn.now.plus(UNREADABLE), &error.to_string());
                    oncall.db().commit([turn.guard(), later].into_iter().collect()).await?;
                }
            }
        }
        let next = outbox::next_due(oncall.db(), announce::TOPIC).await?;
        Ok(Status::new(format!("heard {}", claimed.len())).next(next).more(claimed.len() == BATCH as usize))
    }
}

/// Takes the next step of every incident whose time has come.
struct Escalations {
    oncall: Oncall,
    /// How far the change log had come when the causes of incidents were last looked for in it.
    looked: AtomicI64,
}

#[async_trait]
impl Reconciler for Escalations {
    fn name(&self) -> &'static str {
        "escalations"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        let Self { oncall, looked } = self;
        let log = sequence::current(oncall.db(), "change").await?;
        let noticed = if looked.load(Relaxed) == log { 0 } else { oncall.notice_undone(turn).await? };
        looked.store(log, Relaxed);
        let stepped = oncall.step_due(turn, BATCH).await?;
        let next = oncall.next_step_at().await?;
        let summary = format!("stepped {stepped}, noticed {noticed}");
        Ok(Status::new(summary).next(next).more(stepped == BATCH as usize))
    }
}
