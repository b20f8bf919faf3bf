//! Projects.

use access::{Caller, Role};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{EnvironmentKey, ProjectKey, Revision};
use rest::{Body, ETag, IfMatch, Page, Path, Problem, Problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Rooms;
use super::paths::InProject;
use super::schema::ChangeRequest;
use crate::Change;
use crate::model::{Environment, Project, Subject};
use crate::service::{Edited, NewEnvironment, NewProject, author};
use crate::store::places::StoredProject;

/// A project.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectView {
    #[schema(value_type = String)]
    key: ProjectKey,
    #[schema(value_type = i64)]
    version: Revision,
    name: String,
    description: String,
}

impl From<StoredProject> for ProjectView {
    fn from(StoredProject { key, version, body: Project { name, description } }: StoredProject) -> Self {
        Self { key, version, name, description }
    }
}

/// A project to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateProjectRequest {
    #[schema(value_type = String)]
    key: ProjectKey,
    name: String,
    #[serde(default)]
    description: String,
    /// `test` and `production` when absent.
    environments: Option<Vec<CreateEnvironmentRequest>>,
}

/// An environment to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateEnvironmentRequest {
    #[schema(value_type = String)]
    key: EnvironmentKey,
    name: String,
    /// Whether customers see it.
    #[serde(default)]
    production: bool,
    /// Whether browsers must show a hash of their context.
    #[serde(default)]
    secure_mode: bool,
}

impl From<CreateEnvironmentRequest> for NewEnvironment {
    fn from(request: CreateEnvironmentRequest) -> Self {
        let CreateEnvironmentRequest { key, name, production, secure_mode } = request;
        Self { key, environment: Environment { name, production, secure_mode } }
    }
}

impl From<CreateProjectRequest> for NewProject {
    fn from(CreateProjectRequest { key, name, description, environments }: CreateProjectRequest) -> Self {
        let mut new = Self::usual(key, Project { name, description });
        if let Some(environments) = environments {
            new.environments = environments.into_iter().map(NewEnvironment::from).collect();
        }
        new
    }
}

/// Lists all projects, oldest first.
#[utoipa::path(get, path = "/api/projects", operation_id = "list_projects", tag = "flags", responses(
    (status = 200, body = Page<ProjectView>), Problems
))]
pub(super) async fn list(State(rooms): State<Rooms>) -> Result<Json<Page<ProjectView>>, Problem> {
    let items = rooms.flags.projects().await?;
    Ok(Json(kernel::Page { items, next: None }.into()))
}

/// Creates a project with its environments, each with one key of every kind.
#[utoipa::path(
    post, path = "/api/projects", operation_id = "create_project", tag = "flags",
    request_body = CreateProjectRequest, responses((status = 201, body = ProjectView), Problems)
)]
pub(super) async fn create(
    State(rooms): State<Rooms>,
    caller: Caller,
    Body(request): Body<CreateProjectRequest>,
) -> Result<(StatusCode, ETag, Json<ProjectView>), Problem> {
    let key = request.key.clone();
    rooms.flags.create_project(author(&caller, Role::Admin)?, request.into()).await?;
    let project = rooms.flags.project(&key).await?;
    Ok((StatusCode::CREATED, ETag(project.version), Json(project.into())))
}

/// Reads a project.
#[utoipa::path(
    get, path = "/api/projects/{project}", operation_id = "read_project", tag = "flags", params(InProject),
    responses((status = 200, body = ProjectView), Problems)
)]
pub(super) async fn read(
    State(rooms): State<Rooms>,
    Path(InProject { project }): Path<InProject>,
) -> Result<(ETag, Json<ProjectView>), Problem> {
    let project = rooms.flags.project(&project).await?;
    Ok((ETag(project.version), Json(project.into())))
}

/// Changes a project's words.
#[utoipa::path(
    patch, path = "/api/projects/{project}", operation_id = "change_project", tag = "flags", params(InProject, IfMatch),
    request_body = ChangeRequest, responses((status = 200, body = Edited), Problems)
)]
pub(super) async fn amend(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(InProject { project }): Path<InProject>,
    IfMatch(expected): IfMatch,
    Body(request): Body<ChangeRequest>,
) -> Result<(ETag, Json<Edited>), Problem> {
    let actor = author(&caller, Role::Writer)?;
    rooms.flags.project(&project).await?;
    let change = Change::new(actor, Subject::Project(project), request.instructions);
    let edited = rooms.flags.edit(change.comment(request.comment).expected(expected)).await?;
    Ok((ETag(edited.version()), Json(edited)))
}
