//! Unleash's bodies, as its SDKs write and read them (`oss-flags.md` §4.1, 4.3). What we do not keep is not read.

use std::collections::BTreeMap;

use evaluation::unleash::model::Payload;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// `POST /client/register`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Registration {
    #[serde(deserialize_with = "or_default")]
    pub(crate) sdk_version: Option<String>,
}

/// `POST /client/metrics`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Metrics {
    #[serde(deserialize_with = "or_default")]
    pub(crate) bucket: Bucket,
    #[serde(rename = "impactMetrics", deserialize_with = "or_default")]
    pub(crate) impact: Vec<Value>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) sdk_version: Option<String>,
}

/// What was evaluated in a while.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Bucket {
    pub(crate) toggles: BTreeMap<String, Value>,
}

/// How often a feature was on and off.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Count {
    pub(crate) yes: u64,
    pub(crate) no: u64,
}

/// `POST /client/metrics/bulk`, which a proxy sends for many applications.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Bulk {
    #[serde(deserialize_with = "or_default")]
    pub(crate) metrics: Vec<Value>,
    #[serde(rename = "impactMetrics", deserialize_with = "or_default")]
    pub(crate) impact: Vec<Value>,
}

/// How often a feature was on and off for one application.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct FeatureCount {
    pub(crate) feature_name: String,
    #[serde(flatten)]
    pub(crate) count: Count,
}

/// What an application measured by itself. A counter has values; a histogram counts; a gauge says how it is.
#[derive(Debug, Deserialize)]
pub(crate) struct ImpactMetric {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) samples: Vec<Sample>,
}

/// One value of a metric, or one count of a histogram.
#[derive(Debug, Deserialize)]
pub(crate) struct Sample {
    #[serde(default)]
    pub(crate) value: Option<f64>,
    #[serde(default)]
    pub(crate) count: Option<u64>,
}

/// A member that cannot be read is as good as not sent: it never costs the counts beside it.
fn or_default<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(member: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(member)?).unwrap_or_default())
}

/// `POST /frontend`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FrontendRequest {
    pub(crate) context: Map<String, Value>,
}

/// The answer of the frontend API.
#[derive(Debug, Serialize)]
pub(crate) struct Toggles<'t> {
    pub(crate) toggles: Vec<Toggle<'t>>,
}

/// A feature for one context.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Toggle<'t> {
    pub(crate) name: &'t str,
    pub(crate) enabled: bool,
    pub(crate) variant: ToggleVariant<'t>,
    pub(crate) impression_data: bool,
}

/// What the context gets of it.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct ToggleVariant<'t> {
    pub(crate) name: std::borrow::Cow<'t, str>,
    pub(crate) enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<std::borrow::Cow<'t, Payload>>,
    // Both spellings are read somewhere.
    pub(crate) feature_enabled: bool,
    #[serde(rename = "featureEnabled")]
    pub(crate) feature_enabled_too: bool,
}
