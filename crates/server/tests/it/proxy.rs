//! A wire to PostgreSQL that can be cut: every connection through it is dropped, and none is let in until it is mended.

use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// The wire; it goes when it is dropped.
pub(crate) struct Proxy {
    url: String,
    whole: watch::Sender<bool>,
    _accepting: JoinSet<()>,
}

#[derive(Clone)]
enum Server {
    Socket(PathBuf),
    Tcp(String),
}

impl Proxy {
    /// Stands before the server of `postgres://…`, whose socket may be a file.
    pub(crate) async fn before(address: &str) -> Self {
        let mut url = Url::parse(address).unwrap();
        let host = url.host_str().unwrap().replace("%2F", "/");
        let port = url.port().unwrap_or(5432);
        let server = if host.starts_with('/') {
            Server::Socket(format!("{host}/.s.PGSQL.{port}").into())
        } else {
            Server::Tcp(format!("{host}:{port}"))
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(here.port())).unwrap();
        let (whole, seen) = watch::channel(true);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, server, seen));
        Self { url: url.into(), whole, _accepting: accepting }
    }

    /// The database's address through the wire.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on the database is gone.
    pub(crate) fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// From now on it may be reached again.
    pub(crate) fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn accept(listener: TcpListener, server: Server, whole: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        if *whole.borrow() {
            connections.spawn(connect(client, server.clone(), whole.clone()));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(client: TcpStream, server: Server, whole: watch::Receiver<bool>) {
    client.set_nodelay(true).unwrap();
    match server {
        Server::Socket(path) => carry(client, UnixStream::connect(path).await.unwrap(), whole).await,
        Server::Tcp(address) => carry(client, TcpStream::connect(address).await.unwrap(), whole).await,
    }
}

async fn carry(
    mut client: TcpStream,
    mut server: impl AsyncRead + AsyncWrite + Unpin,
    mut whole: watch::Receiver<bool>,
) {
    tokio::select! {
        // Either side may end as it likes.
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = whole.wait_for(|whole| !whole) => {}
    }
}
