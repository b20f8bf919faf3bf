//! The two shapes in which Unleash gives its features away: what SDKs receive, and an export.

use std::collections::BTreeMap;

use evaluation::unleash::model::{ClientFeatures, Feature, Segment};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::details::{FlagDetails, VariationDetails};
use super::super::refusal::Refusal;
use super::export::{self, Exported};
use super::{Features, Incoming};

/// What is to be imported is not what Unleash gives away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidState {
    /// Neither shape; the parser's words.
    #[error("this is neither the answer of /api/client/features nor an export: {0}")]
    Shape(String),
    /// An export holds several environments, and none of them was named, or another.
    #[error("the export holds the environments {0}: say which one is meant")]
    Environment(String),
}

/// What tells an export from what SDKs receive.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    #[serde(default)]
    feature_strategies: Option<IgnoredAny>,
    #[serde(default)]
    feature_environments: Option<IgnoredAny>,
}

impl Features {
    /// Reads both shapes; of an export, the environment `from`. What cannot be read of it has a name and a reason.
    pub fn read(text: &str, from: Option<&str>) -> Result<Self, InvalidState> {
        let invalid = |error: &dyn std::fmt::Display| InvalidState::Shape(error.to_string());
        let shape: Shape = serde_json::from_str(text).map_err(|error| invalid(&error))?;
        let Exported { client, tags, archived } =
            if shape.feature_strategies.is_some() || shape.feature_environments.is_some() {
                export::read(text, from)?
            } else {
                let client = ClientFeatures::from_json(text).map_err(|error| invalid(&error))?;
                Exported { client, ..Exported::default() }
            };
        let segments: BTreeMap<i64, &Segment> = client.segments.iter().map(|segment| (segment.id, segment)).collect();
        let unreadable = client.unreadable.iter().map(|(name, why)| (name.clone(), Refusal::Unreadable(why.clone())));
        let mut read = Self { features: Vec::new(), refused: unreadable.collect() };
        read.refused.extend(archived.into_iter().map(|name| (name, Refusal::Archived)));
        // Of two of one name SDKs keep the later.
        let unique: BTreeMap<&str, &Feature> = client.features.iter().map(|one| (&*one.name, one)).collect();
        for (name, feature) in unique {
            match inlined(feature, &segments) {
                Ok((feature, notes)) => {
                    let words = words(&feature, tags.get(name).cloned().unwrap_or_default());
                    read.features.push(Incoming { feature, words, notes });
                }
                Err(refusal) => read.refused.push((name.to_owned(), refusal)),
            }
        }
        Ok(read)
    }
}

/// With the constraints of segments among the strategy's own, to which they come to the same.
fn inlined(feature: &Feature, segments: &BTreeMap<i64, &Segment>) -> Result<(Feature, Vec<String>), Refusal> {
    let mut feature = feature.clone();
    let mut notes = Vec::new();
    for strategy in &mut feature.strategies {
        for id in std::mem::take(&mut strategy.segments) {
            let segment = segments.get(&id).ok_or(Refusal::SegmentUntold(id))?;
            let called = if segment.name.is_empty() { id.to_string() } else { format!("“{}”", segment.name) };
            notes.push(format!("the constraints of the segment {called} are now the strategy's own"));
            strategy.constraints.extend(segment.constraints.iter().cloned());
        }
    }
    Ok((feature, notes))
}

fn words(feature: &Feature, tags: Vec<String>) -> FlagDetails {
    let named = |name: &str| VariationDetails { name: name.to_owned(), description: String::new() };
    FlagDetails {
        name: feature.name.clone(),
        description: feature.description.clone().unwrap_or_default(),
        tags,
        // Unleash's other types are meant to stay.
        temporary: matches!(feature.kind.as_str(), "release" | "experiment"),
        maintainer: None,
        variations: vec![named("on"), named("off")],
        defaults: None,
        rules: BTreeMap::new(),
    }
}
