//! OFREP's bodies, exactly (OpenAPI 0.3.0).

use serde::Serialize;
use serde_json::Value;

/// A flag's result. Without a value the caller's code default holds.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Success<'a> {
    pub(crate) key: &'a str,
    pub(crate) reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<String>,
    pub(crate) metadata: Metadata<'a>,
}

/// The names that OpenTelemetry gives to what identifies an evaluation (`oss-flags.md` §2.5). Always an object: the Go
/// provider takes anything else for a parse error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata<'a> {
    /// The project and environment.
    pub(crate) flag_set_id: &'a str,
    /// The flag's version; none when it is not about one flag, or there is no such flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// The targeting key, if the context says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context_id: Option<&'a str>,
}

/// Why there is no result; without a key when it is not about one flag.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<&'a str>,
    pub(crate) error_code: ErrorCode,
    pub(crate) error_details: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<Metadata<'a>>,
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
#[serde(rename_all = "camelCase")]
pub(crate) struct Bulk<'a> {
    pub(crate) flags: Vec<Entry<'a>>,
    pub(crate) metadata: Metadata<'a>,
    /// Where the client hears that there is something newer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) event_streams: Vec<EventStream>,
}

/// A stream of hints (`oss-flags.md` §2.2).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventStream {
    /// The only one there is.
    #[serde(rename = "type")]
    kind: &'static str,
    endpoint: Endpoint,
    /// How long a page that nobody sees keeps the stream.
    inactivity_delay_sec: u32,
}

/// An address on the server that was asked. It never has an empty `origin`, which breaks clients.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    request_uri: String,
}

impl EventStream {
    /// The stream at this path and query.
    pub(crate) fn at(request_uri: String) -> Self {
        Self { kind: "sse", endpoint: Endpoint { request_uri }, inactivity_delay_sec: 120 }
    }
}
