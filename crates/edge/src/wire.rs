//! What `/all` says, exactly as upstream writes it (`launchdarkly.md` §1.2); each item stays raw. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use evaluation::{FeatureData, Item};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The largest version that every SDK reads exactly: whole numbers of JavaScript end at 2^53.
const MAX_VERSION: u64 = 1 << 53;

/// One message of the stream.
#[derive(Debug)]
pub enum Message<'a> {
    /// Everything; replaces what was known.
    Put(Vec<Piece<'a>>),
    /// One item is like this now.
    Patch(Piece<'a>),
    /// One item is gone.
    Delete {
        /// Flag or segment.
        item: Item,
        /// Its key.
        key: Cow<'a, str>,
        /// The version of its going.
        version: u64,
    },
    /// The flags by Unleash's rules, all of them: a Steadfast says it to its edges before the `put`, and whenever they differ.
    Features {
        /// The place up to which upstream knows everything.
        seq: u64,
        /// Names are unique.
        features: Vec<FeatureData>,
    },
}

/// A flag or segment as upstream wrote it.
#[derive(Debug)]
pub struct Piece<'a> {
    /// Flag or segment.
    pub item: Item,
    /// Its key.
    pub key: Cow<'a, str>,
    /// Orders the states of this item.
    pub version: u64,
    /// Whether it is a tombstone.
    pub deleted: bool,
    /// The JSON object.
    pub json: &'a str,
}

/// Why a message cannot be followed: the connection is given up, and what was known stays.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// It is not the JSON that its name promises.
    #[error("a `{name}` is not what it should be")]
    NotJson {
        /// `put`, `patch` or `delete`.
        name: String,
        /// The parser's words.
        source: serde_json::Error,
    },
    /// A flag or segment is no object with a version.
    #[error("{item:?} `{key}` is not an object with a version")]
    NoItem {
        /// Flag or segment.
        item: Item,
        /// Its key.
        key: String,
        /// The parser's words.
        source: serde_json::Error,
    },
    /// A version is beyond what SDKs can read.
    #[error("{item:?} `{key}` has the version {version}, which SDKs cannot read")]
    Version {
        /// Flag or segment.
        item: Item,
        /// Its key.
        key: String,
        /// The version.
        version: u64,
    },
}

#[derive(Deserialize)]
struct Put<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Features {
    seq: u64,
    features: Vec<FeatureData>,
}

/// The body of `/sdk/latest-all`, and the data of a `put`.
#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    flags: BTreeMap<Cow<'a, str>, &'a RawValue>,
    #[serde(borrow)]
    segments: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

#[derive(Deserialize)]
struct Patch<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Delete<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    version: u64,
}

/// What every item has.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
    #[serde(default)]
    deleted: bool,
}

/// Reads a message; `None` for one that says nothing to us: an event of another name, or a path of another kind of item.
pub fn message<'a>(name: &str, data: &'a str) -> Result<Option<Message<'a>>, Malformed> {
    let not_json = |source| Malformed::NotJson { name: name.to_owned(), source };
    match name {
        "put" => {
            let Put { data } = serde_json::from_str(data).map_err(not_json)?;
            pieces(data).map(Message::Put).map(Some)
        }
        "patch" => {
            let Patch { path, data } = serde_json::from_str(data).map_err(not_json)?;
            let Some((item, key)) = named(path) else { return Ok(None) };
            piece(item, key, data).map(Message::Patch).map(Some)
        }
        "delete" => {
            let Delete { path, version } = serde_json::from_str(data).map_err(not_json)?;
            let Some((item, key)) = named(path) else { return Ok(None) };
            bounded(item, &key, version)?;
            Ok(Some(Message::Delete { item, key, version }))
        }
        "features" => {
            let Features { seq, features } = serde_json::from_str(data).map_err(not_json)?;
            for one in &features {
                bounded(Item::Flag, &one.feature.name, one.version)?;
            }
            Ok(Some(Message::Features { seq, features }))
        }
        _ => Ok(None),
    }
}

/// Reads features as they are kept: a list.
pub fn features(json: &str) -> Result<Vec<FeatureData>, Malformed> {
    serde_json::from_str(json).map_err(|source| Malformed::NotJson { name: "features".to_owned(), source })
}

/// Reads a whole payload: `{"flags": {…}, "segments": {…}}`.
pub fn payload(json: &str) -> Result<Vec<Piece<'_>>, Malformed> {
    let data =
        serde_json::from_str(json).map_err(|source| Malformed::NotJson { name: "payload".to_owned(), source })?;
    pieces(data)
}

fn pieces(data: Data<'_>) -> Result<Vec<Piece<'_>>, Malformed> {
    let flags = data.flags.into_iter().map(|(key, json)| piece(Item::Flag, key, json));
    let segments = data.segments.into_iter().map(|(key, json)| piece(Item::Segment, key, json));
    flags.chain(segments).collect()
}

fn piece<'a>(item: Item, key: Cow<'a, str>, raw: &'a RawValue) -> Result<Piece<'a>, Malformed> {
    // A derived reader would take an array too.
    let object = if raw.get().starts_with('{') { raw.get() } else { "null" };
    let Versioned { version, deleted } = serde_json::from_str(object).map_err(|source| Malformed::NoItem {
        item,
        key: key.clone().into_owned(),
        source,
    })?;
    bounded(item, &key, version)?;
    Ok(Piece { item, key, version, deleted, json: raw.get() })
}

fn bounded(item: Item, key: &str, version: u64) -> Result<(), Malformed> {
    if version <= MAX_VERSION { Ok(()) } else { Err(Malformed::Version { item, key: key.to_owned(), version }) }
}

/// `/flags/KEY` or `/segments/KEY`; the key is the rest as it is, without escapes.
fn named(path: Cow<'_, str>) -> Option<(Item, Cow<'_, str>)> {
    let (item, prefix) = match &*path {
        path if path.starts_with("/flags/") => (Item::Flag, "/flags/".len()),
        path if path.starts_with("/segments/") => (Item::Segment, "/segments/".len()),
        _ => return None,
    };
    let key = match path {
        Cow::Borrowed(path) => Cow::Borrowed(&path[prefix..]),
        Cow::Owned(path) => Cow::Owned(path[prefix..].to_owned()),
    };
    Some((item, key))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_put_is_read_with_every_byte_of_its_items() {
        let data = r#"{"path":"/","data":{"flags":{"a":{"version":2,"new":[ 1 ]}},"segments":{"s":{"version":1}}}}"#;
        let Some(Message::Put(pieces)) = message("put", data).unwrap() else { panic!("a put") };
        let read: Vec<_> = pieces.iter().map(|piece| (piece.item, &*piece.key, piece.version, piece.json)).collect();
        assert_eq!(
            read,
            [(Item::Flag, "a", 2, r#"{"version":2,"new":[ 1 ]}"#), (Item::Segment, "s", 1, r#"{"version":1}"#)]
        );
    }

    #[test]
    fn keys_are_the_rest_of_the_path_as_it_is() {
        let data = r#"{"path":"/flags/a/b%20","data":{"version":1}}"#;
        assert!(matches!(message("patch", data), Ok(Some(Message::Patch(piece))) if piece.key == "a/b%20"));
        let escaped = r#"{"path":"\/segments\/caf\u00e9","version":3}"#;
        let Ok(Some(Message::Delete { item, key, version })) = message("delete", escaped) else { panic!("a delete") };
        assert_eq!((item, &*key, version), (Item::Segment, "café", 3));
    }

    #[test]
    fn what_is_not_for_us_is_passed_over_and_nonsense_is_refused() {
        assert!(message("goodbye", "x").unwrap().is_none());
        assert!(message("patch", r#"{"path":"/configurations/x","data":{}}"#).unwrap().is_none());
        for (name, data) in [
            ("put", "[]"),
            ("put", r#"{"data":{"flags":{}}}"#),
            ("put", r#"{"data":{"flags":{"a":1},"segments":{}}}"#),
            ("put", r#"{"data":{"flags":{"a":[1,false]},"segments":{}}}"#),
            ("patch", r#"{"path":"/flags/a","data":{"version":-1}}"#),
            ("patch", r#"{"path":"/flags/a","data":{"version":18446744073709551615}}"#),
            ("delete", r#"{"path":"/flags/a"}"#),
        ] {
            assert!(message(name, data).is_err(), "{name} {data}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(name in "put|patch|delete|features", data in ".{0,200}") {
            let _ = message(&name, &data);
        }

        #[test]
        fn no_json_like_text_makes_it_panic(data in r#"\{("(path|data|flags|version)":("/flags/[a-z]{0,3}"|\{\}|[0-9]{1,22}|null),?){0,4}\}"#) {
            for name in ["put", "patch", "delete"] {
                let _ = message(name, &data);
            }
        }
    }
}
