//! Services.

use access::Caller;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{EnvironmentKey, PolicyKey, ProjectKey, ServiceKey};
use rest::{Body, ETag, IfMatch, Page, Paging, Path, Problem, Problems};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Oncall;
use crate::model::Service;
use crate::service::{NewService, ServicePatch};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ServicePath {
    /// The service.
    #[param(value_type = String)]
    service: ServiceKey,
}

/// Something that people are on call for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceView {
    #[schema(value_type = String)]
    key: ServiceKey,
    name: String,
    description: String,
    /// The escalation policy by which its incidents are paged.
    #[schema(value_type = String)]
    policy: PolicyKey,
    /// Where it runs.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectKey>,
    /// The environment of that project.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<EnvironmentKey>,
    /// Counts its edits; also the ETag.
    version: i64,
}

impl From<Service> for ServiceView {
    fn from(service: Service) -> Self {
        let Service { key, name, description, policy, project, environment, version } = service;
        Self { key, name, description, policy, project, environment, version: version.0 }
    }
}

/// Lists services by key.
#[utoipa::path(get, path = "/api/services", operation_id = "list_services", tag = "oncall", params(Paging), responses(
    (status = 200, body = Page<ServiceView>), Problems
))]
pub(super) async fn list(
    State(oncall): State<Oncall>,
    Paging(page): Paging,
) -> Result<Json<Page<ServiceView>>, Problem> {
    Ok(Json(oncall.services(&page).await?.into()))
}

/// Adds a service.
#[utoipa::path(
    post, path = "/api/services", operation_id = "create_service", tag = "oncall", request_body = NewService,
    responses((status = 201, body = ServiceView), Problems)
)]
pub(super) async fn create(
    State(oncall): State<Oncall>,
    caller: Caller,
    Body(new): Body<NewService>,
) -> Result<(StatusCode, ETag, Json<ServiceView>), Problem> {
    let service = oncall.create_service(&caller, new).await?;
    Ok((StatusCode::CREATED, ETag(service.version), Json(service.into())))
}

/// Shows a service.
#[utoipa::path(
    get, path = "/api/services/{service}", operation_id = "read_service", tag = "oncall", params(ServicePath),
    responses((status = 200, body = ServiceView), Problems)
)]
pub(super) async fn read(
    State(oncall): State<Oncall>,
    Path(path): Path<ServicePath>,
) -> Result<(ETag, Json<ServiceView>), Problem> {
    let service = oncall.service(&path.service).await?;
    Ok((ETag(service.version), Json(service.into())))
}

/// Changes a service.
#[utoipa::path(
    patch, path = "/api/services/{service}", operation_id = "update_service", tag = "oncall",
    params(ServicePath, IfMatch),
    request_body = ServicePatch, responses((status = 200, body = ServiceView), Problems)
)]
pub(super) async fn update(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(path): Path<ServicePath>,
    IfMatch(seen): IfMatch,
    Body(wish): Body<ServicePatch>,
) -> Result<(ETag, Json<ServiceView>), Problem> {
    let service = oncall.update_service(&caller, &path.service, wish, seen).await?;
    Ok((ETag(service.version), Json(service.into())))
}
