//! Events on a socket of their own, each in a chunk as it comes (RFC 9112 §7.1).

use std::future::pending;
use std::io;
use std::time::Duration;

use axum::body::Body;
use bytes::Buf;
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A reader that takes nothing for so long is stopped or gone, and cut off: while it holds the socket up, it also holds
/// what was let in for it, and a machine that is gone without a goodbye would do so for a quarter of an hour.
const STALLED: Duration = Duration::from_mins(1);
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
            Some(Ok(event)) => {
                let size = format!("{:x}\r\n", event.len());
                write(&mut socket, size.as_bytes().chain(event).chain(LINE_END)).await?;
            }
            Some(Err(error)) => return Err(io::Error::other(error)),
            None => break,
        }
    }
    write(&mut socket, LAST_CHUNK).await?;
    socket.shutdown().await
}

async fn write(socket: &mut TcpStream, mut bytes: impl Buf) -> io::Result<()> {
    while bytes.has_remaining() {
        if timeout(STALLED, socket.write_buf(&mut bytes)).await?? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;

    /// So much that no socket takes it at once.
    const LARGE: usize = 32 << 20;

    /// A reader's socket, and what sends it one large event.
    async fn sent() -> (TcpStream, impl Future<Output = io::Result<()>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let reader = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (socket, _) = listener.accept().await.unwrap();
        (reader, send(socket, Body::from_stream(stream::iter([Ok::<_, Infallible>(vec![b'x'; LARGE])]))))
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_cut_off() {
        let (_reader, sent) = sent().await;
        let begun = tokio::time::Instant::now();
        assert_eq!(sent.await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed(), STALLED);
    }

    #[tokio::test]
    async fn a_reader_that_takes_its_time_is_sent_everything() {
        let (mut reader, sent) = sent().await;
        let slowly = async {
            let mut taken = 0;
            let mut some = vec![0; 64 << 10];
            loop {
                match reader.read(&mut some).await? {
                    0 => return Ok(taken),
                    n => taken += n,
                }
                tokio::task::yield_now().await;
            }
        };
        let (taken, ()) = tokio::try_join!(slowly, sent).unwrap();
        assert_eq!(taken, "2000000\r\n".len() + LARGE + "\r\n0\r\n\r\n".len());
    }
}
