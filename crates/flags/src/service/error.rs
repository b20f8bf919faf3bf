//! Why something was not done.

use access::Role;
use db::{CommitError, ReadError, Source};
use kernel::Revision;

use super::UploadError;
use crate::reason::{InstructionError, Invalid};

/// Why something was not done; each variant is something that the caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// An instruction does not fit the thing as it is.
    #[error("instruction {} cannot be applied: {}", .0.index, .0.reason)]
    Instruction(#[from] InstructionError),
    /// The thing may not be as the instructions would make it.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// The thing has changed since the caller read it.
    #[error("it has been changed: its version is {current} now, not {expected}")]
    Stale {
        /// What the caller saw.
        expected: Revision,
        /// What it is now; 0 when it was never written.
        current: Revision,
    },
    /// So many change it at once that this one never came first.
    #[error("too many change this at the same time")]
    Contended,
    /// A guard among the statements that the caller gave did not hold.
    #[error("conflict on {0}")]
    Guard(&'static str),
    /// There is nothing to undo, or no way to.
    #[error("change {0} cannot be taken back")]
    NoWayBack(Revision),
    /// The thing has been changed since the change that was to be undone.
    #[error("change {seq} was followed by change {by}{}", if *.overlaps { " of the same part" } else { "" })]
    Overtaken {
        /// The change that was to be undone.
        seq: Revision,
        /// What stands in the way.
        by: Revision,
        /// Whether it touched the same part.
        overlaps: bool,
    },
    /// The change is not one of this thing.
    #[error("change {0} is not one of this flag in this environment")]
    OtherThing(Revision),
    /// Another import is under way on this node.
    #[error("another import is under way")]
    ImportUnderWay,
    /// The author's words are too many.
    #[error("the comment is longer than {0} characters")]
    CommentTooLong(usize),
    /// The segment is not big, so that its members are part of it.
    #[error("this is no big segment")]
    NotBig,
    /// An uploaded file was not taken.
    #[error("{0}")]
    Upload(#[from] UploadError),
    /// The caller may not do this.
    #[error("this needs the role {0}")]
    RoleTooLow(Role),
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
            CommitError::Conflict { guard } => Self::Guard(guard),
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Broken(source) => Self::Fault(source),
        }
    }
}
