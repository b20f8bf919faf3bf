//! Deployments.

use access::Caller;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::ServiceKey;
use rest::{Body, Page, Paging, Path, Problem, Problems};
use serde::Deserialize;
use utoipa::ToSchema;

use super::PlacePath;
use crate::model::Deployment;
use crate::service::Releases;

/// A version that was brought to an environment.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewDeployment {
    /// What.
    #[schema(value_type = String)]
    service: ServiceKey,
    /// Which version of it: a tag, a commit.
    version: String,
}

/// Takes note of a deployment.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/deployments", tag = "releases",
    params(PlacePath), request_body = NewDeployment, responses((status = 201, body = Deployment), Problems)
)]
pub(super) async fn report_deployment(
    State(releases): State<Releases>,
    caller: Caller,
    Path(path): Path<PlacePath>,
    Body(NewDeployment { service, version }): Body<NewDeployment>,
) -> Result<(StatusCode, Json<Deployment>), Problem> {
    Ok((StatusCode::CREATED, Json(releases.deploy(&caller, &path.into(), service, version).await?)))
}

/// Lists the deployments to an environment, the newest first.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/deployments", tag = "releases",
    params(PlacePath, Paging), responses((status = 200, body = Page<Deployment>), Problems)
)]
pub(super) async fn list_deployments(
    State(releases): State<Releases>,
    Path(path): Path<PlacePath>,
    Paging(page): Paging,
) -> Result<Json<Page<Deployment>>, Problem> {
    Ok(Json(releases.deployments(&path.into(), &page).await?.into()))
}
