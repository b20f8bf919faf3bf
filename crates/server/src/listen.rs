//! The listener: our own accept loop on hyper's HTTP/1 builder.
//!
//! Why not `axum::serve`: an idle stream costs 7 KiB here against 23 KiB there (`feasibility.md` §3.1), and HTTP/1.1 with
//! chunked bodies is the only form of stream that every LaunchDarkly SDK reads (§5.4).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use runtime::Tasks;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::router;

/// Connections at once; a process here may hold 20,000 descriptors, and the rest are for files and the database.
const MAX_CONNECTIONS: usize = 16_000;
/// hyper's smallest buffer: it bounds a request's head, and what an idle stream holds.
const BUFFER_BYTES: usize = 8 * 1024;
/// A client that does not finish its request's head by then is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests under way at shutdown may take this long; streams are told to end at once.
const DRAIN: Duration = Duration::from_secs(5);
/// Where `serve` listens when nobody says; the next free port when this one is taken.
const USUAL: &str = "127.0.0.1:8080";

/// Binds `wanted`, or the usual address, or any free port of this machine when nobody asked and the usual one is taken.
pub async fn bind(wanted: Option<SocketAddr>) -> io::Result<TcpListener> {
    match wanted {
        Some(address) => TcpListener::bind(address).await,
        None => match TcpListener::bind(USUAL).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => TcpListener::bind("127.0.0.1:0").await,
            result => result,
        },
    }
}

/// Serves `router` until shutdown begins, then lets what is under way end.
pub async fn serve(listener: TcpListener, router: Router, tasks: Tasks) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let stop = tasks.stop();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, place)) => connect(stream, place, &router, &graceful, &tasks),
            Err(error) => {
                // Out of descriptors, mostly: waiting is all that helps, and a busy loop would not.
                tracing::warn!(error = %error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::info!("some connections did not end in time and were cut");
    }
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

fn connect(
    stream: TcpStream,
    place: OwnedSemaphorePermit,
    router: &Router,
    graceful: &GracefulShutdown,
    tasks: &Tasks,
) {
    let service = TowerToHyperService::new(router::service(router.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(connection);
    tasks.spawn("connection", async move {
        if let Err(error) = watched.await {
            tracing::debug!(error = %error, "a connection ended early");
        }
        drop(place);
    });
}
