//! The two endpoints, with OFREP's statuses.

use access::{Need, Rule};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use delivery::{EnvironmentSnapshot, KeyKind, KeyLookup, Snapshots};
use evaluation::NoBigSegments;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::translate::{self, refused};
use crate::wire::{Bulk, Entry, ErrorCode, Failure, Request, SetMetadata};

/// A context is a few hundred bytes; this is a hundred times the largest seen.
const MAX_BODY: usize = 256 << 10;

/// Access: each endpoint checks the SDK key itself.
pub const RULES: &[Rule] =
    &[Rule::post("/ofrep/v1/evaluate/flags/{key}", Need::SdkKey), Rule::post("/ofrep/v1/evaluate/flags", Need::SdkKey)];

/// Every endpoint, ready to be merged.
pub fn routes(snapshots: Snapshots) -> axum::Router {
    axum::Router::new()
        .route("/ofrep/v1/evaluate/flags/{key}", post(evaluate_one))
        .route("/ofrep/v1/evaluate/flags", post(evaluate_all))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(snapshots)
}

async fn evaluate_one(
    State(snapshots): State<Snapshots>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let found = match authorised(&snapshots, &headers).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let (context, id) = match read(&body) {
        Ok(read) => read,
        Err(failure) => return answer_failure(Failure { key: Some(&key), ..failure }),
    };
    let evaluation = found.compiled().evaluate(&key, &context, &NoBigSegments);
    let set = found.place.to_string();
    match translate::single(&set, &id, found.compiled(), &key, &evaluation) {
        Entry::Success(success) => Json(success).into_response(),
        Entry::Failure(failure) => answer_failure(failure),
    }
}

async fn evaluate_all(State(snapshots): State<Snapshots>, headers: HeaderMap, body: Bytes) -> Response {
    let found = match authorised(&snapshots, &headers).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let (context, id) = match read(&body) {
        Ok(read) => read,
        Err(failure) => return answer_failure(failure),
    };
    let set = found.place.to_string();
    let states: Vec<_> = found.compiled().evaluate_all(&context, &NoBigSegments).collect();
    let flags = states.iter().map(|state| translate::entry(&set, &id, state)).collect();
    let bulk = Bulk { flags, metadata: SetMetadata { flag_set_id: &set } };
    let json = serde_json::to_vec(&bulk).expect("keys and JSON values always serialise");
    tagged(json, &headers)
}

/// The tag is of the answer: it depends on the context as much as on the flags (`oss-flags.md` §2.1, "ETag rule").
fn tagged(json: Vec<u8>, headers: &HeaderMap) -> Response {
    let hash = Sha256::digest(&json).iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let etag = HeaderValue::from_str(&format!("\"{hash}\"")).expect("hexadecimal digits are fit for a header");
    let known = headers.get(header::IF_NONE_MATCH) == Some(&etag);
    let head = [(header::ETAG, etag)];
    if known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// `Authorization: Bearer KEY` or `X-API-Key: KEY`, with an SDK key.
async fn authorised(
    snapshots: &Snapshots,
    headers: &HeaderMap,
) -> Result<std::sync::Arc<EnvironmentSnapshot>, Response> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text("authorization").map(|value| value.strip_prefix("Bearer ").unwrap_or(value));
    match snapshots.by_key(bearer.or_else(|| text("x-api-key")).unwrap_or_default()).await {
        KeyLookup::Active(KeyKind::Sdk, snapshot) => Ok(snapshot),
        KeyLookup::NotReady => Err((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")]).into_response()),
        KeyLookup::Active(..) | KeyLookup::Ended | KeyLookup::Unknown => Err(StatusCode::UNAUTHORIZED.into_response()),
    }
}

fn read(body: &[u8]) -> Result<(evaluation::Context, String), Failure<'static>> {
    let request: Request = if body.is_empty() {
        Request::default()
    } else {
        serde_json::from_slice(body).map_err(|error| refused(ErrorCode::ParseError, error.to_string()))?
    };
    translate::context(request)
}

fn answer_failure(failure: Failure<'_>) -> Response {
    let status = match failure.error_code {
        ErrorCode::FlagNotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    };
    (status, Json(failure)).into_response()
}
