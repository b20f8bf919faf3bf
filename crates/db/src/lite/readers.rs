//! Reads on connections of their own, which never wait for the writer.
//!
//! A point read takes 2 µs and a crossing to another thread ten times that (`feasibility.md` §2.2), so a read is begun where it
//! is asked for. One that turns out to be long is broken off and begun again on a blocking thread: the async runtime
//! is never held up for more than about a millisecond.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::Semaphore;

use super::{connect, is_outage, run};
use crate::{ReadError, Row, Statement};

/// SQLite counts its virtual machine's instructions in steps of so many.
const STEP: i32 = 1_000;

/// A read of more steps than these is long: some 50,000 instructions, a few thousand rows passed.
const SHORT: u32 = 50;

/// So many long reads run at once; more wait.
const LONG_READS: usize = 4;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
    long: Semaphore,
}

struct Reader {
    connection: Connection,
    /// Steps left before the read is broken off.
    steps: Arc<AtomicU32>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), long: Semaphore::new(LONG_READS) }
    }

    pub(super) async fn read(self: &Arc<Self>, statement: Statement) -> Result<Vec<Row>, ReadError> {
        match self.attempt(&statement, SHORT) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                self.read_long(statement).await
            }
            outcome => outcome.map_err(read_error),
        }
    }

    async fn read_long(self: &Arc<Self>, statement: Statement) -> Result<Vec<Row>, ReadError> {
        let _place = self.long.acquire().await.expect("the semaphore is never closed");
        let readers = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || readers.attempt(&statement, u32::MAX));
        // The task fails only when the runtime shuts down.
        reading.await.map_err(|error| ReadError::Unavailable(error.into()))?.map_err(read_error)
    }

    fn attempt(&self, statement: &Statement, steps: u32) -> rusqlite::Result<Vec<Row>> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = idle.map_or_else(|| self.open(), Ok)?;
        reader.steps.store(steps, Ordering::Relaxed);
        let outcome = run(&reader.connection, statement);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        outcome.map(|(rows, _)| rows)
    }

    /// There are as many connections as there ever were reads at once: one for each thread of the runtime, and the long ones.
    fn open(&self) -> rusqlite::Result<Reader> {
        let mut connection = connect(&self.path)?;
        connection.execute_batch("PRAGMA query_only = ON")?;
        let steps = Arc::new(AtomicU32::new(SHORT));
        let left = Arc::clone(&steps);
        let spent =
            move || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err();
        connection.progress_handler(STEP, Some(spent))?;
        Ok(Reader { connection, steps })
    }

    #[cfg(feature = "testing")]
    pub(super) fn check(&self, sql: crate::Sql) -> Result<(), ReadError> {
        self.open().and_then(|reader| reader.connection.prepare(sql.lite).map(drop)).map_err(read_error)
    }
}

fn read_error(error: rusqlite::Error) -> ReadError {
    if is_outage(&error) { ReadError::Unavailable(error.into()) } else { ReadError::Broken(error.into()) }
}
