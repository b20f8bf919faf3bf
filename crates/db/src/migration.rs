//! The schema, as numbered texts that are applied once and never edited.

use std::collections::HashSet;

use crate::{Db, Dialect, MigrateError, schema};

/// One step of the schema: a name that is unique and never changes, and DDL for both databases.
///
/// Types are TEXT, BIGINT, DOUBLE PRECISION and `{blob}`; keys are explicit, nothing has a default of time or chance.
/// `{clustered}` after a table's closing parenthesis makes SQLite keep its rows in the order of the primary key and nowhere
/// else, for tables of millions of short rows; PostgreSQL has no such tables and gets an ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Such as `flags-0001-flag`.
    pub name: &'static str,
    /// One or more statements, divided by `;`.
    pub sql: &'static str,
}

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY)";

impl Migration {
    pub(crate) fn text(&self, dialect: Dialect) -> String {
        let (blob, clustered) = match dialect {
            Dialect::Sqlite => ("BLOB", "WITHOUT ROWID"),
            Dialect::Postgres => ("BYTEA", ""),
        };
        self.sql.replace("{blob}", blob).replace("{clustered}", clustered)
    }
}

/// Brings the schema up to date: this crate's own tables, then each list in order; what was applied before is skipped.
///
/// Several nodes may call it at once. Each migration is one transaction.
pub async fn migrate(db: &Db, lists: &[&[Migration]]) -> Result<(), MigrateError> {
    let all: Vec<Migration> = schema::MIGRATIONS.iter().chain(lists.iter().copied().flatten()).copied().collect();
    let mut names = HashSet::new();
    if let Some(twice) = all.iter().find(|migration| !names.insert(migration.name)) {
        return Err(MigrateError::Twice(twice.name));
    }
    db.apply(all).await
}
