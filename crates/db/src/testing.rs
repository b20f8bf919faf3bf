//! Fresh databases for tests: every body runs on SQLite and on PostgreSQL.
//!
//! ```text
//! #[tokio::test]
//! async fn a_stale_version_is_a_conflict() {
//!     db::testing::each(|db| async move {
//!         db::migrate(&db, &[flags::MIGRATIONS]).await.unwrap();
//!         …
//!     })
//!     .await;
//! }
//! ```

mod server;

use std::sync::atomic::{AtomicU32, Ordering};

use kernel::{Rng, SystemRng};
use tempfile::TempDir;

use crate::config::Place;
use crate::{Config, Db, Dialect, Sql};

/// Runs `body` on a fresh database of each dialect, one after the other; nothing is migrated yet.
///
/// PostgreSQL is the server at `STEADFAST_TEST_POSTGRES` (a URL whose user may create databases), else one that is started
/// for this process from the binaries on the machine. Without either the test fails, unless `STEADFAST_TEST_DATABASES=sqlite`.
pub async fn each<F: Future<Output = ()>>(body: impl Fn(Db) -> F) {
    each_fresh(async |fresh: &Fresh| body(fresh.open().await).await).await;
}

/// As [`each`], for bodies that open the database themselves, such as those that close it and open it again.
pub async fn each_fresh(body: impl AsyncFn(&Fresh)) {
    for dialect in dialects() {
        // Shown when the test fails.
        eprintln!("on {dialect:?}:");
        let fresh = Fresh::new(dialect).await;
        body(&fresh).await;
    }
}

/// Prepares each statement on the database; fails with the texts that it refuses.
pub async fn prepare_all(db: &Db, lists: &[&[Sql]]) {
    let mut refused = Vec::new();
    for sql in lists.iter().copied().flatten() {
        if let Err(error) = db.check(*sql).await {
            let reason =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), |source| format!("{source:?}"));
            refused.push(format!("{}\n  {reason}", sql.text()));
        }
    }
    assert!(refused.is_empty(), "{:?} refuses:\n{}", db.dialect(), refused.join("\n"));
}

/// The dialects that tests run on.
pub fn dialects() -> Vec<Dialect> {
    match server::setting("STEADFAST_TEST_DATABASES").as_deref() {
        None | Some("all") => vec![Dialect::Sqlite, Dialect::Postgres],
        Some("sqlite") => vec![Dialect::Sqlite],
        Some("postgres") => vec![Dialect::Postgres],
        Some(other) => panic!("STEADFAST_TEST_DATABASES is {other:?}: all, sqlite or postgres"),
    }
}

/// A fresh database of its own, removed when dropped.
pub struct Fresh {
    config: Config,
    keeper: Keeper,
}

enum Keeper {
    Directory(#[allow(dead_code, reason = "held for its drop")] TempDir),
    Database { admin: String, name: String },
}

impl Fresh {
    /// An empty file in a directory of its own, or an empty database on the test server.
    pub async fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sqlite => {
                let directory = tempfile::tempdir().expect("the temporary directory takes a directory");
                let config = Config::sqlite(directory.path().join("test.db"));
                Self { config, keeper: Keeper::Directory(directory) }
            }
            Dialect::Postgres => Self::postgres(server::url()).await,
        }
    }

    /// The same, waiting for the disk at each commit as in production: for benches.
    pub async fn durable(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sqlite => Self::new(dialect).await,
            Dialect::Postgres => Self::postgres(server::durable_url()).await,
        }
    }

    async fn postgres(admin: String) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("steadfast_test_{:08x}_{count}", SystemRng.next_u64() >> 32);
        let command = format!("CREATE DATABASE {name}");
        server::administer(&admin, &command).await.unwrap_or_else(|error| panic!("{command}: {error}"));
        Self { config: Config::postgres(server::on(&admin, &name)), keeper: Keeper::Database { admin, name } }
    }

    /// What to open it with; as often as is wanted, on SQLite only once at a time.
    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// The file's path or the server's URL.
    pub fn address(&self) -> String {
        match &self.config.place {
            Place::Sqlite(path) => path.display().to_string(),
            Place::Postgres(url) => url.clone(),
        }
    }

    /// Opens it.
    pub async fn open(&self) -> Db {
        Db::open(self.config()).await.unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Keeper::Database { admin, name } = &self.keeper {
            server::drop_database(admin, name);
        }
    }
}
