//! One environment as it arrives, item by item: what snapshots are made of. No I/O.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use evaluation::model::{FlagData, SegmentData};
use evaluation::{FeatureData, Item, Payload, Snapshot, Unreadable};
use kernel::{Revision, Timestamp};

use crate::memo::Memo;
use crate::names::Names;
use crate::put::{self, Put};
use crate::unleash::Emitted;
use crate::{EnvironmentSnapshot, History, Place, Update};

/// So many things that not everybody asks for alike are kept of a snapshot; each may be as long as the whole.
const MOST_VARIANTS: usize = 16;

/// What has changed since the engine was compiled.
#[derive(Default, PartialEq, Eq)]
enum Stale {
    #[default]
    Nothing,
    /// The data of these flags, and nothing else.
    Flags(BTreeSet<String>),
    Everything,
}

impl Stale {
    fn flag(&mut self, key: &str) {
        if *self == Self::Nothing {
            *self = Self::Flags(BTreeSet::new());
        }
        if let Self::Flags(changed) = self {
            changed.insert(key.to_owned());
        }
    }
}

/// One environment as it is emitted.
#[derive(Default)]
pub struct Environment {
    seq: Revision,
    /// When the change at `seq` was made, as far as that was told.
    changed_at: Option<Timestamp>,
    flags: BTreeMap<String, Bytes>,
    segments: BTreeMap<String, Bytes>,
    /// In the order of their keys, as the JSON is.
    payload: Payload,
    compiled: Option<Arc<Snapshot>>,
    /// The place up to which that has taken everything in.
    compiled_seq: Revision,
    stale: Stale,
    /// The sum of the hashes of all JSON: follows each change without reading the rest again.
    digest: u64,
    client_side_id: String,
    secure_mode: bool,
    names: Names,
    history: History,
    /// Where each item stands in the history.
    places: HashMap<(Item, String), Revision>,
    unleash: Emitted,
    /// The features as edges receive them; `None` when they have changed since.
    features: Option<Bytes>,
}

impl Environment {
    /// Empty, at this place of the order of changes.
    pub fn at(seq: Revision) -> Self {
        Self { seq, ..Self::default() }
    }

    /// Empty, at this place; whoever stands before it is sent the whole, since nobody knows here what they have.
    pub fn anew(seq: Revision) -> Self {
        Self { seq, history: History::complete_after(seq), ..Self::default() }
    }

    /// What SDKs receive of a flag or segment; `None` when there is none.
    pub fn json(&self, item: Item, key: &str) -> Option<&Bytes> {
        match item {
            Item::Flag => self.flags.get(key),
            Item::Segment => self.segments.get(key),
        }
    }

    /// A flag is like this since the change at `seq`; `json` is what SDKs receive of it.
    pub fn put_flag(&mut self, seq: Revision, data: FlagData, json: &[u8]) {
        let update = Update::patch(seq, (Item::Flag, &data.key), data.version, json);
        self.forget_unreadable(Item::Flag, &data.key);
        self.forget_feature(&data.key);
        self.unleash.put_flag(seq, &data);
        let place = self.payload.flags.binary_search_by(|other| other.key.cmp(&data.key));
        match place {
            Ok(_) => self.stale.flag(&data.key),
            Err(_) => self.stale = Stale::Everything,
        }
        put(&mut self.payload.flags, place, Some(data));
        self.record(update);
    }

    /// A flag or feature is gone since the change at `seq`.
    pub fn remove_flag(&mut self, seq: Revision, key: &str, version: u64) {
        self.forget_data(Item::Flag, key);
        self.forget_feature(key);
        self.unleash.remove(seq, key);
        self.stale = Stale::Everything;
        self.record(Update::delete(seq, (Item::Flag, key), version));
    }

    /// A feature that is evaluated as Unleash does is like this since the change at `seq`. To LaunchDarkly's SDKs there is
    /// no such flag: one of that name is gone.
    pub fn put_feature(&mut self, seq: Revision, data: FeatureData) {
        let name = data.feature.name.clone();
        self.unleash.put(seq, &data.feature);
        let known = self.places.contains_key(&(Item::Flag, name.clone()));
        // Told once, and again only when it had been a flag in an earlier life.
        if !known || self.flags.contains_key(&name) {
            self.forget_data(Item::Flag, &name);
            self.record(Update::delete(seq, (Item::Flag, &name), data.version));
        }
        let place = self.payload.features.binary_search_by(|other| other.feature.name.cmp(&name));
        put(&mut self.payload.features, place, Some(data));
        self.features = None;
        (self.seq, self.stale) = (self.seq.max(seq), Stale::Everything);
    }

    /// A segment is like this since the change at `seq`.
    pub fn put_segment(&mut self, seq: Revision, data: SegmentData, json: &[u8]) {
        let update = Update::patch(seq, (Item::Segment, &data.key), data.version, json);
        self.forget_unreadable(Item::Segment, &data.key);
        let place = self.payload.segments.binary_search_by(|other| other.key.cmp(&data.key));
        put(&mut self.payload.segments, place, Some(data));
        self.stale = Stale::Everything;
        self.record(update);
    }

    /// A segment is gone since the change at `seq`.
    pub fn remove_segment(&mut self, seq: Revision, key: &str, version: u64) {
        self.forget_data(Item::Segment, key);
        self.stale = Stale::Everything;
        self.record(Update::delete(seq, (Item::Segment, key), version));
    }

    /// What people call the variations of a flag, in their order; an empty name is none.
    pub fn set_variation_names(&mut self, flag: &str, names: &[&str]) {
        self.names.set(flag, names);
    }

    /// The place of the last change that SDKs see.
    pub fn seq(&self) -> Revision {
        self.seq
    }

    /// The change at `seq` was made then; kept while it is the last.
    pub fn set_changed_at(&mut self, seq: Revision, at: Timestamp) {
        if self.seq == seq {
            self.changed_at = Some(at);
        }
    }

    /// A flag or segment has data since the change at `seq` that cannot be read here: SDKs receive its `json` as it is, and
    /// evaluated here it is malformed.
    pub fn put_unreadable(&mut self, seq: Revision, what: Unreadable, version: u64, json: &[u8]) {
        let update = Update::patch(seq, (what.item, &what.key), version, json);
        self.forget_data(what.item, &what.key);
        if what.item == Item::Flag {
            self.forget_feature(&what.key);
            self.unleash.remove(seq, &what.key);
        }
        self.payload.unreadable.push(what);
        self.stale = Stale::Everything;
        self.record(update);
    }

    /// What SDKs call the environment.
    pub fn set_client_side_id(&mut self, id: String) {
        self.client_side_id = id;
    }

    /// Whether browsers must prove that somebody who holds an SDK key knows of their context.
    pub fn set_secure_mode(&mut self, secure_mode: bool) {
        self.secure_mode = secure_mode;
    }

    fn forget_data(&mut self, item: Item, key: &str) {
        self.forget_unreadable(item, key);
        match item {
            Item::Flag => {
                let place = self.payload.flags.binary_search_by(|other| other.key.as_str().cmp(key));
                put(&mut self.payload.flags, place, None);
            }
            Item::Segment => {
                let place = self.payload.segments.binary_search_by(|other| other.key.as_str().cmp(key));
                put(&mut self.payload.segments, place, None);
            }
        }
    }

    fn forget_feature(&mut self, name: &str) {
        let place = self.payload.features.binary_search_by(|other| other.feature.name.as_str().cmp(name));
        self.features = self.features.take().filter(|_| place.is_err());
        put(&mut self.payload.features, place, None);
    }

    fn forget_unreadable(&mut self, item: Item, key: &str) {
        self.payload.unreadable.retain(|other| other.item != item || other.key != key);
    }

    fn record(&mut self, update: Update) {
        let items = match update.item {
            Item::Flag => &mut self.flags,
            Item::Segment => &mut self.segments,
        };
        let old = match update.json() {
            Some(json) => items.insert(update.key.clone(), json.clone()),
            None => items.remove(&update.key),
        };
        let hashed = |json: Option<&Bytes>| json.map_or(0, |json| hash(json));
        self.digest = self.digest.wrapping_sub(hashed(old.as_ref())).wrapping_add(hashed(update.json()));
        if update.seq > self.seq {
            (self.seq, self.changed_at) = (update.seq, None);
        }
        let before = self.places.insert((update.item, update.key.clone()), update.seq);
        self.history.record(update, before);
    }

    /// The engine anew, if anything has changed since the last.
    pub fn compile_if_outdated(&mut self) -> Option<Arc<Snapshot>> {
        (self.stale != Stale::Nothing).then(|| self.compile())
    }

    fn compile(&mut self) -> Arc<Snapshot> {
        let compiled = Arc::new(match (&self.compiled, std::mem::take(&mut self.stale)) {
            (Some(before), Stale::Flags(changed)) => before.recompile(&self.payload, &changed),
            _ => Snapshot::compile(&self.payload),
        });
        self.compiled_seq = self.seq;
        self.compiled = Some(Arc::clone(&compiled));
        compiled
    }

    /// What is to be shown now, with the engine of the snapshot before, so that streams need not wait for this one's.
    pub fn snapshot(&mut self, place: Place) -> EnvironmentSnapshot {
        let compiled = self.compiled.clone().unwrap_or_else(|| self.compile());
        let Put { frame, payload, flags } = put::put(&self.flags, &self.segments);
        let features = self.features.get_or_insert_with(|| features_of(&self.payload.features)).clone();
        EnvironmentSnapshot {
            place,
            seq: self.seq,
            changed_at: self.changed_at,
            compiled,
            compiled_seq: self.compiled_seq,
            payload,
            flags,
            put_frame: frame,
            etag: format!("\"{}-{:016x}\"", self.seq, self.digest),
            client_side_id: self.client_side_id.clone(),
            secure_mode: self.secure_mode,
            names: self.names.clone(),
            history: self.history.clone(),
            joined: Arc::default(),
            reached: Arc::default(),
            memo: Arc::new(Memo::of(usize::MAX)),
            variants: Arc::new(Memo::of(MOST_VARIANTS)),
            items: Arc::default(),
            unleash: self.unleash.shown(),
            features,
        }
    }
}

fn features_of(features: &[FeatureData]) -> Bytes {
    serde_json::to_vec(features).expect("names and texts always serialise").into()
}

/// Puts `data` at its place in a sorted list, or takes what is there away.
fn put<T>(list: &mut Vec<T>, place: Result<usize, usize>, data: Option<T>) {
    match (place, data) {
        (Ok(at), Some(data)) => list[at] = data,
        (Ok(at), None) => drop(list.remove(at)),
        (Err(at), Some(data)) => list.insert(at, data),
        (Err(_), None) => {}
    }
}

pub(crate) fn hash(json: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    json.hash(&mut hasher);
    hasher.finish()
}
