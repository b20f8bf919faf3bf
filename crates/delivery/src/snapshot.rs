//! One environment as SDKs receive it, at one place in the order of changes.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use evaluation::{Item, Reach, Snapshot};
use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::{Revision, Timestamp};

use crate::memo::Memo;
use crate::names::Names;
use crate::{History, Place, Unleash, Update};

/// One environment as SDKs receive it; never changes, a newer one takes its place.
#[derive(Clone)]
pub struct EnvironmentSnapshot {
    /// Which environment.
    pub place: Place,
    /// The place of the last change that SDKs of this environment see.
    pub seq: Revision,
    pub(crate) changed_at: Option<Timestamp>,
    pub(crate) compiled: Arc<Snapshot>,
    pub(crate) compiled_seq: Revision,
    pub(crate) payload: Bytes,
    pub(crate) flags: Bytes,
    pub(crate) put_frame: Bytes,
    pub(crate) etag: String,
    pub(crate) client_side_id: String,
    pub(crate) secure_mode: bool,
    pub(crate) names: Names,
    pub(crate) history: History,
    /// What was last joined for streams, and for which place: most streams stand at the same.
    pub(crate) joined: Arc<OnceLock<(Revision, Bytes)>>,
    /// The same of what the engine's changes reach.
    pub(crate) reached: Arc<OnceLock<(Revision, Option<Arc<Reach>>)>>,
    pub(crate) memo: Arc<Memo<&'static str>>,
    /// The same for those who ask for one of many things: what most ask for is kept, and what is kept is bounded.
    pub(crate) variants: Arc<Memo<(&'static str, String)>>,
    /// What is there, for those who ask for one thing at a time.
    pub(crate) items: Arc<OnceLock<Items>>,
    pub(crate) unleash: Unleash,
    pub(crate) features: Bytes,
}

/// What is there, by key.
#[derive(Default)]
pub(crate) struct Items {
    flags: HashMap<String, Arc<Update>>,
    segments: HashMap<String, Arc<Update>>,
}

impl Items {
    fn of(&mut self, item: Item) -> &mut HashMap<String, Arc<Update>> {
        match item {
            Item::Flag => &mut self.flags,
            Item::Segment => &mut self.segments,
        }
    }
}

/// What a stream is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatchUp {
    /// It has everything.
    Nothing,
    /// Some `patch` and `delete` events.
    Frames(Bytes),
    /// The whole, as a `put`: it cannot be told what is missing, or that would be longer.
    Whole(Bytes),
}

impl EnvironmentSnapshot {
    /// Flags and segments, ready to be evaluated: for some milliseconds after a change those before it, since streams are
    /// told first.
    pub fn compiled(&self) -> &Snapshot {
        &self.compiled
    }

    /// The place up to which [`compiled`](Self::compiled) has taken everything in.
    pub fn compiled_seq(&self) -> Revision {
        self.compiled_seq
    }

    /// The body of `/sdk/latest-all`: `{"flags": {…}, "segments": {…}}`.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// The same, packed by gzip: once for all who ask, when the first asks.
    pub fn packed_payload(&self) -> Bytes {
        self.remember("payload, gzip", || gzip(&self.payload))
    }

    /// What a protocol writes of this snapshot for everybody alike: made once, when the first asks. `name` is the protocol's
    /// own, and stands for one content.
    pub fn remember(&self, name: &'static str, make: impl FnOnce() -> Bytes) -> Bytes {
        self.memo.remember(name, make)
    }

    /// The same for all who ask for one of many things alike, such as those who stand at one place in the history; of so many
    /// that hardly anybody asks for one it is made for each who asks.
    pub fn remember_one(&self, (name, which): (&'static str, String), make: impl FnOnce() -> Bytes) -> Bytes {
        self.variants.remember((name, which), make)
    }

    /// What `flags` is in the payload.
    pub fn flags_payload(&self) -> &Bytes {
        &self.flags
    }

    /// The latest update of one flag or segment; `None` when there is none, or not any more. In order by key when the first
    /// asks: most SDKs take everything.
    pub fn item(&self, item: Item, key: &str) -> Option<&Arc<Update>> {
        let items = self.items.get_or_init(|| {
            let mut items = Items::default();
            for update in self.updates().iter().filter(|update| update.json().is_some()) {
                items.of(update.item).insert(update.key.clone(), Arc::clone(update));
            }
            items
        });
        match item {
            Item::Flag => items.flags.get(key),
            Item::Segment => items.segments.get(key),
        }
    }

    /// The first event of `/all`, which holds the payload.
    pub fn put_frame(&self) -> &Bytes {
        &self.put_frame
    }

    /// The flags by Unleash's rules as edges receive them: a JSON list of [`evaluation::FeatureData`], by name.
    pub fn features(&self) -> &Bytes {
        &self.features
    }

    /// What Unleash's SDKs receive.
    pub fn unleash(&self) -> &Unleash {
        &self.unleash
    }

    /// An entity tag, in quotes: the same for the same content on every node.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// What SDKs call the environment (`X-LD-EnvID`): its oldest client-side id that was not revoked, one that
    /// does not expire before one that does; empty when there is none.
    pub fn client_side_id(&self) -> &str {
        &self.client_side_id
    }

    /// When the change at [`seq`](Self::seq) was made; `None` when that is not known here.
    pub fn changed_at(&self) -> Option<Timestamp> {
        self.changed_at
    }

    /// What people call a variation; `None` when they gave it no name.
    pub fn variation_name(&self, flag: &str, variation: u32) -> Option<&str> {
        self.names.get(flag, variation)
    }

    /// Whether browsers must prove that somebody who holds an SDK key knows of their context (`launchdarkly.md` §1.9).
    pub fn secure_mode(&self) -> bool {
        self.secure_mode
    }

    /// What brings a client that knows everything up to `seq` up to date, oldest first; `None` when that cannot be told any
    /// more, or `seq` was never reached here: send the whole.
    pub fn updates_since(&self, seq: Revision) -> Option<&[Arc<Update>]> {
        if seq > self.seq {
            return None;
        }
        self.history.since(seq)
    }

    /// The flags that may come out otherwise than by an engine that had taken in everything up to `seq`; `None` when that
    /// cannot be told, and it may be all.
    pub fn reached_since(&self, seq: Revision) -> Option<Arc<Reach>> {
        let reach = || {
            let changed = self.updates_since(seq)?.iter().map(|update| (update.item, &*update.key));
            self.compiled.reached(changed).map(Arc::new)
        };
        let (of, reached) = self.reached.get_or_init(|| (seq, reach()));
        if *of == seq { reached.clone() } else { reach() }
    }

    /// What a stream of `/all` that knows everything up to `seq` is to be sent.
    pub fn catch_up(&self, seq: Revision) -> CatchUp {
        let Some(updates) = self.updates_since(seq) else { return CatchUp::Whole(self.put_frame.clone()) };
        match updates {
            [] => CatchUp::Nothing,
            [update] => CatchUp::Frames(update.frame().clone()),
            updates if updates.iter().map(|update| update.frame().len()).sum::<usize>() > self.put_frame.len() => {
                CatchUp::Whole(self.put_frame.clone())
            }
            updates => CatchUp::Frames(self.join(seq, updates)),
        }
    }

    fn join(&self, seq: Revision, updates: &[Arc<Update>]) -> Bytes {
        let join = || Bytes::from(updates.iter().map(|update| &**update.frame()).collect::<Vec<_>>().concat());
        let (of, joined) = self.joined.get_or_init(|| (seq, join()));
        if *of == seq { joined.clone() } else { join() }
    }

    /// The latest update of every flag and segment, and of every remembered deletion, oldest first.
    pub fn updates(&self) -> &[Arc<Update>] {
        self.history.updates()
    }
}

fn gzip(bytes: &[u8]) -> Bytes {
    const IN_MEMORY: &str = "writing to memory does not fail";
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::default());
    encoder.write_all(bytes).expect(IN_MEMORY);
    encoder.finish().expect(IN_MEMORY).into()
}

impl fmt::Debug for EnvironmentSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} ({} bytes)", self.place, self.seq, self.payload.len())
    }
}
