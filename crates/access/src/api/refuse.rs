//! What the errors of this capability are over HTTP.

use std::time::Duration;

use rest::Problem;

use crate::{Error, mint};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::AlreadySetUp => {
                Self::conflict("already-set-up", detail).hint("log in, or ask an admin to invite you")
            }
            Error::UnknownLink => Self::bad_request("unknown-link", detail)
                .field("/token")
                .hint("ask an admin for a new link; the set-up link is printed anew at each start"),
            Error::WrongCredentials => Self::unauthorised("wrong-credentials", detail),
            Error::WrongPassword => Self::forbidden("wrong-password", detail).field("/current"),
            Error::TooMany(too_many) => {
                let seconds = whole_seconds(too_many.retry_after);
                Self::too_many("too-many-tries", format!("too many tries: wait {seconds} s"), seconds)
            }
            Error::SessionNeeded => Self::forbidden("session-needed", detail),
            Error::EmailTaken => Self::conflict("email-taken", detail).field("/email"),
            Error::NoSuchPerson => Self::not_found("no-such-person", detail),
            Error::Disabled => Self::conflict("person-disabled", detail).hint("let the person in again first"),
            Error::NoSuchToken => Self::not_found("no-such-token", detail),
            Error::LastAdmin(_) => Self::conflict("last-admin", detail),
            Error::Mint(refusal) => refuse_mint(refusal, detail),
            Error::Changed => Self::conflict("changed-meanwhile", detail).hint("read it again, then decide again"),
            Error::Unavailable(source) => {
                tracing::warn!(%source, "the database is not available");
                Self::unavailable("database-unavailable", detail)
            }
            Error::Fault(source) => Self::internal(&*source),
        }
    }
}

fn refuse_mint(refusal: mint::Refusal, detail: String) -> Problem {
    match refusal {
        mint::Refusal::MadeByToken => Problem::forbidden("session-needed", detail),
        mint::Refusal::AboveOwnRole { .. } => Problem::forbidden("above-own-role", detail).field("/role"),
        mint::Refusal::ServiceNeedsAdmin => Problem::forbidden("service-needs-admin", detail).field("/kind"),
        mint::Refusal::ExpiresInThePast => Problem::bad_request("expires-in-the-past", detail).field("/expiresAt"),
    }
}

fn whole_seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}
