//! Services: what people are on call for.

use access::{Caller, Role};
use async_trait::async_trait;
use db::{Db, ReadError};
use kernel::{EnvironmentKey, Page, PageRequest, PolicyKey, ProjectKey, Revision, ServiceKey};
use serde::{Deserialize, Deserializer};

use super::error::on_conflict;
use super::{Error, Oncall, require};
use crate::model::{Invalid, Policy, Service};
use crate::store::documents::{POLICIES, SERVICES};

/// A new service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewService {
    /// Its key.
    #[schema(value_type = String)]
    pub key: ServiceKey,
    /// Its name for people.
    pub name: String,
    /// What it does, in a sentence or two.
    #[serde(default)]
    pub description: String,
    /// The escalation policy by which its incidents are paged.
    #[schema(value_type = String)]
    pub policy: PolicyKey,
    /// Where it runs; narrows the suspects of an incident to the changes made there.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub project: Option<ProjectKey>,
    /// The environment of that project.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub environment: Option<EnvironmentKey>,
}

/// What shall change of a service; what is absent stays, and null takes away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ServicePatch {
    /// Its name for people.
    pub name: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// The escalation policy by which its incidents are paged.
    #[schema(value_type = Option<String>)]
    pub policy: Option<PolicyKey>,
    /// Where it runs.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub project: Option<Option<ProjectKey>>,
    /// The environment of that project.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub environment: Option<Option<EnvironmentKey>>,
}

/// A member that is there, even when it is null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl From<NewService> for Service {
    fn from(new: NewService) -> Self {
        let NewService { key, name, description, policy, project, environment } = new;
        Self { key, name, description, policy, project, environment, version: Revision(0) }
    }
}

/// Answers a release that names a service; apart from [`Oncall`], which itself stands on releases.
#[derive(Clone)]
pub struct KnownServices(Db);

impl KnownServices {
    /// Those of this database.
    pub fn new(db: Db) -> Self {
        Self(db)
    }
}

#[async_trait]
impl releases::Services for KnownServices {
    async fn has(&self, key: &ServiceKey) -> Result<bool, ReadError> {
        Ok(SERVICES.get::<Service>(&self.0, key.as_str()).await?.is_some())
    }
}

impl ServicePatch {
    fn apply(self, service: &mut Service) {
        let Self { name, description, policy, project, environment } = self;
        service.name = name.unwrap_or_else(|| service.name.clone());
        service.description = description.unwrap_or_else(|| service.description.clone());
        service.policy = policy.unwrap_or_else(|| service.policy.clone());
        service.project = project.unwrap_or_else(|| service.project.clone());
        service.environment = environment.unwrap_or_else(|| service.environment.clone());
    }
}

impl Oncall {
    /// A page of services by key.
    pub async fn services(&self, page: &PageRequest) -> Result<Page<Service>, Error> {
        let rows = SERVICES.list(&self.db, page).await?;
        Ok(page.page(rows, |service: &Service| service.key.to_string()))
    }

    /// One service.
    pub async fn service(&self, key: &ServiceKey) -> Result<Service, Error> {
        SERVICES.get(&self.db, key.as_str()).await?.ok_or(Error::NotFound("service"))
    }

    /// Adds a service.
    pub async fn create_service(&self, caller: &Caller, new: NewService) -> Result<Service, Error> {
        require(caller, Role::Writer)?;
        let service = Service::from(new);
        self.check_service(&service).await?;
        self.db
            .commit(SERVICES.insert(&service).into())
            .await
            .map_err(on_conflict("service", Error::Taken("service")))?;
        self.service(&service.key).await
    }

    /// Changes a service; `seen` is the version that the caller saw, when it says so.
    pub async fn update_service(
        &self,
        caller: &Caller,
        key: &ServiceKey,
        patch: ServicePatch,
        seen: Option<Revision>,
    ) -> Result<Service, Error> {
        require(caller, Role::Writer)?;
        let mut service = self.service(key).await?;
        let seen = seen.unwrap_or(service.version);
        patch.apply(&mut service);
        self.check_service(&service).await?;
        let update = SERVICES.update(&service, seen);
        self.db.commit(update.into()).await.map_err(on_conflict("service", Error::Changed("service")))?;
        self.service(key).await
    }

    async fn check_service(&self, service: &Service) -> Result<(), Error> {
        service.check()?;
        if POLICIES.get::<Policy>(&self.db, service.policy.as_str()).await?.is_none() {
            let detail = format!("there is no escalation policy {}", service.policy);
            return Err(Invalid::new("unknown-policy", "/policy", detail, "create the policy first").into());
        }
        Ok(())
    }
}
