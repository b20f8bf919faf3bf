//! Uploads of members: begun, looked at, stopped, and served when they are complete.

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use db::CommitError;
use futures_util::Stream;
use kernel::Actor;

use super::change::Change;
use super::receive::{Receiving, UploadError};
use super::{Error, Flags};
use crate::instruction::{Instruction, ReplaceMembers};
use crate::model::{Generation, GenerationState, SegmentPlace};
use crate::store::generations::{self, BEGIN, UPLOAD};

/// So many uploads are listed.
const LISTED: u32 = 20;
/// An upload without progress for so long has lost its node or its sender.
pub(crate) const STALE: Duration = Duration::from_mins(1);

impl Flags {
    /// Takes a whole file of members for a big segment: all of it, or nothing. `bytes_total` is what the sender says of its
    /// length.
    ///
    /// When it returns the members are durable: [`GenerationState::Live`], or [`GenerationState::Staged`] when SDKs read
    /// members from elsewhere too, and served when that has them. A second upload to the same segment is refused until then.
    pub async fn upload_members<S, E>(
        &self,
        actor: Actor,
        place: &SegmentPlace,
        bytes_total: Option<u64>,
        file: S,
    ) -> Result<Generation, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: Display,
    {
        let segment = self.segment(&place.project, &place.environment, &place.segment).await?;
        if !segment.body.unbounded {
            return Err(Error::NotBig);
        }
        let _place = self.uploads.try_acquire().map_err(|_| UploadError::Busy)?;
        let id = format!("upl_{}", self.mint());
        let begun = self.begin_generation(&id, place, GenerationState::Receiving, &actor, bytes_total).await;
        let upload = match begun {
            Err(Error::Guard(BEGIN)) => return Err(UploadError::UnderWay.into()),
            other => other?,
        };
        let number = upload.number;
        if let Err(error) = Receiving::new(self, upload).run(file).await {
            self.give_up(number, &error).await;
            return Err(error);
        }
        let staged = self.generation(number).await?;
        if self.mirrored { Ok(staged) } else { self.serve_upload(&staged).await }
    }

    /// Serves an upload that is complete, in the place of the list before: one change, by whoever uploaded it. Done twice,
    /// it is done once.
    pub async fn serve_upload(&self, upload: &Generation) -> Result<Generation, Error> {
        let Generation { number, included, excluded, .. } = *upload;
        let replace = Instruction::ReplaceMembers(ReplaceMembers { generation: number, included, excluded });
        let change = Change::new(upload.actor.clone(), upload.place.clone().into(), vec![replace]);
        let changed = self.change(change).await;
        let after = self.generation(number).await?;
        match changed {
            Err(_) if after.state == GenerationState::Live => Ok(after),
            Err(error) => {
                self.give_up(number, &error).await;
                Err(error)
            }
            Ok(_) => Ok(after),
        }
    }

    /// The last uploads to a segment, newest first.
    pub async fn uploads(&self, place: &SegmentPlace) -> Result<Vec<Generation>, Error> {
        self.segment(&place.project, &place.environment, &place.segment).await?;
        Ok(generations::uploads(&self.db, place, LISTED).await?)
    }

    /// One upload.
    pub async fn upload(&self, place: &SegmentPlace, id: &str) -> Result<Generation, Error> {
        let upload = generations::by_id(&self.db, id).await?;
        upload.filter(|upload| upload.place == *place && id.starts_with("upl_")).ok_or(Error::NotFound("upload"))
    }

    /// Stops an upload that is not served yet; one that has ended stays as it is.
    pub async fn cancel_upload(&self, place: &SegmentPlace, id: &str) -> Result<Generation, Error> {
        let upload = self.upload(place, id).await?;
        let stop = generations::stop(upload.number, GenerationState::Cancelled, None, self.now());
        match self.db.commit(stop.into()).await {
            Ok(()) | Err(CommitError::Conflict { guard: UPLOAD }) => self.upload(place, id).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Says why an upload was not taken. Where that cannot be written, the upload is given up when it has been silent for
    /// [`STALE`].
    async fn give_up(&self, number: i64, why: &Error) {
        if matches!(why, Error::Upload(UploadError::Stopped) | Error::Unavailable(_) | Error::Contended) {
            return;
        }
        let problem = why.to_string();
        let stop = generations::stop(number, GenerationState::Failed, Some(&problem), self.now());
        match self.db.commit(stop.into()).await {
            Ok(()) | Err(CommitError::Conflict { .. }) => {}
            Err(error) => tracing::warn!(%error, number, problem, "that an upload has failed cannot be written"),
        }
    }
}

#[cfg(test)]
mod tests;
