//! OFREP's bodies, exactly (OpenAPI 0.3.0).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is asked, for one flag or for all.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Request {
    pub(crate) context: Option<Map<String, Value>>,
}

/// A flag's result. Without a value the caller's code default holds.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Success<'a> {
    pub(crate) key: &'a str,
    pub(crate) reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<String>,
    /// Always an object: the Go provider takes anything else for a parse error.
    pub(crate) metadata: Metadata<'a>,
}

/// The names that OpenTelemetry gives to what identifies an evaluation (`oss-flags.md` §2.5).
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata<'a> {
    pub(crate) flag_set_id: &'a str,
    pub(crate) version: String,
    pub(crate) context_id: &'a str,
}

/// Why there is no result; without a key when it is not about one flag.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<&'a str>,
    pub(crate) error_code: ErrorCode,
    pub(crate) error_details: String,
}

/// OFREP's error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ErrorCode {
    ParseError,
    TargetingKeyMissing,
    InvalidContext,
    FlagNotFound,
    General,
}

/// One flag of a bulk answer.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Entry<'a> {
    Success(Success<'a>),
    Failure(Failure<'a>),
}

/// The bulk answer.
#[derive(Debug, Serialize)]
pub(crate) struct Bulk<'a> {
    pub(crate) flags: Vec<Entry<'a>>,
    pub(crate) metadata: SetMetadata<'a>,
}

/// Which flags these are.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetMetadata<'a> {
    pub(crate) flag_set_id: &'a str,
}
