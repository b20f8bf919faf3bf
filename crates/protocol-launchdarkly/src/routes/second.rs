//! The endpoints of the second generation: polls and streams, for servers and for clients.

use std::convert::Infallible;

use access::{Need, Rule};
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::compression::CompressionLayer;

use super::client::admit;
use super::{cors, event_stream};
use crate::client::{Now, Subscription, Told, Wish};
use crate::context::{Asked, MAX_CONTEXT};
use crate::key::{Browser, Door, Mobile, Server, Visitor};
use crate::second::{self, Basis, Differences, SecondGeneration};
use crate::status::StatusResponse;
use crate::{Sdks, evaluated, stream};

/// Access: each endpoint checks the key itself. REPORT comes as POST (see [`crate::report_as_post`]).
pub const RULES: &[Rule] = &[
    Rule::get("/sdk/poll", Need::SdkKey),
    Rule::get("/sdk/stream", Need::SdkKey),
    Rule::get("/sdk/poll/eval/{context}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/sdk/poll/eval/{context}", Need::SdkKey),
    Rule::post("/sdk/poll/eval", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/sdk/poll/eval", Need::SdkKey),
    Rule::get("/sdk/stream/eval/{context}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/sdk/stream/eval/{context}", Need::SdkKey),
    Rule::post("/sdk/stream/eval", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/sdk/stream/eval", Need::SdkKey),
];

/// Every endpoint of the second generation.
pub(super) fn routes() -> axum::Router<Sdks> {
    let polls = axum::Router::new()
        .route("/sdk/poll/eval/{context}", get(poll_values).options(preflight_get))
        .route("/sdk/poll/eval", post(poll_values).options(preflight_post))
        .layer(CompressionLayer::new());
    let clients = axum::Router::new()
        .route("/sdk/stream/eval/{context}", get(stream_values).options(preflight_get))
        .route("/sdk/stream/eval", post(stream_values).options(preflight_post))
        .merge(polls)
        .layer(DefaultBodyLimit::max(MAX_CONTEXT))
        .layer(map_response(cors::open));
    axum::Router::new()
        .route("/sdk/poll", get(poll).layer(CompressionLayer::new()))
        .route("/sdk/stream", get(stream_changes))
        .merge(clients)
}

impl<S: Sync> FromRequestParts<S> for Basis {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.query().unwrap_or_default()))
    }
}

/// A page, which names its environment in the query, or an app, which sends its key in a header.
enum Caller {
    Page(Visitor<Browser>),
    App(Visitor<Mobile>),
}

impl FromRequestParts<Sdks> for Caller {
    type Rejection = StatusResponse;

    async fn from_request_parts(parts: &mut Parts, sdks: &Sdks) -> Result<Self, StatusResponse> {
        let query = parts.uri.query().unwrap_or_default();
        let id = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "auth");
        match id.map(|(_, id)| id.into_owned()) {
            Some(id) => Visitor::enter(sdks, id, parts).await.map(Self::Page),
            None => Visitor::from_request_parts(parts, sdks).await.map(Self::App),
        }
    }
}

/// `GET /sdk/poll`: the difference to what the SDK has.
async fn poll(visitor: Visitor<Server>, basis: Basis) -> Response {
    json(visitor.environment(), second::poll(&basis, &visitor.snapshot))
}

/// `GET /sdk/stream`: the same at once, then each change.
async fn stream_changes(
    State(sdks): State<Sdks>,
    visitor: Visitor<Server>,
    basis: Basis,
) -> Result<Response, StatusResponse> {
    let environment = visitor.environment();
    let admitted = sdks.admission.admit(visitor.snapshot.put_frame().len()).await?;
    let Visitor { key, snapshot, seen, .. } = visitor;
    let changes = sdks.snapshots.subscribe(&snapshot.place).ok_or_else(StatusResponse::away)?;
    let frames = stream::frames((sdks.snapshots, key), changes, Differences::to(basis));
    Ok(event_stream(environment, (admitted, seen), frames))
}

/// `GET /sdk/poll/eval/{context}`, and `POST /sdk/poll/eval` with the context as body.
async fn poll_values(
    State(sdks): State<Sdks>,
    caller: Caller,
    wish: Wish,
    basis: Basis,
    asked: Asked,
) -> Result<Response, StatusResponse> {
    match caller {
        Caller::Page(visitor) => values(&sdks, &visitor, (&wish, &basis), asked).await,
        Caller::App(visitor) => values(&sdks, &visitor, (&wish, &basis), asked).await,
    }
}

async fn values<D: Door>(
    sdks: &Sdks,
    visitor: &Visitor<D>,
    (wish, basis): (&Wish, &Basis),
    asked: Asked,
) -> Result<Response, StatusResponse> {
    admit(sdks, visitor, wish, &asked)?;
    let snapshot = &*visitor.snapshot;
    let context = asked.context.at(sdks.snapshots.moment());
    let memberships = sdks.snapshots.memberships(snapshot.compiled(), &context).await;
    let whom = (&context, &memberships);
    let flags = evaluated::all(snapshot, Visitor::<D>::audience(), whom, wish.with_reasons);
    let now = Now { snapshot, flags: &flags, told: &Told::all(&flags) };
    Ok(json(visitor.environment(), second::poll_values(basis, &now)))
}

/// `GET /sdk/stream/eval/{context}`, and `POST /sdk/stream/eval` with the context as body.
async fn stream_values(
    State(sdks): State<Sdks>,
    caller: Caller,
    wish: Wish,
    basis: Basis,
    asked: Asked,
) -> Result<Response, StatusResponse> {
    match caller {
        Caller::Page(visitor) => follow(&sdks, visitor, (wish, basis), asked).await,
        Caller::App(visitor) => follow(&sdks, visitor, (wish, basis), asked).await,
    }
}

async fn follow<D: Door>(
    sdks: &Sdks,
    visitor: Visitor<D>,
    (wish, basis): (Wish, Basis),
    asked: Asked,
) -> Result<Response, StatusResponse> {
    admit(sdks, &visitor, &wish, &asked)?;
    let (environment, seen) = (visitor.environment(), visitor.seen.clone());
    let admitted = sdks.admission.admit(visitor.snapshot.put_frame().len()).await?;
    let subscription = Subscription::new(sdks, visitor, (wish, asked.text), SecondGeneration::since(basis));
    let subscription = subscription.ok_or_else(StatusResponse::away)?;
    Ok(event_stream(environment, (admitted, seen), subscription.frames()))
}

async fn preflight_get(_: Caller) -> HeaderMap {
    cors::preflight("GET, OPTIONS")
}

async fn preflight_post(_: Caller) -> HeaderMap {
    cors::preflight("POST, REPORT, OPTIONS")
}

fn json(environment: (HeaderName, HeaderValue), body: Bytes) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let cache = (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    ([kind, cache, environment], body).into_response()
}
