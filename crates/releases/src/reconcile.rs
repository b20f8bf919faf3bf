//! Walks every open release, watches those that were taken back, and tells others what was decided.

use std::time::Duration;

use async_trait::async_trait;
use db::Batch;
use kernel::Timestamp;
use runtime::{ReconcileError, Reconciler, Status, Turn};
use statistics::{Judgement, Reason};
use tokio::sync::Mutex;

use crate::advance::{Decision, Facts, advance};
use crate::announce::{Announcement, AnnouncementKind};
use crate::enact::Move;
use crate::error::Error;
use crate::model::{Action, HoldReason, Release};
use crate::sentence;
use crate::service::{Enactment, Judged, Releases};
use crate::store::{self, decision::NewDecision};

mod watch;

const MINUTE: Duration = Duration::from_mins(1);
/// Evidence stays by the window for so long.
const FINE_EVIDENCE: Duration = Duration::from_mins(10);
/// At most so many minutes are merged in one turn.
const MOST_MINUTES: usize = 60;

/// The one that walks releases. It keeps nothing between turns but when to tidy up next, so it may die anywhere.
pub struct Walking {
    pub(crate) releases: Releases,
    tidy_at: Mutex<Timestamp>,
}

impl Walking {
    /// A walker.
    pub fn new(releases: Releases) -> Self {
        Self { releases, tidy_at: Mutex::new(Timestamp::EPOCH) }
    }

    /// One turn for one release; says when it wants the next, if nothing happens before.
    async fn look(&self, release: &Release, turn: &Turn) -> Result<Option<Timestamp>, Error> {
        if release.state.is_open() { self.walk(release, turn).await } else { self.watch(release, turn).await }
    }

    async fn walk(&self, release: &Release, turn: &Turn) -> Result<Option<Timestamp>, Error> {
        let flag = self.releases.configured(release).await?;
        let judged = self.releases.judged(release).await?;
        let step = release.progress.step;
        let judgement = judged
            .as_ref()
            .filter(|_| release.plan.is_judged_at(step))
            .map(|judged| judged.judging.judge(&release.plan, step));
        let in_place = crate::service::in_place(release, flag.as_ref());
        let facts = Facts { judgement: judgement.as_ref(), in_place, now: turn.now };
        let what = match advance(release, &facts) {
            Decision::Wait { until } => {
                self.keep(release, judged, turn).await?;
                return Ok(until);
            }
            Decision::Do(what) => what,
        };
        let decision = decision(release, what, judged.as_ref(), judgement, turn.now);
        tracing::info!(release = %release.id, flag = %release.flag, "{}", decision.sentence);
        let fence = Some(turn.guard());
        let enactment =
            Enactment { before: release, flag: flag.as_ref(), judged, what, decision, incident: None, fence };
        self.releases.enact(enactment).await?;
        Ok(None)
    }

    /// Keeps new evidence. Silence alone is not written down: it is seen again next time.
    async fn keep(&self, release: &Release, judged: Option<Judged>, turn: &Turn) -> Result<(), Error> {
        let Some(judged) = judged.filter(|judged| !judged.points.is_empty()) else { return Ok(()) };
        let mut batch = Batch::from(turn.guard());
        batch.extend(judged.keep(release));
        batch.push(db::sequence::advance("metric"));
        Ok(self.releases.db.commit(batch).await?)
    }

    /// Puts what is still to be told into the outbox, with the numbers of the changes it is about.
    async fn announce(&self, turn: &Turn) -> Result<(), Error> {
        let db = &self.releases.db;
        for (release, n, mut announcement) in store::decision::unannounced(db).await? {
            for (action, seq) in store::decision::changes(db, &release, n).await? {
                match action {
                    Action::RollBack | Action::Abort => announcement.undone_by = Some(seq),
                    _ => announcement.change_seq = Some(seq),
                }
            }
            let mut batch = Batch::from(turn.guard());
            batch.push(announcement.enqueue(n, turn.now));
            batch.push(store::decision::announced(&release, n, turn.now));
            db.commit(batch).await?;
        }
        Ok(())
    }

    /// Merges old evidence by the minute, once a minute.
    async fn tidy(&self, turn: &Turn) -> Result<(), Error> {
        let mut tidy_at = self.tidy_at.lock().await;
        if turn.now < *tidy_at {
            return Ok(());
        }
        let until = turn.now.minus(FINE_EVIDENCE).floor(MINUTE);
        for _ in 0..MOST_MINUTES {
            let Some(first) = store::judgement::first_fine(&self.releases.db, until).await? else { break };
            let start = first.floor(MINUTE);
            let mut batch = Batch::from(turn.guard());
            batch.extend(store::judgement::merge(start, start.plus(MINUTE)));
            self.releases.db.commit(batch.quiet()).await?;
        }
        *tidy_at = turn.now.plus(MINUTE);
        Ok(())
    }
}

#[async_trait]
impl Reconciler for Walking {
    fn name(&self) -> &'static str {
        "releases"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    /// One release that cannot be walked does not keep the others from it.
    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        let releases = store::release::in_need_of_attention(&self.releases.db).await?;
        let (mut next, mut more, mut failed) = (None, false, None);
        for release in &releases {
            match self.look(release, turn).await {
                Ok(at) => next = [next, at].into_iter().flatten().min(),
                // Somebody else decided, or changed the flag, in between.
                Err(error) if error.is_conflict() && !error.is_conflict_on("lease") => more = true,
                Err(error) => {
                    tracing::warn!(release = %release.id, error = %error, "a release cannot be walked");
                    failed = Some(error);
                }
            }
        }
        self.announce(turn).await?;
        self.tidy(turn).await?;
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(Status::new(format!("{} under way", releases.len())).next(next).more(more)),
        }
    }
}

/// The decision in words, with its evidence, and with what others are to be told.
fn decision(
    release: &Release,
    what: Move,
    judged: Option<&Judged>,
    judgement: Option<Judgement>,
    now: Timestamp,
) -> NewDecision {
    let sentence = sentence::by_itself(release, what, judgement.as_ref(), now);
    let about = |kind| Announcement::about(release, kind, &sentence, now);
    let regressed = || {
        let cause = judgement.as_ref().and_then(first_cause);
        let first_bad_at = cause
            .as_deref()
            .and_then(|metric| judged.and_then(|judged| judged.judging.first_bad_at(&release.plan, metric)));
        let metric = cause.and_then(|metric| kernel::MetricKey::new(metric).ok());
        Announcement { metric, first_bad_at, detected_at: Some(now), ..about(AnnouncementKind::Regressed) }
    };
    let (action, announcement) = match what {
        Move::Extend { .. } => (Action::Extend, None),
        Move::Advance { .. } => (Action::Advance, None),
        Move::Complete { .. } => (Action::Complete, Some(about(AnnouncementKind::Completed))),
        Move::Hold { reason: HoldReason::Regressed } => (Action::Hold, Some(regressed())),
        Move::Hold { .. } => (Action::Hold, Some(about(AnnouncementKind::Held))),
        Move::RollBack => (Action::RollBack, Some(Announcement { mitigated_at: Some(now), ..regressed() })),
        Move::Resume => (Action::Resume, None),
        Move::Abort => (Action::Abort, None),
    };
    NewDecision { at: now, action, actor: release.actor(), sentence, judgement, announcement }
}

fn first_cause(judgement: &Judgement) -> Option<String> {
    match &judgement.reason {
        Reason::HarmProven { causes } => causes.first().map(|cause| cause.guard.clone()),
        _ => None,
    }
}
