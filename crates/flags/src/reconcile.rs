//! What is done unasked for big segments: uploads are served or given up, and lists that nobody needs are deleted.

use std::time::Duration;

use async_trait::async_trait;
use db::Batch;
use runtime::{ReconcileError, Reconciler, Status, Turn};

use crate::Flags;
use crate::model::{Generation, GenerationState};
use crate::service::STALE;
use crate::store::{generations, members};

/// A list that is served no more is kept for so long: nodes and SDKs may still evaluate with the segment as it was.
pub const GRACE: Duration = Duration::from_mins(10);
/// What is left of an upload is shown for so long.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);
/// So many members are deleted by one transaction, and by one turn.
const STRIDE: usize = 5_000;
const STRIDES: usize = 50;

/// Keeps uploads moving, and the table of members small.
pub struct Sweeping {
    flags: Flags,
    /// Whether SDKs read members from elsewhere too: whoever copies them there serves uploads, and says what may be deleted.
    mirrored: bool,
}

impl Sweeping {
    /// For this capability.
    pub fn new(flags: Flags) -> Self {
        let mirrored = flags.is_mirrored();
        Self { flags, mirrored }
    }

    /// Uploads that were complete when their node died are served; those that were not are given up.
    async fn finish(&self, turn: &Turn, upload: &Generation) -> Result<(), ReconcileError> {
        if upload.state == GenerationState::Staged {
            if !self.mirrored {
                self.flags.serve_upload(upload).await?;
            }
            return Ok(());
        }
        let problem = "the upload was interrupted: nothing came for a minute";
        let stop = generations::stop(upload.number, GenerationState::Failed, Some(problem), turn.now);
        match self.flags.db().commit([turn.guard(), stop].into_iter().collect()).await {
            // It moved on after all.
            Err(db::CommitError::Conflict { guard: generations::UPLOAD }) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Deletes some members of a list that ended; whether there may be more.
    async fn sweep(&self, turn: &Turn, garbage: &Generation, strides: &mut usize) -> Result<bool, ReconcileError> {
        let db = self.flags.db();
        while members::any(db, garbage.number).await? {
            if *strides == 0 {
                return Ok(true);
            }
            *strides -= 1;
            let batch: Batch = [turn.guard(), members::sweep(garbage.number, STRIDE)].into_iter().collect();
            db.commit(batch.quiet()).await?;
        }
        db.commit([turn.guard(), generations::mark_swept(garbage.number)].into_iter().collect()).await?;
        Ok(false)
    }
}

#[async_trait]
impl Reconciler for Sweeping {
    fn name(&self) -> &'static str {
        "big-segments"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(15)
    }

    async fn reconcile(&self, turn: &Turn) -> Result<Status, ReconcileError> {
        let db = self.flags.db();
        let unfinished = generations::unfinished(db, turn.now.minus(STALE)).await?;
        for upload in &unfinished {
            if let Err(error) = self.finish(turn, upload).await {
                tracing::warn!(%error, upload = upload.id, "an upload of members can be neither served nor given up");
            }
        }
        let garbage = generations::garbage(db, turn.now.minus(GRACE), self.mirrored).await?;
        let (mut strides, mut more) = (STRIDES, false);
        for one in &garbage {
            more |= self.sweep(turn, one, &mut strides).await?;
        }
        if !garbage.is_empty() {
            let forget = generations::forget(turn.now.minus(REMEMBERED));
            db.commit([turn.guard(), forget].into_iter().collect::<Batch>().quiet()).await?;
        }
        let summary = format!("{} uploads looked at, {} lists swept", unfinished.len(), garbage.len());
        Ok(Status::new(summary).more(more))
    }
}
