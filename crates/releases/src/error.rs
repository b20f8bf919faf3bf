//! Why a request of this crate fails.

use db::{CommitError, ReadError};
use kernel::{PipelineKey, Revision, ServiceKey};
use rest::Problem;

use crate::command::Refusal;
use crate::model::InvalidPipeline;
use crate::plan::InvalidRelease;

/// Why something was refused or could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The release may not begin like this.
    #[error(transparent)]
    InvalidRelease(#[from] InvalidRelease),
    /// The release names a pipeline that the project does not have.
    #[error("there is no pipeline {key} in this project")]
    UnknownPipeline {
        /// The key that was asked for.
        key: PipelineKey,
        /// Those that there are.
        known: Vec<PipelineKey>,
    },
    /// The release names a service that nobody is on call for.
    #[error("there is no service {0}")]
    UnknownService(ServiceKey),
    /// The pipeline makes no sense.
    #[error(transparent)]
    InvalidPipeline(#[from] InvalidPipeline),
    /// The version of the deployed service makes no sense.
    #[error("a version has 1 to 200 characters")]
    InvalidDeployment,
    /// The comment is too long.
    #[error("a comment has 1,000 characters at most")]
    CommentTooLong,
    /// The flag has an open release in this environment.
    #[error("the flag has a release under way in this environment")]
    AlreadyOpen,
    /// The pipeline's key is taken.
    #[error("there is such a pipeline already")]
    PipelineExists,
    /// Somebody else changed it.
    #[error("it has changed since: it is at version {present}")]
    Stale {
        /// The version it has now.
        present: i64,
    },
    /// The command makes no sense now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody changed by hand what the release serves, so it is not taken back over their heads.
    #[error("somebody changed by hand what the flag serves, in change {by}: undo that change, or edit the flag")]
    EditedByHand {
        /// The flag's last change in this environment.
        by: Revision,
    },
    /// So many decide at once that this one never came first.
    #[error("too many decide about this release at the same time")]
    Contended,
    /// A metric.
    #[error(transparent)]
    Metrics(#[from] metrics::Error),
    /// A flag.
    #[error(transparent)]
    Flags(#[from] flags::Error),
    /// The database could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The database did not commit.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Error {
    /// Whether somebody else was first, so that it is worth deciding again.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::Commit(CommitError::Conflict { .. })
                | Self::Flags(flags::Error::Guard(_) | flags::Error::Stale { .. })
        )
    }

    /// Whether this guard did not hold.
    pub(crate) fn is_conflict_on(&self, guard: &str) -> bool {
        match self {
            Self::Commit(CommitError::Conflict { guard: broken }) | Self::Flags(flags::Error::Guard(broken)) => {
                *broken == guard
            }
            _ => false,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(_) => Self::not_found("not-found", detail),
            Error::InvalidRelease(InvalidRelease { field, .. }) => {
                Self::bad_request("invalid-release", detail).field(field)
            }
            Error::UnknownPipeline { known, .. } => {
                let known: Vec<&str> = known.iter().map(PipelineKey::as_str).collect();
                let hint = format!("one of {}, or create it first", known.join(", "));
                Self::bad_request("unknown-pipeline", detail).field("/pipeline").hint(hint)
            }
            Error::UnknownService(_) => Self::bad_request("unknown-service", detail)
                .field("/service")
                .hint("create the service first, or leave it out: the people of \"default\" are told"),
            Error::InvalidPipeline(InvalidPipeline { field, .. }) => {
                Self::bad_request("invalid-pipeline", detail).field(field)
            }
            Error::InvalidDeployment => Self::bad_request("invalid-deployment", detail).field("/version"),
            Error::CommentTooLong => Self::bad_request("comment-too-long", detail).field("/comment"),
            Error::AlreadyOpen => Self::conflict("release-under-way", detail).hint("end that release first"),
            Error::PipelineExists => Self::conflict("pipeline-exists", detail).field("/key"),
            Error::Stale { .. } => Self::precondition_failed("stale-version", detail)
                .field("If-Match")
                .hint("read it again, then change it"),
            Error::Refused(Refusal::Regressed) => {
                Self::conflict("release-regressed", detail).hint("skip, abort or roll back")
            }
            Error::Refused(_) => Self::conflict("not-now", detail),
            Error::EditedByHand { .. } => Self::conflict("edited-by-hand", detail),
            Error::Contended => Self::unavailable("contended", detail),
            Error::Metrics(error) => error.into(),
            Error::Flags(error) => error.into(),
            Error::Read(ReadError::Unavailable(_)) | Error::Commit(CommitError::Unavailable(_)) => {
                Self::unavailable("database-unavailable", detail)
            }
            Error::Commit(CommitError::Conflict { .. }) => Self::conflict("conflict", detail).hint("try again"),
            Error::Read(ref cause) => Self::internal(cause),
            Error::Commit(ref cause) => Self::internal(cause),
        }
    }
}
