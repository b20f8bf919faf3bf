//! The events by which Unleash's SDKs keep their features current: the delta API and the stream (`oss-flags.md` §4.1).

use serde::{Deserialize, Serialize};

use super::model::{ClientFeatures, Feature, Segment};

/// One step of an environment's features. In JSON its name is the member `type`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    /// Everything, from the beginning.
    Hydration {
        /// Its place among the events.
        event_id: i64,
        /// All features.
        features: Vec<Feature>,
        /// All segments.
        segments: Vec<Segment>,
    },
    /// A feature is new or different.
    FeatureUpdated {
        /// Its place among the events.
        event_id: i64,
        /// How it is now.
        feature: Feature,
    },
    /// A feature is gone.
    FeatureRemoved {
        /// Its place among the events.
        event_id: i64,
        /// Its name.
        feature_name: String,
        /// The project it belonged to.
        project: String,
    },
    /// A segment is new or different.
    SegmentUpdated {
        /// Its place among the events.
        event_id: i64,
        /// How it is now.
        segment: Segment,
    },
    /// A segment is gone.
    SegmentRemoved {
        /// Its place among the events.
        event_id: i64,
        /// Its id.
        segment_id: i64,
    },
}

impl ClientFeatures {
    /// Takes one event in.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Hydration { features, segments, .. } => {
                *self = Self { features, segments, unreadable: Vec::new() };
            }
            Event::FeatureUpdated { feature, .. } => {
                match self.features.iter_mut().find(|one| one.name == feature.name) {
                    Some(present) => *present = feature,
                    None => self.features.push(feature),
                }
            }
            Event::FeatureRemoved { feature_name, .. } => self.features.retain(|one| one.name != feature_name),
            Event::SegmentUpdated { segment, .. } => match self.segments.iter_mut().find(|one| one.id == segment.id) {
                Some(present) => *present = segment,
                None => self.segments.push(segment),
            },
            Event::SegmentRemoved { segment_id, .. } => self.segments.retain(|one| one.id != segment_id),
        }
    }
}
