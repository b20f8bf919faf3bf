//! What operators ask an edge: `/status`, in the relay's words where it has some, and `/healthz`.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::{Need, Rule};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use kernel::Timestamp;
use serde::Serialize;

use crate::board::{self, Entry, Seen};
use crate::config::Source;

/// Access: both are for everybody, and tell no key.
pub const RULES: &[Rule] = &[Rule::get("/status", Need::Public), Rule::get("/healthz", Need::Public)];

/// The environments, as [`crate::Edge`] has them.
pub type Entries = Arc<Vec<(Arc<Source>, Entry)>>;

/// Both routes, ready to be merged.
pub fn routes(entries: Vec<(Arc<Source>, Entry)>) -> Router {
    let entries: Entries = Arc::new(entries);
    Router::new().route("/status", get(status)).route("/healthz", get(healthz)).with_state(entries)
}

/// 204 when every environment can be served, 503 before: an edge that waits for its first snapshot takes no traffic.
async fn healthz(State(entries): State<Entries>) -> StatusCode {
    let serves = entries.iter().all(|(_, entry)| entry.seen().serves);
    if serves { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE }
}

async fn status(State(entries): State<Entries>) -> Json<Answer> {
    let environments: BTreeMap<String, Environment> =
        entries.iter().map(|(source, entry)| (source.name.to_string(), environment(source, entry))).collect();
    let connected = environments.values().all(|environment| environment.status == "connected");
    let status = if connected { "healthy" } else { "degraded" };
    Json(Answer { status, version: env!("CARGO_PKG_VERSION"), environments })
}

fn environment(source: &Source, entry: &Entry) -> Environment {
    let Seen { state, since, fault, serves, updated_at, seq, items, client_side_id, .. } = entry.seen();
    let spool = entry.spooled();
    let connected = state == board::State::Valid;
    Environment {
        status: if connected { "connected" } else { "disconnected" },
        client_side_id: Some(client_side_id).filter(|id| !id.is_empty()),
        upstream: origin(source),
        connection_status: ConnectionStatus {
            state: match state {
                board::State::Initializing => "INITIALIZING",
                board::State::Valid => "VALID",
                board::State::Interrupted => "INTERRUPTED",
                board::State::Refused => "REFUSED",
            },
            state_since: since.as_millis(),
            last_error: fault.map(|(message, at)| LastError { message, time: at.as_millis() }),
        },
        serves,
        connected_since: connected.then_some(since),
        last_update: updated_at,
        seq: seq.0,
        items,
        spool: Spool {
            bytes: spool.bytes,
            max_bytes: spool.most,
            taken: spool.taken,
            refused: spool.refused,
            forwarded: spool.forwarded,
            dropped: spool.dropped,
        },
    }
}

/// An address may have been given with a password in it.
fn origin(source: &Source) -> String {
    source.stream.origin().ascii_serialization()
}

/// How this edge is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    /// `healthy` when every environment is followed, else `degraded`.
    status: &'static str,
    version: &'static str,
    environments: BTreeMap<String, Environment>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    status: &'static str,
    #[serde(rename = "envId", skip_serializing_if = "Option::is_none")]
    client_side_id: Option<String>,
    upstream: String,
    connection_status: ConnectionStatus,
    /// Whether SDKs are served.
    serves: bool,
    connected_since: Option<Timestamp>,
    last_update: Option<Timestamp>,
    seq: i64,
    items: usize,
    spool: Spool,
}

/// As the relay says it: instants in milliseconds since the epoch.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionStatus {
    state: &'static str,
    state_since: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<LastError>,
}

#[derive(Serialize)]
struct LastError {
    message: String,
    time: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spool {
    bytes: u64,
    max_bytes: u64,
    taken: u64,
    refused: u64,
    forwarded: u64,
    dropped: u64,
}
