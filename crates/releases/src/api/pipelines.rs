//! Pipelines.

use access::Caller;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{PipelineKey, ProjectKey, Revision};
use rest::{Body, ETag, IfMatch, Path, Problem, Problems};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{List, ProjectPath};
use crate::model::{Pipeline, PipelineBody, Step};
use crate::service::Releases;

#[derive(Deserialize, IntoParams)]
pub(super) struct PipelinePath {
    /// The project.
    #[param(value_type = String)]
    project: ProjectKey,
    /// The pipeline.
    #[param(value_type = String)]
    pipeline: PipelineKey,
}

/// A pipeline to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewPipeline {
    /// Its key.
    #[schema(value_type = String)]
    key: PipelineKey,
    /// For people.
    name: String,
    /// In order; the last reaches everyone.
    steps: Vec<Step>,
}

/// Lists a project's pipelines; `standard` is always among them.
#[utoipa::path(
    get, path = "/api/projects/{project}/pipelines", tag = "releases", params(ProjectPath),
    responses((status = 200, body = List<Pipeline>), Problems)
)]
pub(super) async fn list_pipelines(
    State(releases): State<Releases>,
    Path(path): Path<ProjectPath>,
) -> Result<Json<List<Pipeline>>, Problem> {
    Ok(Json(List { items: releases.pipelines(&path.project).await? }))
}

/// Makes a pipeline.
#[utoipa::path(
    post, path = "/api/projects/{project}/pipelines", tag = "releases", params(ProjectPath), request_body = NewPipeline,
    responses((status = 201, body = Pipeline), Problems)
)]
pub(super) async fn create_pipeline(
    State(releases): State<Releases>,
    caller: Caller,
    Path(path): Path<ProjectPath>,
    Body(NewPipeline { key, name, steps }): Body<NewPipeline>,
) -> Result<(StatusCode, ETag, Json<Pipeline>), Problem> {
    let made = releases.create_pipeline(&caller, &path.project, key, PipelineBody { name, steps }).await?;
    Ok((StatusCode::CREATED, ETag(Revision(made.version)), Json(made)))
}

/// Reads a pipeline.
#[utoipa::path(
    get, path = "/api/projects/{project}/pipelines/{pipeline}", tag = "releases", params(PipelinePath),
    responses((status = 200, body = Pipeline), Problems)
)]
pub(super) async fn read_pipeline(
    State(releases): State<Releases>,
    Path(path): Path<PipelinePath>,
) -> Result<(ETag, Json<Pipeline>), Problem> {
    let pipeline = releases.pipeline(&path.project, &path.pipeline).await?;
    Ok((ETag(Revision(pipeline.version)), Json(pipeline)))
}

/// Changes a pipeline; releases under way keep the steps that they began with.
#[utoipa::path(
    put, path = "/api/projects/{project}/pipelines/{pipeline}", tag = "releases", params(PipelinePath, IfMatch),
    request_body = PipelineBody, responses((status = 200, body = Pipeline), Problems)
)]
pub(super) async fn put_pipeline(
    State(releases): State<Releases>,
    caller: Caller,
    Path(path): Path<PipelinePath>,
    IfMatch(seen): IfMatch,
    Body(body): Body<PipelineBody>,
) -> Result<(ETag, Json<Pipeline>), Problem> {
    let of = (&path.project, &path.pipeline);
    let pipeline = releases.change_pipeline(&caller, of, seen.map(|seen| seen.0), body).await?;
    Ok((ETag(Revision(pipeline.version)), Json(pipeline)))
}
