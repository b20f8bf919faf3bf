//! One batch in two round trips: BEGIN and every statement sent at once, then COMMIT or ROLLBACK.

use std::collections::{BTreeSet, HashMap};
use std::pin::Pin;
use std::task::Poll;

use deadpool_postgres::Object;
use futures_util::future::{BoxFuture, FutureExt, MaybeDone, maybe_done, poll_fn};
use futures_util::{TryFutureExt, TryStreamExt};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Error, Row as WireRow};

use super::{refusal, values};
use crate::{Batch, CommitError, Row};

/// Why a batch was not committed.
pub(super) enum Failure {
    /// Nothing was written and the same batch may well succeed now: a deadlock or a serialization failure.
    Passing(Error),
    Final(CommitError),
}

pub(super) async fn commit(client: Object, batch: &Batch) -> Result<Vec<Vec<Row>>, Failure> {
    let prepared = prepare(&client, batch).await?;

    let transaction = Transaction(Some(client));
    let client = transaction.client();
    let mut sent = vec![client.batch_execute("BEGIN").map_ok(|()| (Vec::new(), 0)).boxed()];
    for (statement, prepared) in batch.statements.iter().zip(&prepared) {
        sent.push(execute(client, prepared, &statement.params).boxed());
    }
    let mut outcomes = in_order(sent).await.into_iter();
    let begun = outcomes.next().expect("BEGIN was sent first");
    begun.map_err(|error| failure(error, None))?;

    match judge(batch, &prepared, outcomes) {
        Ok(rows) => {
            client.batch_execute("COMMIT").await.map_err(|error| failure(error, None))?;
            transaction.end();
            Ok(rows)
        }
        Err(failure) => {
            if client.batch_execute("ROLLBACK").await.is_ok() {
                transaction.end();
            }
            Err(failure)
        }
    }
}

/// The statements as the server knows them. A batch may say the same a thousand times with other parameters: each text is
/// prepared once.
async fn prepare(client: &Object, batch: &Batch) -> Result<Vec<tokio_postgres::Statement>, Failure> {
    let texts: BTreeSet<&'static str> = batch.statements.iter().map(|statement| statement.sql.pg).collect();
    let preparing = texts.iter().map(|text| client.prepare_cached(text).boxed());
    let mut known = HashMap::with_capacity(texts.len());
    for (text, outcome) in texts.iter().zip(in_order(preparing.collect()).await) {
        known.insert(*text, outcome.map_err(|error| failure(error, None))?);
    }
    Ok(batch.statements.iter().map(|statement| known[statement.sql.pg].clone()).collect())
}

/// What one statement gave: its rows, and how many rows it touched.
type Outcome = Result<(Vec<WireRow>, u64), Error>;

async fn execute(
    client: &tokio_postgres::Client,
    prepared: &tokio_postgres::Statement,
    params: &[crate::Value],
) -> Outcome {
    let mut stream = std::pin::pin!(client.query_raw(prepared, params).await?);
    let rows: Vec<WireRow> = stream.as_mut().try_collect().await?;
    let affected = stream.rows_affected().unwrap_or(rows.len() as u64);
    Ok((rows, affected))
}

/// The rows of each statement, or the first thing that went wrong: those after it fail only in its wake.
fn judge(
    batch: &Batch,
    prepared: &[tokio_postgres::Statement],
    outcomes: impl Iterator<Item = Outcome>,
) -> Result<Vec<Vec<Row>>, Failure> {
    let judged = batch.statements.iter().zip(prepared).zip(outcomes).map(|((statement, prepared), outcome)| {
        let (rows, affected) = outcome.map_err(|error| failure(error, statement.guard))?;
        if let Some(guard) = statement.broken_by(affected) {
            return Err(Failure::Final(CommitError::Conflict { guard }));
        }
        values::rows(statement.sql.lite, prepared.columns(), &rows).map_err(|error| failure(error, None))
    });
    judged.collect()
}

fn failure(error: Error, guard: Option<crate::Guard>) -> Failure {
    match error.code() {
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => Failure::Passing(error),
        _ => Failure::Final(refusal::of_commit(error, guard)),
    }
}

/// A client inside a transaction. Dropped before the end (the caller stopped waiting, the connection failed), the connection
/// is closed instead of going back to the pool, and the server rolls back.
struct Transaction(Option<Object>);

impl Transaction {
    fn client(&self) -> &tokio_postgres::Client {
        self.0.as_ref().expect("the client is there until the end")
    }

    fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(Object::take(client));
        }
    }
}

/// Runs all futures and gives their outputs. Each is polled first in the list's order, which is when tokio-postgres sends:
/// so the requests are on the wire in this order without waiting for each other. The answers come in the same order.
async fn in_order<T>(futures: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(maybe_done).collect();
    let mut done = 0;
    let mut sent = false;
    poll_fn(|cx| {
        if !sent {
            sent = true;
            for future in &mut running {
                let _ = Pin::new(future).poll_unpin(cx);
            }
        }
        while let Some(future) = running.get_mut(done) {
            if Pin::new(future).poll_unpin(cx).is_pending() {
                return Poll::Pending;
            }
            done += 1;
        }
        Poll::Ready(())
    })
    .await;
    let output = |mut future: MaybeDone<_>| Pin::new(&mut future).take_output().expect("every future is done");
    running.into_iter().map(output).collect()
}
