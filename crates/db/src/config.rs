//! Where the data lies.

use std::fmt;
use std::path::PathBuf;

/// Which database to open, and under which name this node takes leases.
#[derive(Clone)]
pub struct Config {
    pub(crate) place: Place,
    pub(crate) node: Option<String>,
}

#[derive(Clone)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Which of the two databases it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// One file beside one process.
    Sqlite,
    /// A server for several nodes.
    Postgres,
}

impl Config {
    /// One file; its directory exists.
    pub fn sqlite(file: impl Into<PathBuf>) -> Self {
        Self { place: Place::Sqlite(file.into()), node: None }
    }

    /// A server: `postgres://user:password@host:port/database`.
    pub fn postgres(url: impl Into<String>) -> Self {
        Self { place: Place::Postgres(url.into()), node: None }
    }

    /// The name under which this process takes leases, unique among those alive; random when not set.
    ///
    /// A process that comes back under the name it had takes its leases back at once instead of waiting until they expire.
    #[must_use]
    pub fn node(mut self, name: impl Into<String>) -> Self {
        self.node = Some(name.into());
        self
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Sqlite(file) => write!(f, "SQLite at {}", file.display()),
            Place::Postgres(_) => f.write_str("PostgreSQL"),
        }
    }
}
