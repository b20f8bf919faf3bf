//! Watches a release that was taken back until its metrics are well again.

use std::time::Duration;

use db::Batch;
use kernel::Timestamp;
use runtime::Turn;

use super::Walking;
use crate::announce::{Announcement, AnnouncementKind};
use crate::error::Error;
use crate::model::{Action, Progress, Recovery, Release};
use crate::recover::{self, BASELINE, GIVE_UP, baseline, recover};
use crate::sentence;
use crate::store::{self, decision::NewDecision};

/// What was said once when nothing was heard.
const LOST: &str = "outOfSight";

impl Walking {
    /// One look; says when to look again.
    pub(super) async fn watch(&self, release: &Release, turn: &Turn) -> Result<Option<Timestamp>, Error> {
        let Some(recovery) = release.progress.recovery.clone() else { return Ok(None) };
        let now = turn.now;
        let seen = self.how_it_is(release, &recovery, now).await?;
        let since = recovery.since;
        let metrics: Vec<&str> = release.plan.guards.iter().map(|guard| guard.metric.as_str()).collect();
        // It was well from the start of the calm on, which is known only at its end.
        let at = if let recover::Recovery::Recovered { at } = seen { at } else { now };
        let about = |kind, sentence: &str| {
            let metric = release.plan.guards.first().map(|guard| guard.metric.clone());
            Announcement { metric, mitigated_at: Some(since), ..Announcement::about(release, kind, sentence, at) }
        };
        let mut next = release.progress.clone();
        let (recovery, (action, sentence, kind)) = match seen {
            recover::Recovery::Recovered { at } => {
                let sentence = sentence::recovered(&metrics, recovery.since, at);
                let done = Recovery { recovered_at: Some(at), over: true, ..recovery.clone() };
                (done, (Action::Recover, sentence, Some(AnnouncementKind::Recovered)))
            }
            _ if now >= recovery.since.plus(GIVE_UP) => {
                next.recovery = Some(Recovery { over: true, ..recovery });
                return self.note(release, next, None, turn).await.map(|()| None);
            }
            recover::Recovery::StillBad if !recovery.still_bad => {
                let sentence = sentence::still_bad(&metrics, recovery.since, now);
                let bad = Recovery { still_bad: true, ..recovery.clone() };
                (bad, (Action::StayBad, sentence, Some(AnnouncementKind::NotRecovered)))
            }
            recover::Recovery::Unknown if next.told.insert(LOST.to_owned()) => {
                (recovery.clone(), (Action::LoseSight, sentence::out_of_sight(recovery.since, now), None))
            }
            _ => return Ok(Some(look_again(release, &recovery, now))),
        };
        let announcement = kind.map(|kind| about(kind, &sentence));
        let decision = NewDecision { at: now, action, actor: release.actor(), sentence, judgement: None, announcement };
        next.recovery = Some(recovery);
        self.note(release, next, Some(&decision), turn).await?;
        Ok(None)
    }

    /// The worst of the guards' metrics.
    async fn how_it_is(
        &self,
        release: &Release,
        recovery: &Recovery,
        now: Timestamp,
    ) -> Result<recover::Recovery, Error> {
        let (place, metrics) = (release.place(), &self.releases.metrics);
        let last_heard = metrics.last_heard(&place).await?;
        let heard = metrics.first_heard(&place, release.created_at.minus(BASELINE)).await?.unwrap_or(recovery.since);
        let mut worst = recover::Recovery::Recovered { at: recovery.since };
        for guard in &release.plan.guards {
            let made = metrics.counted_since(&place.project, &guard.metric).await?;
            let counted = made.map_or(heard, |made| made.max(heard));
            let before = baseline(release.created_at, recovery.since, counted);
            let usual = metrics.outcomes(&place, &guard.metric, before).await?.iter().map(|count| count.n).sum();
            let since = (recovery.since, now.plus(Duration::from_secs(1)));
            let outcomes = metrics.outcomes(&place, &guard.metric, since).await?;
            let facts = recover::Facts {
                usual,
                usual_over: before.1.since(before.0),
                since: recovery.since,
                patience: Duration::from_secs(release.plan.recovery_seconds.into()),
                outcomes,
                last_heard,
            };
            worst = worst.max(recover(&facts, now));
        }
        Ok(worst)
    }

    async fn note(
        &self,
        release: &Release,
        progress: Progress,
        decision: Option<&NewDecision>,
        turn: &Turn,
    ) -> Result<(), Error> {
        let mut after = Release { version: release.version + 1, progress, ..release.clone() };
        let mut batch = Batch::from(turn.guard());
        if let Some(decision) = decision {
            tracing::info!(release = %release.id, flag = %release.flag, "{}", decision.sentence);
            after.progress.decisions += 1;
            let at = (after.progress.decisions, after.progress.step);
            batch.push(store::decision::insert(&after.id, at, decision, false));
        }
        batch.push(store::release::update(&after, release.version));
        batch.push(db::sequence::advance("release"));
        Ok(self.releases.db.commit(batch).await?)
    }
}

/// By the second while it is expected, less often later.
fn look_again(release: &Release, recovery: &Recovery, now: Timestamp) -> Timestamp {
    let expected_until = recovery.since.plus(Duration::from_secs(release.plan.recovery_seconds.into()));
    now.plus(Duration::from_secs(if now < expected_until { 1 } else { 10 }))
}
