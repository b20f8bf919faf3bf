//! Receives an uploaded file of members: read and checked whole, then written in sorted chunks where nobody sees them.
//!
//! Killed at any step, the old list is still served, and what was written is swept. Each chunk is a transaction of its own
//! of some milliseconds, with the guard that nobody has stopped the upload.

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use db::{Batch, CommitError, sequence};
use futures_util::{Stream, StreamExt};
use kernel::Timestamp;

use super::{Error, Flags};
use crate::model::{ContextHash, Generation, GenerationState, MemberList};
use crate::store::generations::{self, UPLOAD};
use crate::store::members;
use crate::upload::{Contradiction, Entry, KeyReader, Line, LineError, Spool};

/// So many keys one file has at most.
pub(super) const MOST_MEMBERS: u64 = 10_000_000;
/// So many rows are written by one transaction: some ten milliseconds, during which other writers wait.
const CHUNK: usize = 4_096;
/// A sender that is silent for so long has gone.
const SILENCE: Duration = Duration::from_secs(30);
/// Whoever sends for longer holds one of the node's few places from others.
const LONGEST: Duration = Duration::from_hours(2);
/// Progress is written down so often while the file comes in; see also [`super::uploads::STALE`].
const BEAT: Duration = Duration::from_secs(1);

/// Why an uploaded file was not taken. Nothing of it is served.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Another file is being uploaded to the same segment.
    #[error("another upload to this segment is under way")]
    UnderWay,
    /// This node receives as many files as it can.
    #[error("this node receives as many files as it can")]
    Busy,
    /// A line cannot be taken.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A key is on both lists.
    #[error("lines {} and {} put the same key on different lists", .0.first, .0.second)]
    Contradiction(Contradiction),
    /// More keys than a segment may have.
    #[error("the file has more than {MOST_MEMBERS} keys")]
    TooMany,
    /// The sender went away or fell silent before the file was whole.
    #[error("the file ended before it was complete: {0}")]
    Interrupted(String),
    /// Somebody stopped it, or it was given up for dead.
    #[error("the upload was stopped")]
    Stopped,
    /// The disk for sorting is full or failing.
    #[error("the file cannot be sorted on this node's disk")]
    Disk(#[source] std::io::Error),
}

impl From<std::io::Error> for UploadError {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

/// A file that is being received.
pub(super) struct Receiving<'f> {
    flags: &'f Flags,
    upload: Generation,
    spool: Spool,
    told_at: Timestamp,
}

impl<'f> Receiving<'f> {
    pub(super) fn new(flags: &'f Flags, upload: Generation) -> Self {
        let told_at = upload.beat_at;
        Self { flags, upload, spool: Spool::default(), told_at }
    }

    /// Reads the file to its end and writes all of its members.
    pub(super) async fn run<S, E>(mut self, file: S) -> Result<(), Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: Display,
    {
        self.read(file).await?;
        self.upload.state = GenerationState::Staging;
        self.tell().await?;
        let (included, excluded) = self.write().await?;
        let mut batch = Batch::from(sequence::advance("membership"));
        batch.push(generations::stage(self.upload.number, included, excluded, self.flags.now()));
        self.commit(batch).await
    }

    async fn read<S, E>(&mut self, mut file: S) -> Result<(), Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: Display,
    {
        let mut reader = KeyReader::default();
        let mut entries = Vec::new();
        loop {
            let piece = tokio::time::timeout(SILENCE, file.next()).await;
            let silent = |_| UploadError::Interrupted(format!("nothing came for {} s", SILENCE.as_secs()));
            let piece = piece.map_err(silent)?.transpose();
            let piece = piece.map_err(|error| UploadError::Interrupted(error.to_string()))?;
            // An empty piece is the end to the reader, and nothing else.
            if piece.as_ref().is_some_and(Bytes::is_empty) {
                continue;
            }
            let ended = piece.is_none();
            let piece = piece.unwrap_or_default();
            reader.read(&piece, &mut |line: Line<'_>| -> Result<(), UploadError> {
                entries.push(entry(&line));
                Ok(())
            })?;
            self.upload.bytes += piece.len() as u64;
            self.upload.keys += entries.len() as u64;
            if self.upload.keys > MOST_MEMBERS {
                return Err(UploadError::TooMany.into());
            }
            for entry in entries.drain(..) {
                self.spool.put(entry).await.map_err(UploadError::Disk)?;
            }
            if ended {
                return Ok(());
            }
            if self.flags.now().since(self.upload.created_at) > LONGEST {
                let hours = LONGEST.as_secs() / 3_600;
                return Err(UploadError::Interrupted(format!("it was still coming after {hours} hours")).into());
            }
            if self.flags.now().since(self.told_at) >= BEAT {
                self.tell().await?;
            }
        }
    }

    /// How many are included and excluded.
    async fn write(&mut self) -> Result<(u64, u64), Error> {
        let (mut chunk, mut included, mut excluded) = (Vec::with_capacity(CHUNK), 0, 0);
        for bucket in 0..Spool::BUCKETS {
            let entries = self.spool.take(bucket).await.map_err(UploadError::Disk)?;
            for entry in entries.map_err(UploadError::Contradiction)? {
                *(if entry.excluded { &mut excluded } else { &mut included }) += 1;
                chunk.push(entry);
                if chunk.len() == CHUNK {
                    self.write_chunk(&chunk).await?;
                    chunk.clear();
                }
            }
        }
        self.write_chunk(&chunk).await?;
        Ok((included, excluded))
    }

    async fn write_chunk(&mut self, chunk: &[Entry]) -> Result<(), Error> {
        self.upload.staged += chunk.len() as u64;
        let mut batch = Batch::from(generations::progress(&self.upload, self.flags.now()));
        for list in [MemberList::Included, MemberList::Excluded] {
            let hashes: Vec<_> = chunk.iter().filter(|entry| entry.list() == list).map(|entry| entry.hash).collect();
            if !hashes.is_empty() {
                batch.push(members::fill(self.upload.number, list, &hashes));
            }
        }
        self.commit(batch.quiet()).await
    }

    async fn tell(&mut self) -> Result<(), Error> {
        self.told_at = self.flags.now();
        self.commit(Batch::from(generations::progress(&self.upload, self.told_at)).quiet()).await
    }

    async fn commit(&self, batch: Batch) -> Result<(), Error> {
        match self.flags.db.commit(batch).await {
            Err(CommitError::Conflict { guard: UPLOAD }) => Err(UploadError::Stopped.into()),
            other => Ok(other?),
        }
    }
}

fn entry(line: &Line<'_>) -> Entry {
    Entry { hash: ContextHash::of(line.key), line: line.number, excluded: line.list == MemberList::Excluded }
}
