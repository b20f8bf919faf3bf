//! Environments.

use access::{Caller, Role};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{EnvironmentKey, Revision};
use rest::{Body, ETag, IfMatch, Page, Path, Problem, Problems};
use serde::Serialize;
use utoipa::ToSchema;

use super::paths::{InEnvironment, InProject};
use super::projects::CreateEnvironmentRequest;
use super::schema::ChangeRequest;
use super::{Rooms, refuse};
use crate::Change;
use crate::model::{Environment, Subject};
use crate::service::{Edited, NewEnvironment, author};
use crate::store::places::StoredEnvironment;

/// An environment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnvironmentView {
    #[schema(value_type = String)]
    key: EnvironmentKey,
    /// The place in the log of its last change: its ETag.
    #[schema(value_type = i64)]
    version: Revision,
    name: String,
    /// Whether customers see it.
    production: bool,
    /// Whether browsers must show a hash of their context.
    secure_mode: bool,
}

impl From<StoredEnvironment> for EnvironmentView {
    fn from(stored: StoredEnvironment) -> Self {
        let StoredEnvironment { key, version, body: Environment { name, production, secure_mode } } = stored;
        Self { key, version, name, production, secure_mode }
    }
}

/// Lists the environments of a project, oldest first.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments", operation_id = "list_environments", tag = "flags",
    params(InProject), responses((status = 200, body = Page<EnvironmentView>), Problems)
)]
pub(super) async fn list(
    State(rooms): State<Rooms>,
    Path(InProject { project }): Path<InProject>,
) -> Result<Json<Page<EnvironmentView>>, Problem> {
    let items = rooms.flags.environments(&project).await?;
    Ok(Json(kernel::Page { items, next: None }.into()))
}

/// Creates an environment with one key of every kind; every flag starts there as its defaults say, off.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments", operation_id = "create_environment", tag = "flags",
    params(InProject), request_body = CreateEnvironmentRequest,
    responses((status = 201, body = EnvironmentView), Problems)
)]
pub(super) async fn create(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(InProject { project }): Path<InProject>,
    Body(request): Body<CreateEnvironmentRequest>,
) -> Result<(StatusCode, ETag, Json<EnvironmentView>), Problem> {
    let new = NewEnvironment::from(request);
    let key = new.key.clone();
    let actor = author(&caller, Role::Admin)?;
    rooms.flags.create_environment(actor, &project, new).await.map_err(refuse::creation)?;
    let environment = rooms.flags.environment(&project, &key).await?;
    Ok((StatusCode::CREATED, ETag(environment.version), Json(environment.into())))
}

/// Reads an environment.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}", operation_id = "read_environment", tag = "flags",
    params(InEnvironment), responses((status = 200, body = EnvironmentView), Problems)
)]
pub(super) async fn read(
    State(rooms): State<Rooms>,
    Path(InEnvironment { project, environment }): Path<InEnvironment>,
) -> Result<(ETag, Json<EnvironmentView>), Problem> {
    let environment = rooms.flags.environment(&project, &environment).await?;
    Ok((ETag(environment.version), Json(environment.into())))
}

/// Changes an environment's name, its mark and its secure mode; its keys have routes of their own.
#[utoipa::path(
    patch, path = "/api/projects/{project}/environments/{environment}", operation_id = "change_environment",
    tag = "flags", params(InEnvironment, IfMatch), request_body = ChangeRequest,
    responses((status = 200, body = Edited), Problems)
)]
pub(super) async fn amend(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(InEnvironment { project, environment }): Path<InEnvironment>,
    IfMatch(expected): IfMatch,
    Body(request): Body<ChangeRequest>,
) -> Result<(ETag, Json<Edited>), Problem> {
    let actor = author(&caller, Role::Writer)?;
    rooms.flags.environment(&project, &environment).await?;
    let change = Change::new(actor, Subject::Environment(project, environment), request.instructions);
    let edited = rooms.flags.edit(change.comment(request.comment).expected(expected)).await?;
    Ok((ETag(edited.version()), Json(edited)))
}
