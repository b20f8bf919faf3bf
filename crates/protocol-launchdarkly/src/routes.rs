//! The endpoints, with the statuses that SDKs handle best (§1.6); here those of server SDKs of the first generation.
//!
//! - `client`: browsers and apps, with what browsers ask beforehand in `cors`. `php`: flags and segments one by one.
//! - `second`: the second generation. `events`, `beacon`: what SDKs tell. `extract`: how a request becomes a visitor, a context, a wish.

mod beacon;
mod client;
mod cors;
mod events;
mod extract;
mod php;
mod second;

use std::convert::Infallible;

use access::{Need, Rule};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use delivery::Admitted;
use delivery::sdks::{Seen, hold};
use futures_util::Stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::key::{Server, Visitor};
use crate::status::StatusResponse;
use crate::stream::{FirstGeneration, ForEdge};
use crate::{Sdks, big_segments, body, stream};

pub use client::RULES as CLIENT_RULES;
pub use php::RULES as PHP_RULES;
pub use second::RULES as SECOND_RULES;

/// Access: each endpoint checks the SDK key itself, with the statuses of [`crate::key`].
pub const RULES: &[Rule] = &[
    Rule::get("/all", Need::SdkKey),
    Rule::get("/sdk/latest-all", Need::SdkKey),
    Rule::get("/sdk/big-segments/revisions", Need::SdkKey),
    Rule::get("/big-segments", Need::SdkKey),
    Rule::post("/bulk", Need::SdkKey),
    Rule::post("/diagnostic", Need::SdkKey),
];

/// Every endpoint, ready to be merged.
pub fn routes(sdks: Sdks) -> axum::Router {
    let events = axum::Router::new()
        .route("/bulk", post(events::receive::<Server>))
        .route("/diagnostic", post(events::receive_diagnostic::<Server>))
        .layer(DefaultBodyLimit::max(body::MAX_SENT));
    axum::Router::new()
        .route("/all", get(stream_all))
        .route("/sdk/latest-all", get(poll_all))
        .route("/sdk/big-segments/revisions", get(poll_members))
        .route("/big-segments", get(stream_members))
        .merge(events)
        .merge(client::routes())
        .merge(php::routes())
        .merge(second::routes())
        .with_state(sdks)
}

/// What an edge of ours says of itself: to an SDK an event of another name would be an error.
const EDGE: &str = "x-steadfast-edge";

/// `GET /all`: the whole, then each change.
async fn stream_all(
    State(sdks): State<Sdks>,
    visitor: Visitor<Server>,
    headers: HeaderMap,
) -> Result<Response, StatusResponse> {
    let environment = visitor.environment();
    let admitted = sdks.admission.admit(visitor.snapshot.put_frame().len()).await?;
    let Visitor { key, snapshot, seen, .. } = visitor;
    let changes = sdks.snapshots.subscribe(&snapshot.place).ok_or_else(StatusResponse::away)?;
    let whose = (sdks.snapshots, key);
    Ok(if headers.contains_key(EDGE) {
        event_stream(environment, (admitted, seen), stream::frames(whose, changes, ForEdge::default()))
    } else {
        event_stream(environment, (admitted, seen), stream::frames(whose, changes, FirstGeneration::default()))
    })
}

/// `GET /sdk/latest-all`: the whole, or 304 when the SDK has it. Packed once for all who take gzip.
async fn poll_all(visitor: Visitor<Server>, headers: HeaderMap) -> Response {
    let etag = HeaderValue::from_str(visitor.snapshot.etag()).expect("an entity tag is made of digits and quotes");
    let head = [(header::ETAG, etag.clone()), visitor.environment()];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| matches_tag(seen, &etag)) {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let vary = (header::VARY, HeaderValue::from_static("accept-encoding"));
    if takes_gzip(&headers) {
        let packed = (header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return (head, [json, vary, packed], visitor.snapshot.packed_payload()).into_response();
    }
    (head, [json, vary], visitor.snapshot.payload().clone()).into_response()
}

/// Where a relay stands.
#[derive(serde::Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

/// `GET /sdk/big-segments/revisions`: what changed after the relay's position; `[]` when it knows everything (§1.8); 503 where members are
/// not known, or the relay would take nobody to be in.
async fn poll_members(
    State(sdks): State<Sdks>,
    Query(After { after }): Query<After>,
    visitor: Visitor<Server>,
) -> Result<Response, StatusResponse> {
    let patches = big_segments::patches(sdks.members.as_deref(), &visitor.snapshot, after).await.map_err(|error| {
        tracing::warn!(error = %error, "a relay cannot be told of members; it is asked to try again");
        StatusResponse::away()
    })?;
    Ok(axum::Json(patches).into_response())
}

/// `GET /big-segments`: the same, as they happen.
async fn stream_members(State(sdks): State<Sdks>, visitor: Visitor<Server>) -> Result<Response, StatusResponse> {
    let environment = visitor.environment();
    // Its first word is small: it begins where it is now.
    let admitted = sdks.admission.admit(0).await?;
    let Visitor { key, snapshot, seen, .. } = visitor;
    let frames = big_segments::frames(sdks, key, &snapshot).await.map_err(|error| {
        tracing::warn!(error = %error, "a relay cannot follow members; it is asked to try again");
        StatusResponse::away()
    })?;
    Ok(event_stream(environment, (admitted, seen), frames))
}

/// An answer that goes on until `frames` end, or the stream is to end, with the header that names the environment; so long
/// it is seen as open.
fn event_stream(
    environment: (HeaderName, HeaderValue),
    (admitted, seen): (Admitted, Option<Seen>),
    frames: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static,
) -> Response {
    ([environment], rest::sse::frames(admitted.hold(hold(seen, frames)))).into_response()
}

/// RFC 9110 §12.5.3: gzip is named, and not with a weight of nothing.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').filter_map(|coding| coding.trim().strip_prefix("gzip")).any(|weight| {
        let weight = weight.trim().trim_start_matches(';').trim().strip_prefix("q=");
        weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0))
    })
}

/// RFC 9110 §13.1.2: a list of tags or `*`; a proxy that compresses may have made the tag weak.
fn matches_tag(seen: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(seen), Ok(etag)) = (seen.to_str(), etag.to_str()) else { return false };
    let etag = etag.trim_start_matches("W/");
    seen.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == etag)
}
