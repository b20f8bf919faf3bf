//! The last good snapshot of an environment, in one file: written whole beside it, made durable, and put in its place.
//!
//! One line of JSON says what follows, then come the bytes that SDKs are served. Whatever kills the process, the old or the
//! new file is there. The key stands in it only as a digest: another key's file is not used.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kernel::{Revision, words};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::config::hex;

/// The format that is written; others are not read.
const FORMAT: u32 = 1;
/// A file that is longer than any payload that upstream may send is none of ours.
const MAX_FILE: u64 = 256 << 20;
/// At most one file in this time: a release that walks changes a flag often, and the file is the whole.
const GAP: Duration = Duration::from_millis(500);
/// A disk that refused is asked again after this.
const AGAIN: Duration = Duration::from_secs(5);
/// So many places are set aside at once where they are counted here, so that they never go back.
const RESERVE: i64 = 1_000;

/// What is kept of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The place of the last change.
    pub seq: Revision,
    /// Whether places are counted here ([`crate::mirror`]).
    pub counted: bool,
    /// What SDKs call the environment; empty when it is not known.
    pub client_side_id: String,
    /// Whether it came from a Steadfast.
    pub is_steadfast: bool,
    /// The flags by Unleash's rules, as a list.
    pub features: Bytes,
    /// `{"flags": {…}, "segments": {…}}`, as it was served.
    pub payload: Bytes,
}

impl Kept {
    /// Where the order goes on after a restart. Counted places that were told after the file was written must not be told
    /// again for something else, so it goes on behind all that may have been.
    pub fn resumes_at(&self) -> Revision {
        Revision(self.seq.0 + if self.counted { RESERVE } else { 0 })
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    format: u32,
    sdk_key_sha256: String,
    seq: i64,
    counted: bool,
    client_side_id: String,
    #[serde(default)]
    is_steadfast: bool,
    /// Absent in files of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    features: Option<Box<RawValue>>,
    #[serde(default)]
    features_sha256: String,
    payload_sha256: String,
}

/// What stands in the first line of every format.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It cannot be read.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
    /// It is not such a file, or not all of it.
    #[error("it is damaged")]
    Damaged,
    /// A later version has written it.
    #[error("it has the format {0}, which is not known here")]
    Format(u32),
    /// It was written for another key.
    #[error("it belongs to another SDK key")]
    OtherKey,
}

/// What the file holds; `None` when there is none. `key` is the digest of the SDK key.
pub fn read(path: &Path, key: &str) -> Result<Option<Kept>, Unusable> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    decode(&Bytes::from(bytes), key).map(Some)
}

fn decode(bytes: &Bytes, key: &str) -> Result<Kept, Unusable> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(Unusable::Damaged)?;
    let Format { format } = serde_json::from_slice(&bytes[..end]).map_err(|_| Unusable::Damaged)?;
    if format != FORMAT {
        return Err(Unusable::Format(format));
    }
    let head: Head = serde_json::from_slice(&bytes[..end]).map_err(|_| Unusable::Damaged)?;
    let payload = bytes.slice(end + 1..);
    if hex(&Sha256::digest(&payload)) != head.payload_sha256 {
        return Err(Unusable::Damaged);
    }
    if head.sdk_key_sha256 != key {
        return Err(Unusable::OtherKey);
    }
    let features = head.features.map_or(Bytes::from_static(b"[]"), |list| list.get().to_owned().into());
    if !head.features_sha256.is_empty() && hex(&Sha256::digest(&features)) != head.features_sha256 {
        return Err(Unusable::Damaged);
    }
    let Head { seq, counted, client_side_id, is_steadfast, .. } = head;
    Ok(Kept { seq: Revision(seq), counted, client_side_id, is_steadfast, features, payload })
}

/// Puts `kept` in the place of what the file held; durable when it returns.
pub fn write(path: &Path, key: &str, kept: &Kept) -> io::Result<()> {
    let head = Head {
        format: FORMAT,
        sdk_key_sha256: key.to_owned(),
        seq: kept.resumes_at().0,
        counted: kept.counted,
        client_side_id: kept.client_side_id.clone(),
        is_steadfast: kept.is_steadfast,
        features: Some(serde_json::from_slice(&kept.features)?),
        features_sha256: hex(&Sha256::digest(&kept.features)),
        payload_sha256: hex(&Sha256::digest(&kept.payload)),
    };
    let mut line = serde_json::to_vec(&head)?;
    line.push(b'\n');
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(&line)?;
    file.write_all(&kept.payload)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync_folder_of(path)
}

/// A new name in a folder is durable once the folder is.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Hands what is to be kept to the task that writes it.
#[derive(Clone)]
pub struct Keeper {
    latest: watch::Sender<Option<Kept>>,
    durable: watch::Receiver<Revision>,
    urgent: Arc<Notify>,
}

/// Writes what it is handed, one file after the other.
pub struct Keeping {
    path: PathBuf,
    key: String,
    latest: watch::Receiver<Option<Kept>>,
    durable: watch::Sender<Revision>,
    urgent: Arc<Notify>,
}

/// For the file at `path`, by which the order resumes at `durable` already.
pub fn keeper(path: PathBuf, key: String, durable: Revision) -> (Keeper, Keeping) {
    let (latest, seen) = watch::channel(None);
    let (written, durable) = watch::channel(durable);
    let urgent = Arc::new(Notify::new());
    let keeping = Keeping { path, key, latest: seen, durable: written, urgent: Arc::clone(&urgent) };
    (Keeper { latest, durable, urgent }, keeping)
}

impl Keeper {
    /// Keeps it soon. Waits only where places are counted and the file does not speak for this one yet: once in a thousand
    /// changes.
    pub async fn keep(&self, kept: Kept) {
        let must_wait = kept.counted && kept.seq > *self.durable.borrow();
        let seq = kept.seq;
        self.latest.send_replace(Some(kept));
        if must_wait {
            self.urgent.notify_one();
            let mut durable = self.durable.clone();
            // SDKs must not wait for a disk that is full; it is said in the log by whoever tries to write.
            let _in_time = tokio::time::timeout(AGAIN, durable.wait_for(|durable| *durable >= seq)).await;
        }
    }
}

impl Keeping {
    /// Writes until `stop`, and then once more what is not written.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let ending = tokio::select! {
                () = stop.cancelled() => true,
                changed = self.latest.changed() => changed.is_err(),
            };
            let written = if ending && !self.latest.has_changed().unwrap_or(true) { true } else { self.write().await };
            if ending {
                return;
            }
            let pause = if written { GAP } else { AGAIN };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.urgent.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Whether it is on disk now.
    async fn write(&mut self) -> bool {
        let Some(kept) = self.latest.borrow_and_update().clone() else { return true };
        let (path, key, resumes_at) = (self.path.clone(), self.key.clone(), kept.resumes_at());
        let written = tokio::task::spawn_blocking(move || write(&path, &key, &kept)).await;
        match written.map_err(io::Error::other).flatten() {
            Ok(()) => {
                self.durable.send_replace(resumes_at);
                true
            }
            Err(error) => {
                let (error, path) = (words::causes(&error), self.path.display());
                tracing::error!(error, %path, "the snapshot cannot be kept: after a restart without upstream an older one is served");
                self.latest.mark_changed();
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn kept(seq: i64, payload: &'static str) -> Kept {
        let payload = Bytes::from_static(payload.as_bytes());
        let features = Bytes::from_static(br#"[{"feature":"a"}]"#);
        Kept { seq: Revision(seq), counted: false, client_side_id: "abc".into(), is_steadfast: true, features, payload }
    }

    #[test]
    fn what_was_written_is_read_again_by_its_own_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.snapshot");
        assert!(read(&path, "k").unwrap().is_none());
        for (seq, payload) in [(7, "{\"flags\":{},\"segments\":{}}"), (8, "{}")] {
            write(&path, "k", &kept(seq, payload)).unwrap();
            assert_eq!(read(&path, "k").unwrap(), Some(kept(seq, payload)));
        }
        assert!(matches!(read(&path, "other"), Err(Unusable::OtherKey)));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn counted_places_resume_behind_all_that_may_have_been_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.snapshot");
        write(&path, "k", &Kept { counted: true, ..kept(7, "{}") }).unwrap();
        assert_eq!(read(&path, "k").unwrap().map(|kept| kept.seq), Some(Revision(1_007)));
    }

    #[test]
    fn a_file_that_is_cut_or_altered_anywhere_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.snapshot");
        write(&path, "k", &kept(7, "{\"flags\":{},\"segments\":{}}")).unwrap();
        let whole = fs::read(&path).unwrap();
        let head = whole.iter().position(|byte| *byte == b'\n').unwrap();
        for cut in 0..whole.len() {
            assert!(decode(&Bytes::copy_from_slice(&whole[..cut]), "k").is_err(), "cut at {cut}");
        }
        for at in head + 1..whole.len() {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            assert!(matches!(decode(&altered.into(), "k"), Err(Unusable::Damaged)), "altered at {at}");
        }
        let later = String::from_utf8(whole).unwrap().replace("\"format\":1", "\"format\":2");
        assert!(matches!(decode(&later.into(), "k"), Err(Unusable::Format(2))));
    }

    #[test]
    fn a_file_that_was_left_half_written_beside_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.snapshot");
        write(&path, "k", &kept(7, "{}")).unwrap();
        fs::write(folder.path().join("a.new"), "{\"form").unwrap();
        assert_eq!(read(&path, "k").unwrap(), Some(kept(7, "{}")));
        write(&path, "k", &kept(8, "{}")).unwrap();
        assert_eq!(read(&path, "k").unwrap(), Some(kept(8, "{}")));
    }

    #[tokio::test]
    async fn the_last_that_was_handed_over_is_on_disk_after_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.snapshot");
        let (keeper, keeping) = keeper(path.clone(), "k".into(), Revision(0));
        let tasks = runtime::Tasks::new();
        tasks.spawn("keep", keeping.run(tasks.stop()));
        for seq in 1..50 {
            keeper.keep(kept(seq, "{}")).await;
        }
        assert!(tasks.shutdown(Duration::from_mins(1)).await);
        assert_eq!(read(&path, "k").unwrap(), Some(kept(49, "{}")));
    }

    #[tokio::test]
    async fn a_counted_place_is_told_only_once_the_file_speaks_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.snapshot");
        let (keeper, keeping) = keeper(path.clone(), "k".into(), Revision(0));
        let tasks = runtime::Tasks::new();
        tasks.spawn("keep", keeping.run(tasks.stop()));
        for seq in [1, 900, 2_500] {
            keeper.keep(Kept { counted: true, ..kept(seq, "{}") }).await;
            assert!(read(&path, "k").unwrap().unwrap().seq >= Revision(seq));
        }
        tasks.shutdown(Duration::from_mins(1)).await;
    }
}
