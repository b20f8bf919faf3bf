//! What a client's stream was last told, and what is to be told now. No I/O.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use crate::evaluated::{AsMap, Evaluated};

/// What was told last: 16 bytes a flag, whatever its key and value are.
#[derive(Debug)]
pub(super) struct Told {
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
    /// After these were told.
    pub(super) fn all(flags: &[Evaluated<'_>]) -> Self {
        let mut told: Box<[_]> = flags.iter().map(|flag| (hash(flag.key), flag.digest())).collect();
        told.sort_unstable();
        Self { flags: told }
    }

    fn digest(&self, key: u64) -> Option<u64> {
        let at = self.flags.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.flags[at].1)
    }
}

/// Everything: replaces what the client has.
pub(super) fn put(flags: &[Evaluated<'_>]) -> Bytes {
    let mut frame = BytesMut::new();
    event(&mut frame, "put", &AsMap(flags));
    frame.freeze()
}

/// What has become different since `before`: a `patch` for each flag that is new or came out otherwise, a `delete` for each
/// that is not seen any more. `keys` are those that a flag which is not seen any more may have had; if one cannot be named
/// by them, everything is told anew. `None` when there is nothing to tell.
pub(super) fn differences(
    (before, now): (&Told, &Told),
    flags: &[Evaluated<'_>],
    version: i64,
    keys: &[&str],
) -> Option<Bytes> {
    let mut frames = BytesMut::new();
    for (gone, _) in before.flags.iter().filter(|(key, _)| now.digest(*key).is_none()) {
        let Some(key) = keys.iter().find(|key| hash(key) == *gone) else { return Some(put(flags)) };
        event(&mut frames, "delete", &Delete { key, version });
    }
    for evaluated in flags {
        let key = hash(evaluated.key);
        if before.digest(key) != now.digest(key) {
            event(&mut frames, "patch", &Patch { key: evaluated.key, evaluated });
        }
    }
    (!frames.is_empty()).then(|| frames.freeze())
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
            version,
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
        let both = (&Told::all(&before), &Told::all(&now));
        let frames = differences(both, &now, 2, keys);
        let text = String::from_utf8(frames.unwrap_or_default().to_vec()).unwrap();
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
