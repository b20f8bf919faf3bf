//! What LaunchDarkly and Unleash send to SDKs, read by this server for the console: a browser may not ask them.

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

use super::fetch::FetchError;
use super::launchdarkly::payload;
use super::unleash::source::Unleash;

/// Access: they call addresses that people type, so admins alone.
pub const RULES: &[Rule] = &[
    Rule::post("/api/import/launchdarkly/payload", access::Need::Admin),
    Rule::post("/api/import/unleash/payload", access::Need::Admin),
];

/// What the handlers work on.
#[derive(Clone)]
struct Room {
    flags: Flags,
    http: Http,
}

/// The routes, with their state.
pub fn routes(flags: Flags, http: Http) -> OpenApiRouter {
    OpenApiRouter::default().routes(routes!(launchdarkly)).routes(routes!(unleash)).with_state(Room { flags, http })
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
async fn launchdarkly(
    State(room): State<Room>,
    caller: Caller,
    Body(PayloadRequest { sdk_key, url }): Body<PayloadRequest>,
) -> Result<Json<Box<RawValue>>, Problem> {
    author(&caller, Role::Admin)?;
    let _turn = room.flags.turn_to_import()?;
    let url = address(url.as_deref().unwrap_or(payload::URL))?;
    let key = Key {
        field: "/sdkKey",
        what: "an SDK key of the environment, as sdk-…, no mobile key and no client-side id",
    };
    let read = payload::fetch(&room.http, &url, &sdk_key).await;
    Ok(Json(read.map_err(|error| refuse(&error, "launchdarkly", &key))?))
}

/// Where to read from Unleash.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FeaturesRequest {
    /// A client token of the environment there.
    token: String,
    /// The address of Unleash, its proxy or its Edge, with or without `/api`. It must be https, and of the public internet
    /// unless the operator allows others.
    url: String,
    /// The one project there whose features are taken; all that the token opens when absent.
    #[serde(default)]
    project: Option<String>,
}

/// Reads what backend SDKs receive from Unleash with this token, to be looked through and imported. Nothing is kept.
#[utoipa::path(
    post, path = "/api/import/unleash/payload", operation_id = "fetch_unleash", tag = "flags",
    request_body = FeaturesRequest, responses((status = 200, body = Object), Problems)
)]
async fn unleash(
    State(room): State<Room>,
    caller: Caller,
    Body(FeaturesRequest { token, url, project }): Body<FeaturesRequest>,
) -> Result<Json<Box<RawValue>>, Problem> {
    author(&caller, Role::Admin)?;
    let _turn = room.flags.turn_to_import()?;
    let url = address(&url)?;
    let key =
        Key { field: "/token", what: "a client token of the environment, as *:production.…, no frontend token" };
    let read = Unleash { http: &room.http, url: &url, token: &token }.features(project.as_deref()).await;
    Ok(Json(read.map_err(|error| refuse(&error, "unleash", &key))?))
}

fn address(text: &str) -> Result<Url, Problem> {
    Url::parse(text).map_err(|_| {
        Problem::bad_request("invalid-url", "it is not an address").field("/url").hint("give one, as https://host/path")
    })
}

/// Where the key stands in the request, and which would be right.
struct Key {
    field: &'static str,
    what: &'static str,
}

fn refuse(error: &FetchError, system: &str, key: &Key) -> Problem {
    let detail = error.to_string();
    match error {
        FetchError::NotHttps => Problem::bad_request("not-https", detail).field("/url").hint("use https"),
        FetchError::BadKey | FetchError::KeyRefused(_) => {
            Problem::bad_request("key-refused", detail).field(key.field).hint(format!("give {}", key.what))
        }
        FetchError::Call(channels::CallError::Private(_)) => Problem::bad_request("private-address", detail)
            .field("/url")
            .hint(format!("use `steadfast import {system}`, which reads from where it runs")),
        FetchError::Call(_) | FetchError::Status(_) | FetchError::Unreadable(_) => {
            Problem::bad_request("source-unreadable", detail).field("/url")
        }
    }
}
