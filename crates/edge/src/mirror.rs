//! One environment as upstream told it, and the order of its changes as this edge tells it on. Pure.
//!
//! By the rules of SDKs' stores (`launchdarkly.md` §1.2): a `put` replaces everything, a `patch` or `delete` counts only when
//! its version is greater than what is known of the item, deleted or not.
//!
//! Upstream's versions order the states of one item; the SDKs behind an edge are told by places in one order of all changes.
//! The place of a change is its version where that is greater than all before, and one more than the last where it is not. So
//! behind a Steadfast, whose versions are places already, both are the same; behind LaunchDarkly it is a counter.
//!
//! Flags by Unleash's rules are told by a Steadfast alone, all of them at once: before a `put`, of which they are then a part, and
//! whenever they differ.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use delivery::{Environment, EnvironmentSnapshot, Place};
use evaluation::model::{FlagData, SegmentData};
use evaluation::{FeatureData, Item, Snapshot, Unreadable};
use kernel::Revision;

use crate::wire::{Message, Piece};

/// So many deletions are remembered; an upstream that deletes more between two `put`s makes us forget them, as an SDK forgets
/// them when it connects again.
const REMEMBERED_DELETIONS: usize = 10_000;

/// One environment as upstream told it.
#[derive(Default)]
pub struct Mirror {
    environment: Environment,
    known: HashMap<(Item, String), Known>,
    features: BTreeMap<String, FeatureData>,
    connection: Connection,
    client_side_id: String,
    secure_mode: bool,
    seq: Revision,
    counted: bool,
    filled: bool,
}

/// How far upstream has come since it was connected.
enum Connection {
    /// Its `put` is to come, and these features are a part of it, as of this place.
    Begins(u64, Vec<FeatureData>),
    /// It has told everything, and tells what changes.
    Goes,
}

impl Default for Connection {
    fn default() -> Self {
        Self::Begins(0, Vec::new())
    }
}

/// What is known of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    version: u64,
    /// Whether it is there, or was deleted by that version.
    live: bool,
}

impl Mirror {
    /// What was known when this order stood at `seq`. `counted` tells whether a place of it was ever not a version.
    pub fn restored(seq: Revision, counted: bool, pieces: Vec<Piece<'_>>, features: Vec<FeatureData>) -> Self {
        let mut mirror = Self { seq, counted, filled: true, ..Self::default() };
        mirror.fill(seq, pieces, features);
        mirror
    }

    /// Upstream begins anew, with a `put`.
    pub fn reconnect(&mut self) {
        self.connection = Connection::default();
    }

    /// The place of the last change.
    pub fn seq(&self) -> Revision {
        self.seq
    }

    /// Whether a place was ever counted here, because the change's version was not greater than all before.
    pub fn counted(&self) -> bool {
        self.counted
    }

    /// Whether anything was ever told: before that, nothing is to be shown.
    pub fn is_filled(&self) -> bool {
        self.filled
    }

    /// How many flags and segments there are.
    pub fn items(&self) -> usize {
        self.live() + self.features.len()
    }

    fn live(&self) -> usize {
        self.known.values().filter(|known| known.live).count()
    }

    /// What SDKs call the environment.
    pub fn set_client_side_id(&mut self, id: &str) {
        id.clone_into(&mut self.client_side_id);
        self.environment.set_client_side_id(id.to_owned());
    }

    /// Whether browsers must prove that somebody who holds the SDK key knows of their context.
    pub fn set_secure_mode(&mut self, secure_mode: bool) {
        self.secure_mode = secure_mode;
        self.environment.set_secure_mode(secure_mode);
    }

    /// Takes a message in; whether SDKs see anything of it.
    pub fn apply(&mut self, message: Message<'_>) -> bool {
        match message {
            Message::Put(pieces) => self.put(pieces),
            Message::Patch(piece) if piece.deleted => self.delete(piece.item, &piece.key, piece.version),
            Message::Patch(piece) => self.patch(&piece),
            Message::Delete { item, key, version } => self.delete(item, &key, version),
            Message::Features { seq, features } => match &mut self.connection {
                Connection::Begins(at, coming) => {
                    (*at, *coming) = (seq, features);
                    false
                }
                Connection::Goes => self.take(seq, features),
            },
        }
    }

    /// The flags by Unleash's rules, as they are now, at this place of upstream's.
    fn take(&mut self, at: u64, features: Vec<FeatureData>) -> bool {
        let before = std::mem::replace(&mut self.features, by_name(features));
        let is_news = |one: &&FeatureData| before.get(&one.feature.name) != Some(*one);
        let mut news: Vec<_> = self.features.values().filter(is_news).cloned().collect();
        news.sort_by_key(|one| one.version);
        let mut gone: Vec<_> = before.into_keys().filter(|name| !self.features.contains_key(name)).collect();
        let changed = !gone.is_empty() || !news.is_empty();
        // A flag by LaunchDarkly's rules may have the name now.
        gone.retain(|name| !self.is_flag(name));
        let mut last = None;
        for one in news {
            let seq = self.next(one.version);
            self.environment.put_feature(seq, one);
            last = Some(seq);
        }
        for name in gone {
            // Nobody says when they went: at the last place, if that is new, else at upstream's.
            let seq = last.unwrap_or_else(|| self.next(at));
            last = Some(seq);
            self.environment.remove_flag(seq, &name, u64::try_from(seq.0).unwrap_or_default());
        }
        changed
    }

    /// Whether there is a flag by LaunchDarkly's rules of this name.
    fn is_flag(&self, name: &str) -> bool {
        self.known.get(&(Item::Flag, name.to_owned())).is_some_and(|known| known.live)
    }

    fn patch(&mut self, piece: &Piece<'_>) -> bool {
        if self.knows_better(piece.item, &piece.key, piece.version) {
            return false;
        }
        self.write(piece);
        true
    }

    fn delete(&mut self, item: Item, key: &str, version: u64) -> bool {
        if self.knows_better(item, key, version) {
            return false;
        }
        let before = self.known.insert((item, key.to_owned()), Known { version, live: false });
        self.forget_deletions();
        let was_live = before.is_some_and(|known| known.live);
        // A flag that has become one by Unleash's rules has gone with that.
        if was_live && !(item == Item::Flag && self.features.contains_key(key)) {
            let seq = self.next(version);
            self.remove(seq, item, key, version);
        }
        was_live
    }

    fn knows_better(&self, item: Item, key: &str, version: u64) -> bool {
        self.known.get(&(item, key.to_owned())).is_some_and(|known| known.version >= version)
    }

    /// Everything as it is now. SDKs behind us are told what differs; only where they would not believe that, because an item
    /// has another state and no greater version, they are sent the whole, as upstream sent it to us.
    fn put(&mut self, mut pieces: Vec<Piece<'_>>) -> bool {
        pieces.retain(|piece| !piece.deleted);
        let first = !std::mem::replace(&mut self.filled, true);
        let (at, features) = match std::mem::replace(&mut self.connection, Connection::Goes) {
            Connection::Begins(at, features) => (at, features),
            // A `put` amid a connection says nothing of them.
            Connection::Goes => (self.seq.0.unsigned_abs(), self.features.values().cloned().collect()),
        };
        let changed = |piece: &Piece<'_>| self.json(piece) != Some(&*line(piece.json));
        if first
            || pieces.iter().any(|piece| changed(piece) && self.knows_better(piece.item, &piece.key, piece.version))
        {
            self.begin_anew(pieces, features);
            return true;
        }
        let here: std::collections::HashSet<_> = pieces.iter().map(|piece| (piece.item, &*piece.key)).collect();
        let gone = |(key, known): (&(Item, String), &Known)| {
            (known.live && !here.contains(&(key.0, &*key.1))).then(|| (key.clone(), known.version + 1))
        };
        let gone: Vec<_> = self.known.iter().filter_map(gone).collect();
        drop(here);
        let mut news: Vec<_> =
            pieces.into_iter().filter(|piece| self.json(piece) != Some(&*line(piece.json))).collect();
        news.sort_by_key(|piece| piece.version);
        for piece in &news {
            self.write(piece);
        }
        for ((item, key), version) in &gone {
            // Nobody says when they went: at the last place, if that is new, else at the next.
            let seq = if news.is_empty() { self.next(0) } else { self.seq };
            self.remove(seq, *item, key, *version);
            self.known.insert((*item, key.clone()), Known { version: *version, live: false });
        }
        self.forget_deletions();
        let changed = self.take(at, features);
        changed || !news.is_empty() || !gone.is_empty()
    }

    /// Everything at a new place, before which nobody can be told what changed.
    fn begin_anew(&mut self, pieces: Vec<Piece<'_>>, features: Vec<FeatureData>) {
        let versions = pieces.iter().map(|piece| piece.version).chain(features.iter().map(|one| one.version));
        let seq = self.next(versions.max().unwrap_or_default());
        self.fill(seq, pieces, features);
    }

    fn fill(&mut self, seq: Revision, mut pieces: Vec<Piece<'_>>, mut features: Vec<FeatureData>) {
        pieces.sort_by_key(|piece| piece.version);
        self.environment = Environment::anew(seq);
        self.environment.set_client_side_id(self.client_side_id.clone());
        self.environment.set_secure_mode(self.secure_mode);
        self.known.clear();
        for piece in &pieces {
            self.note(piece);
            // No later than the whole of which they are a part.
            show(&mut self.environment, place(piece.version).min(seq), piece);
        }
        features.sort_by_key(|one| one.version);
        for one in &features {
            self.environment.put_feature(place(one.version).min(seq), one.clone());
        }
        self.features = by_name(features);
    }

    fn write(&mut self, piece: &Piece<'_>) {
        let seq = self.next(piece.version);
        self.note(piece);
        show(&mut self.environment, seq, piece);
    }

    fn note(&mut self, piece: &Piece<'_>) {
        let known = Known { version: piece.version, live: true };
        self.known.insert((piece.item, piece.key.clone().into_owned()), known);
    }

    fn remove(&mut self, seq: Revision, item: Item, key: &str, version: u64) {
        match item {
            Item::Flag => self.environment.remove_flag(seq, key, version),
            Item::Segment => self.environment.remove_segment(seq, key, version),
        }
    }

    fn next(&mut self, version: u64) -> Revision {
        let counted = Revision(self.seq.0 + 1);
        let version = place(version);
        // The very first place has nothing before it that it could be out of order with.
        self.counted |= version < counted && self.seq != Revision::default();
        self.seq = version.max(counted);
        self.seq
    }

    fn json(&self, piece: &Piece<'_>) -> Option<&str> {
        let json = self.environment.json(piece.item, &piece.key)?;
        std::str::from_utf8(json).ok()
    }

    fn forget_deletions(&mut self) {
        if self.known.len() - self.live() > REMEMBERED_DELETIONS {
            self.known.retain(|_, known| known.live);
        }
    }

    /// What is to be shown now; its engine may be the one before ([`compile_if_outdated`](Self::compile_if_outdated)).
    pub fn snapshot(&mut self, place: Place) -> EnvironmentSnapshot {
        self.environment.snapshot(place)
    }

    /// The engine anew, if anything has changed since the last.
    pub fn compile_if_outdated(&mut self) -> Option<Arc<Snapshot>> {
        self.environment.compile_if_outdated()
    }
}

fn by_name(features: Vec<FeatureData>) -> BTreeMap<String, FeatureData> {
    features.into_iter().map(|one| (one.feature.name.clone(), one)).collect()
}

/// Versions are bounded by what SDKs read, far below the limit of places.
fn place(version: u64) -> Revision {
    Revision(i64::try_from(version).unwrap_or(i64::MAX))
}

fn show(environment: &mut Environment, seq: Revision, piece: &Piece<'_>) {
    let json = line(piece.json);
    let key = piece.key.clone().into_owned();
    let unreadable = |why: serde_json::Error| Unreadable { item: piece.item, key: key.clone(), why: why.to_string() };
    match piece.item {
        Item::Flag => match serde_json::from_str::<FlagData>(&json) {
            Ok(data) => environment.put_flag(seq, FlagData { key, ..data }, json.as_bytes()),
            Err(why) => environment.put_unreadable(seq, unreadable(why), piece.version, json.as_bytes()),
        },
        Item::Segment => match serde_json::from_str::<SegmentData>(&json) {
            Ok(data) => environment.put_segment(seq, SegmentData { key, ..data }, json.as_bytes()),
            Err(why) => environment.put_unreadable(seq, unreadable(why), piece.version, json.as_bytes()),
        },
    }
}

/// On one line, since a line's end ends a field of an event. Inside JSON such bytes stand between tokens only.
fn line(json: &str) -> Cow<'_, str> {
    if json.contains(['\n', '\r']) { Cow::Owned(json.replace(['\n', '\r'], " ")) } else { Cow::Borrowed(json) }
}

#[cfg(test)]
mod tests;
