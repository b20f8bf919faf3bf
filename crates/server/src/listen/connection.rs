//! One connection: requests by hyper, until one is answered with events. From then on these have the socket to themselves.
//!
//! hyper keeps, while it sends an answer, the buffers and timers of the next request. Behind a stream there is none, and
//! 10,000 streams would hold them all.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, Request, Version, header};
use http_body::Frame;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::chunks;
use crate::router;

/// hyper's smallest buffer: it bounds a request's head.
const BUFFER_BYTES: usize = 8 * 1024;
/// A client that does not begin by then, or does not finish its request's head, is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves one connection to its end; once `ending` is cancelled, no further request. Streams end by themselves.
pub(super) async fn serve(socket: TcpStream, router: Router, ending: CancellationToken) -> io::Result<()> {
    // No buffer before there is something to read: of thousands that come at once, most are connected long before they speak.
    let mut first = [0];
    let heard = tokio::select! {
        () = ending.cancelled() => return Ok(()),
        heard = timeout(HEADER_TIMEOUT, socket.peek(&mut first)) => heard,
    };
    let Ok(heard) = heard else { return Ok(()) };
    if heard? == 0 {
        return Ok(());
    }
    // In a place of its own, which is given back before the events begin.
    match Box::pin(requests(socket, router, ending)).await.map_err(io::Error::other)? {
        Some((socket, events)) => chunks::send(socket, events).await,
        None => Ok(()),
    }
}

/// Serves requests until the connection has ended, or has sent the head of an answer whose events are to follow.
async fn requests(
    socket: TcpStream,
    router: Router,
    ending: CancellationToken,
) -> hyper::Result<Option<(TcpStream, Body)>> {
    let handover = Arc::new(Handover::default());
    let socket = TokioIo::new(Socket { stream: socket, handover: Arc::clone(&handover) });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(socket, service_fn(|request| answer(request, router.clone(), Arc::clone(&handover))));
    let mut last = false;
    loop {
        let driven = poll_fn(|context| match Pin::new(&mut connection).poll(context) {
            Poll::Ready(ended) => Poll::Ready(ended.map(|()| None)),
            Poll::Pending => handover.take().map_or(Poll::Pending, |events| Poll::Ready(Ok(Some(events)))),
        });
        tokio::select! {
            driven = driven => {
                return Ok(driven?.map(|events| (connection.into_parts().io.into_inner().stream, events)));
            }
            () = ending.cancelled(), if !last => {
                last = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
}

/// The router's answer; of one with events the head, behind which hyper waits for the first.
async fn answer(request: Request<Incoming>, router: Router, handover: Arc<Handover>) -> Result<Response, Infallible> {
    // Only chunks can be told apart from the end of the connection, and a head alone has none.
    let chunked = request.version() == Version::HTTP_11 && request.method() != Method::HEAD;
    let mut answer = router::service(router).oneshot(request).await?;
    if !chunked || !is_event_stream(answer.headers()) {
        return Ok(answer);
    }
    // Nobody will read a further request, so that no proxy may send one when the events have ended (RFC 9112 §9.6).
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(answer.map(|events| Body::new(Awaited { events: Some(events), handover })))
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// What hyper, which owns socket and answer, lets the connection know of them.
#[derive(Default)]
struct Handover {
    /// The events, once hyper has written the head and asks for the first.
    events: Mutex<Option<Body>>,
    /// Whether the socket did not take all that hyper has written.
    full: AtomicBool,
}

impl Handover {
    /// The events, once there are some and everything before them was sent.
    fn take(&self) -> Option<Body> {
        if self.full.load(Ordering::Relaxed) {
            return None;
        }
        self.events.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body that hyper sees nothing of: asked for its first part, it is laid where the connection finds it.
struct Awaited {
    events: Option<Body>,
    handover: Arc<Handover>,
}

impl HttpBody for Awaited {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(events) = self.events.take() {
            *self.handover.events.lock().unwrap_or_else(PoisonError::into_inner) = Some(events);
        }
        Poll::Pending
    }
}

/// A socket that says whether it is full.
struct Socket {
    stream: TcpStream,
    handover: Arc<Handover>,
}

impl Socket {
    fn write(&mut self, write: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let written = write(Pin::new(&mut self.stream));
        self.handover.full.store(written.is_pending(), Ordering::Relaxed);
        written
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(|stream| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(|stream| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use axum::routing::get;
    use futures_util::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::oneshot;

    use super::*;

    /// So much that no socket takes it at once.
    const LARGE: usize = 32 << 20;

    fn events(events: impl stream::Stream<Item = Result<Bytes, Infallible>> + Send + 'static) -> Response {
        rest::sse::frames(events)
    }

    fn router() -> Router {
        let two = || async {
            events(stream::iter([Ok(Bytes::from("data: 1\n\n")), Ok(Bytes::new()), Ok("data: 2\n\n".into())]))
        };
        Router::new()
            .route("/events", get(two))
            .route("/word", get(async || "word"))
            .route("/large", get(async || vec![b'x'; LARGE].into_response()))
    }

    /// A client's socket, and what serves it.
    async fn connect(router: Router) -> (TcpStream, impl Future<Output = io::Result<()>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (socket, _) = listener.accept().await.unwrap();
        (client, serve(socket, router, CancellationToken::new()))
    }

    async fn said(requests: &str) -> String {
        let (mut client, served) = connect(router()).await;
        let mut said = String::new();
        let heard = async {
            client.write_all(requests.as_bytes()).await?;
            client.read_to_string(&mut said).await
        };
        tokio::try_join!(heard, served).unwrap();
        said
    }

    #[tokio::test]
    async fn events_follow_their_head_in_chunks_and_their_end_is_the_connections() {
        let said = said("GET /events HTTP/1.1\r\nhost: a\r\n\r\n").await;
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("\r\ndate: "), "{head}");
        assert!(
            head.contains("content-type: text/event-stream") && head.contains("transfer-encoding: chunked"),
            "{head}"
        );
        assert!(head.contains("connection: close"), "{head}");
        assert_eq!(body, "9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    }

    #[tokio::test]
    async fn events_wait_until_the_answers_before_them_were_sent() {
        let said = said("GET /large HTTP/1.1\r\nhost: a\r\n\r\nGET /events HTTP/1.1\r\nhost: a\r\n\r\n").await;
        let (before, events) = said.rsplit_once("HTTP/1.1 200 OK\r\n").unwrap();
        assert_eq!(before.split_once("\r\n\r\n").unwrap().1.len(), LARGE);
        assert!(events.ends_with("\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n"), "{events}");
    }

    #[tokio::test]
    async fn a_head_alone_keeps_the_connection_and_an_older_reader_is_sent_events_without_chunks() {
        let last = "GET /events HTTP/1.0\r\nhost: a\r\n\r\n";
        let said =
            said(&format!("HEAD /events HTTP/1.1\r\nhost: a\r\n\r\nGET /word HTTP/1.1\r\nhost: a\r\n\r\n{last}")).await;
        let answers: Vec<_> = said.split("HTTP/1.").collect();
        assert!(answers[1].contains("text/event-stream") && answers[1].ends_with("\r\n\r\n"), "{said}");
        assert!(answers[2].ends_with("\r\n\r\nword"), "{said}");
        assert!(!answers[3].contains("chunked") && answers[3].ends_with("\r\n\r\ndata: 1\n\ndata: 2\n\n"), "{said}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_is_cut_off_in_time_and_let_go_at_the_end() {
        let (mut client, served) = connect(router()).await;
        let begun = tokio::time::Instant::now();
        served.await.unwrap();
        assert_eq!((client.read(&mut [0]).await.unwrap(), begun.elapsed()), (0, HEADER_TIMEOUT));

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _silent = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let ending = CancellationToken::new();
        ending.cancel();
        serve(listener.accept().await.unwrap().0, router(), ending).await.unwrap();
    }

    #[tokio::test]
    async fn events_are_dropped_when_their_reader_has_gone() {
        let (held, dropped) = oneshot::channel::<()>();
        let held = Arc::new(Mutex::new(Some(held)));
        let endless = get(async move || {
            let held = held.lock().unwrap().take();
            events(stream::once(async move {
                let _held = held;
                std::future::pending().await
            }))
        });
        let (mut client, served) = connect(Router::new().route("/events", endless)).await;
        let leave = async {
            client.write_all(b"GET /events HTTP/1.1\r\nhost: a\r\n\r\n").await?;
            client.read_u8().await?;
            drop(client);
            Ok(())
        };
        // A reader that has not read everything breaks the connection.
        let (left, _) = tokio::join!(leave, served);
        left.unwrap_or_else(|error: io::Error| panic!("{error}"));
        dropped.await.unwrap_err();
    }
}
