//! Why something was not done.

use access::Role;
use db::{CommitError, ReadError, Source};
use kernel::{Timestamp, words};

use crate::model::Invalid;

/// Why something was not done, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Its key is taken.
    #[error("a {0} with this key is there already")]
    Taken(&'static str),
    /// What was sent does not make sense.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Somebody else changed it since the caller saw it.
    #[error("the {0} has been changed since you saw it")]
    Changed(&'static str),
    /// It has to stay.
    #[error("{detail}")]
    Needed {
        /// The reason for programs.
        code: &'static str,
        /// The reason for people.
        detail: String,
        /// What to do first.
        hint: &'static str,
    },
    /// The incident is over.
    #[error("the incident was resolved at {}", words::instant(*at))]
    Resolved {
        /// When.
        at: Timestamp,
    },
    /// No change is known to have caused the incident.
    #[error("no change is known to have caused this incident")]
    NothingToUndo,
    /// Flags refused the undo.
    #[error(transparent)]
    Flags(#[from] flags::Error),
    /// The release refused to be taken back.
    #[error(transparent)]
    Releases(#[from] releases::Error),
    /// A link that nobody was given.
    #[error("this link is not known")]
    UnknownLink,
    /// A link that was given too long ago.
    #[error("this link has expired")]
    ExpiredLink,
    /// The caller's role does not reach.
    #[error("this needs the role {needed}")]
    RoleTooLow {
        /// The role that it needs.
        needed: Role,
    },
    /// The person may no longer come in.
    #[error("this person may no longer come in")]
    Locked,
    /// The same thing was being changed by too many at once.
    #[error("too many were changing this at the same time")]
    Busy,
    /// The database is away; try again.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// Our own fault.
    #[error("something is wrong with what is stored")]
    Fault(#[source] Source),
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(source) => Self::Unavailable(source),
            other => Self::Fault(Box::new(other)),
        }
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            other => Self::Fault(Box::new(other)),
        }
    }
}

impl From<access::Error> for Error {
    fn from(error: access::Error) -> Self {
        match error {
            access::Error::NoSuchPerson => Self::NotFound("person"),
            access::Error::Unavailable(source) => Self::Unavailable(source),
            other => Self::Fault(Box::new(other)),
        }
    }
}

/// The conflict on `guard` becomes `meaning`; other errors stay what they are.
pub(super) fn on_conflict(guard: &'static str, meaning: Error) -> impl FnOnce(CommitError) -> Error {
    move |error| match error {
        CommitError::Conflict { guard: failed } if failed == guard => meaning,
        other => other.into(),
    }
}
