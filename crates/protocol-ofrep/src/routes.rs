//! The endpoints, with OFREP's statuses.

mod cors;
pub(crate) mod key;

use access::{Need, Rule};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use delivery::{KeyKind, KeyLookup, Memberships};
use evaluation::{Evaluation, Flag};
use http::{HeaderMap, Method, StatusCode, header};
use kernel::Revision;
use serde::Deserialize;

use self::key::{Caller, Refused};
use crate::translate::{self, Known, Subject, refused};
use crate::wire::{Bulk, Entry, ErrorCode, EventStream, Failure, Metadata};
use crate::{Ofrep, etag, stream};

/// A context is a few hundred bytes; this is a hundred times the largest seen. JSON deeper than 128 levels is not read.
const MAX_BODY: usize = 256 << 10;

const ONE: &str = "/ofrep/v1/evaluate/flags/{key}";
const ALL: &str = "/ofrep/v1/evaluate/flags";
const STREAM: &str = "/ofrep/v1/sse";

/// Access: each endpoint checks the key itself; browsers ask without one whether they may.
pub const RULES: &[Rule] = &[
    Rule::post(ONE, Need::SdkKey),
    Rule::new(Method::OPTIONS, ONE, Need::Public),
    Rule::post(ALL, Need::SdkKey),
    Rule::new(Method::OPTIONS, ALL, Need::Public),
    Rule::get(STREAM, Need::SdkKey),
    Rule::new(Method::OPTIONS, STREAM, Need::Public),
];

/// Every endpoint, ready to be merged.
pub fn routes(ofrep: Ofrep) -> axum::Router {
    axum::Router::new()
        .route(ONE, post(evaluate_one).options(cors::preflight_post))
        .route(ALL, post(evaluate_all).options(cors::preflight_post))
        .route(STREAM, get(follow).options(cors::preflight_get))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(map_response(cors::open))
        .with_state(ofrep)
}

async fn evaluate_one(
    State(ofrep): State<Ofrep>,
    caller: Caller,
    key: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    // Only a key that is not UTF-8 cannot be read, and no flag has such a key.
    let Ok(Path(key)) = key else {
        return failed(&refused(ErrorCode::FlagNotFound, "the key of a flag is text".to_owned()));
    };
    let subject = match read(body) {
        Ok(subject) => Subject { context: subject.context.at(ofrep.snapshots.moment()), ..subject },
        Err((status, failure)) => return (status, Json(Failure { key: Some(&key), ..failure })).into_response(),
    };
    let (set, engine) = (caller.snapshot.place.to_string(), caller.snapshot.compiled());
    let audience = caller.audience();
    let context_id = subject.id.as_deref();
    let Some(flag) = engine.flag(&key).filter(|flag| audience.sees(flag)) else {
        return failed(&translate::not_found(&set, context_id, &key));
    };
    let memberships = ofrep.snapshots.memberships(engine, &subject.context).await;
    let evaluation = engine.evaluate(&key, &subject.context, &memberships);
    match translate::entry(&set, context_id, known(&caller, flag, &evaluation), &evaluation) {
        Entry::Success(success) => Json(success).into_response(),
        Entry::Failure(failure) => failed(&failure),
    }
}

/// What a provider sends with a refetch that a hint caused. Its `flagConfigLastModified` says the same less exactly.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hinted {
    flag_config_etag: Option<String>,
}

async fn evaluate_all(
    State(ofrep): State<Ofrep>,
    mut caller: Caller,
    hinted: Result<Query<Hinted>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let subject = match read(body) {
        Ok(subject) => Subject { context: subject.context.at(ofrep.snapshots.moment()), ..subject },
        Err((status, failure)) => return (status, Json(failure)).into_response(),
    };
    let hinted = hinted.ok().and_then(|Query(hinted)| hinted.flag_config_etag);
    if let Some(tag) = hinted {
        caller = match stream::await_hinted(&ofrep.snapshots, caller, &tag).await {
            Ok(caller) => caller,
            Err(refused) => return refused.into_response(),
        };
    }
    let streams = event_streams(&ofrep, &caller).await;
    let memberships = ofrep.snapshots.memberships(caller.snapshot.compiled(), &subject.context).await;
    bulk(&caller, (&subject, &memberships), streams, &headers)
}

/// All flags that the caller may see, or 304 when they have this very answer.
fn bulk(
    caller: &Caller,
    (subject, memberships): (&Subject, &Memberships),
    event_streams: Vec<EventStream>,
    headers: &HeaderMap,
) -> Response {
    let (set, engine) = (caller.snapshot.place.to_string(), caller.snapshot.compiled());
    let (set, context_id) = (set.as_str(), subject.id.as_deref());
    let states: Vec<_> = engine.evaluate_for(caller.audience(), &subject.context, memberships).collect();
    let flags = states.iter().map(|state| {
        translate::entry(set, context_id, known(caller, state.flag, &state.evaluation), &state.evaluation)
    });
    let metadata = Metadata { flag_set_id: set, version: None, context_id };
    let bulk = Bulk { flags: flags.collect(), metadata, event_streams };
    let json = serde_json::to_vec(&bulk).expect("keys and JSON values always serialise");
    let tag = etag::of(&json);
    let is_known = etag::is_known(headers, &tag);
    let head = [(header::ETAG, tag)];
    if is_known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// The stream of the environment's client-side id: the caller's own, or another that holds; none without one.
async fn event_streams(ofrep: &Ofrep, caller: &Caller) -> Vec<EventStream> {
    let id = match caller.kind {
        KeyKind::ClientSide => caller.key.as_str(),
        KeyKind::Sdk | KeyKind::Mobile => caller.snapshot.client_side_id(),
    };
    let holds = !id.is_empty() && matches!(ofrep.snapshots.by_key(id).await, KeyLookup::Active(KeyKind::ClientSide, _));
    // Ids are letters and digits: nothing is to be escaped.
    if holds { vec![EventStream::at(format!("{STREAM}?env={id}"))] } else { vec![] }
}

/// Whose changes a stream tells.
#[derive(Deserialize)]
struct Followed {
    /// The client-side id.
    env: String,
}

/// The hints of an environment: `GET /ofrep/v1/sse?env=ID`.
async fn follow(
    State(ofrep): State<Ofrep>,
    followed: Result<Query<Followed>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let id = followed.map_err(|_| Refused::WrongKey)?.0.env;
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).map(Revision);
    let frames = stream::frames(&ofrep, (id, key::sighting(&headers)), seen).await?;
    Ok(rest::sse::frames(frames))
}

fn known<'a>(caller: &'a Caller, flag: &'a Flag, evaluation: &Evaluation<'_>) -> Known<'a> {
    let name = |index| caller.snapshot.variation_name(flag.key(), index);
    Known { key: flag.key(), version: flag.version(), variation_name: evaluation.variation_index.and_then(name) }
}

fn read(body: Result<Bytes, BytesRejection>) -> Result<Subject, (StatusCode, Failure<'static>)> {
    let body = body.map_err(|error| (error.status(), refused(ErrorCode::ParseError, error.body_text())))?;
    translate::subject(&body).map_err(|failure| (StatusCode::BAD_REQUEST, failure))
}

fn failed(failure: &Failure<'_>) -> Response {
    let status = match failure.error_code {
        ErrorCode::FlagNotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    };
    (status, Json(failure)).into_response()
}
