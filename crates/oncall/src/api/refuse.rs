//! What the errors of this capability are over HTTP.

use http::StatusCode;
use rest::Problem;

use crate::Error;
use crate::model::Invalid;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let words = error.to_string();
        match error {
            Error::NotFound(_) => Self::not_found("not-found", words),
            Error::Taken(_) => Self::conflict("key-taken", words).field("/key").hint("choose another key"),
            Error::Invalid(Invalid { code, field, hint, .. }) => Self::bad_request(code, words).field(field).hint(hint),
            Error::Changed(_) => Self::precondition_failed("stale-version", words)
                .field("If-Match")
                .hint("read it again and decide on what it is now"),
            Error::Needed { code, hint, .. } => Self::conflict(code, words).hint(hint),
            Error::Resolved { .. } => Self::conflict("incident-resolved", words),
            Error::NothingToUndo => Self::conflict("nothing-to-undo", words)
                .hint("look at the suspects, and undo one of them in its history"),
            Error::Flags(error) => error.into(),
            Error::Releases(error) => error.into(),
            Error::UnknownLink => Self::not_found("unknown-link", words),
            Error::ExpiredLink => {
                Self::new(StatusCode::GONE, "expired-link", words).hint("log in and open the incident")
            }
            Error::RoleTooLow { .. } => Self::forbidden("role-too-low", words),
            Error::Locked => Self::forbidden("disabled", words),
            Error::Busy => Self::unavailable("busy", words),
            Error::Unavailable(source) => {
                tracing::warn!(%source, "the database is not available");
                Self::unavailable("database-unavailable", words)
            }
            Error::Fault(source) => Self::internal(&*source),
        }
    }
}
