//! One environment as SDKs receive it, at one place of the log.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use evaluation::Snapshot;
use kernel::{EnvironmentKey, ProjectKey, Revision};

use super::update::Update;

/// One environment as SDKs receive it; never changes, a newer one takes its place.
#[derive(Clone)]
pub struct EnvironmentSnapshot {
    /// The project.
    pub project: ProjectKey,
    /// The environment.
    pub environment: EnvironmentKey,
    /// The place in the log of the last change that SDKs of this environment see.
    pub seq: Revision,
    pub(super) compiled: Arc<Snapshot>,
    pub(super) payload: Bytes,
    pub(super) put_frame: Bytes,
    pub(super) etag: String,
    pub(super) client_side_id: String,
    /// The last updates, oldest first.
    pub(super) recent: VecDeque<Arc<Update>>,
    /// All updates after this place are among the recent ones.
    pub(super) recent_after: Revision,
}

impl EnvironmentSnapshot {
    /// Flags and segments, ready to be evaluated: for some milliseconds after a change those before it, since streams are
    /// told first. [`super::Snapshots::refresh`] waits for both.
    pub fn compiled(&self) -> &Snapshot {
        &self.compiled
    }

    /// The body of `/sdk/latest-all`: `{"flags": {…}, "segments": {…}}`.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// The first event of `/all`, which holds the payload.
    pub fn put_frame(&self) -> &Bytes {
        &self.put_frame
    }

    /// An entity tag, in quotes: the same for the same content on every node.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// What SDKs call the environment (`X-LD-EnvID`): its oldest client-side id that was not revoked; empty when there is none.
    pub fn client_side_id(&self) -> &str {
        &self.client_side_id
    }

    /// What happened after `seq`, oldest first; `None` when that is too long ago to be remembered: send the whole.
    pub fn updates_since(&self, seq: Revision) -> Option<impl Iterator<Item = &Arc<Update>>> {
        if seq < self.recent_after {
            return None;
        }
        let first = self.recent.partition_point(|update| update.seq <= seq);
        Some(self.recent.range(first..))
    }
}

impl fmt::Debug for EnvironmentSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} at {} ({} bytes)", self.project, self.environment, self.seq, self.payload.len())
    }
}
