//! Redis under a lock: whatever is written, is written whole, and only while nobody else has taken over.

use std::collections::HashMap;
use std::time::Duration;

use kernel::Revision;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Pipeline, RedisError};

use crate::layout::{Layout, Progress};

/// A Redis that takes longer is away.
const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(15);
/// So many keys are looked at, and deleted, at once.
const STRIDE: usize = 1_000;

/// Why Redis does not have what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("Redis does not do what it is asked")]
    Redis(#[from] RedisError),
    #[error("another node fills this Redis now")]
    TakenOver,
}

/// A connection on which this node is the one that writes.
pub(crate) struct Store {
    connection: MultiplexedConnection,
    layout: Layout,
    /// What the lock holds for as long as nobody has taken over.
    token: String,
}

/// What Redis says that it has.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// `None` when it was never filled, or was emptied by somebody.
    pub(crate) cursor: Option<Revision>,
    /// By generation.
    pub(crate) progress: HashMap<i64, Progress>,
}

/// Connects; for one task alone, since a transaction watches the connection's keys.
pub(crate) async fn connect(client: &Client) -> Result<MultiplexedConnection, RedisError> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(ANSWER));
    client.get_multiplexed_async_connection_with_config(&config).await
}

impl Store {
    /// Takes over: what another node writes from now on is refused.
    pub(crate) async fn take_over(
        mut connection: MultiplexedConnection,
        layout: Layout,
        token: String,
    ) -> Result<Self, StoreError> {
        redis::cmd("SET").arg(layout.lock()).arg(&token).query_async::<()>(&mut connection).await?;
        Ok(Self { connection, layout, token })
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) async fn held(&mut self) -> Result<Held, StoreError> {
        let (cursor, progress): (Option<String>, HashMap<String, String>) = redis::pipe()
            .cmd("GET")
            .arg(self.layout.cursor())
            .cmd("HGETALL")
            .arg(self.layout.progress())
            .query_async(&mut self.connection)
            .await?;
        let cursor = cursor.and_then(|cursor| cursor.parse().ok()).map(Revision);
        let progress =
            progress.iter().filter_map(|(generation, text)| Some((generation.parse().ok()?, Progress::read(text)?)));
        Ok(Held { cursor, progress: progress.collect() })
    }

    /// Writes all of it, or nothing when another node has taken over.
    pub(crate) async fn write(&mut self, mut pipe: Pipeline) -> Result<(), StoreError> {
        let lock = self.layout.lock();
        redis::cmd("WATCH").arg(&lock).query_async::<()>(&mut self.connection).await?;
        let holder: Option<String> = redis::cmd("GET").arg(&lock).query_async(&mut self.connection).await?;
        if holder.as_ref() != Some(&self.token) {
            redis::cmd("UNWATCH").query_async::<()>(&mut self.connection).await?;
            return Err(StoreError::TakenOver);
        }
        // Whatever else the transaction does, it gives this one's answer: so its absence says that it did nothing.
        pipe.atomic().cmd("GET").arg(&lock);
        let done: Option<(Option<String>,)> = pipe.query_async(&mut self.connection).await?;
        done.map(drop).ok_or(StoreError::TakenOver)
    }

    /// Deletes what SDKs read and all that was noted: what is there is of a database that is no more.
    pub(crate) async fn clear(&mut self) -> Result<(), StoreError> {
        let mut pipe = redis::pipe();
        let (cursor, progress, stamp) = (self.layout.cursor(), self.layout.progress(), self.layout.synchronized_on());
        pipe.cmd("DEL").arg(cursor).arg(progress).arg(stamp).ignore();
        self.write(pipe).await?;
        let mut place = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(place).arg("MATCH").arg(self.layout.members()).arg("COUNT").arg(STRIDE);
            let (next, keys): (u64, Vec<String>) = scan.query_async(&mut self.connection).await?;
            if !keys.is_empty() {
                let mut pipe = redis::pipe();
                pipe.cmd("UNLINK").arg(keys).ignore();
                self.write(pipe).await?;
            }
            if next == 0 {
                return Ok(());
            }
            place = next;
        }
    }
}
