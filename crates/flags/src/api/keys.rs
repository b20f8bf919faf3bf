//! The keys of SDKs.

use access::{Caller, Role};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::Timestamp;
use rest::{Body, Page, Path, Problem, Problems};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Rooms;
use super::paths::{InEnvironment, OneKey};
use crate::model::{KeyKind, SdkKey};
use crate::service::author;

/// A key to add.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddKeyRequest {
    /// For which SDKs.
    kind: KeyKind,
    /// Until when, from now, the others of this kind still hold: rotates them. They hold for good when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    expire_others_at: Option<Timestamp>,
}

/// Lists the keys of an environment, newest first; those that ended too.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/keys", operation_id = "list_keys", tag = "flags",
    params(InEnvironment), responses((status = 200, body = Page<SdkKey>), Problems)
)]
pub(super) async fn list(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(InEnvironment { project, environment }): Path<InEnvironment>,
) -> Result<Json<Page<SdkKey>>, Problem> {
    author(&caller, Role::Writer)?;
    let items = rooms.flags.keys(&project, &environment).await?;
    Ok(Json(kernel::Page { items, next: None }.into()))
}

/// Adds a key, and lets the others of its kind expire if a time is given.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/keys", operation_id = "add_key", tag = "flags",
    params(InEnvironment), request_body = AddKeyRequest, responses((status = 201, body = SdkKey), Problems)
)]
pub(super) async fn add(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(InEnvironment { project, environment }): Path<InEnvironment>,
    Body(AddKeyRequest { kind, expire_others_at }): Body<AddKeyRequest>,
) -> Result<(StatusCode, Json<SdkKey>), Problem> {
    let actor = author(&caller, Role::Admin)?;
    let key = rooms.flags.add_key(actor, (&project, &environment), kind, expire_others_at).await?;
    Ok((StatusCode::CREATED, Json(key)))
}

/// Refuses a key from now on. SDKs that use it stop, most of them until they are restarted.
#[utoipa::path(
    delete, path = "/api/projects/{project}/environments/{environment}/keys/{id}", operation_id = "revoke_key",
    tag = "flags", params(OneKey), responses((status = 204), Problems)
)]
pub(super) async fn revoke(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(OneKey { project, environment, id }): Path<OneKey>,
) -> Result<StatusCode, Problem> {
    rooms.flags.revoke_key(author(&caller, Role::Admin)?, (&project, &environment), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
