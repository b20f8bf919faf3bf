//! What SDKs are answered when they do not get what they asked for.

use http::StatusCode;

use crate::body::Refused;
use crate::context::Unreadable;

/// A refusal as these SDKs want it: a status, and a sentence that only people read.
#[derive(Debug)]
pub(crate) struct StatusResponse(StatusCode, String);

impl StatusResponse {
    /// The key is known to be wrong, expired or revoked: most SDKs stop for good (`launchdarkly.md` §1.6).
    pub(crate) fn unknown_key() -> Self {
        Self(StatusCode::UNAUTHORIZED, "this SDK key is not, or no longer, valid".to_owned())
    }

    /// The same for a client-side id, which stands in the path (§1.4).
    pub(crate) fn unknown_environment() -> Self {
        Self(StatusCode::NOT_FOUND, "there is no environment of this id".to_owned())
    }

    /// There is no such flag or segment.
    pub(crate) fn unknown_item() -> Self {
        Self(StatusCode::NOT_FOUND, "there is nothing of this key".to_owned())
    }

    /// It will pass: the SDK is to try again.
    pub(crate) fn away() -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, "not ready; try again".to_owned())
    }

    /// What was sent can never be read.
    pub(crate) fn bad(error: &dyn std::error::Error) -> Self {
        Self(StatusCode::BAD_REQUEST, error.to_string())
    }

    /// Any other.
    pub(crate) fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self(status, words.into())
    }

    /// The status and the sentence.
    pub(crate) fn into_parts(self) -> (StatusCode, String) {
        (self.0, self.1)
    }
}

impl From<Refused> for StatusResponse {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooLarge => Self(StatusCode::PAYLOAD_TOO_LARGE, refused.to_string()),
            Refused::NotGzip(_) | Refused::NotText => Self::bad(&refused),
        }
    }
}

impl From<Unreadable> for StatusResponse {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::NotJson => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, unreadable.to_string()),
            _ => Self::bad(&unreadable),
        }
    }
}
