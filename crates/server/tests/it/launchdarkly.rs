//! A stand-in for LaunchDarkly: it speaks only what an edge asks of it, `/all` and `/bulk`, and lies on demand.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What it does with who asks for the stream.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    /// Begins with this payload, and then says these frames as they come.
    Honest(Value),
    /// Answers with this status.
    Status(u16),
    /// Says this instead of events.
    Says(&'static str),
    /// Sends one event without an end.
    Endless,
    /// Takes the request and never answers.
    Mute,
}

#[derive(Clone)]
struct Stage {
    mood: watch::Sender<Mood>,
    frames: tokio::sync::broadcast::Sender<String>,
    posts: Arc<Mutex<Vec<Post>>>,
    refusals: Arc<Mutex<u32>>,
}

/// An event post that it took or refused.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// It goes when it is dropped.
pub(crate) struct LaunchDarkly {
    pub(crate) url: String,
    stage: Stage,
    _serving: JoinSet<()>,
}

impl LaunchDarkly {
    pub(crate) async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stage = Stage {
            mood: watch::Sender::new(mood),
            frames: tokio::sync::broadcast::Sender::new(64),
            posts: Arc::default(),
            refusals: Arc::default(),
        };
        let router = Router::new().route("/all", get(all)).route("/bulk", post(bulk)).with_state(stage.clone());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, stage, _serving: serving }
    }

    /// From now on it is like this; streams of before end.
    pub(crate) fn turn(&self, mood: Mood) {
        self.stage.mood.send_replace(mood);
    }

    /// Says something to all who follow.
    pub(crate) fn say(&self, event: &str, data: &Value) {
        self.stage.frames.send(format!("event: {event}\ndata: {data}\n\n")).unwrap();
    }

    /// Whether anybody follows.
    pub(crate) fn is_followed(&self) -> bool {
        self.stage.frames.receiver_count() > 0
    }

    /// The next so many event posts are answered with 503.
    pub(crate) fn refuse_posts(&self, times: u32) {
        *self.stage.refusals.lock().unwrap() = times;
    }

    /// All event posts so far.
    pub(crate) fn posts(&self) -> Vec<Post> {
        self.stage.posts.lock().unwrap().clone()
    }
}

async fn all(State(stage): State<Stage>, headers: HeaderMap) -> Response {
    if headers.get("authorization").is_none_or(|key| key != "sdk-fake") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut moods = stage.mood.subscribe();
    let mood = moods.borrow_and_update().clone();
    let head = [("content-type", "text/event-stream"), ("x-ld-envid", "65f0c0ffee")];
    match mood {
        Mood::Honest(payload) => {
            let put = format!("event: put\ndata: {}\n\n", json!({"path": "/", "data": payload}));
            let frames = stage.frames.subscribe();
            let frames = stream::unfold(frames, |mut frames| async move {
                let frame = frames.recv().await.ok()?;
                Some((frame, frames))
            });
            let frames = stream::once(async { put }).chain(frames).map(Ok::<_, Infallible>);
            let until_turned = frames.take_until(async move { moods.changed().await.is_ok() });
            (head, Body::from_stream(until_turned)).into_response()
        }
        Mood::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Mood::Says(text) => (head, text).into_response(),
        Mood::Endless => {
            let endless = stream::repeat("x".repeat(1 << 20));
            let event = stream::once(async { "data: ".to_owned() }).chain(endless).map(Ok::<_, Infallible>);
            (head, Body::from_stream(event.take_until(async move { moods.changed().await.is_ok() }))).into_response()
        }
        Mood::Mute => {
            let _turned = moods.changed().await;
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

async fn bulk(State(stage): State<Stage>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let refused = {
        let mut refusals = stage.refusals.lock().unwrap();
        let refused = *refusals > 0;
        *refusals = refusals.saturating_sub(1);
        refused
    };
    let status = if refused { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::ACCEPTED };
    stage.posts.lock().unwrap().push(Post { status: status.as_u16(), headers, body });
    status
}
