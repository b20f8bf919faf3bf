//! Why a request of this crate fails.

use db::{CommitError, ReadError};
use delivery::tail::Crowded;
use kernel::MetricKey;
use rest::Problem;

use crate::model::InvalidMetric;

/// Why something was refused or could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such metric.
    #[error("there is no metric {key}")]
    NoSuchMetric {
        /// Its key.
        key: MetricKey,
    },
    /// The key is taken.
    #[error("there is a metric {key} already")]
    AlreadyThere {
        /// The key.
        key: MetricKey,
    },
    /// The project is full.
    #[error("a project has at most {limit} metrics")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Somebody else changed it.
    #[error("the metric has changed since: it is at version {present}")]
    Stale {
        /// The version it has now.
        present: i64,
    },
    /// The definition makes no sense.
    #[error(transparent)]
    Invalid(#[from] InvalidMetric),
    /// The project or environment is not there, or the caller may not.
    #[error(transparent)]
    Flags(#[from] flags::Error),
    /// Too many people watch events here.
    #[error(transparent)]
    Crowded(#[from] Crowded),
    /// The database could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The database did not commit.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NoSuchMetric { .. } => Self::not_found("no-such-metric", detail).field("metric"),
            Error::AlreadyThere { .. } => Self::conflict("metric-exists", detail).field("/key"),
            Error::TooMany { .. } => {
                Self::conflict("too-many-metrics", detail).hint("delete metrics that nobody watches")
            }
            Error::Stale { .. } => Self::precondition_failed("stale-version", detail)
                .field("If-Match")
                .hint("read it again, then change it"),
            Error::Invalid(InvalidMetric { field, .. }) => {
                Self::bad_request("invalid-metric", detail).field(format!("/{field}"))
            }
            Error::Flags(error) => error.into(),
            Error::Crowded(Crowded) => Self::unavailable("too-many-watch", detail),
            Error::Read(ReadError::Unavailable(_)) | Error::Commit(CommitError::Unavailable(_)) => {
                Self::unavailable("database-unavailable", detail)
            }
            Error::Commit(CommitError::Conflict { .. }) => {
                Self::conflict("conflict", "somebody else was first").hint("try again")
            }
            Error::Read(ref cause) => Self::internal(cause),
            Error::Commit(ref cause) => Self::internal(cause),
        }
    }
}
