//! PostgreSQL: a pool of connections, the statements of a batch pipelined, a relay for pokes.

mod pipeline;
mod refusal;
mod relay;
mod values;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use futures_util::TryStreamExt;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};

use self::pipeline::Failure;
use self::relay::Session;
use crate::{
    Batch, CommitError, Dialect, MigrateError, Migration, OpenError, ReadError, Row, Source, Statement, migration,
};

/// Connections for reads and commits; one more listens.
const CONNECTIONS: usize = 16;

/// How long to wait for a connection, free or new, before the database counts as unavailable.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the server may leave sent bytes unacknowledged before the connection counts as lost.
const SILENCE: Duration = Duration::from_secs(10);

/// How often a batch that met a deadlock or a serialization failure is tried.
const ATTEMPTS: usize = 5;

/// The advisory lock under which migrations run: "steadfas" as a number.
const MIGRATION_LOCK: i64 = i64::from_be_bytes(*b"steadfas");

pub(crate) struct Postgres {
    pool: Pool,
    config: Config,
    pokes: watch::Sender<u64>,
    /// Tells the relay that other nodes are to be poked.
    news: Arc<Notify>,
    /// Owns the relay's task, which so ends with the last handle.
    _relay: JoinSet<()>,
}

impl Postgres {
    pub(crate) async fn open(url: &str, pokes: watch::Sender<u64>) -> Result<Self, OpenError> {
        let config = parse(url)?;
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config.clone(), NoTls, manager_config))
            .max_size(CONNECTIONS)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build()
            .expect("a runtime is set, which is all that can be missing");
        let first = pool.get().await;
        drop(first.map_err(|error| OpenError::Unavailable { place: place(&config), source: error.into() })?);
        let news = Arc::new(Notify::new());
        let mut relay = JoinSet::new();
        relay.spawn(relay::run(config.clone(), Arc::clone(&news), pokes.clone()));
        Ok(Self { pool, config, pokes, news, _relay: relay })
    }

    pub(crate) async fn commit(&self, batch: &Batch) -> Result<Vec<Vec<Row>>, CommitError> {
        let mut attempts = ATTEMPTS;
        let rows = loop {
            attempts -= 1;
            let client = self.client().await.map_err(CommitError::Unavailable)?;
            match pipeline::commit(client, batch).await {
                Ok(rows) => break rows,
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error)) if attempts == 0 => return Err(CommitError::Unavailable(error.into())),
                Err(Failure::Passing(error)) => tracing::debug!(%error, "a batch is tried again"),
            }
        };
        if !batch.quiet {
            self.pokes.send_modify(|count| *count = count.wrapping_add(1));
            self.news.notify_one();
        }
        Ok(rows)
    }

    pub(crate) async fn read(&self, statement: &Statement) -> Result<Vec<Row>, ReadError> {
        let client = self.client().await.map_err(ReadError::Unavailable)?;
        let prepared = client.prepare_cached(statement.sql.pg).await.map_err(refusal::of_read)?;
        let stream = client.query_raw(&prepared, &statement.params).await.map_err(refusal::of_read)?;
        let rows: Vec<_> = stream.try_collect().await.map_err(refusal::of_read)?;
        values::rows(statement.sql.lite, prepared.columns(), &rows).map_err(refusal::of_read)
    }

    pub(crate) async fn migrate(&self, migrations: &[Migration]) -> Result<(), MigrateError> {
        let unavailable = |error: tokio_postgres::Error| MigrateError::Unavailable(error.into());
        // Its own connection: the advisory lock goes with it, however this ends.
        let session = Session::open(&self.config).await.map_err(unavailable)?;
        let lock = format!("SELECT pg_advisory_lock({MIGRATION_LOCK})");
        session.client.batch_execute(&lock).await.map_err(unavailable)?;
        session.client.batch_execute(migration::TABLE).await.map_err(unavailable)?;
        for migration in migrations {
            let failed =
                |error: tokio_postgres::Error| MigrateError::Failed { name: migration.name, source: error.into() };
            apply(&session.client, migration).await.map_err(failed)?;
        }
        Ok(())
    }

    #[cfg(feature = "testing")]
    pub(crate) async fn check(&self, sql: crate::Sql) -> Result<(), ReadError> {
        let client = self.client().await.map_err(ReadError::Unavailable)?;
        let prepared = client.prepare(sql.pg).await.map_err(refusal::of_read)?;
        values::check(prepared.params(), prepared.columns()).map_err(|reason| ReadError::Broken(reason.into()))
    }

    async fn client(&self) -> Result<Object, Source> {
        self.pool.get().await.map_err(|error: PoolError| error.into())
    }
}

fn parse(url: &str) -> Result<Config, OpenError> {
    // These are words of libpq that the library does not know; they all ask for TLS.
    if ["sslmode=verify-ca", "sslmode=verify-full"].iter().any(|word| url.contains(word)) {
        return Err(OpenError::TlsUnsupported);
    }
    let mut config = Config::from_str(url).map_err(|error| OpenError::BadAddress(error.into()))?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(OpenError::TlsUnsupported);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
    if config.get_application_name().is_none() {
        config.application_name("steadfast");
    }
    Ok(config)
}

/// Where it is, for people; never with a password.
fn place(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    format!("{} on {hosts}", config.get_dbname().or(config.get_user()).unwrap_or_default())
}

async fn apply(client: &tokio_postgres::Client, migration: &Migration) -> Result<(), tokio_postgres::Error> {
    client.batch_execute("BEGIN").await?;
    let added = "INSERT INTO migration (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
    if client.execute(added, &[&migration.name]).await? == 1 {
        client.batch_execute(&migration.text(Dialect::Postgres)).await?;
    }
    client.batch_execute("COMMIT").await
}
