//! Offline answers: one JSON request in, one JSON answer out, as `steadfast evaluate` and a typed SDK call give it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::big_segments::NoBigSegments;
use crate::context::Context;
use crate::evaluate::Evaluation;
use crate::lenient::object;
use crate::reason::{ErrorKind, Reason, ReasonKind};
use crate::snapshot::Snapshot;

/// The type of value that a caller asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ValueType {
    /// Any JSON.
    #[default]
    Any,
    /// true or false.
    Bool,
    /// A number; a fraction is cut off.
    Int,
    /// A number.
    Double,
    /// Text.
    String,
}

/// What a caller of an SDK gets: a value always, the default if need be.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer<'s> {
    /// The variation's value, or the caller's default.
    pub value: Value,
    /// The variation's index; null with the default.
    pub variation_index: Option<u32>,
    /// Why.
    pub reason: Reason<'s>,
}

/// Why a request line cannot be answered.
#[derive(Debug, thiserror::Error)]
#[error(
    "a request is a line of JSON such as {{\"flag\": \"key\", \"context\": {{\"kind\": \"user\", \"key\": \"ada\"}}}}: {0}"
)]
pub struct InvalidRequest(#[from] serde_json::Error);

#[derive(Deserialize)]
struct Request {
    flag: String,
    #[serde(default)]
    context: Value,
    #[serde(default)]
    default: Value,
    #[serde(default, rename = "type")]
    value_type: Option<ValueType>,
}

/// Answers a line `{"flag", "context", "default", "type": "any|bool|int|double|string"}` with
/// `{"value", "variationIndex", "reason"}`. Only `flag` is required; an invalid context is an answer
/// (`USER_NOT_SPECIFIED`), not an error.
pub fn answer_line(snapshot: &Snapshot, line: &str) -> Result<String, InvalidRequest> {
    let request: Request = object(line)?;
    let evaluation = match Context::from_value(request.context) {
        // The Go SDK looks for the flag before it looks at the context.
        _ if snapshot.flag(&request.flag).is_none() => Evaluation::error(ErrorKind::FlagNotFound),
        Ok(context) => snapshot.evaluate(&request.flag, &context, &NoBigSegments),
        Err(_) => Evaluation::error(ErrorKind::UserNotSpecified),
    };
    let answer = evaluation.or_default(request.default, request.value_type.unwrap_or_default());
    Ok(serde_json::to_string(&answer)?)
}

impl<'s> Evaluation<'s> {
    /// What a typed SDK call returns: the value if it has the type, otherwise the default, and the reason for it.
    pub fn or_default(self, default: Value, value_type: ValueType) -> Answer<'s> {
        let Some(value) = self.value else {
            return Answer { value: default, variation_index: None, reason: self.reason };
        };
        if let Some(value) = value_type.read(value) {
            return Answer { value, variation_index: self.variation_index, reason: self.reason };
        }
        Answer { value: default, variation_index: None, reason: ReasonKind::Error(ErrorKind::WrongType).into() }
    }
}

impl ValueType {
    /// The value as this type. Whole and fractional numbers are one type (`launchdarkly.md` §2.9).
    fn read(self, value: &Value) -> Option<Value> {
        let fits = match self {
            Self::Any => true,
            Self::Bool => value.is_boolean(),
            Self::String => value.is_string(),
            Self::Int if value.is_f64() => return value.as_f64().map(whole),
            Self::Int | Self::Double => value.is_number(),
        };
        fits.then(|| value.clone())
    }
}

#[allow(clippy::cast_possible_truncation)] // cutting off and stopping at the limits is what is wanted
fn whole(number: f64) -> Value {
    Value::from(number as i64)
}
