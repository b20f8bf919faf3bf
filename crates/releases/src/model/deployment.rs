//! Code that was brought to an environment.

use kernel::{Actor, EnvironmentKey, ProjectKey, ServiceKey, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

kernel::id! {
    /// Code that was brought to an environment.
    DeploymentId = "dep",
}

/// A version of a service that was brought to an environment. Deploying is not releasing: nobody may see it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// Such as `dep_…`.
    #[schema(value_type = String)]
    pub id: DeploymentId,
    /// Where.
    #[schema(value_type = String)]
    pub project: ProjectKey,
    /// Where.
    #[schema(value_type = String)]
    pub environment: EnvironmentKey,
    /// What.
    #[schema(value_type = String)]
    pub service: ServiceKey,
    /// Which version of it.
    pub version: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who told.
    #[schema(value_type = flags::api::schema::Actor)]
    pub actor: Actor,
}
