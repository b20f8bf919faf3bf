//! Our HTTP API: pipelines, releases, deployments.

mod deployments;
mod pipelines;
mod releases;
pub mod schema;

use access::{Need, Rule};
use kernel::{EnvironmentKey, ProjectKey};
use metrics::Place;
use rest::{OpenApiRouter, routes};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::service::Releases;

/// Who may do what.
pub const RULES: &[Rule] = &[
    Rule::get("/api/projects/{project}/pipelines", Need::Reader),
    Rule::post("/api/projects/{project}/pipelines", Need::Writer),
    Rule::get("/api/projects/{project}/pipelines/{pipeline}", Need::Reader),
    Rule::put("/api/projects/{project}/pipelines/{pipeline}", Need::Writer),
    Rule::get("/api/projects/{project}/environments/{environment}/releases", Need::Reader),
    Rule::post("/api/projects/{project}/environments/{environment}/releases", Need::Writer),
    Rule::get("/api/releases", Need::Reader),
    Rule::get("/api/releases/{id}", Need::Reader),
    Rule::get("/api/releases/{id}/evidence", Need::Reader),
    Rule::get("/api/releases/{id}/decisions", Need::Reader),
    Rule::post("/api/releases/{id}/hold", Need::Writer),
    Rule::post("/api/releases/{id}/resume", Need::Writer),
    Rule::post("/api/releases/{id}/skip", Need::Writer),
    Rule::post("/api/releases/{id}/abort", Need::Writer),
    Rule::post("/api/releases/{id}/roll-back", Need::Writer),
    Rule::get("/api/projects/{project}/environments/{environment}/deployments", Need::Reader),
    Rule::post("/api/projects/{project}/environments/{environment}/deployments", Need::Writer),
];

/// The capability's routes.
pub fn routes(service: Releases) -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(pipelines::list_pipelines, pipelines::create_pipeline))
        .routes(routes!(pipelines::read_pipeline, pipelines::put_pipeline))
        .routes(routes!(releases::list_releases_of_environment, releases::start_release))
        .routes(routes!(releases::list_releases))
        .routes(routes!(releases::read_release))
        .routes(routes!(releases::read_evidence))
        .routes(routes!(releases::list_decisions))
        .routes(routes!(releases::hold_release))
        .routes(routes!(releases::resume_release))
        .routes(routes!(releases::skip_step))
        .routes(routes!(releases::abort_release))
        .routes(routes!(releases::roll_back_release))
        .routes(routes!(deployments::list_deployments, deployments::report_deployment))
        .with_state(service)
}

#[derive(Deserialize, IntoParams)]
struct ProjectPath {
    /// The project.
    #[param(value_type = String)]
    project: ProjectKey,
}

#[derive(Deserialize, IntoParams)]
struct PlacePath {
    /// The project.
    #[param(value_type = String)]
    project: ProjectKey,
    /// The environment.
    #[param(value_type = String)]
    environment: EnvironmentKey,
}

impl From<PlacePath> for Place {
    fn from(path: PlacePath) -> Self {
        Self { project: path.project, environment: path.environment }
    }
}

/// A whole list: these are few.
#[derive(Serialize, ToSchema)]
struct List<T> {
    /// The items.
    items: Vec<T>,
}
