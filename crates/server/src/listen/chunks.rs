//! Events on a socket of their own, each in a chunk as it comes (RFC 9112 §7.1).

use std::future::pending;
use std::io;

use axum::body::{Body, Bytes};
use bytes::Buf;
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const LINE_END: &[u8] = b"\r\n";
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Sends `events`, whose head was sent, until they end or their reader has gone, and closes the connection.
///
/// The next event is asked for once the socket has taken the last, so a slow reader holds one. Events that break off, or
/// that cannot be sent, are an error, and the reader sees a body without an end.
pub(super) async fn send(mut socket: TcpStream, events: Body) -> io::Result<()> {
    let mut events = events.into_data_stream();
    loop {
        let next = tokio::select! {
            biased;
            next = events.next() => next,
            gone = gone(&socket) => return gone,
        };
        match next {
            Some(Ok(event)) if event.is_empty() => {} // in chunks, this would be the end
            Some(Ok(event)) => send_chunk(&mut socket, event).await?,
            Some(Err(error)) => return Err(io::Error::other(error)),
            None => break,
        }
    }
    socket.write_all(LAST_CHUNK).await?;
    socket.shutdown().await
}

async fn send_chunk(socket: &mut TcpStream, event: Bytes) -> io::Result<()> {
    let size = format!("{:x}\r\n", event.len());
    socket.write_all_buf(&mut size.as_bytes().chain(event).chain(LINE_END)).await
}

/// Ends when the reader has closed its side, or the connection is broken.
async fn gone(socket: &TcpStream) -> io::Result<()> {
    loop {
        socket.readable().await?;
        match socket.try_read(&mut [0]) {
            Ok(0) => return Ok(()),
            // A next request. This answer is the connection's last, so nobody will answer it.
            Ok(_) => pending().await,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
