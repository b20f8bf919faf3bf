//! The analytics events that SDKs post, exactly as they write them (`launchdarkly.md` §1.7, `feasibility.md` §5.2).
//!
//! Everything borrows from the body. What no kind of event needs is passed over, and what few need stays raw.

mod context;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

pub(crate) use context::Context;

/// One event. Every member is optional: what a kind needs is checked where it is used.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Event<'a> {
    #[serde(borrow)]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) key: Option<Cow<'a, str>>,
    /// Milliseconds since the epoch, by the client's clock.
    pub(crate) creation_date: Option<f64>,
    pub(crate) variation: Option<u32>,
    pub(crate) version: Option<i64>,
    pub(crate) reason: Option<Reason>,
    /// The whole context, redacted; schema 4.
    #[serde(borrow)]
    pub(crate) context: Option<Context<'a>>,
    /// Kind → key; what older SDKs send instead of the context.
    #[serde(borrow)]
    pub(crate) context_keys: Option<&'a RawValue>,
    /// Flag key → counters; `summary` alone.
    #[serde(borrow)]
    pub(crate) features: Option<&'a RawValue>,
}

/// Why the SDK chose what it chose, as far as an exposure needs it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Reason {
    pub(crate) in_experiment: bool,
}

/// One flag's part of a `summary`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Feature {
    pub(crate) counters: Vec<Counter>,
}

/// How often one variation was served. An unknown flag has neither variation nor version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Counter {
    pub(crate) variation: Option<u32>,
    pub(crate) count: u64,
    pub(crate) unknown: bool,
}
