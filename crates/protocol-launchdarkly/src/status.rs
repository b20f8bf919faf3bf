//! What SDKs are answered when they do not get what they asked for.

use delivery::Busy;
use http::StatusCode;

use crate::body::Refused;
use crate::context::Unreadable;

/// A refusal as these SDKs want it: a status, and a sentence that only people read.
#[derive(Debug)]
pub(crate) struct StatusResponse {
    status: StatusCode,
    words: String,
    /// When to come back, in seconds.
    retry_after: Option<u64>,
}

impl StatusResponse {
    /// The key is known to be wrong, expired or revoked: most SDKs stop for good (`launchdarkly.md` §1.6).
    pub(crate) fn unknown_key() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "this SDK key is not, or no longer, valid")
    }

    /// The same for a client-side id, which stands in the path (§1.4).
    pub(crate) fn unknown_environment() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no environment of this id")
    }

    /// There is no such flag or segment.
    pub(crate) fn unknown_item() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing of this key")
    }

    /// It will pass: the SDK is to try again.
    pub(crate) fn away() -> Self {
        Self { retry_after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "not ready; try again") }
    }

    /// What was sent can never be read.
    pub(crate) fn bad(error: &dyn std::error::Error) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error.to_string())
    }

    /// Any other.
    pub(crate) fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self { status, words: words.into(), retry_after: None }
    }

    /// The status, the sentence, and when to come back, in seconds.
    pub(crate) fn into_parts(self) -> (StatusCode, String, Option<u64>) {
        (self.status, self.words, self.retry_after)
    }
}

impl From<Busy> for StatusResponse {
    fn from(busy: Busy) -> Self {
        let retry_after = Some(busy.retry_after.as_secs());
        Self { retry_after, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, busy.to_string()) }
    }
}

impl From<Refused> for StatusResponse {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, refused.to_string()),
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
