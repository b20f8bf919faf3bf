//! How each environment is, as its follower last saw it: in memory, for `/status`.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use delivery::event::Words;
use kernel::{Revision, Timestamp};

use crate::spool::Gauge;

/// How one environment is; a cheap handle to clone.
#[derive(Clone)]
pub struct Entry {
    seen: Arc<Mutex<Seen>>,
    gauge: Arc<Gauge>,
}

/// How the connection to upstream is, in the relay's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Upstream has told nothing yet.
    #[default]
    Initializing,
    /// Upstream is followed.
    Valid,
    /// Upstream was followed, and is not now.
    Interrupted,
    /// Upstream does not take the key.
    Refused,
}

/// What was seen of an environment.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How the connection is.
    pub state: State,
    /// Since when it is so.
    pub since: Timestamp,
    /// What ended the last connection, and when.
    pub fault: Option<(String, Timestamp)>,
    /// Whether there is anything to serve.
    pub serves: bool,
    /// When upstream last told something new.
    pub updated_at: Option<Timestamp>,
    /// The place of the last change.
    pub seq: Revision,
    /// How many flags and segments there are.
    pub items: usize,
    /// What SDKs call the environment; empty when it is not known.
    pub client_side_id: String,
    /// Whether upstream is a Steadfast, which speaks more than LaunchDarkly.
    pub is_steadfast: bool,
    /// Whether there is no place for Unleash's metrics where its events go, as behind a proxy for LaunchDarkly's paths.
    pub lacks_unleash: bool,
}

/// How full a spool is, and what became of what was sent, read at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spooled {
    /// On disk, in bytes.
    pub bytes: u64,
    /// The bound, in bytes.
    pub most: u64,
    /// Deliveries taken since the start.
    pub taken: u64,
    /// Deliveries refused since the start.
    pub refused: u64,
    /// Deliveries handed on since the start.
    pub forwarded: u64,
    /// Deliveries given up since the start.
    pub dropped: u64,
}

impl Seen {
    /// Whether upstream understands deliveries in these words, as far as is known.
    pub fn upstream_reads(&self, words: Words) -> bool {
        match words {
            Words::LaunchDarkly => true,
            Words::Unleash | Words::UnleashBulk => self.is_steadfast && !self.lacks_unleash,
        }
    }
}

impl Entry {
    /// Nothing is known of it yet.
    pub fn new(gauge: Arc<Gauge>, now: Timestamp) -> Self {
        Self { seen: Arc::new(Mutex::new(Seen { since: now, ..Seen::default() })), gauge }
    }

    /// How it is.
    pub fn seen(&self) -> Seen {
        self.lock().clone()
    }

    /// How its spool is.
    pub fn spooled(&self) -> Spooled {
        let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let gauge = &self.gauge;
        Spooled {
            bytes: read(&gauge.bytes),
            most: gauge.most,
            taken: read(&gauge.taken),
            refused: read(&gauge.refused),
            forwarded: read(&gauge.forwarded),
            dropped: read(&gauge.dropped),
        }
    }

    /// Whether upstream understands deliveries in these words, as far as is known.
    pub fn upstream_reads(&self, words: Words) -> bool {
        self.lock().upstream_reads(words)
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.lock());
    }

    /// Enters a state, unless it is the one that it was in.
    pub(crate) fn enter(&self, state: State, now: Timestamp) {
        self.note(|seen| {
            if seen.state != state {
                (seen.state, seen.since) = (state, now);
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
