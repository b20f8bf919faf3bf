//! SQLite: one writer thread with group commit, readers beside it.

mod readers;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ffi, params_from_iter};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Batch, CommitError, Dialect, MigrateError, Migration, OpenError, ReadError, Row, Source, Statement, Value,
};
use crate::{lite::readers::Readers, lite::writer::Job, migration};

/// Batches that may wait for the writer before those who commit wait for a place.
const WAITING: usize = 1_024;

/// How long to wait for a lock that another program, such as a backup, holds on the file.
const BUSY: Duration = Duration::from_secs(5);

/// All statements of the product stay prepared.
const PREPARED: usize = 1_024;

pub(crate) struct Lite {
    path: PathBuf,
    readers: Arc<Readers>,
    // Taken when dropped: the writer ends when its channel does, and is waited for, so that the file is free afterwards.
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<thread::JoinHandle<()>>,
    /// Held for as long as the file is open, and let go by the operating system even after kill -9.
    _lock: File,
}

impl Lite {
    pub(crate) async fn open(path: PathBuf, pokes: watch::Sender<u64>) -> Result<Self, OpenError> {
        let opening = tokio::task::spawn_blocking(move || Self::open_blocking(path, pokes));
        opening.await.expect("opening a file does not panic")
    }

    fn open_blocking(path: PathBuf, pokes: watch::Sender<u64>) -> Result<Self, OpenError> {
        let unavailable = |source: Source| OpenError::Unavailable { place: path.display().to_string(), source };
        let lock = lock(&path).map_err(|error| unavailable(error.into()))?;
        let lock = lock.ok_or_else(|| OpenError::InUse { path: path.clone() })?;
        let connection = connect(&path).map_err(|error| unavailable(error.into()))?;
        void_leases(&connection).map_err(|error| unavailable(error.into()))?;
        let (jobs, waiting) = mpsc::channel(WAITING);
        let writer = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || writer::run(&connection, waiting, &pokes))
            .map_err(|error| unavailable(error.into()))?;
        let readers = Arc::new(Readers::new(path.clone()));
        Ok(Self { path, readers, jobs: Some(jobs), writer: Some(writer), _lock: lock })
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Result<Vec<Vec<Row>>, CommitError> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.as_ref().expect("the channel is there until the drop");
        let gone = || CommitError::Unavailable("the writer thread has ended".into());
        jobs.send(Job { batch, answer }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    pub(crate) async fn read(&self, statement: Statement) -> Result<Vec<Row>, ReadError> {
        self.readers.read(statement).await
    }

    pub(crate) async fn migrate(&self, migrations: Vec<Migration>) -> Result<(), MigrateError> {
        let path = self.path.clone();
        let migrating = tokio::task::spawn_blocking(move || {
            let mut connection = connect(&path).map_err(|error| MigrateError::Unavailable(error.into()))?;
            migrations.iter().try_for_each(|migration| {
                let failed =
                    |error: rusqlite::Error| MigrateError::Failed { name: migration.name, source: error.into() };
                apply(&mut connection, migration).map_err(failed)
            })
        });
        migrating.await.expect("migrating does not panic")
    }

    #[cfg(feature = "testing")]
    pub(crate) fn check(&self, sql: crate::Sql) -> Result<(), ReadError> {
        self.readers.check(sql)
    }
}

impl Drop for Lite {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the SQLite writer thread had panicked");
        }
    }
}

/// Locks a file beside the database, or gives `None` when another process (or handle) has.
fn lock(path: &Path) -> std::io::Result<Option<File>> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let file = File::options().create(true).truncate(false).write(true).open(name)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // FULL makes each commit wait for the disk: acknowledged means durable. A checkpoint (two more waits) comes every 16 MiB of
    // log instead of every 4; the limit gives space back after a large group.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(connection)
}

/// The file is ours alone, so whoever held a lease is gone: nobody need wait until it expires. Fences keep counting.
fn void_leases(connection: &Connection) -> rusqlite::Result<()> {
    if connection.table_exists(None, "lease")? {
        connection.execute("UPDATE lease SET expires_at = 0", [])?;
    }
    Ok(())
}

fn apply(connection: &mut Connection, migration: &Migration) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration::TABLE)?;
    let added = transaction
        .execute("INSERT INTO migration (name) VALUES (?1) ON CONFLICT (name) DO NOTHING", [migration.name])?;
    if added == 1 {
        transaction.execute_batch(&migration.text(Dialect::Sqlite))?;
    }
    transaction.commit()
}

/// Runs one statement; gives its rows, if it returns any, and how many rows it touched.
fn run(connection: &Connection, statement: &Statement) -> rusqlite::Result<(Vec<Row>, u64)> {
    let mut prepared = connection.prepare_cached(statement.sql.lite)?;
    if prepared.column_count() == 0 {
        let affected = prepared.execute(params_from_iter(&statement.params))?;
        return Ok((Vec::new(), affected as u64));
    }
    let columns: Arc<[String]> = prepared.column_names().map(str::to_owned).collect();
    let mut cursor = prepared.query(params_from_iter(&statement.params))?;
    let mut rows = Vec::new();
    while let Some(row) = cursor.next()? {
        let values = (0..columns.len()).map(|place| value(row.get_ref(place)?)).collect::<rusqlite::Result<_>>()?;
        rows.push(Row { sql: statement.sql.lite, columns: Arc::clone(&columns), values });
    }
    let affected = rows.len() as u64;
    Ok((rows, affected))
}

fn value(stored: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match stored {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(_) => Value::Text(stored.as_str()?.to_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Whether the disk, the file system or another program is at fault, rather than the statement.
fn is_outage(error: &rusqlite::Error) -> bool {
    use ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed, OutOfMemory, PermissionDenied,
        ReadOnly, SystemIoFailure,
    };
    let code = error.sqlite_error_code();
    code.is_some_and(|code| {
        matches!(
            code,
            CannotOpen
                | DatabaseBusy
                | DatabaseLocked
                | DiskFull
                | FileLockingProtocolFailed
                | OutOfMemory
                | PermissionDenied
                | ReadOnly
                | SystemIoFailure
        )
    })
}

/// Whether a key was taken, or what it refers to is not there.
fn is_taken(error: &rusqlite::Error) -> bool {
    let taken = [
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        ffi::SQLITE_CONSTRAINT_UNIQUE,
        ffi::SQLITE_CONSTRAINT_ROWID,
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY,
    ];
    error.sqlite_error().is_some_and(|error| taken.contains(&error.extended_code))
}
