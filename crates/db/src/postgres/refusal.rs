//! What PostgreSQL's errors mean to the caller.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::{CommitError, Guard, ReadError};

pub(super) fn of_commit(error: Error, guard: Option<Guard>) -> CommitError {
    match guard {
        _ if is_outage(&error) => CommitError::Unavailable(error.into()),
        Some(guard) if is_taken(&error) => CommitError::Conflict { guard: guard.name },
        _ => CommitError::Broken(error.into()),
    }
}

pub(super) fn of_read(error: Error) -> ReadError {
    if is_outage(&error) { ReadError::Unavailable(error.into()) } else { ReadError::Broken(error.into()) }
}

/// Whether a key was taken, or what it refers to is not there.
fn is_taken(error: &Error) -> bool {
    matches!(error.code(), Some(&SqlState::UNIQUE_VIOLATION | &SqlState::FOREIGN_KEY_VIOLATION))
}

/// Whether the connection or the server is at fault, rather than the statement.
///
/// By the classes of PostgreSQL's appendix A: 08 connection, 53 resources (disk full, too many connections), 57 operator
/// intervention (shutdown, cancelled), 58 system error, 25006 a server that only reads (a standby), 55P03 lock not available.
fn is_outage(error: &Error) -> bool {
    match error.code() {
        Some(state) => {
            let code = state.code();
            ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) || matches!(code, "25006" | "55P03")
        }
        None => error.is_closed() || error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>),
    }
}
