//! The one writer: takes the batches that wait, runs each in a savepoint, commits once, then answers all.
//!
//! A commit costs one wait for the disk however many batches it holds, so 64 writers get ten times the throughput of one,
//! and a lone writer loses nothing.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::{is_outage, is_taken, run as run_statement};
use crate::{Batch, CommitError, Row};

/// At most so many batches share a commit.
const GROUP: usize = 256;

pub(super) struct Job {
    pub(super) batch: Batch,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// The rows of each statement.
type Answer = Result<Vec<Vec<Row>>, CommitError>;

/// Serves until all senders are gone.
pub(super) fn run(connection: &Connection, mut jobs: mpsc::Receiver<Job>, pokes: &watch::Sender<u64>) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
        let answers = commit(connection, &group);
        let news = group.iter().zip(&answers).any(|(job, answer)| answer.is_ok() && !job.batch.quiet);
        // Before the answers: whoever has one finds that the poke was there.
        if news {
            pokes.send_modify(|count| *count = count.wrapping_add(1));
        }
        for (job, answer) in group.drain(..).zip(answers) {
            // Whoever asked may have stopped waiting; the batch is committed all the same.
            drop(job.answer.send(answer));
        }
    }
}

fn commit(connection: &Connection, group: &[Job]) -> Vec<Answer> {
    let outage = match try_commit(connection, group) {
        Ok(answers) => return answers,
        Err(outage) => Outage(Arc::new(outage)),
    };
    tracing::warn!(error = %outage, "a group commit failed");
    // SQLite rolls back by itself after some errors but not all.
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "the failed group could not be rolled back");
    }
    group.iter().map(|_| Err(CommitError::Unavailable(Box::new(outage.clone())))).collect()
}

/// The answers to all, or what keeps anything from being written.
fn try_commit(connection: &Connection, group: &[Job]) -> rusqlite::Result<Vec<Answer>> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let answers = group.iter().map(|job| savepoint(connection, &job.batch)).collect::<rusqlite::Result<Vec<_>>>()?;
    execute(connection, "COMMIT")?;
    Ok(answers)
}

/// Runs one batch whole or not at all, whatever becomes of its neighbours.
fn savepoint(connection: &Connection, batch: &Batch) -> rusqlite::Result<Answer> {
    execute(connection, "SAVEPOINT batch")?;
    let answer = match apply(connection, batch) {
        Err(Failure::Outage(outage)) => return Err(outage),
        Err(Failure::Refused(refusal)) => {
            execute(connection, "ROLLBACK TO batch")?;
            Err(refusal)
        }
        Ok(rows) => Ok(rows),
    };
    execute(connection, "RELEASE batch")?;
    Ok(answer)
}

enum Failure {
    Outage(rusqlite::Error),
    Refused(CommitError),
}

fn apply(connection: &Connection, batch: &Batch) -> Result<Vec<Vec<Row>>, Failure> {
    let mut all = Vec::with_capacity(batch.len());
    for statement in &batch.statements {
        let (rows, affected) = run_statement(connection, statement).map_err(|error| match statement.guard {
            _ if is_outage(&error) => Failure::Outage(error),
            Some(guard) if is_taken(&error) => Failure::Refused(CommitError::Conflict { guard: guard.name }),
            _ => Failure::Refused(CommitError::Broken(error.into())),
        })?;
        if let Some(guard) = statement.broken_by(affected) {
            return Err(Failure::Refused(CommitError::Conflict { guard }));
        }
        all.push(rows);
    }
    Ok(all)
}

fn execute(connection: &Connection, text: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(text)?.execute([]).map(drop)
}

/// One error that many are told of.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
struct Outage(Arc<rusqlite::Error>);
