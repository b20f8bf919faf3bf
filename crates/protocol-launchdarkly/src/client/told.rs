//! What a client's stream was last told, and what is to be told now. No I/O.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use crate::evaluated::{AsMap, Evaluated};

/// What was told last: 16 bytes a flag, whatever its key and value are.
#[derive(Debug)]
pub(crate) struct Told {
    /// The hash of the key, and the digest of the rest; in the order of the hashes.
    flags: Box<[(u64, u64)]>,
}

/// The data of a `patch`.
#[derive(Serialize)]
struct Patch<'a, 's> {
    key: &'s str,
    #[serde(flatten)]
    evaluated: &'a Evaluated<'s>,
}

/// The data of a `delete`.
#[derive(Serialize)]
struct Delete<'k> {
    key: &'k str,
    version: i64,
}

impl Told {
    /// After these were told, and nothing else.
    pub(crate) fn all(flags: &[Evaluated<'_>]) -> Self {
        let mut told: Box<[_]> = flags.iter().map(|flag| (hash(flag.key), flag.digest())).collect();
        told.sort_unstable();
        Self { flags: told }
    }

    /// Stands for all that an SDK would notice of all flags: the same for the same content on every node.
    pub(crate) fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.flags.hash(&mut hasher);
        hasher.finish()
    }

    /// What has become different of the flags that were looked at.
    pub(crate) fn difference<'a, 's>(&self, looked: &Looked<'a, 's>) -> Difference<'a, 's> {
        let Looked { flags, keys, all } = looked;
        let known: HashSet<u64> = flags.iter().map(|flag| hash(flag.key)).collect();
        let gone = keys.iter().copied().filter(|key| !known.contains(&hash(key)) && self.of(hash(key)).is_some());
        let gone: Vec<&str> = gone.collect();
        let still = || flags.iter().filter(|flag| self.of(hash(flag.key)).is_some()).count();
        if *all && gone.len() + still() < self.flags.len() {
            return Difference::Unnamed;
        }
        let changed = flags.iter().filter(|flag| self.of(hash(flag.key)) != Some(flag.digest()));
        let changed: Vec<&Evaluated<'_>> = changed.collect();
        if gone.is_empty() && changed.is_empty() { Difference::Nothing } else { Difference::Flags { gone, changed } }
    }

    /// After these were told too, and that those are gone.
    pub(crate) fn and(self, gone: &[&str], changed: &[&Evaluated<'_>]) -> Self {
        let mut flags = self.flags.into_vec();
        let place = |flags: &[(u64, u64)], key: &str| flags.binary_search_by_key(&hash(key), |(key, _)| *key);
        for key in gone {
            if let Ok(at) = place(&flags, key) {
                flags.remove(at);
            }
        }
        for flag in changed {
            match place(&flags, flag.key) {
                Ok(at) => flags[at].1 = flag.digest(),
                Err(at) => flags.insert(at, (hash(flag.key), flag.digest())),
            }
        }
        Self { flags: flags.into() }
    }

    fn of(&self, key: u64) -> Option<u64> {
        let at = self.flags.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.flags[at].1)
    }
}

/// Flags that were looked at.
pub(crate) struct Looked<'a, 's> {
    /// What those came to that are seen.
    pub(crate) flags: &'a [Evaluated<'s>],
    /// The keys of all, also of those that are not seen, or not any more.
    pub(crate) keys: Vec<&'a str>,
    /// Whether these are all that there are, so that everything else is gone.
    pub(crate) all: bool,
}

/// What has become different.
#[derive(Debug)]
pub(crate) enum Difference<'a, 's> {
    /// Nothing that a client would notice.
    Nothing,
    /// Flags that are not seen any more, and flags that are new or came out otherwise.
    Flags { gone: Vec<&'a str>, changed: Vec<&'a Evaluated<'s>> },
    /// A flag is not seen any more that cannot be named: everything is to be told anew.
    Unnamed,
}

impl Difference<'_, '_> {
    /// The same, told by telling everything anew.
    pub(super) fn whole(self) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Flags { .. } | Self::Unnamed => Self::Unnamed,
        }
    }
}

/// Everything: replaces what the client has.
pub(super) fn put(flags: &[Evaluated<'_>]) -> Bytes {
    let mut frame = BytesMut::new();
    event(&mut frame, "put", &AsMap(flags));
    frame.freeze()
}

/// A `patch` for each flag that changed, a `delete` for each that is gone.
pub(super) fn patches(gone: &[&str], changed: &[&Evaluated<'_>], version: i64) -> Bytes {
    let mut frames = BytesMut::new();
    for key in gone {
        event(&mut frames, "delete", &Delete { key, version });
    }
    for evaluated in changed {
        event(&mut frames, "patch", &Patch { key: evaluated.key, evaluated });
    }
    frames.freeze()
}

fn event(frames: &mut BytesMut, name: &str, data: &impl Serialize) {
    frames.put(&b"event: "[..]);
    frames.put(name.as_bytes());
    frames.put(&b"\ndata: "[..]);
    serde_json::to_writer(frames.writer(), data).expect("writing to memory does not fail, and JSON values serialise");
    frames.put(&b"\n\n"[..]);
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn flags<'s>(values: &'s [(&'s str, Value)], version: i64) -> Vec<Evaluated<'s>> {
        let flag = |(key, value): &'s (&'s str, Value)| Evaluated {
            key,
            value: Some(value),
            variation: Some(0),
            version: Some(version),
            flag_version: version.unsigned_abs(),
            track_events: false,
            track_reason: false,
            reason: None,
            debug_events_until_date: None,
            prerequisites: vec![],
        };
        values.iter().map(flag).collect()
    }

    fn told(before: &[(&str, Value)], now: &[(&str, Value)], keys: &[&str]) -> Vec<String> {
        let (before, now) = (flags(before, 1), flags(now, 2));
        let keys = now.iter().map(|flag| flag.key).chain(keys.iter().copied()).collect();
        let frames = match Told::all(&before).difference(&Looked { flags: &now, keys, all: true }) {
            Difference::Nothing => Bytes::new(),
            Difference::Flags { gone, changed } => patches(&gone, &changed, 2),
            Difference::Unnamed => put(&now),
        };
        let text = String::from_utf8(frames.to_vec()).unwrap();
        text.split_terminator("\n\n").map(str::to_owned).collect()
    }

    #[test]
    fn only_what_came_out_otherwise_is_told() {
        let before = [("a", json!(1)), ("b", json!(2))];
        assert!(told(&before, &before, &[]).is_empty(), "a newer version alone is no difference");
        let patches = told(&before, &[("a", json!(1)), ("b", json!(3)), ("c", json!(4))], &[]);
        let expected = [
            r#"event: patch
data: {"key":"b","value":3,"variation":0,"version":2,"flagVersion":2}"#,
            r#"event: patch
data: {"key":"c","value":4,"variation":0,"version":2,"flagVersion":2}"#,
        ];
        assert_eq!(patches, expected);
    }

    #[test]
    fn what_is_not_seen_any_more_is_deleted_or_if_it_has_no_name_all_is_told_anew() {
        let before = [("a", json!(1)), ("b", json!(2))];
        let now = [("a", json!(1))];
        assert_eq!(told(&before, &now, &["x", "b"]), ["event: delete\ndata: {\"key\":\"b\",\"version\":2}"]);
        let put = told(&before, &now, &["x"]);
        assert_eq!(
            put,
            [r#"event: put
data: {"a":{"value":1,"variation":0,"version":2,"flagVersion":2}}"#]
        );
        assert_eq!(told(&before, &[], &["b"]), ["event: put\ndata: {}"]);
    }
}
