//! A snapshot: one environment's flags and segments, compiled once and evaluated many times.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::big_segments::BigSegment;
use crate::dependencies::{flags_in_cycles, segments_in_cycles};
use crate::flag::Flag;
use crate::model::FlagData;
use crate::payload::{Item, Payload, Unreadable};
use crate::segment::Segment;
use crate::unleash::Features;
use crate::unleash::model::ClientFeatures;

/// Everything of an environment that evaluation needs, immutable and shareable between threads.
///
/// ```
/// use evaluation::{Context, NoBigSegments, Payload, Snapshot};
///
/// let payload = Payload::from_json(
///     r#"{"flags": {"dark-mode": {"on": true, "variations": [false, true], "fallthrough": {"variation": 1}}}}"#,
/// )?;
/// let snapshot = Snapshot::compile(&payload);
/// let context = Context::from_json(r#"{"kind": "user", "key": "ada"}"#)?;
/// let evaluation = snapshot.evaluate("dark-mode", &context, &NoBigSegments);
/// assert_eq!(evaluation.value, Some(&serde_json::json!(true)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Snapshot {
    /// Shared with the snapshots before, where they are the same.
    flags: Vec<Arc<Flag>>,
    pub(crate) segments: Arc<[Segment]>,
    features: Arc<Features>,
    /// Those of the segments that are big, for whoever looks members up.
    big_segments: Arc<[BigSegment]>,
    /// Keys come from administrators, so a fixed hash seed is no weakness.
    by_key: Arc<Index>,
    segments_by_key: Arc<Index>,
}

type Index = HashMap<Box<str>, u32, FixedState>;

impl Snapshot {
    /// Compiles a payload. Nothing in it is refused: what is malformed says so when it is evaluated.
    pub fn compile(payload: &Payload) -> Self {
        let (broken_flags, broken_segments) = unreadable(payload);
        let flag_keys = payload.flags.iter().chain(&broken_flags).map(|flag| &*flag.key);
        let flag_keys = flag_keys.chain(payload.features.iter().map(|data| &*data.feature.name));
        let segment_keys = payload.segments.iter().map(|segment| &*segment.key);
        let by_key = index(flag_keys);
        let segments_by_key = index(segment_keys.chain(broken_segments.iter().map(|key| &**key)));
        let segment = |key: &str| segments_by_key.get(key).copied();
        let flag = |key: &str| by_key.get(key).copied();

        let cyclic = flags_in_cycles(&payload.flags);
        let readable = payload.flags.iter().zip(cyclic);
        let flags = readable.chain(broken_flags.iter().map(|data| (data, false)));
        let flags = flags.map(|(data, cyclic)| Flag::compile(data, cyclic, flag, segment));
        let flags = flags.chain(payload.features.iter().zip(0..).map(|(data, index)| Flag::of_feature(data, index)));
        let flags = flags.map(Arc::new).collect();

        let cyclic = segments_in_cycles(&payload.segments);
        let readable = payload.segments.iter().zip(cyclic);
        let mut segments: Vec<_> = readable.map(|(data, cyclic)| Segment::compile(data, cyclic, segment)).collect();
        segments.extend(broken_segments.iter().map(|_| Segment::unreadable()));
        let features = payload.features.iter().map(|data| data.feature.clone()).collect();
        let features = Arc::new(Features::compile(&ClientFeatures { features, ..ClientFeatures::default() }));
        let big_segments = segments.iter().filter_map(Segment::big).cloned().collect();
        let (by_key, segments_by_key) = (Arc::new(by_key), Arc::new(segments_by_key));
        Self { flags, segments: segments.into(), features, big_segments, by_key, segments_by_key }
    }

    /// Compiles a payload in which nothing but the data of the `changed` flags is different from the one that this was
    /// compiled of: the rest is shared, so an edit costs what it changes. With other flags than before, everything is
    /// compiled.
    #[must_use]
    pub fn recompile(&self, payload: &Payload, changed: &BTreeSet<String>) -> Self {
        let alike = payload.flags.iter().zip(&self.flags).all(|(data, flag)| *data.key == *flag.key);
        let others = payload.features.len() + payload.unreadable.iter().filter(|one| one.item == Item::Flag).count();
        if !alike || payload.flags.len() + others != self.flags.len() {
            return Self::compile(payload);
        }
        let flag = |key: &str| self.by_key.get(key).copied();
        let segment = |key: &str| self.segments_by_key.get(key).copied();
        let cyclic = flags_in_cycles(&payload.flags);
        let mut flags = self.flags.clone();
        for ((data, cyclic), compiled) in payload.flags.iter().zip(cyclic).zip(&mut flags) {
            if changed.contains(&data.key) || compiled.may_cycle != cyclic {
                *compiled = Arc::new(Flag::compile(data, cyclic, flag, segment));
            }
        }
        Self {
            flags,
            segments: Arc::clone(&self.segments),
            features: Arc::clone(&self.features),
            big_segments: Arc::clone(&self.big_segments),
            by_key: Arc::clone(&self.by_key),
            segments_by_key: Arc::clone(&self.segments_by_key),
        }
    }

    /// The flag of this key.
    #[inline]
    pub fn flag(&self, key: &str) -> Option<&Flag> {
        self.index_of_flag(key).and_then(|index| self.flag_at(index))
    }

    /// The features that are evaluated as Unleash does: for callers that have Unleash's own context.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// All flags, in the order of the payload; features come last.
    pub fn flags(&self) -> impl ExactSizeIterator<Item = &Flag> {
        self.flags.iter().map(|flag| &**flag)
    }

    /// The big segments, in the order of the payload: empty in most environments, and then nothing need be looked up.
    pub fn big_segments(&self) -> &[BigSegment] {
        &self.big_segments
    }

    pub(crate) fn index_of_flag(&self, key: &str) -> Option<u32> {
        self.by_key.get(key).copied()
    }

    pub(crate) fn index_of_segment(&self, key: &str) -> Option<u32> {
        self.segments_by_key.get(key).copied()
    }

    #[inline]
    pub(crate) fn flag_at(&self, index: u32) -> Option<&Flag> {
        self.flags.get(index as usize).map(|flag| &**flag)
    }
}

/// Stand-ins for flags that could not be read, and the keys of such segments. A flag that is on and has nothing to
/// serve is malformed by the ordinary rules, both by itself and as a prerequisite.
fn unreadable(payload: &Payload) -> (Vec<FlagData>, Vec<&str>) {
    let keys = |item| payload.unreadable.iter().filter(move |broken| broken.item == item);
    let stand_in = |broken: &Unreadable| FlagData { key: broken.key.clone(), on: true, ..FlagData::default() };
    (keys(Item::Flag).map(stand_in).collect(), keys(Item::Segment).map(|broken| &*broken.key).collect())
}

fn index<'a>(keys: impl Iterator<Item = &'a str>) -> Index {
    keys.zip(0..).map(|(key, at)| (key.into(), at)).collect()
}
