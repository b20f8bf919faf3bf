//! The PHP SDK, whose processes live for one request: it asks for each flag and segment by itself (`launchdarkly.md` §1.3).

use access::{Need, Rule};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use evaluation::Item;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tower_http::compression::CompressionLayer;

use super::matches_tag;
use crate::Sdks;
use crate::key::{Server, Visitor};
use crate::status::StatusResponse;

/// Access: each endpoint checks the SDK key itself.
pub const RULES: &[Rule] = &[
    Rule::get("/sdk/flags", Need::SdkKey),
    Rule::get("/sdk/flags/{key}", Need::SdkKey),
    Rule::get("/sdk/segments/{key}", Need::SdkKey),
];

/// Every endpoint of the PHP SDK.
pub(crate) fn routes() -> axum::Router<Sdks> {
    axum::Router::new()
        .route("/sdk/flags", get(flags))
        .route("/sdk/flags/{key}", get(flag))
        .route("/sdk/segments/{key}", get(segment))
        .layer(CompressionLayer::new())
}

async fn flags(visitor: Visitor<Server>, headers: HeaderMap) -> Response {
    let flags = visitor.snapshot.flags_payload().clone();
    answer(&visitor, &headers, visitor.snapshot.etag(), flags)
}

async fn flag(
    visitor: Visitor<Server>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, StatusResponse> {
    item(&visitor, Item::Flag, &key, &headers)
}

async fn segment(
    visitor: Visitor<Server>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, StatusResponse> {
    item(&visitor, Item::Segment, &key, &headers)
}

/// 404 is no fault here: the SDK then gives the default in the code, and asks again at the next evaluation.
fn item(visitor: &Visitor<Server>, item: Item, key: &str, headers: &HeaderMap) -> Result<Response, StatusResponse> {
    let update = visitor.snapshot.item(item, key).ok_or_else(StatusResponse::unknown_item)?;
    let json = update.json().ok_or_else(StatusResponse::unknown_item)?;
    Ok(answer(visitor, headers, &format!("\"{}\"", update.seq), json.clone()))
}

fn answer(visitor: &Visitor<Server>, headers: &HeaderMap, etag: &str, json: Bytes) -> Response {
    let etag = HeaderValue::from_str(etag).expect("an entity tag is made of digits and quotes");
    let head = [(header::ETAG, etag.clone()), visitor.environment()];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| matches_tag(seen, &etag)) {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(header::CONTENT_TYPE, "application/json")], json).into_response()
}
