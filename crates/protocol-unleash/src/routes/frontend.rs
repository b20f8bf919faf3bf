//! The frontend API: features evaluated here, for SDKs in browsers, on phones, and wherever else nobody should see rules.

use access::{Need, Rule};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use delivery::KeyKind;
use evaluation::Flag;
use evaluation::unleash::Context;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::client::{matches, measured, registered};
use super::cors;
use super::key::{Caller, Refused, anybody};
use crate::translate::Asker;
use crate::wire::{FrontendRequest, Toggles};
use crate::{Sdks, query, translate};

pub(crate) const RULES: &[Rule] = &[
    Rule::get("/api/frontend", Need::SdkKey),
    Rule::post("/api/frontend", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/api/frontend", Need::Public),
    Rule::get("/api/frontend/all", Need::SdkKey),
    Rule::post("/api/frontend/all", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/api/frontend/all", Need::Public),
    Rule::get("/api/frontend/features/{name}", Need::SdkKey),
    Rule::post("/api/frontend/features/{name}", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/api/frontend/features/{name}", Need::Public),
    Rule::post("/api/frontend/client/metrics", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/api/frontend/client/metrics", Need::Public),
    Rule::post("/api/frontend/client/register", Need::SdkKey),
    Rule::new(Method::OPTIONS, "/api/frontend/client/register", Need::Public),
];

/// A context is a few hundred bytes, and a browser's metrics are no more.
const MAX_BODY: usize = 256 << 10;

pub(crate) fn routes() -> Router<Sdks> {
    let asked = |which: Which| {
        get(move |state, path, query, headers| by_query(which, state, path, query, headers))
            .post(move |state, path, headers, body| by_body(which, state, path, headers, body))
            .options(cors::preflight)
    };
    Router::new()
        .route("/api/frontend", asked(Which::On))
        .route("/api/frontend/all", asked(Which::All))
        .route("/api/frontend/features/{name}", asked(Which::One))
        .route("/api/frontend/client/metrics", post(receive_metrics).options(cors::preflight))
        .route("/api/frontend/client/register", post(register).options(cors::preflight))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(map_response(cors::open))
}

/// Which features are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// Those that are on for the context.
    On,
    /// All.
    All,
    /// The one of the path.
    One,
}

async fn by_query(
    which: Which,
    State(sdks): State<Sdks>,
    name: Option<Path<String>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    answer(which, &sdks, name, &headers, query::context(query.as_deref())).await
}

async fn by_body(
    which: Which,
    State(sdks): State<Sdks>,
    name: Option<Path<String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let request = if body.is_empty() { Ok(FrontendRequest::default()) } else { serde_json::from_slice(&body) };
    match request {
        Ok(FrontendRequest { context }) => answer(which, &sdks, name, &headers, Context::from_members(context)).await,
        Err(error) => Ok((StatusCode::BAD_REQUEST, error.to_string()).into_response()),
    }
}

async fn answer(
    which: Which,
    sdks: &Sdks,
    name: Option<Path<String>>,
    headers: &HeaderMap,
    mut context: Context,
) -> Result<Response, Refused> {
    let Caller { kind, snapshot, .. } = anybody(sdks, headers).await?;
    // The token says which environment this is.
    context.environment = Some(snapshot.place.environment.to_string());
    let compiled = snapshot.compiled();
    let mut asker = Asker::new(context, sdks.snapshots.moment());
    asker.memberships = sdks.snapshots.memberships(compiled, &asker.user).await;
    let seen = |flag: &&Flag| is_seen(kind, flag);
    if which == Which::One {
        let Path(name) = name.unwrap_or_else(|| Path(String::new()));
        return Ok(match compiled.flag(&name).filter(seen) {
            Some(flag) => Json(asker.toggle(compiled, flag)).into_response(),
            None => (StatusCode::NOT_FOUND, "there is no such feature for this token").into_response(),
        });
    }
    let toggles = compiled.flags().filter(seen).map(|flag| asker.toggle(compiled, flag));
    let toggles = toggles.filter(|toggle| which == Which::All || toggle.enabled).collect();
    let json = serde_json::to_vec(&Toggles { toggles }).expect("names and JSON values always serialise");
    Ok(tagged(json, headers))
}

/// Which keys see a flag: an SDK key every one, the others those that are meant for them.
fn is_seen(kind: KeyKind, flag: &Flag) -> bool {
    match kind {
        KeyKind::Sdk => true,
        KeyKind::Mobile => flag.availability().using_mobile_key,
        KeyKind::ClientSide => flag.availability().using_environment_id,
    }
}

/// The tag is of the answer: it depends on the context as much as on the flags.
fn tagged(json: Vec<u8>, headers: &HeaderMap) -> Response {
    let etag = HeaderValue::from_str(&format!("\"{}\"", translate::hash(&json))).expect("digits are fit for a header");
    let known = matches(headers, &etag);
    let head = [(header::ETAG, etag), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    if known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(header::CONTENT_TYPE, "application/json")], json).into_response()
}

async fn receive_metrics(State(sdks): State<Sdks>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, Refused> {
    let caller = anybody(&sdks, &headers).await?;
    measured(&sdks, &caller, &headers, &body).await
}

async fn register(State(sdks): State<Sdks>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, Refused> {
    let caller = anybody(&sdks, &headers).await?;
    Ok(registered(&sdks, &caller, &headers, &body))
}
