//! The client API: features for SDKs that evaluate by themselves, and what they measured.

use access::{Need, Rule};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use delivery::KeyKind;
use delivery::event::{EventBatch, Original, Words};
use delivery::sdks::{Sighting, Transport, hold};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use kernel::Revision;
use serde::de::DeserializeOwned;

use super::key::{Caller, Refused, backend, sighting};
use crate::query::Wanted;
use crate::wire::{Bulk, Metrics, Registration};
use crate::{Sdks, live, shared, stream, translate};

pub(super) const RULES: &[Rule] = &[
    Rule::get("/api/client/features", Need::SdkKey),
    Rule::get("/api/client/features/{name}", Need::SdkKey),
    Rule::get("/api/client/delta", Need::SdkKey),
    Rule::get("/api/client/streaming", Need::SdkKey),
    Rule::post("/api/client/register", Need::SdkKey),
    Rule::post("/api/client/metrics", Need::SdkKey),
    Rule::post("/api/client/metrics/bulk", Need::SdkKey),
];

/// An SDK's buckets hold a few bytes for each feature; a proxy sends those of many SDKs at once.
const MAX_METRICS: usize = 8 << 20;

pub(super) fn routes() -> Router<Sdks> {
    let sent = Router::new()
        .route("/api/client/register", post(register))
        .route("/api/client/metrics", post(receive_metrics))
        .route("/api/client/metrics/bulk", post(receive_bulk))
        .layer(DefaultBodyLimit::max(MAX_METRICS));
    Router::new()
        .route("/api/client/features", get(list))
        .route("/api/client/features/{name}", get(one))
        .route("/api/client/delta", get(delta))
        .route("/api/client/streaming", get(follow))
        .merge(sent)
}

/// The whole, or 304 when the SDK has it.
async fn list(State(sdks): State<Sdks>, RawQuery(query): RawQuery, headers: HeaderMap) -> Result<Response, Refused> {
    let Caller { snapshot, .. } = backend(&sdks, &headers).await?;
    let wanted = Wanted::read(query.as_deref());
    let (word, seq) = (wanted.word(), snapshot.seq);
    // In Unleash's form, with what tells contents apart where a number alone does not: after a database was put back.
    let tag = format!("{word}-{:016x}:{seq}:v1", snapshot.unleash().digest());
    let etag = etag(&tag);
    if matches(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    sdks.name_left_out(&snapshot);
    Ok((json_head(etag), shared::features(&snapshot, &wanted, &tag)).into_response())
}

/// One feature.
async fn one(State(sdks): State<Sdks>, Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Refused> {
    let Caller { snapshot, .. } = backend(&sdks, &headers).await?;
    let mut updates = snapshot.unleash().history().updates().iter();
    let found = updates.find(|update| update.key == name).and_then(|update| update.json());
    Ok(match found {
        Some(json) => ([(header::CONTENT_TYPE, "application/json")], json.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such feature for backend SDKs").into_response(),
    })
}

/// What happened since the event that the SDK names, or 304.
async fn delta(State(sdks): State<Sdks>, headers: HeaderMap) -> Result<Response, Refused> {
    let Caller { snapshot, .. } = backend(&sdks, &headers).await?;
    let etag = etag(&snapshot.seq.to_string());
    let seen = headers.get(header::IF_NONE_MATCH).and_then(event_id);
    if seen.is_none() {
        sdks.name_left_out(&snapshot);
    }
    Ok(match shared::delta(&snapshot, seen) {
        Some(events) => (json_head(etag), events).into_response(),
        None => (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response(),
    })
}

/// The whole, then each change.
async fn follow(State(sdks): State<Sdks>, headers: HeaderMap) -> Result<Response, Refused> {
    let Caller { key, snapshot, .. } = backend(&sdks, &headers).await?;
    let changes = sdks.snapshots.subscribe(&snapshot.place).ok_or(Refused::Away)?;
    let seen = headers.get("last-event-id").and_then(event_id);
    sdks.name_left_out(&snapshot);
    let sdk = sdks.register.see(&snapshot.place, KeyKind::Sdk, &sighting(&headers, None), Transport::Stream);
    let admitted = sdks.admission.admit(snapshot.unleash().bytes()).await?;
    let frames = stream::frames(sdks.snapshots, key, changes, seen);
    Ok(rest::sse::frames(admitted.hold(hold(Some(sdk), frames))))
}

/// Says which SDK is there; the rest is not kept.
async fn register(State(sdks): State<Sdks>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, Refused> {
    let caller = backend(&sdks, &headers).await?;
    Ok(registered(&sdks, &caller, &headers, &body))
}

/// 202 says that the counts survive a crash.
async fn receive_metrics(State(sdks): State<Sdks>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, Refused> {
    let caller = backend(&sdks, &headers).await?;
    measured(&sdks, &caller, &headers, &body).await
}

/// The same, of many applications.
async fn receive_bulk(State(sdks): State<Sdks>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, Refused> {
    let caller = backend(&sdks, &headers).await?;
    let Some(bulk) = read::<Bulk>(&body) else { return Ok(StatusCode::BAD_REQUEST) };
    let batch = || translate::bulk(&bulk, &caller.snapshot);
    let sent = Sent { words: Words::UnleashBulk, sdk: sighting(&headers, None), headers: &headers, body: &body };
    take_in(&sdks, &caller, sent, batch).await
}

pub(super) fn registered(sdks: &Sdks, caller: &Caller, headers: &HeaderMap, body: &[u8]) -> StatusCode {
    let Some(Registration { sdk_version }) = read(body) else { return StatusCode::BAD_REQUEST };
    let sdk = sighting(headers, sdk_version.as_deref());
    sdks.register.see(&caller.snapshot.place, caller.kind, &sdk, Transport::Poll);
    StatusCode::ACCEPTED
}

pub(super) async fn measured(
    sdks: &Sdks,
    caller: &Caller,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<StatusCode, Refused> {
    let Some(metrics) = read::<Metrics>(body) else { return Ok(StatusCode::BAD_REQUEST) };
    let batch = || translate::metrics(&metrics, &caller.snapshot);
    let sdk = sighting(headers, metrics.sdk_version.as_deref());
    take_in(sdks, caller, Sent { words: Words::Unleash, sdk, headers, body }, batch).await
}

/// A delivery of metrics, as it came.
struct Sent<'a> {
    words: Words,
    sdk: Sighting<'a>,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Sent<'_> {
    /// A delivery is known by who sent it and by its bytes, which hold the application, the instance and the bucket's times:
    /// a repeated one counts once.
    fn payload_id(&self) -> String {
        let sender = self.headers.get("unleash-connection-id").or_else(|| self.headers.get("unleash-instanceid"));
        let sender = sender.map(HeaderValue::as_bytes).unwrap_or_default();
        format!("unleash:{}", translate::hash(&[sender, b"\n", self.body].concat()))
    }
}

async fn take_in(
    sdks: &Sdks,
    caller: &Caller,
    sent: Sent<'_>,
    read: impl Fn() -> EventBatch<'static>,
) -> Result<StatusCode, Refused> {
    let place = &caller.snapshot.place;
    let payload_id = sent.payload_id();
    let Sent { words, sdk, headers, body } = sent;
    sdks.register.see(place, caller.kind, &sdk, Transport::Events);
    let sender_name = [sdk.name, sdk.version].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let original = Original::new((words, caller.kind), body, |name| headers.get(name)?.to_str().ok());
    let batch = EventBatch { payload_id: Some(payload_id.into()), sdk: Some(sdk), original: Some(original), ..read() };
    match sdks.intake.ingest(place, batch).await {
        Ok(()) => {
            let compiled = caller.snapshot.compiled();
            sdks.tail.tell(place, |now| live::events(&read(), compiled, &sender_name, now));
            Ok(StatusCode::ACCEPTED)
        }
        Err(error) => {
            tracing::error!(error = %error, "metrics could not be stored; the SDK is asked to send them again");
            Err(Refused::Away)
        }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

fn etag(text: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{text}\"")).expect("words and digits are fit for a header")
}

fn json_head(etag: HeaderValue) -> [(HeaderName, HeaderValue); 2] {
    [(header::ETAG, etag), (header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]
}

/// A proxy that compresses may have made the tag weak.
pub(crate) fn matches(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let seen = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    seen.is_some_and(|seen| seen.trim_start_matches("W/").as_bytes() == etag.as_bytes())
}

/// The place of an event, bare or as an entity tag.
fn event_id(value: &HeaderValue) -> Option<Revision> {
    value.to_str().ok()?.trim_start_matches("W/").trim_matches('"').parse().ok().map(Revision)
}
