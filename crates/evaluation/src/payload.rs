//! Everything an SDK knows of an environment: its flags and segments.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::ser::{SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::lenient::object;
use crate::model::{ClientSideAvailability, FlagData, SegmentData};
use crate::unleash::model::Feature;

/// The flags and segments of one environment, without tombstones, and the features that are evaluated as Unleash does.
///
/// Serialises to what `/sdk/latest-all` and the `put` event carry: `{"flags": {key: flag}, "segments": {key:
/// segment}}`: features are nothing that LaunchDarkly's SDKs could evaluate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Payload {
    /// The flags; keys are unique.
    pub flags: Vec<FlagData>,
    /// The segments; keys are unique.
    pub segments: Vec<SegmentData>,
    /// Unleash's features; their names are no keys of flags.
    pub features: Vec<FeatureData>,
    /// Items whose data could not be read: their flags evaluate to `MALFORMED_FLAG`.
    pub unreadable: Vec<Unreadable>,
}

/// A feature that is evaluated as Unleash does, and what callers of other families see of it: a flag with two values.
/// In JSON only between a Steadfast and its edges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeatureData {
    /// What it does.
    pub feature: Feature,
    /// Its version.
    pub version: u64,
    /// `true` and `false`, in the order in which events name them.
    pub variations: [bool; 2],
    /// Which client-side SDKs see it.
    pub availability: ClientSideAvailability,
    /// Whether each evaluation sends an event.
    pub track_events: bool,
}

/// A flag or segment whose data could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What it should have been.
    pub item: Item,
    /// Its key in the payload.
    pub key: String,
    /// The parser's words.
    pub why: String,
}

/// The two sorts of item in a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// A flag.
    Flag,
    /// A segment.
    Segment,
}

/// The text is not a payload at all; the parser's words.
#[derive(Debug, thiserror::Error)]
#[error("a payload is a JSON object with flags and segments: {0}")]
pub struct InvalidPayload(#[from] serde_json::Error);

#[derive(serde::Deserialize)]
struct Root {
    flags: Option<BTreeMap<String, Box<RawValue>>>,
    segments: Option<BTreeMap<String, Box<RawValue>>>,
}

impl Payload {
    /// Reads a payload item by item, so that one that cannot be read does not lose the others.
    pub fn from_json(text: &str) -> Result<Self, InvalidPayload> {
        let root: Root = object(text)?;
        Ok(Self::from_items(root.flags.unwrap_or_default(), root.segments.unwrap_or_default()))
    }

    /// Reads the flags and segments of a payload, each for itself.
    pub fn from_items(flags: BTreeMap<String, Box<RawValue>>, segments: BTreeMap<String, Box<RawValue>>) -> Self {
        let mut payload = Self::default();
        for (key, json) in flags {
            match read::<FlagData>(&json) {
                Ok(flag) if flag.deleted => {}
                Ok(flag) => payload.flags.push(FlagData { key, ..flag }),
                Err(why) => payload.unreadable.push(Unreadable { item: Item::Flag, key, why }),
            }
        }
        for (key, json) in segments {
            match read::<SegmentData>(&json) {
                Ok(segment) if segment.deleted => {}
                Ok(segment) => payload.segments.push(SegmentData { key, ..segment }),
                Err(why) => payload.unreadable.push(Unreadable { item: Item::Segment, key, why }),
            }
        }
        payload
    }
}

fn read<T: DeserializeOwned>(json: &RawValue) -> Result<T, String> {
    object(json.get()).map_err(|error| error.to_string())
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let flags: BTreeMap<_, _> = self.flags.iter().map(|flag| (&*flag.key, flag)).collect();
        let segments: BTreeMap<_, _> = self.segments.iter().map(|segment| (&*segment.key, segment)).collect();
        let mut root = serializer.serialize_struct("Payload", 2)?;
        root.serialize_field("flags", &flags)?;
        root.serialize_field("segments", &segments)?;
        root.end()
    }
}
