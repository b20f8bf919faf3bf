//! The endpoints of the first generation's server-side SDKs, with the statuses that those SDKs handle best (§1.6).

use access::{Need, Rule};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use delivery::EnvironmentSnapshot;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::body::{self, Refused};
use crate::key::{self, authorised};
use crate::{Sdks, stream, translate};

/// The environment's id, which SDKs hand to hooks and plug-ins.
const ENVIRONMENT: HeaderName = HeaderName::from_static("x-ld-envid");
/// Makes a second-generation SDK fall back to first-generation polling (§1.0).
const FALL_BACK: HeaderName = HeaderName::from_static("x-ld-fd-fallback");

/// Access: each endpoint checks the SDK key itself, with the statuses of [`crate::key`].
pub const RULES: &[Rule] = &[
    Rule::get("/all", Need::SdkKey),
    Rule::get("/sdk/latest-all", Need::SdkKey),
    Rule::get("/sdk/stream", Need::SdkKey),
    Rule::get("/sdk/poll", Need::SdkKey),
    Rule::post("/bulk", Need::SdkKey),
    Rule::post("/diagnostic", Need::SdkKey),
];

/// Every endpoint, ready to be merged.
pub fn routes(sdks: Sdks) -> axum::Router {
    let events = axum::Router::new()
        .route("/bulk", post(receive_events))
        .route("/diagnostic", post(receive_diagnostic))
        .layer(DefaultBodyLimit::max(body::MAX_SENT));
    axum::Router::new()
        .route("/all", get(stream_all))
        .route("/sdk/latest-all", get(poll_all))
        .route("/sdk/stream", get(decline_second_generation))
        .route("/sdk/poll", get(decline_second_generation))
        .merge(events)
        .with_state(sdks)
}

/// `GET /all`: the whole, then each change.
async fn stream_all(State(sdks): State<Sdks>, headers: HeaderMap) -> Result<Response, StatusResponse> {
    let (key, snapshot) = authorised(&sdks, &headers).await?;
    let changes = sdks.snapshots.subscribe(&snapshot.place);
    let changes = changes.ok_or_else(StatusResponse::away)?;
    let frames = stream::frames(sdks.snapshots, key, changes, sdks.stopping);
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
        (ENVIRONMENT, environment_id(&snapshot)),
    ];
    // A stream as body has no length, so HTTP/1.1 sends it in chunks: else the Python SDK never starts.
    Ok((head, Body::from_stream(frames)).into_response())
}

/// `GET /sdk/latest-all`: the whole, or 304 when the SDK has it. Packed once for all who take gzip.
async fn poll_all(State(sdks): State<Sdks>, headers: HeaderMap) -> Result<Response, StatusResponse> {
    let (_, snapshot) = authorised(&sdks, &headers).await?;
    let etag = HeaderValue::from_str(snapshot.etag()).expect("an entity tag is made of digits and quotes");
    let head = [(header::ETAG, etag.clone()), (ENVIRONMENT, environment_id(&snapshot))];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| matches_tag(seen, &etag)) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let vary = (header::VARY, HeaderValue::from_static("accept-encoding"));
    if takes_gzip(&headers) {
        let packed = (header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return Ok((head, [json, vary, packed], snapshot.packed_payload()).into_response());
    }
    Ok((head, [json, vary], snapshot.payload().clone()).into_response())
}

/// `POST /bulk`: 202 says that the events survive a crash.
async fn receive_events(
    State(sdks): State<Sdks>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<StatusCode, StatusResponse> {
    let (_, snapshot) = authorised(&sdks, &headers).await?;
    let text = body::text(&headers, &sent)?;
    let translate::Translated { mut batch, malformed } =
        translate::events(&text).map_err(|error| StatusResponse::bad(&error))?;
    if malformed > 0 {
        tracing::warn!(environment = %snapshot.place, malformed, "events that could not be read were left out");
    }
    batch.payload_id = body::payload_id(&headers, &sent).map(Into::into);
    batch.sdk = key::sighting(&headers);
    match sdks.intake.ingest(&snapshot.place, batch).await {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        Err(error) => {
            tracing::error!(error = %error, "an event batch could not be stored; the SDK is asked to send it again");
            Err(StatusResponse::away())
        }
    }
}

/// `POST /diagnostic`: says which SDK is there; the rest is not kept.
async fn receive_diagnostic(
    State(sdks): State<Sdks>,
    headers: HeaderMap,
    _sent: Bytes,
) -> Result<StatusCode, StatusResponse> {
    let (_, snapshot) = authorised(&sdks, &headers).await?;
    if let Some(sdk) = key::sighting(&headers) {
        sdks.intake.see_sdk(&snapshot.place, &sdk).await.map_err(|error| {
            tracing::error!(error = %error, "an SDK could not be noted");
            StatusResponse::away()
        })?;
    }
    Ok(StatusCode::ACCEPTED)
}

/// The second generation is declined in its own words; the SDK then polls `/sdk/latest-all`.
async fn decline_second_generation(State(sdks): State<Sdks>, headers: HeaderMap) -> Response {
    let status = match authorised(&sdks, &headers).await {
        Ok(_) => StatusCode::NOT_IMPLEMENTED,
        Err(refused) => refused.status(),
    };
    (status, [(FALL_BACK, HeaderValue::from_static("true"))]).into_response()
}

fn environment_id(snapshot: &EnvironmentSnapshot) -> HeaderValue {
    HeaderValue::from_str(snapshot.client_side_id()).expect("a client-side id is made of letters and digits")
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
    seen.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == etag)
}

/// A refusal as these SDKs want it: a status, and a sentence that only people read.
#[derive(Debug)]
pub(crate) struct StatusResponse(StatusCode, String);

impl StatusResponse {
    pub(crate) fn unknown_key() -> Self {
        Self(StatusCode::UNAUTHORIZED, "this SDK key is not, or no longer, valid".to_owned())
    }

    pub(crate) fn away() -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, "not ready; try again".to_owned())
    }

    fn bad(error: &dyn std::error::Error) -> Self {
        Self(StatusCode::BAD_REQUEST, error.to_string())
    }

    fn status(&self) -> StatusCode {
        self.0
    }
}

impl From<Refused> for StatusResponse {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooLarge => Self(StatusCode::PAYLOAD_TOO_LARGE, refused.to_string()),
            Refused::NotGzip(_) | Refused::NotText => Self::bad(&refused),
        }
    }
}

impl IntoResponse for StatusResponse {
    fn into_response(self) -> Response {
        let mut response = (self.0, self.1).into_response();
        if self.0 == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
