//! Segments.

use access::{Caller, Role};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{ContextKind, Revision, SegmentKey};
use rest::{Body, ETag, IfMatch, Page, Paging, Path, Problem, Problems, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::paths::{InEnvironment, OneSegment};
use super::schema::{ChangeRequest, Comment};
use super::{Rooms, refuse};
use crate::Change;
use crate::instruction::{CreateSegment, Instruction};
use crate::model::{ChangeRecord, Members, Segment, SegmentRule, Subject};
use crate::service::{Edited, author};
use crate::store::segments::StoredSegment;

/// A segment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SegmentView {
    #[schema(value_type = String)]
    key: SegmentKey,
    /// The place in the log of its last change: its ETag.
    #[schema(value_type = i64)]
    version: Revision,
    #[serde(flatten)]
    segment: Segment,
}

impl From<StoredSegment> for SegmentView {
    fn from(StoredSegment { key, version, body: segment }: StoredSegment) -> Self {
        Self { key, version, segment }
    }
}

/// A segment to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateSegmentRequest {
    #[schema(value_type = String)]
    key: SegmentKey,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    tags: Vec<String>,
    /// In by name: context kind → keys.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, Vec<String>>)]
    included: Members,
    /// Out by name: context kind → keys.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, Vec<String>>)]
    excluded: Members,
    #[serde(default)]
    rules: Vec<SegmentRule>,
    /// Whether it is big: it has no lists of its own, and members are given by `…/members` and `…/uploads`.
    #[serde(default)]
    unbounded: bool,
    /// Of a big segment: the kind of its members; the user when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    unbounded_context_kind: Option<ContextKind>,
    /// Why.
    #[serde(default)]
    comment: String,
}

impl CreateSegmentRequest {
    fn parts(self) -> (SegmentKey, String, Segment) {
        let segment = Segment {
            name: self.name,
            description: self.description,
            tags: self.tags,
            included: self.included,
            excluded: self.excluded,
            rules: self.rules,
            unbounded: self.unbounded,
            unbounded_context_kind: self.unbounded_context_kind,
            ..Segment::default()
        };
        (self.key, self.comment, segment)
    }
}

/// Lists the segments of an environment, by key.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/segments", operation_id = "list_segments",
    tag = "flags", params(InEnvironment, Paging), responses((status = 200, body = Page<SegmentView>), Problems)
)]
pub(super) async fn list(
    State(rooms): State<Rooms>,
    Path(InEnvironment { project, environment }): Path<InEnvironment>,
    Paging(page): Paging,
) -> Result<Json<Page<SegmentView>>, Problem> {
    Ok(Json(rooms.flags.segments(&project, &environment, &page).await?.into()))
}

/// Creates a segment.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/segments", operation_id = "create_segment",
    tag = "flags", params(InEnvironment), request_body = CreateSegmentRequest,
    responses((status = 201, body = SegmentView), Problems)
)]
pub(super) async fn create(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(InEnvironment { project, environment }): Path<InEnvironment>,
    Body(request): Body<CreateSegmentRequest>,
) -> Result<(StatusCode, ETag, Json<SegmentView>), Problem> {
    let actor = author(&caller, Role::Writer)?;
    let (key, comment, segment) = request.parts();
    let create = Instruction::CreateSegment(CreateSegment { segment });
    let subject = Subject::Segment(project.clone(), environment.clone(), key.clone());
    let change = Change::new(actor, subject, vec![create]).comment(comment);
    rooms.flags.change(change).await.map_err(refuse::creation)?;
    let stored = rooms.flags.segment(&project, &environment, &key).await?;
    Ok((StatusCode::CREATED, ETag(stored.version), Json(stored.into())))
}

/// Reads a segment.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/segments/{segment}", operation_id = "read_segment",
    tag = "flags", params(OneSegment), responses((status = 200, body = SegmentView), Problems)
)]
pub(super) async fn read(
    State(rooms): State<Rooms>,
    Path(OneSegment { project, environment, segment }): Path<OneSegment>,
) -> Result<(ETag, Json<SegmentView>), Problem> {
    let stored = rooms.flags.segment(&project, &environment, &segment).await?;
    Ok((ETag(stored.version), Json(stored.into())))
}

/// Changes a segment.
#[utoipa::path(
    patch, path = "/api/projects/{project}/environments/{environment}/segments/{segment}",
    operation_id = "change_segment", tag = "flags", params(OneSegment, IfMatch), request_body = ChangeRequest,
    responses((status = 200, body = Edited), Problems)
)]
pub(super) async fn amend(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(segment): Path<OneSegment>,
    IfMatch(expected): IfMatch,
    Body(request): Body<ChangeRequest>,
) -> Result<(ETag, Json<Edited>), Problem> {
    if let Some(index) = request.instructions.iter().position(|one| matches!(one, Instruction::ReplaceMembers(_))) {
        return Err(refuse::uploads_only(index));
    }
    let change = Change::new(author(&caller, Role::Writer)?, segment.subject(), request.instructions);
    let edited = rooms.flags.edit(change.comment(request.comment).expected(expected)).await?;
    Ok((ETag(edited.version()), Json(edited)))
}

/// Takes a segment away, if nothing names it. It can be undone.
#[utoipa::path(
    delete, path = "/api/projects/{project}/environments/{environment}/segments/{segment}",
    operation_id = "delete_segment", tag = "flags", params(OneSegment, Comment, IfMatch),
    responses((status = 200, body = ChangeRecord), Problems)
)]
pub(super) async fn delete(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(segment): Path<OneSegment>,
    IfMatch(expected): IfMatch,
    Query(Comment { comment }): Query<Comment>,
) -> Result<Json<ChangeRecord>, Problem> {
    let delete = vec![Instruction::DeleteSegment {}];
    let change = Change::new(author(&caller, Role::Writer)?, segment.subject(), delete);
    Ok(Json(rooms.flags.change(change.comment(comment).expected(expected)).await?))
}
