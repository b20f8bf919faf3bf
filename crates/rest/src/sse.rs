//! Server-sent events: how the console and SDKs hear of changes.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};
use http::header;
use serde::Serialize;

/// Proxies cut connections that are silent for a minute or less.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// One event; its data is sent as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<T> {
    /// What the browser sends as `Last-Event-ID` when it reconnects.
    pub id: Option<String>,
    /// What happened, such as `change`; the browser listens by this name.
    pub name: &'static str,
    /// The details.
    pub data: T,
}

/// Answers with `stream` as `text/event-stream`, with a comment as heartbeat each 15 s.
///
/// It ends when `stream` ends, or when an event cannot be written as JSON.
pub fn events<T: Serialize>(stream: impl Stream<Item = Event<T>> + Send + 'static) -> impl IntoResponse {
    let wire = stream.map(|event| {
        let wire = sse::Event::default().event(event.name).json_data(event.data)?;
        Ok::<_, axum::Error>(match event.id {
            Some(id) => wire.id(id),
            None => wire,
        })
    });
    (UNBUFFERED, Sse::new(wire).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// Answers with frames that are written already, heartbeats among them, as `text/event-stream`. It ends when they end.
///
/// A body that streams has no length, so HTTP/1.1 sends it in chunks: LaunchDarkly's Python SDK never starts without.
pub fn frames(frames: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static) -> Response {
    (UNBUFFERED, [(header::CONTENT_TYPE.as_str(), "text/event-stream")], Body::from_stream(frames)).into_response()
}

/// nginx buffers answers unless it is told not to; no-transform keeps compressing proxies from doing the same.
const UNBUFFERED: [(&str, &str); 2] = [("cache-control", "no-cache, no-transform"), ("x-accel-buffering", "no")];

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn events_carry_their_id_name_and_json() {
        let stream = futures_util::stream::iter([
            Event { id: Some("7".to_owned()), name: "change", data: serde_json::json!({"seq": 7}) },
            Event { id: None, name: "ready", data: serde_json::json!(null) },
        ]);
        let response = events(stream).into_response();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache, no-transform");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "event: change\ndata: {\"seq\":7}\nid: 7\n\nevent: ready\ndata: null\n\n");
    }
}
