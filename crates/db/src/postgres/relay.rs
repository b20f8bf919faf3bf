//! Pokes between nodes: one connection that listens, and notifies once for all commits since it last did.
//!
//! A NOTIFY in each transaction would halve the commit rate (`feasibility.md` §1, rule 2). It carries no data: a poke lost with
//! the connection is made up for by one when it is back.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::poll_fn;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio_postgres::{AsyncMessage, Client, Config, Error, NoTls};

/// At most one NOTIFY in so long: what is committed in between goes with the next.
const GAP: Duration = Duration::from_millis(5);

/// How long to wait before connecting again: at first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Keeps a session up for ever.
pub(super) async fn run(config: Config, news: Arc<Notify>, pokes: watch::Sender<u64>) {
    let poke = || pokes.send_modify(|count| *count = count.wrapping_add(1));
    let mut pause = PAUSE.0;
    loop {
        let ended = match Session::listen(&config).await {
            Ok(session) => {
                pause = PAUSE.0;
                // Whatever was committed elsewhere while nobody listened.
                poke();
                news.notify_one();
                session.relay(&news, poke).await.map(|never| match never {})
            }
            Err(error) => Err(Some(error)),
        };
        let error = ended.err().flatten().map_or_else(|| "connection closed".to_owned(), |error| error.to_string());
        tracing::warn!(error, "lost the connection that listens for other nodes; connecting again");
        tokio::time::sleep(pause).await;
        // Where nobody can listen, those who follow the log poll it.
        poke();
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// A connection of its own, outside the pool; closed when dropped.
pub(super) struct Session {
    pub(super) client: Client,
    /// The backend that sent each notification.
    senders: mpsc::UnboundedReceiver<i32>,
    _pump: JoinSet<()>,
}

impl Session {
    pub(super) async fn open(config: &Config) -> Result<Self, Error> {
        let (client, mut connection) = config.connect(NoTls).await?;
        // Unbounded, since the pump must never wait: it also carries the answers to whoever drains the channel.
        let (sender, senders) = mpsc::unbounded_channel();
        let mut pump = JoinSet::new();
        pump.spawn(async move {
            // An error is seen by the client too; the end of this task closes the channel.
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notification(notification) = message {
                    // Nobody listens to a session that only migrates.
                    let _ = sender.send(notification.process_id());
                }
            }
        });
        Ok(Self { client, senders, _pump: pump })
    }

    async fn listen(config: &Config) -> Result<Self, Error> {
        let session = Self::open(config).await?;
        session.client.batch_execute("LISTEN steadfast").await?;
        Ok(session)
    }

    /// Relays until the connection fails.
    async fn relay(mut self, news: &Notify, poke: impl Fn()) -> Result<Infallible, Option<Error>> {
        let ours: i32 = self.client.query_one("SELECT pg_backend_pid()", &[]).await?.get(0);
        let mut gap = pin!(tokio::time::sleep(Duration::ZERO));
        loop {
            tokio::select! {
                sender = self.senders.recv() => match sender {
                    Some(pid) if pid == ours => {}
                    Some(_) => poke(),
                    None => return Err(None),
                },
                () = async { gap.as_mut().await; news.notified().await } => {
                    self.client.batch_execute("NOTIFY steadfast").await?;
                    gap.set(tokio::time::sleep(GAP));
                }
            }
        }
    }
}
