//! Features as Unleash's client API has them (`oss-flags.md` §4.1): read leniently, written with every member that some
//! SDK asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::lenient::{integer, object, or_default};

/// The features of one environment, with the segments that their strategies name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientFeatures {
    /// The features; names are unique.
    pub features: Vec<Feature>,
    /// The segments; ids are unique.
    pub segments: Vec<Segment>,
    /// The names of features and ids of segments that could not be read, with the parser's words.
    pub unreadable: Vec<(String, String)>,
}

/// The text does not hold features at all; the parser's words.
#[derive(Debug, thiserror::Error)]
#[error("features are a JSON object with a list of features: {0}")]
pub struct InvalidFeatures(#[from] serde_json::Error);

/// A feature in one environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Feature {
    /// Its name: what SDKs ask for.
    pub name: String,
    /// What sort of feature, in Unleash's words: `release`, `experiment`, `operational`, `kill-switch`, `permission`.
    #[serde(rename = "type", default, deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it is on in the environment; off is off for everybody.
    #[serde(default, deserialize_with = "or_default")]
    pub enabled: bool,
    /// Whether somebody marked it as done with.
    #[serde(default, deserialize_with = "or_default")]
    pub stale: bool,
    /// Whether SDKs tell of each evaluation.
    #[serde(default, deserialize_with = "or_default")]
    pub impression_data: bool,
    /// The project it belongs to.
    #[serde(default, deserialize_with = "or_default")]
    pub project: String,
    /// Whoever any of these lets in gets it; none lets everybody in.
    #[serde(default, deserialize_with = "or_default")]
    pub strategies: Vec<Strategy>,
    /// What those get who are let in by a strategy without variants of its own.
    #[serde(default, deserialize_with = "or_default")]
    pub variants: Vec<Variant>,
    /// Other features that must be as they say.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
}

/// One way to be let in: its own test, and all of its constraints and segments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    /// Which: `default`, `flexibleRollout`, `userWithId`, …; others are custom, and known to some SDKs only.
    pub name: String,
    /// What it goes by, such as `rollout`, `stickiness` and `groupId`; always text.
    #[serde(default, deserialize_with = "parameters")]
    pub parameters: BTreeMap<String, String>,
    /// All must hold.
    #[serde(default, deserialize_with = "or_default")]
    pub constraints: Vec<Constraint>,
    /// All constraints of all of them must hold, too.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<i64>,
    /// What those get whom it lets in; the feature's when empty.
    #[serde(default, deserialize_with = "or_default")]
    pub variants: Vec<Variant>,
    /// Whether it is passed over; the client API leaves such strategies out, exports have them.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
}

/// One test of a context.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Constraint {
    /// The field or property that is tested.
    #[serde(default, deserialize_with = "or_default")]
    pub context_name: String,
    /// How, in Unleash's words: `IN`, `STR_CONTAINS`, `NUM_GT`, ….
    #[serde(default, deserialize_with = "or_default")]
    pub operator: String,
    /// What it is compared with, for operators that take a list.
    #[serde(default, deserialize_with = "texts")]
    pub values: Vec<String>,
    /// What it is compared with, for the other operators.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether upper and lower case are the same.
    #[serde(default, deserialize_with = "or_default")]
    pub case_insensitive: bool,
    /// Whether it holds where it otherwise would not.
    #[serde(default, deserialize_with = "or_default")]
    pub inverted: bool,
}

/// Constraints under one name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// What strategies call it.
    #[serde(deserialize_with = "integer")]
    pub id: i64,
    /// Its name for people.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// All must hold.
    #[serde(default, deserialize_with = "or_default")]
    pub constraints: Vec<Constraint>,
}

/// One of several things that those get who are let in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    /// Its name: what SDKs tell.
    pub name: String,
    /// Its share among the variants, in thousandths where all of them sum to 1000.
    #[serde(default, deserialize_with = "integer")]
    pub weight: i64,
    /// `fix` keeps the weight when others change, `variable` shares what is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_type: Option<String>,
    /// The field by which it is drawn; a strategy's variants go by the strategy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stickiness: Option<String>,
    /// What comes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    /// Who gets it in any case.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
}

/// What comes with a variant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// `string`, `json`, `csv` or `number`: how SDKs read the value.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    /// The value, as text.
    #[serde(default, deserialize_with = "text")]
    pub value: String,
}

/// Contexts that get a variant in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Override {
    /// The field or property that is looked at.
    #[serde(default, deserialize_with = "or_default")]
    pub context_name: String,
    /// What it may be.
    #[serde(default, deserialize_with = "texts")]
    pub values: Vec<String>,
}

/// Another feature that must be on, or off; one without dependencies of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// Its name.
    pub feature: String,
    /// Whether it must be on; absent means on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Which variants it may come to; any when empty.
    #[serde(default, deserialize_with = "texts", skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
}

#[derive(Deserialize)]
struct Root {
    features: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "or_default")]
    segments: Vec<Box<RawValue>>,
}

impl ClientFeatures {
    /// Reads the answer of `/api/client/features`, item by item, so that one that cannot be read does not lose the others.
    pub fn from_json(text: &str) -> Result<Self, InvalidFeatures> {
        let root: Root = object(text)?;
        let mut read = Self::default();
        for json in root.features {
            match object::<Feature>(json.get()) {
                Ok(feature) => read.features.push(feature),
                Err(error) => read.unreadable.push((label(&json, "name"), error.to_string())),
            }
        }
        for json in root.segments {
            match object::<Segment>(json.get()) {
                Ok(segment) => read.segments.push(segment),
                Err(error) => read.unreadable.push((label(&json, "id"), error.to_string())),
            }
        }
        Ok(read)
    }
}

/// What an item calls itself, for whoever is told that it cannot be read.
fn label(json: &RawValue, member: &str) -> String {
    let value: Value = serde_json::from_str(json.get()).unwrap_or_default();
    match &value[member] {
        Value::String(name) => name.clone(),
        other => other.to_string(),
    }
}

/// Text, or a number or boolean that somebody wrote without quotes.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        }))
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Text::deserialize(deserializer).map(|Text(text)| text)
}

fn maybe_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::<Text>::deserialize(deserializer).map(|text| text.map(|Text(text)| text))
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let texts = Option::<Vec<Text>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(texts.into_iter().map(|Text(text)| text).collect())
}

fn parameters<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let parameters = Option::<BTreeMap<String, Option<Text>>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(parameters.into_iter().filter_map(|(name, value)| value.map(|Text(value)| (name, value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_item_that_cannot_be_read_does_not_lose_the_others() {
        let text = r#"{"version": 2, "features": [{"name": "a", "enabled": true, "strategies": null}, {"name": "b", "enabled": 3}],
            "segments": [{"id": 1}, {"id": "x"}], "query": {}}"#;
        let read = ClientFeatures::from_json(text).unwrap();
        assert_eq!(read.features.iter().map(|feature| &*feature.name).collect::<Vec<_>>(), ["a"]);
        assert_eq!(read.segments.len(), 1);
        let broken: Vec<_> = read.unreadable.iter().map(|(name, _)| &**name).collect();
        assert_eq!(broken, ["b", "x"]);
    }

    #[test]
    fn parameters_and_values_are_text_however_they_were_written() {
        let strategy: Strategy = serde_json::from_str(
            r#"{"name": "flexibleRollout", "parameters": {"rollout": 25, "x": null}, "constraints": [
                {"contextName": "n", "operator": "NUM_GT", "value": 5, "values": [1, "2"]}]}"#,
        )
        .unwrap();
        assert_eq!(strategy.parameters, BTreeMap::from([("rollout".to_owned(), "25".to_owned())]));
        assert_eq!(strategy.constraints[0].value.as_deref(), Some("5"));
        assert_eq!(strategy.constraints[0].values, ["1", "2"]);
    }

    #[test]
    fn what_is_no_list_of_features_is_refused() {
        for text in ["", "[]", "{}", r#"{"features": {}}"#, "null"] {
            assert!(ClientFeatures::from_json(text).is_err(), "{text}");
        }
    }
}
