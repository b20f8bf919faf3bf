//! Deployments: told by pipelines of others, listed for people.

use access::{Caller, Role};
use db::Batch;
use flags::service::author;
use kernel::{Page, PageRequest, ServiceKey};
use metrics::Place;

use super::Releases;
use crate::error::Error;
use crate::model::{Deployment, DeploymentId};
use crate::store;

impl Releases {
    /// Takes note of a version that was brought to an environment.
    pub async fn deploy(
        &self,
        caller: &Caller,
        place: &Place,
        service: ServiceKey,
        version: String,
    ) -> Result<Deployment, Error> {
        let actor = author(caller, Role::Writer)?;
        if !(1..=200).contains(&version.chars().count()) {
            return Err(Error::InvalidDeployment);
        }
        self.flags.environment(&place.project, &place.environment).await?;
        let at = self.now();
        let id = DeploymentId::mint(at, &*self.rng);
        let Place { project, environment } = place.clone();
        let deployment = Deployment { id, project, environment, service, version, at, actor };
        let mut batch = Batch::from(store::deployment::insert(&deployment));
        batch.push(db::sequence::advance("release"));
        self.db.commit(batch).await?;
        Ok(deployment)
    }

    /// The deployments to a place, the newest first.
    pub async fn deployments(&self, place: &Place, page: &PageRequest) -> Result<Page<Deployment>, Error> {
        self.flags.environment(&place.project, &place.environment).await?;
        let rows = store::deployment::list(&self.db, place, page).await?;
        Ok(page.page(rows, |deployment| deployment.id.to_string()))
    }
}
