//! All SDKs that this process has seen, by environment; bounded, and without a copy of anything for one that is known.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use kernel::{Clock, Timestamp};
use tokio::sync::watch;

use super::instances::{Running, hash};
use super::report::{SdkReport, SdkWords};
use super::sighting::{Sighting, Transport, Transports};
use crate::{KeyKind, Place};

/// So many SDKs are told apart in one environment by one sort of key. A client-side id is no secret, so what comes by one never
/// takes the room of what comes by another.
const MOST_SDKS: usize = 100;
/// So many instances are told apart in one environment by one sort of key.
const MOST_INSTANCES: usize = 10_000;
/// An SDK that holds no stream makes room after so long.
const SILENCE: Duration = Duration::from_hours(1);

/// The SDKs that this process has seen; a cheap handle to clone.
#[derive(Clone)]
pub struct Register {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    rolls: RwLock<HashMap<Place, Arc<[Roll; KeyKind::ALL.len()]>>>,
    /// Moves when an SDK or an instance comes or goes, or a stream is opened or ends; the number has no meaning.
    moved: watch::Sender<u64>,
}

/// The SDKs of one environment that came by one sort of key.
struct Roll {
    key: KeyKind,
    /// In the order of [`SdkWords::compare`].
    entries: RwLock<Vec<Arc<Entry>>>,
    /// All for whom there is no room.
    others: Arc<Entry>,
    instances: Arc<AtomicUsize>,
}

/// One SDK.
struct Entry {
    sdk: Arc<SdkWords>,
    platform: Mutex<Box<str>>,
    transports: AtomicU8,
    streams: AtomicU32,
    running: Mutex<Running>,
    /// How many instances there are in the roll.
    instances: Arc<AtomicUsize>,
    first_seen: AtomicI64,
    last_seen: AtomicI64,
}

/// An SDK that was just seen.
#[derive(Clone)]
pub struct Seen {
    inner: Arc<Inner>,
    entry: Arc<Entry>,
    instance: Option<u64>,
}

/// A stream that counts as open until this is dropped.
#[derive(Debug)]
pub struct OpenStream(Seen);

impl Register {
    /// Empty.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { inner: Arc::new(Inner { clock, rolls: RwLock::default(), moved: watch::Sender::new(0) }) }
    }

    /// Takes note of the SDK of a request that was let in to an environment by this sort of key.
    pub fn see(&self, place: &Place, key: KeyKind, sighting: &Sighting<'_>, transport: Transport) -> Seen {
        let now = self.inner.clock.now();
        let rolls = self.inner.rolls(place);
        // A position in `KeyKind::ALL` is the kind's own number.
        let (entry, is_new) = rolls[key as usize].entry(sighting, now);
        let instance = (!sighting.instance.is_empty()).then(|| hash(sighting.instance));
        let moved = entry.note(sighting, transport, (instance, now));
        if is_new || moved {
            self.inner.bump();
        }
        Seen { inner: Arc::clone(&self.inner), entry, instance }
    }

    /// Wakes when an SDK or an instance comes, or a stream is opened or ends.
    pub fn moved(&self) -> watch::Receiver<u64> {
        self.inner.moved.subscribe()
    }

    /// All SDKs, by environment; those that were silent for long are forgotten here.
    pub fn report(&self) -> Vec<SdkReport> {
        let now = self.inner.clock.now();
        let rolls: Vec<_> = {
            let rolls = self.inner.rolls.read().unwrap_or_else(PoisonError::into_inner);
            rolls.iter().map(|(place, rolls)| (place.clone(), Arc::clone(rolls))).collect()
        };
        let mut reports = Vec::new();
        for (place, rolls) in &rolls {
            for roll in rolls.iter() {
                roll.forget_silent(now);
                reports.extend(roll.seen().into_iter().map(|entry| entry.report(place, now)));
            }
        }
        reports
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Register")
    }
}

impl Inner {
    fn rolls(&self, place: &Place) -> Arc<[Roll; KeyKind::ALL.len()]> {
        // Nothing that holds these locks can panic half-way through a change.
        if let Some(rolls) = self.rolls.read().unwrap_or_else(PoisonError::into_inner).get(place) {
            return Arc::clone(rolls);
        }
        let mut all = self.rolls.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(place.clone()).or_insert_with(|| Arc::new(KeyKind::ALL.map(Roll::new))))
    }

    fn bump(&self) {
        self.moved.send_modify(|moved| *moved = moved.wrapping_add(1));
    }
}

impl Roll {
    fn new(key: KeyKind) -> Self {
        let instances = Arc::<AtomicUsize>::default();
        let others = Arc::new(Entry::new(SdkWords::others(key), &instances, Timestamp::EPOCH));
        Self { key, entries: RwLock::default(), others, instances }
    }

    /// The entry of an SDK, and whether it was not there before; that of all others when there is no room.
    fn entry(&self, sighting: &Sighting<'_>, now: Timestamp) -> (Arc<Entry>, bool) {
        let place = |entries: &[Arc<Entry>]| entries.binary_search_by(|entry| entry.sdk.compare(sighting));
        {
            let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
            match place(&entries) {
                Ok(at) => return (Arc::clone(&entries[at]), false),
                Err(_) if entries.len() >= MOST_SDKS => return (Arc::clone(&self.others), false),
                Err(_) => {}
            }
        }
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        match place(&entries) {
            Ok(at) => (Arc::clone(&entries[at]), false),
            Err(_) if entries.len() >= MOST_SDKS => (Arc::clone(&self.others), false),
            Err(at) => {
                let entry = Arc::new(Entry::new(SdkWords::of(self.key, sighting), &self.instances, now));
                entries.insert(at, Arc::clone(&entry));
                (entry, true)
            }
        }
    }

    fn forget_silent(&self, now: Timestamp) {
        let gone = |entry: &Entry| {
            entry.running().forget_gone(now);
            entry.streams.load(Relaxed) == 0 && now.since(entry.last_seen()) >= SILENCE
        };
        // Whoever is about to open a stream holds its entry too.
        let idle = |entry: &Arc<Entry>| gone(entry) && Arc::strong_count(entry) == 1;
        self.entries.write().unwrap_or_else(PoisonError::into_inner).retain(|entry| !idle(entry));
        if gone(&self.others) {
            self.others.first_seen.store(Timestamp::EPOCH.as_micros(), Relaxed);
            self.others.last_seen.store(Timestamp::EPOCH.as_micros(), Relaxed);
        }
        let left: usize = self.seen().iter().map(|entry| entry.running().len()).sum();
        self.instances.store(left, Relaxed);
    }

    /// Those that were seen, the others last.
    fn seen(&self) -> Vec<Arc<Entry>> {
        let mut seen = self.entries.read().unwrap_or_else(PoisonError::into_inner).clone();
        if self.others.last_seen() > Timestamp::EPOCH {
            seen.push(Arc::clone(&self.others));
        }
        seen
    }
}

impl Entry {
    fn new(sdk: SdkWords, instances: &Arc<AtomicUsize>, now: Timestamp) -> Self {
        Self {
            sdk: Arc::new(sdk),
            platform: Mutex::default(),
            transports: AtomicU8::default(),
            streams: AtomicU32::default(),
            running: Mutex::default(),
            instances: Arc::clone(instances),
            first_seen: AtomicI64::new(now.as_micros()),
            last_seen: AtomicI64::new(now.as_micros()),
        }
    }

    /// Whether anything is told by this that people would notice.
    fn note(&self, sighting: &Sighting<'_>, transport: Transport, (instance, now): (Option<u64>, Timestamp)) -> bool {
        let bit = Transports::default().with(transport).bits();
        let mut moved = self.transports.fetch_or(bit, Relaxed) & bit == 0;
        // Only the others begin without a first time.
        let _ = self.first_seen.compare_exchange(Timestamp::EPOCH.as_micros(), now.as_micros(), Relaxed, Relaxed);
        self.last_seen.fetch_max(now.as_micros(), Relaxed);
        if !sighting.platform.is_empty() {
            let mut platform = self.platform.lock().unwrap_or_else(PoisonError::into_inner);
            if **platform != *sighting.platform {
                *platform = sighting.platform.into();
            }
        }
        if let Some(id) = instance {
            self.running().see(id, now, || {
                // Two at once may both find the last room: a bound of memory need not be exact.
                let has_room = self.instances.load(Relaxed) < MOST_INSTANCES;
                self.instances.fetch_add(usize::from(has_room), Relaxed);
                moved |= has_room;
                has_room
            });
        }
        moved
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_seen(&self) -> Timestamp {
        Timestamp::from_micros(self.last_seen.load(Relaxed))
    }

    fn report(&self, place: &Place, now: Timestamp) -> SdkReport {
        let streams = self.streams.load(Relaxed);
        SdkReport {
            place: place.clone(),
            sdk: Arc::clone(&self.sdk),
            platform: self.platform.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            transports: Transports::from_bits(self.transports.load(Relaxed)),
            streams,
            instances: self.running().report(),
            first_seen: Timestamp::from_micros(self.first_seen.load(Relaxed)),
            last_seen: if streams > 0 { now } else { self.last_seen() },
        }
    }
}

impl Seen {
    /// A stream of this SDK is open from now on. [`hold`] keeps it so for as long as there are frames.
    pub fn open(self) -> OpenStream {
        self.entry.streams.fetch_add(1, Relaxed);
        if let Some(id) = self.instance {
            self.entry.running().open(id);
        }
        self.inner.bump();
        OpenStream(self)
    }
}

/// The frames of a stream, which counts as open until they are dropped; as one of `seen`, if that is known.
pub fn hold<S: Stream>(seen: Option<Seen>, frames: S) -> impl Stream<Item = S::Item> {
    let open = seen.map(Seen::open);
    frames.inspect(move |_| {
        let _open = &open;
    })
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seen({} {})", self.entry.sdk.name, self.entry.sdk.version)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let Seen { inner, entry, instance } = &self.0;
        let now = inner.clock.now();
        entry.streams.fetch_sub(1, Relaxed);
        entry.last_seen.fetch_max(now.as_micros(), Relaxed);
        if let Some(id) = instance {
            entry.running().close(*id, now);
        }
        inner.bump();
    }
}

#[cfg(test)]
mod tests;
