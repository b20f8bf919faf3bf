//! All of an edge together: opens what lies on disk, shows it, and starts to follow and to forward.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use delivery::{EnvironmentSnapshot, Grant, Intake, KeyDirectory, KeyKind, Place, Publisher, Snapshots};
use evaluation::Snapshot;
use kernel::{Clock, Revision, Rng, words};
use runtime::Tasks;

use crate::board::Entry;
use crate::config::{Config, Key, Source};
use crate::follow::{Follower, Parts};
use crate::forward::Forwarder;
use crate::intake::Spooling;
use crate::upstream::{BadClient, Upstream};
use crate::{keep, spool, upstream};

/// An edge that runs.
pub struct Edge {
    /// What the protocols serve.
    pub snapshots: Snapshots,
    /// Where they put what SDKs send.
    pub intake: Arc<dyn Intake>,
    /// How each environment is.
    pub entries: Vec<(Arc<Source>, Entry)>,
    /// Keeps other edges from the data directory: to be held for as long as anything may be written.
    pub lock: File,
}

/// Why an edge cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory cannot be used.
    #[error("{} cannot be used", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// Two edges would write over each other.
    #[error("{} is in use by another edge", .0.display())]
    InUse(PathBuf),
    /// No client for upstream.
    #[error(transparent)]
    Client(#[from] BadClient),
}

/// Opens what lies on disk, shows what was kept, and follows every environment until the tasks are shut down.
pub fn open(config: Config, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, tasks: &Tasks) -> Result<Edge, OpenError> {
    let folder = config.data_dir;
    let in_folder = |error| OpenError::Folder(folder.clone(), error);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(in_folder)?;
    let lock = lock(&folder)?;
    let client = upstream::client()?;
    let sources: Vec<Arc<Source>> = config.sources.into_iter().map(Arc::new).collect();
    let (shown, snapshots) = Shown::new(&sources, Arc::clone(&clock));
    let shown = Arc::new(shown);

    let (mut entries, mut spools) = (Vec::new(), HashMap::new());
    for source in sources {
        let place = source.place();
        let spool_folder = folder.join("spool").join(source.name.as_str());
        let (spool, writer, outlet) = spool::open(&spool_folder, config.spool_bytes).map_err(in_folder)?;
        let entry = Entry::new(spool.gauge(), clock.now());
        let upstream = Upstream::new(client.clone(), Arc::clone(&source));
        tasks.spawn("spool", writer.run());
        let forwarder = Forwarder { outlet, upstream: upstream.clone(), entry: entry.clone(), rng: Arc::clone(&rng) };
        tasks.spawn("forward", forwarder.run(tasks.stop()));

        let (file, key) = (folder.join(format!("{}.snapshot", source.name)), source.sdk_key.digest());
        let kept = kept(&file, &key);
        let durable = kept.as_ref().map_or(Revision::default(), |kept| kept.seq);
        let (keeper, keeping) = keep::keeper(file, key, durable);
        tasks.spawn("keep", keeping.run(tasks.stop()));
        let (clock, rng) = (Arc::clone(&clock), Arc::clone(&rng));
        let parts =
            Parts { source: Arc::clone(&source), upstream, shown: Arc::clone(&shown), keeper, entry, clock, rng };
        entries.push((source, parts.entry.clone()));
        spools.insert(place, (spool, parts.entry.clone()));
        let follower = Follower::new(parts, kept.as_ref());
        tasks.spawn("follow", follower.run(tasks.stop()));
    }
    let intake = Arc::new(Spooling { spools, snapshots: snapshots.clone(), clock, rng });
    Ok(Edge { snapshots, intake, entries, lock })
}

fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join("edge.lock");
    let file = File::create(&path).map_err(|error| OpenError::Folder(path.clone(), error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::Folder(path, error)),
    }
}

fn kept(file: &Path, key: &str) -> Option<keep::Kept> {
    keep::read(file, key).unwrap_or_else(|error| {
        let (error, file) = (words::causes(&error), file.display());
        tracing::error!(error, %file, "the snapshot on disk is not used: SDKs are served once upstream answers");
        None
    })
}

/// Shows snapshots together with what the keys open.
pub(crate) struct Shown {
    publisher: Publisher,
    sources: Vec<Arc<Source>>,
    ids: Arc<Ids>,
}

/// Environment → the client-side id by which browsers find it.
#[derive(Default)]
struct Ids(Mutex<HashMap<Place, String>>);

impl Shown {
    fn new(sources: &[Arc<Source>], clock: Arc<dyn Clock>) -> (Self, Snapshots) {
        let ids = Arc::new(Ids::default());
        let directory = Directory { ids: Arc::clone(&ids), environments: sources.len() };
        let (publisher, snapshots) = delivery::channel(clock, Arc::new(directory), Arc::new(delivery::NoMembers));
        (Self { publisher, sources: sources.to_vec(), ids }, snapshots)
    }

    /// Shows a snapshot of `source`, which browsers find by this id.
    pub(crate) fn show(&self, source: &Source, snapshot: Arc<EnvironmentSnapshot>, client_side_id: &str) {
        // Held until it is shown, so that nobody shows what keys opened before.
        let mut ids = self.ids.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = ids.get(&source.place()).map(String::as_str);
        let grants = if known == Some(client_side_id) {
            None
        } else {
            ids.insert(source.place(), client_side_id.to_owned());
            Some(Arc::new(self.grants(&ids)))
        };
        self.publisher.show(&[snapshot], grants);
    }

    pub(crate) fn exchange(&self, place: &Place, engine: Arc<Snapshot>) {
        self.publisher.exchange(place, engine);
    }

    fn grants(&self, ids: &HashMap<Place, String>) -> HashMap<String, Grant> {
        let mut grants = HashMap::new();
        for source in &self.sources {
            let place = source.place();
            let id = source.client_side_id.as_ref().or_else(|| ids.get(&place)).filter(|id| !id.is_empty());
            let keys = [
                (KeyKind::ClientSide, id.map(String::as_str)),
                (KeyKind::Mobile, source.mobile_key.as_ref().map(Key::reveal)),
                (KeyKind::Sdk, Some(source.sdk_key.reveal())),
            ];
            for (kind, key) in keys {
                let grant = Grant { kind, place: place.clone(), ends_at: None };
                grants.extend(key.map(|key| (key.to_owned(), grant)));
            }
        }
        grants
    }
}

/// All keys stand in the configuration, but for client-side ids that upstream has not told yet.
struct Directory {
    ids: Arc<Ids>,
    environments: usize,
}

#[async_trait]
impl KeyDirectory for Directory {
    async fn knows(&self, _key: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        let ids = self.ids.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ids.len() < self.environments)
    }
}
