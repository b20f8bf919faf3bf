//! What LaunchDarkly sends to SDKs, read by this server for the console: a browser may not ask it.

use access::{Caller, Role, Rule};
use axum::Json;
use axum::extract::State;
use channels::Http;
use flags::Flags;
use flags::service::author;
use rest::{Body, OpenApiRouter, Problem, Problems, routes};
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;
use utoipa::ToSchema;

use super::launchdarkly::payload::{self, FetchError};

/// Access: it calls addresses that people type, so admins alone.
pub const RULES: &[Rule] = &[Rule::post("/api/import/launchdarkly/payload", access::Need::Admin)];

/// What the handler works on.
#[derive(Clone)]
struct Room {
    flags: Flags,
    http: Http,
}

/// The route, with its state.
pub fn routes(flags: Flags, http: Http) -> OpenApiRouter {
    OpenApiRouter::default().routes(routes!(fetch)).with_state(Room { flags, http })
}

/// Where to read from.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PayloadRequest {
    /// An SDK key of the environment there.
    sdk_key: String,
    /// The address that server-side SDKs poll; LaunchDarkly's own when absent. It must be https, and of the public internet
    /// unless the operator allows others.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    url: Option<String>,
}

/// Reads what server-side SDKs receive from LaunchDarkly with this key, to be looked through and imported. Nothing is kept.
#[utoipa::path(
    post, path = "/api/import/launchdarkly/payload", operation_id = "fetch_launchdarkly", tag = "flags",
    request_body = PayloadRequest, responses((status = 200, body = Object), Problems)
)]
async fn fetch(
    State(room): State<Room>,
    caller: Caller,
    Body(PayloadRequest { sdk_key, url }): Body<PayloadRequest>,
) -> Result<Json<Box<RawValue>>, Problem> {
    author(&caller, Role::Admin)?;
    let _turn = room.flags.turn_to_import()?;
    let url = Url::parse(url.as_deref().unwrap_or(payload::URL)).map_err(|_| {
        Problem::bad_request("invalid-url", "it is not an address").field("/url").hint("give one, as https://host/path")
    })?;
    Ok(Json(payload::fetch(&room.http, &url, &sdk_key).await.map_err(|error| refuse(&error))?))
}

fn refuse(error: &FetchError) -> Problem {
    let detail = error.to_string();
    match error {
        FetchError::NotHttps => Problem::bad_request("not-https", detail).field("/url").hint("use https"),
        FetchError::BadKey | FetchError::KeyRefused(_) => Problem::bad_request("key-refused", detail)
            .field("/sdkKey")
            .hint("give an SDK key of the environment, as sdk-…, no mobile key and no client-side id"),
        FetchError::Call(channels::CallError::Private(_)) => Problem::bad_request("private-address", detail)
            .field("/url")
            .hint("use `steadfast import launchdarkly`, which reads from where it runs"),
        FetchError::Call(_) | FetchError::Status(_) | FetchError::NoPayload(_) => {
            Problem::bad_request("source-unreadable", detail).field("/url")
        }
    }
}
