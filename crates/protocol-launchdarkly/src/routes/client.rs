//! Client-side SDKs: flags are evaluated here, for one context, and each sees only what it may (`launchdarkly.md` §1.4).

use access::{Need, Rule};
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tower_http::compression::CompressionLayer;

use super::{beacon, cors, event_stream, events, matches_tag};
use crate::client::{FirstGeneration, Subscription, Wish, pings};
use crate::context::{Asked, MAX_CONTEXT};
use crate::evaluated::{self, AsMap};
use crate::key::{Browser, Door, Mobile, Server, Visitor, may_ask};
use crate::status::StatusResponse;
use crate::{Sdks, body};

/// Access: each endpoint checks the key itself. REPORT comes as POST (see [`crate::report_as_post`]).
pub const RULES: &[Rule] = &[
    Rule::get("/sdk/evalx/{env}/contexts/{context}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/sdk/evalx/{env}/contexts/{context}", Need::SdkKey),
    Rule::get("/sdk/evalx/{env}/users/{context}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/sdk/evalx/{env}/users/{context}", Need::SdkKey),
    Rule::post("/sdk/evalx/{env}/context", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/sdk/evalx/{env}/context", Need::SdkKey),
    Rule::post("/sdk/evalx/{env}/user", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/sdk/evalx/{env}/user", Need::SdkKey),
    Rule::get("/eval/{env}/{context}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/eval/{env}/{context}", Need::SdkKey),
    Rule::post("/eval/{env}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/eval/{env}", Need::SdkKey),
    Rule::get("/ping/{env}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/ping/{env}", Need::SdkKey),
    Rule::get("/sdk/goals/{env}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/sdk/goals/{env}", Need::SdkKey),
    Rule::post("/events/bulk/{env}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/events/bulk/{env}", Need::SdkKey),
    Rule::post("/events/diagnostic/{env}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/events/diagnostic/{env}", Need::SdkKey),
    Rule::get("/a/{env}", Need::SdkKey),
    Rule::get("/msdk/evalx/contexts/{context}", Need::SdkKey),
    Rule::get("/msdk/evalx/users/{context}", Need::SdkKey),
    Rule::post("/msdk/evalx/context", Need::SdkKey),
    Rule::post("/msdk/evalx/user", Need::SdkKey),
    Rule::get("/meval/{context}", Need::SdkKey),
    Rule::post("/meval", Need::SdkKey),
    Rule::get("/mping", Need::SdkKey),
    Rule::post("/mobile", Need::SdkKey),
    Rule::post("/mobile/events", Need::SdkKey),
    Rule::post("/mobile/events/bulk", Need::SdkKey),
    Rule::post("/mobile/events/diagnostic", Need::SdkKey),
    Rule::get("/sdk/evalx/contexts/{context}", Need::SdkKey),
    Rule::get("/sdk/evalx/users/{context}", Need::SdkKey),
    Rule::post("/sdk/evalx/context", Need::SdkKey),
    Rule::post("/sdk/evalx/user", Need::SdkKey),
];

/// Every endpoint of client-side SDKs.
pub(crate) fn routes() -> axum::Router<Sdks> {
    browsers().layer(map_response(cors::open)).merge(mobiles()).merge(servers()).route("/a/{env}", get(beacon::receive))
}

/// For pages: each route also answers the browser's question beforehand.
fn browsers() -> axum::Router<Sdks> {
    let asked = |methods: MethodRouter<Sdks>| methods.options(preflight_get);
    let reported = |methods: MethodRouter<Sdks>| methods.options(preflight_report);
    let posted = |methods: MethodRouter<Sdks>| methods.options(preflight_post);
    let events = axum::Router::new()
        .route("/events/bulk/{env}", posted(post(events::receive::<Browser>)))
        .route("/events/diagnostic/{env}", posted(post(events::receive_diagnostic::<Browser>)))
        .layer(DefaultBodyLimit::max(body::MAX_SENT));
    let polls = axum::Router::new()
        .route("/sdk/evalx/{env}/contexts/{context}", asked(get(poll::<Browser>)))
        .route("/sdk/evalx/{env}/users/{context}", asked(get(poll::<Browser>)))
        .route("/sdk/evalx/{env}/context", reported(post(poll::<Browser>)))
        .route("/sdk/evalx/{env}/user", reported(post(poll::<Browser>)))
        .layer(CompressionLayer::new());
    axum::Router::new()
        .route("/eval/{env}/{context}", asked(get(stream_values::<Browser>)))
        .route("/eval/{env}", reported(post(stream_values::<Browser>)))
        .merge(polls)
        .layer(DefaultBodyLimit::max(MAX_CONTEXT))
        .route("/ping/{env}", asked(get(stream_pings::<Browser>)))
        .route("/sdk/goals/{env}", asked(get(goals)))
        .merge(events)
}

/// For apps.
fn mobiles() -> axum::Router<Sdks> {
    let events = axum::Router::new()
        .route("/mobile", post(events::receive::<Mobile>))
        .route("/mobile/events", post(events::receive::<Mobile>))
        .route("/mobile/events/bulk", post(events::receive::<Mobile>))
        .route("/mobile/events/diagnostic", post(events::receive_diagnostic::<Mobile>))
        .layer(DefaultBodyLimit::max(body::MAX_SENT));
    let polls = axum::Router::new()
        .route("/msdk/evalx/contexts/{context}", get(poll::<Mobile>))
        .route("/msdk/evalx/users/{context}", get(poll::<Mobile>))
        .route("/msdk/evalx/context", post(poll::<Mobile>))
        .route("/msdk/evalx/user", post(poll::<Mobile>))
        .layer(CompressionLayer::new());
    axum::Router::new()
        .route("/meval/{context}", get(stream_values::<Mobile>))
        .route("/meval", post(stream_values::<Mobile>))
        .merge(polls)
        .layer(DefaultBodyLimit::max(MAX_CONTEXT))
        .route("/mping", get(stream_pings::<Mobile>))
        .merge(events)
}

/// For programs that have an SDK key and no SDK: every flag, evaluated.
fn servers() -> axum::Router<Sdks> {
    axum::Router::new()
        .route("/sdk/evalx/contexts/{context}", get(poll::<Server>))
        .route("/sdk/evalx/users/{context}", get(poll::<Server>))
        .route("/sdk/evalx/context", post(poll::<Server>))
        .route("/sdk/evalx/user", post(poll::<Server>))
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(MAX_CONTEXT))
}

/// The values of all flags for the context, or 304 when they are those that the SDK has.
async fn poll<D: Door>(
    State(sdks): State<Sdks>,
    visitor: Visitor<D>,
    wish: Wish,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, StatusResponse> {
    admit(&sdks, &visitor, &wish, &asked)?;
    let context = asked.context.at(sdks.snapshots.moment());
    let memberships = sdks.snapshots.memberships(visitor.snapshot.compiled(), &context).await;
    let whom = (&context, &memberships);
    let flags = evaluated::all(&visitor.snapshot, Visitor::<D>::audience(), whom, wish.with_reasons);
    let etag = HeaderValue::from_str(&evaluated::etag(&flags)).expect("an entity tag is made of digits and quotes");
    let head = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, no_cache()), visitor.environment()];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| matches_tag(seen, &etag)) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, axum::Json(AsMap(&flags))).into_response())
}

/// The values at once as a `put`, then what becomes different for this context.
async fn stream_values<D: Door>(
    State(sdks): State<Sdks>,
    visitor: Visitor<D>,
    wish: Wish,
    asked: Asked,
) -> Result<Response, StatusResponse> {
    admit(&sdks, &visitor, &wish, &asked)?;
    let (environment, seen) = (visitor.environment(), visitor.seen.clone());
    // What comes out for one context is shorter than the whole.
    let admitted = sdks.admission.admit(visitor.snapshot.put_frame().len()).await?;
    let subscription = Subscription::new(&sdks, visitor, (wish, asked.text), FirstGeneration);
    let subscription = subscription.ok_or_else(StatusResponse::away)?;
    Ok(event_stream(environment, (admitted, seen), subscription.frames()))
}

/// A word each time when something may be different; the SDK then polls.
async fn stream_pings<D: Door>(State(sdks): State<Sdks>, visitor: Visitor<D>) -> Result<Response, StatusResponse> {
    let (environment, seen) = (visitor.environment(), visitor.seen.clone());
    let admitted = sdks.admission.admit(0).await?;
    let frames = pings(&sdks, visitor).ok_or_else(StatusResponse::away)?;
    Ok(event_stream(environment, (admitted, seen), frames))
}

/// We count no clicks and page views of ours: whatever a page tells by `track` is an outcome.
async fn goals(visitor: Visitor<Browser>) -> impl IntoResponse {
    ([visitor.environment()], axum::Json([(); 0]))
}

async fn preflight_get(_: Visitor<Browser>) -> HeaderMap {
    cors::preflight("GET, OPTIONS")
}

async fn preflight_report(_: Visitor<Browser>) -> HeaderMap {
    cors::preflight("REPORT, OPTIONS")
}

async fn preflight_post(_: Visitor<Browser>) -> HeaderMap {
    cors::preflight("POST, OPTIONS")
}

pub(super) fn admit<D: Door>(
    sdks: &Sdks,
    visitor: &Visitor<D>,
    wish: &Wish,
    asked: &Asked,
) -> Result<(), StatusResponse> {
    let hash = wish.hash.as_deref();
    if may_ask::<D>(&sdks.snapshots, &visitor.snapshot, &asked.context.canonical_key(), hash) {
        return Ok(());
    }
    Err(StatusResponse::new(StatusCode::BAD_REQUEST, "secure mode: the parameter h is not a hash of this context"))
}

fn no_cache() -> HeaderValue {
    HeaderValue::from_static("no-cache")
}
