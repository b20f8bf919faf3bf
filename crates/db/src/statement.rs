//! Writes as data: statements with guards, and the batch that is committed whole.

use std::fmt;

use crate::{Sql, Value};

/// What must hold of a statement's effect, else the batch it is in is a conflict: exactly one row was touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    pub(crate) name: &'static str,
}

/// A text, its parameters and perhaps a guard.
#[derive(Clone, PartialEq)]
pub struct Statement {
    pub(crate) sql: Sql,
    pub(crate) params: Vec<Value>,
    pub(crate) guard: Option<Guard>,
}

impl Statement {
    pub(crate) fn new(sql: Sql, params: Vec<Value>) -> Self {
        Self { sql, params, guard: None }
    }

    /// Must touch exactly one row, else the batch is a [`Conflict`](crate::CommitError::Conflict) named `name`, and nothing is written.
    ///
    /// So is a guarded statement that breaks a UNIQUE, PRIMARY KEY or FOREIGN KEY constraint: someone else took the key, or
    /// deleted what it refers to. An unguarded one that does is `Broken`.
    #[must_use]
    pub fn exactly_one(mut self, name: &'static str) -> Self {
        self.guard = Some(Guard { name });
        self
    }

    /// The guard's name when `affected` rows break it.
    pub(crate) fn broken_by(&self, affected: u64) -> Option<&'static str> {
        self.guard.filter(|_| affected != 1).map(|guard| guard.name)
    }
}

/// The text and its parameters on one line: `UPDATE flag … WHERE key = ?1 ← [Text("a")], exactly one "flag version"`.
impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ← {:?}", self.sql.lite, self.params)?;
        self.guard.map_or(Ok(()), |guard| write!(f, ", exactly one {:?}", guard.name))
    }
}

/// Statements that are committed together or not at all, in their order.
#[derive(Clone, Default, PartialEq)]
pub struct Batch {
    pub(crate) statements: Vec<Statement>,
    pub(crate) quiet: bool,
}

impl Batch {
    /// An empty batch; committing it does nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `statement` at the end.
    pub fn push(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// Adds all of `other` at the end. The whole is quiet only if both are.
    pub fn append(&mut self, other: Self) {
        self.quiet &= other.quiet || other.is_empty();
        self.statements.extend(other.statements);
    }

    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// How many statements it has.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Wakes nobody when committed: for writes that give no reconciler work, such as a token's last use or a lease's renewal.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }
}

impl Extend<Statement> for Batch {
    fn extend<I: IntoIterator<Item = Statement>>(&mut self, statements: I) {
        self.statements.extend(statements);
    }
}

impl FromIterator<Statement> for Batch {
    fn from_iter<I: IntoIterator<Item = Statement>>(statements: I) -> Self {
        Self { statements: statements.into_iter().collect(), quiet: false }
    }
}

impl From<Statement> for Batch {
    fn from(statement: Statement) -> Self {
        Self::from_iter([statement])
    }
}

/// One statement a line.
impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.statements).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{params, sql};

    #[test]
    fn a_batch_prints_what_it_would_do() {
        const RENAME: Sql = sql!("UPDATE flag SET name = ?2 WHERE key = ?1");
        let batch = Batch::from(RENAME.bind(params!["a", None::<i64>]).exactly_one("flag"));
        let expected = r#"[UPDATE flag SET name = ?2 WHERE key = ?1 ← [Text("a"), Null], exactly one "flag"]"#;
        assert_eq!(format!("{batch:?}"), expected);
    }

    #[test]
    fn a_quiet_batch_that_takes_in_a_loud_one_is_loud() {
        const TOUCH: Sql = sql!("UPDATE token SET used_at = 1");
        let quiet = || Batch::from(TOUCH.bind(params![])).quiet();
        let after = |mut batch: Batch, other: Batch| {
            batch.append(other);
            batch.quiet
        };
        assert!(after(quiet(), quiet()) && after(quiet(), Batch::new()));
        assert!(!after(quiet(), Batch::from(TOUCH.bind(params![]))) && !after(Batch::new(), quiet()));
    }
}
