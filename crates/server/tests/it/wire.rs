//! What tests see of the outside: SDK streams over HTTP, and things that come about in their own time.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde_json::Value;

/// Longer than anything here takes on a loaded machine; a lease of a dead node is waited for 10 s, a claim 15 s.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Looks until it is so; fails when it never is.
pub(crate) async fn eventually(what: &str, mut look: impl AsyncFnMut() -> bool) {
    let looking = async {
        while !look().await {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "it never came about: {what}");
}

/// What an SDK's stream says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Frame {
    /// `put`, `patch` or `delete` with its data.
    Event(String, Value),
    /// An event without a name, with its id: OFREP's.
    Message(String, Value),
    /// A comment.
    Heartbeat,
}

impl Frame {
    /// The data of the event `name`.
    #[track_caller]
    pub(crate) fn data(self, name: &str) -> Value {
        match self {
            Self::Event(event, data) if event == name => data,
            other => panic!("a {name} was expected: {other:?}"),
        }
    }

    /// The data of a hint, whose tag is its id.
    #[track_caller]
    pub(crate) fn hint(self) -> Value {
        match self {
            Self::Message(id, data) if data["type"] == "refetchEvaluation" => {
                assert_eq!(data["etag"], format!("\"{id}\""));
                data
            }
            other => panic!("a hint was expected: {other:?}"),
        }
    }
}

/// Reads server-sent events (WHATWG HTML §9.2) from chunks that end anywhere.
pub(crate) struct Frames<S> {
    chunks: S,
    read: String,
}

impl<S, E> Frames<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    pub(crate) fn of(chunks: S) -> Self {
        Self { chunks, read: String::new() }
    }

    /// The next frame; `None` when the stream has ended, in whatever way.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        let reading = async {
            loop {
                if let Some(end) = self.read.find("\n\n") {
                    let block: String = self.read.drain(..end + 2).collect();
                    return Some(frame(&block));
                }
                let chunk = self.chunks.next().await?.ok()?;
                self.read.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("the stream says something, or ends")
    }
}

fn frame(block: &str) -> Frame {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    match (field("event:"), field("data:")) {
        (Some(name), Some(data)) => Frame::Event(name.to_owned(), serde_json::from_str(data).unwrap()),
        (None, Some(data)) => {
            Frame::Message(field("id:").unwrap_or_default().to_owned(), serde_json::from_str(data).unwrap())
        }
        _ => Frame::Heartbeat,
    }
}

/// Opens the stream of a server SDK over the network; `None` when it is not let in or nobody answers.
pub(crate) async fn open_stream(
    url: &str,
    sdk_key: &str,
) -> Option<Frames<impl Stream<Item = reqwest::Result<Bytes>> + Unpin + use<>>> {
    let response = client().get(format!("{url}/all")).header("authorization", sdk_key).send().await.ok()?;
    response.status().is_success().then(|| Frames::of(response.bytes_stream()))
}

/// A client for loopback.
pub(crate) fn client() -> reqwest::Client {
    // Whoever comes first in the process sets it; all set the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
