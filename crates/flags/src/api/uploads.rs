//! Uploads of members: a CSV file of up to ten million keys in the place of all members of a big segment.

use access::{Caller, Role};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::{HeaderMap, StatusCode, header};
use kernel::{Actor, Timestamp};
use rest::{Path, Problem, Problems};
use serde::Serialize;
use utoipa::ToSchema;

use super::Rooms;
use super::paths::{OneSegment, OneUpload};
use crate::model::{Generation, GenerationState};
use crate::service::author;

/// An upload of members, and how far it has come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UploadView {
    /// By which it is read and cancelled.
    id: String,
    /// The list of members that it becomes.
    generation: i64,
    /// How far it has come.
    state: GenerationState,
    /// Who uploads it.
    #[schema(value_type = crate::api::schema::Actor)]
    actor: Actor,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Bytes received.
    bytes: u64,
    /// Bytes to be received; absent when the sender did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_total: Option<u64>,
    /// Keys received.
    keys: u64,
    /// Members written; all of `keys` but those that were named twice, when it is complete.
    staged: u64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl From<Generation> for UploadView {
    fn from(upload: Generation) -> Self {
        let Generation { id, number, state, actor, created_at, bytes, bytes_total, keys, staged, problem, .. } = upload;
        Self { id, generation: number, state, actor, created_at, bytes, bytes_total, keys, staged, problem }
    }
}

/// The last uploads to a segment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Uploads {
    /// Newest first.
    items: Vec<UploadView>,
}

/// Lists the last uploads to a big segment, newest first.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/segments/{segment}/uploads",
    operation_id = "list_uploads", tag = "flags", params(OneSegment),
    responses((status = 200, body = Uploads), Problems)
)]
pub(super) async fn list(
    State(rooms): State<Rooms>,
    Path(segment): Path<OneSegment>,
) -> Result<Json<Uploads>, Problem> {
    let uploads = rooms.flags.uploads(&segment.into()).await?;
    Ok(Json(Uploads { items: uploads.into_iter().map(UploadView::from).collect() }))
}

/// Replaces all members of a big segment by those of a CSV file: one key a line, or a column `key`, and perhaps a column `list`
/// with `included` or `excluded`. All or nothing; answers when the members are durable. While it runs, another upload to
/// the same segment is refused.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/segments/{segment}/uploads",
    operation_id = "upload_members", tag = "flags", params(OneSegment),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 201, body = UploadView), Problems)
)]
pub(super) async fn upload(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(segment): Path<OneSegment>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<UploadView>), Problem> {
    let actor = author(&caller, Role::Writer)?;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let upload = rooms.flags.upload_members(actor, &segment.into(), length, body.into_data_stream()).await?;
    Ok((StatusCode::CREATED, Json(upload.into())))
}

/// Says how far an upload has come.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/segments/{segment}/uploads/{id}",
    operation_id = "read_upload", tag = "flags", params(OneUpload),
    responses((status = 200, body = UploadView), Problems)
)]
pub(super) async fn read(
    State(rooms): State<Rooms>,
    Path(upload): Path<OneUpload>,
) -> Result<Json<UploadView>, Problem> {
    let (segment, id) = upload.parts();
    Ok(Json(rooms.flags.upload(&segment, &id).await?.into()))
}

/// Cancels an upload that is not served yet; one that has ended stays as it is.
#[utoipa::path(
    delete, path = "/api/projects/{project}/environments/{environment}/segments/{segment}/uploads/{id}",
    operation_id = "cancel_upload", tag = "flags", params(OneUpload),
    responses((status = 200, body = UploadView), Problems)
)]
pub(super) async fn cancel(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(upload): Path<OneUpload>,
) -> Result<Json<UploadView>, Problem> {
    author(&caller, Role::Writer)?;
    let (segment, id) = upload.parts();
    Ok(Json(rooms.flags.cancel_upload(&segment, &id).await?.into()))
}
