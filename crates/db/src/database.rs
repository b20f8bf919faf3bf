//! The handle that everyone holds: reads, commits, pokes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::{Rng, SystemRng};
use tokio::sync::watch;

use crate::config::Place;
use crate::lite::Lite;
use crate::postgres::Postgres;
use crate::{
    Batch, CommitError, Config, Dialect, MigrateError, Migration, OpenError, ReadError, Row, Sql, Statement, sequence,
    sql,
};

const ALIVE: Sql = sql!("SELECT 1 AS alive");
pub(crate) const ALL: &[Sql] = &[ALIVE];

/// An open database; a cheap handle to clone. Closed when the last clone is dropped.
#[derive(Clone)]
pub struct Db {
    engine: Arc<Engine>,
    pokes: watch::Sender<u64>,
    node: Arc<str>,
    /// Whether the last batch could not be written because the database was away or full.
    failing: Arc<AtomicBool>,
}

enum Engine {
    Lite(Lite),
    Postgres(Box<Postgres>),
}

impl Db {
    /// Opens the file (made when it is not there) or connects to the server.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let pokes = watch::Sender::new(0);
        let engine = match config.place {
            Place::Sqlite(file) => Engine::Lite(Lite::open(file, pokes.clone()).await?),
            Place::Postgres(url) => Engine::Postgres(Box::new(Postgres::open(&url, pokes.clone()).await?)),
        };
        let node = config.node.unwrap_or_else(|| format!("{:016x}", SystemRng.next_u64()));
        Ok(Self { engine: Arc::new(engine), pokes, node: node.into(), failing: Arc::default() })
    }

    /// The same database seen as another node, so that two may be told apart in one process.
    #[must_use]
    pub fn as_node(&self, name: &str) -> Self {
        Self { node: name.into(), ..self.clone() }
    }

    /// Commits the whole batch or nothing. `Ok` means that it survives a crash of the process and of the machine.
    pub async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.run(batch).await.map(drop)
    }

    /// Commits one statement with RETURNING, quietly, and gives its rows.
    pub(crate) async fn claim(&self, statement: Statement) -> Result<Vec<Row>, CommitError> {
        let rows = self.run(Batch::from(statement).quiet()).await?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    async fn run(&self, batch: Batch) -> Result<Vec<Vec<Row>>, CommitError> {
        let outcome = match &*self.engine {
            Engine::Lite(lite) => lite.commit(batch).await,
            Engine::Postgres(postgres) => postgres.commit(&batch).await,
        };
        self.failing.store(matches!(outcome, Err(CommitError::Unavailable(_))), Ordering::Relaxed);
        outcome
    }

    /// All rows, in the statement's order.
    pub async fn many(&self, statement: Statement) -> Result<Vec<Row>, ReadError> {
        match &*self.engine {
            Engine::Lite(lite) => lite.read(statement).await,
            Engine::Postgres(postgres) => postgres.read(&statement).await,
        }
    }

    /// The row, if there is one; two are an error.
    pub async fn optional(&self, statement: Statement) -> Result<Option<Row>, ReadError> {
        let sql = statement.sql.lite;
        let mut rows = self.many(statement).await?;
        let row = rows.pop();
        if rows.is_empty() { Ok(row) } else { Err(wrong_number(sql, "more than one row")) }
    }

    /// The one row; none is an error: for aggregates and for what is known to be there.
    pub async fn one(&self, statement: Statement) -> Result<Row, ReadError> {
        let sql = statement.sql.lite;
        self.optional(statement).await?.ok_or_else(|| wrong_number(sql, "no row"))
    }

    /// Changes after commits of this process (at once) and of other nodes (by LISTEN), coalesced; also when the connection was
    /// lost and is back. It says *look*, never at what: a reader goes to the log. The number has no meaning.
    pub fn pokes(&self) -> watch::Receiver<u64> {
        self.pokes.subscribe()
    }

    /// Whether the database answers now, and takes writes: a full disk still reads, so when the last batch could not be
    /// written, a small one is tried.
    pub async fn health(&self) -> Result<(), CommitError> {
        self.one(ALIVE.bind(Vec::new())).await?;
        if self.failing.load(Ordering::Relaxed) {
            self.commit(Batch::from(sequence::advance("health")).quiet()).await?;
        }
        Ok(())
    }

    /// Which of the two it is.
    pub fn dialect(&self) -> Dialect {
        match &*self.engine {
            Engine::Lite(_) => Dialect::Sqlite,
            Engine::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The name under which this process takes leases.
    pub fn node(&self) -> &str {
        &self.node
    }

    pub(crate) async fn apply(&self, migrations: Vec<Migration>) -> Result<(), MigrateError> {
        match &*self.engine {
            Engine::Lite(lite) => lite.migrate(migrations).await,
            Engine::Postgres(postgres) => postgres.migrate(&migrations).await,
        }
    }

    /// Prepares `sql` without running it; the error says what is wrong with the text, its parameters or its columns.
    #[cfg(feature = "testing")]
    pub async fn check(&self, sql: Sql) -> Result<(), ReadError> {
        match &*self.engine {
            Engine::Lite(lite) => lite.check(sql),
            Engine::Postgres(postgres) => postgres.check(sql).await,
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} as node {}", self.dialect(), self.node)
    }
}

fn wrong_number(sql: &'static str, reason: &str) -> ReadError {
    ReadError::Inconsistent { column: String::new(), reason: reason.to_owned(), sql }
}
