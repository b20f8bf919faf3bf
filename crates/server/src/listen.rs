//! The listener: our own accept loop on hyper's HTTP/1 builder.
//!
//! Why not `axum::serve`: an idle stream costs 1 KiB here against 23 KiB there (`feasibility.md` §3.1), and HTTP/1.1 with
//! chunked bodies is the only form of stream that every LaunchDarkly SDK reads (§5.4).

mod chunks;
mod connection;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use delivery::Admission;
use runtime::Tasks;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// Connections at once, however many descriptors there are: each costs the kernel some KiB.
const MAX_CONNECTIONS: u64 = 65_536;
/// Descriptors that are kept for files, the database and what we ask of others.
const KEPT_DESCRIPTORS: u64 = 512;
/// One connection in so many is no stream's: people and their levers get through when SDKs have taken all that is theirs.
const FOR_REQUESTS: usize = 16;
/// Connections that wait to be accepted; the kernel has its own bound, 4,096 on Linux since 5.4.
const BACKLOG: u32 = 4_096;
/// Requests under way at shutdown may take this long, when all streams have ended.
const LAST_REQUESTS: Duration = Duration::from_secs(5);
/// Where `serve` listens when nobody says; the next free port when this one is taken.
const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Any free port of this machine.
const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How much a process may serve at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Connections of every kind.
    pub connections: usize,
    /// Of these, streams of SDKs.
    pub streams: usize,
}

impl Capacity {
    /// As much as this process can be given descriptors for: the soft limit, often 1,024, is raised to the hard one.
    pub fn raised() -> io::Result<Self> {
        Ok(Self::of(rlimit::increase_nofile_limit(MAX_CONNECTIONS + KEPT_DESCRIPTORS)?))
    }

    fn of(descriptors: u64) -> Self {
        let connections = descriptors.saturating_sub(KEPT_DESCRIPTORS).max(descriptors / 2).min(MAX_CONNECTIONS);
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        Self { connections, streams: connections - connections / FOR_REQUESTS }
    }
}

/// Binds `wanted`, or the usual address, or any free port of this machine when nobody asked and the usual one is taken.
pub fn bind(wanted: Option<SocketAddr>) -> io::Result<TcpListener> {
    match wanted {
        Some(address) => listen(address),
        None => match listen(USUAL) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => listen(ANY),
            result => result,
        },
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Else a server that comes back waits for the connections of the one before to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `router` on up to `most` connections until callers are to be let go. Then nobody is let in, streams end as
/// `admission` tells them, and what is under way ends.
pub async fn serve(listener: TcpListener, router: Router, (most, admission): (usize, Admission), tasks: Tasks) {
    let places = Arc::new(Semaphore::new(most));
    let ending = CancellationToken::new();
    let drain = tasks.drain();
    loop {
        let accepted = tokio::select! {
            () = drain.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, place)) => connect((stream, place), &router, &ending, &tasks),
            Err(error) => {
                // Out of descriptors, mostly: waiting is all that helps, and a busy loop would not.
                tracing::warn!(error = %error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    // Who comes now is refused at once, and asks another node, instead of waiting for one that will not answer.
    drop(listener);
    ending.cancel();
    let patience = admission.longest_drain() + LAST_REQUESTS;
    let everything = u32::try_from(most).unwrap_or(u32::MAX);
    if tokio::time::timeout(patience, places.acquire_many(everything)).await.is_err() {
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
    (stream, place): (TcpStream, OwnedSemaphorePermit),
    router: &Router,
    ending: &CancellationToken,
    tasks: &Tasks,
) {
    // In one place of its own: each layer of a task would hold it once more while it passes it on.
    let served = Box::pin(connection::serve(stream, router.clone(), ending.clone()));
    tasks.spawn("connection", async move {
        if let Err(error) = served.await {
            tracing::debug!(error = %error, "a connection ended early");
        }
        drop(place);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_leave_places_for_requests_and_descriptors_for_files() {
        for (descriptors, connections, streams) in
            [(20_000, 19_488, 18_270), (1_024, 512, 480), (256, 128, 120), (u64::MAX, 65_536, 61_440)]
        {
            assert_eq!(Capacity::of(descriptors), Capacity { connections, streams }, "{descriptors}");
        }
    }
}
