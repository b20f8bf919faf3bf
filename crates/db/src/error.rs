//! What can go wrong, by what the caller can do about it.

use std::path::PathBuf;

/// The error of a library below.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a batch was not committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A guard failed: someone else was first. Nothing was written; load and decide again.
    #[error("conflict on {guard}")]
    Conflict {
        /// The name that the statement gave to [`exactly_one`](crate::Statement::exactly_one).
        guard: &'static str,
    },
    /// The database cannot be reached, is full or failing. Whether the batch was written is unknown (mostly not): send the
    /// same ids again later.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// The database refused a statement: a fault of ours. Nothing was written; the same batch will fail again.
    #[error("the database refused a statement")]
    Broken(#[source] Source),
}

/// Why a read gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database cannot be reached or is failing; try again later.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// The database refused the statement: a fault of ours.
    #[error("the database refused a statement")]
    Broken(#[source] Source),
    /// What is stored is not what the code expects there.
    #[error("column {column:?} {reason} in: {sql}")]
    Inconsistent {
        /// The column's name in the result; empty when the number of rows is what is wrong.
        column: String,
        /// What is wrong with it.
        reason: String,
        /// The statement that was read.
        sql: &'static str,
    },
}

impl From<ReadError> for CommitError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(source) => Self::Unavailable(source),
            ReadError::Broken(source) => Self::Broken(source),
            inconsistent @ ReadError::Inconsistent { .. } => Self::Broken(Box::new(inconsistent)),
        }
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has this SQLite file open; it would not see our writes' order, nor we its.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The URL is not one of PostgreSQL.
    #[error("the database's address is not a valid PostgreSQL URL")]
    BadAddress(#[source] Source),
    /// The URL asks for TLS, which this build does not speak; it is refused rather than ignored.
    #[error(
        "the database's address asks for TLS (sslmode=require), which is not supported yet: use sslmode=disable over a trusted network or a tunnel"
    )]
    TlsUnsupported,
    /// The file or the server cannot be reached.
    #[error("the database {place} cannot be opened")]
    Unavailable {
        /// The file's path or the server's host and database; never a password.
        place: String,
        /// Why.
        #[source]
        source: Source,
    },
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Two migrations have one name, so the second would never run.
    #[error("two migrations are named {0:?}")]
    Twice(&'static str),
    /// The database cannot be reached or is failing.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// A migration failed; it and those after it were not applied.
    #[error("migration {name:?} failed")]
    Failed {
        /// The migration's name.
        name: &'static str,
        /// Why.
        #[source]
        source: Source,
    },
}
