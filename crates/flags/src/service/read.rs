//! What there is: flags with what they do, segments, changes.

use std::collections::BTreeMap;

use kernel::{EnvironmentKey, FlagKey, Page, PageRequest, ProjectKey, Revision, SegmentKey};

use super::{Error, Flags};
use crate::manifest::{self, Manifest};
use crate::model::{ChangeRecord, ChangeSummary, Configuration, Flag};
use crate::store::changes::{self, ChangeFilter};
use crate::store::flags::{self, FlagFilter, StoredFlag};
use crate::store::places::{self, StoredEnvironment, StoredProject};
use crate::store::segments::{self, StoredSegment};

/// A flag with what it does in each environment.
#[derive(Clone, Debug, PartialEq)]
pub struct FlagView {
    /// Its key.
    pub key: FlagKey,
    /// The `seq` of its last change in all environments.
    pub version: Revision,
    /// The flag.
    pub flag: Flag,
    /// What it does where; every environment is there.
    pub environments: BTreeMap<EnvironmentKey, ConfiguredFlag>,
}

/// What a flag does in one environment.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfiguredFlag {
    /// The `seq` of its last change here; 0 when it was never configured here.
    pub version: Revision,
    /// The version that SDKs see: that of the last change here or in all environments.
    pub sdk_version: Revision,
    /// What it does.
    pub configuration: Configuration,
}

impl Flags {
    /// All projects, oldest first.
    pub async fn projects(&self) -> Result<Vec<StoredProject>, Error> {
        Ok(places::list_projects(&self.db).await?)
    }

    /// One project.
    pub async fn project(&self, key: &ProjectKey) -> Result<StoredProject, Error> {
        let project = places::read_project(&self.db, key).await?;
        project.map(|(project, _)| project).ok_or(Error::NotFound("project"))
    }

    /// The environments of a project, oldest first.
    pub async fn environments(&self, project: &ProjectKey) -> Result<Vec<StoredEnvironment>, Error> {
        self.project(project).await?;
        Ok(places::list_environments(&self.db, project).await?)
    }

    /// One environment.
    pub async fn environment(&self, project: &ProjectKey, key: &EnvironmentKey) -> Result<StoredEnvironment, Error> {
        places::read_environment(&self.db, project, key).await?.ok_or(Error::NotFound("environment"))
    }

    /// The flags of a project, by key, with what they do everywhere or in `environment` alone.
    pub async fn flags(
        &self,
        project: &ProjectKey,
        environment: Option<&EnvironmentKey>,
        filter: &FlagFilter,
        page: &PageRequest,
    ) -> Result<Page<FlagView>, Error> {
        let mut environments = self.environments(project).await?;
        if let Some(only) = environment {
            environments.retain(|environment| environment.key == *only);
            if environments.is_empty() {
                return Err(Error::NotFound("environment"));
            }
        }
        let Page { items, next } = flags::list(&self.db, project, filter, page).await?;
        Ok(Page { items: self.views(project, &environments, items).await?, next })
    }

    /// All flags of a project as typed code sees them.
    pub async fn manifest(&self, project: &ProjectKey) -> Result<Manifest, Error> {
        self.project(project).await?;
        let (mut told, mut after) = (vec![], None);
        loop {
            let stride = PageRequest { after, limit: 1_000 };
            let Page { items, next } = flags::list(&self.db, project, &FlagFilter::default(), &stride).await?;
            told.extend(items.iter().filter_map(|flag| manifest::flag(flag.key.as_str(), &flag.body)));
            after = next;
            if after.is_none() {
                return Ok(Manifest { flags: told });
            }
        }
    }

    /// One flag with what it does everywhere.
    pub async fn flag(&self, project: &ProjectKey, key: &FlagKey) -> Result<FlagView, Error> {
        let environments = self.environments(project).await?;
        let flag = flags::read(&self.db, project, key).await?;
        let flag = flag.filter(|flag| !flag.body.deleted).ok_or(Error::NotFound("flag"))?;
        self.views(project, &environments, vec![flag]).await?.pop().ok_or(Error::NotFound("flag"))
    }

    /// One flag with what it does in one environment: what a release reads before it decides.
    pub async fn configuration(
        &self,
        project: &ProjectKey,
        environment: &EnvironmentKey,
        key: &FlagKey,
    ) -> Result<(Flag, ConfiguredFlag), Error> {
        let mut view = self.flag(project, key).await?;
        let configured = view.environments.remove(environment).ok_or(Error::NotFound("environment"))?;
        Ok((view.flag, configured))
    }

    async fn views(
        &self,
        project: &ProjectKey,
        environments: &[StoredEnvironment],
        stored_flags: Vec<StoredFlag>,
    ) -> Result<Vec<FlagView>, Error> {
        let (Some(first), Some(last)) = (stored_flags.first(), stored_flags.last()) else { return Ok(vec![]) };
        let stored = flags::read_configurations(&self.db, project, &first.key, &last.key).await?;
        let mut stored: BTreeMap<_, _> =
            stored.into_iter().map(|one| ((one.flag, one.environment), (one.version, one.body))).collect();
        let view = |StoredFlag { key, version, body: flag }| {
            let environments = environments.iter().map(|environment| {
                let configured = stored.remove(&(FlagKey::clone(&key), environment.key.clone()));
                let (here, configuration) = configured.unwrap_or_else(|| (Revision(0), Configuration::initial(&flag)));
                let sdk_version = here.max(version);
                (environment.key.clone(), ConfiguredFlag { version: here, sdk_version, configuration })
            });
            let environments = environments.collect();
            FlagView { key, version, flag, environments }
        };
        Ok(stored_flags.into_iter().map(view).collect())
    }

    /// The segments of an environment, by key.
    pub async fn segments(
        &self,
        project: &ProjectKey,
        environment: &EnvironmentKey,
        page: &PageRequest,
    ) -> Result<Page<StoredSegment>, Error> {
        self.environment(project, environment).await?;
        Ok(segments::list(&self.db, project, environment, page).await?)
    }

    /// One segment.
    pub async fn segment(
        &self,
        project: &ProjectKey,
        environment: &EnvironmentKey,
        key: &SegmentKey,
    ) -> Result<StoredSegment, Error> {
        let segment = segments::read(&self.db, project, environment, key).await?;
        segment.filter(|segment| !segment.body.deleted).ok_or(Error::NotFound("segment"))
    }

    /// Changes, newest first.
    pub async fn changes(&self, filter: &ChangeFilter, page: &PageRequest) -> Result<Page<ChangeSummary>, Error> {
        Ok(changes::list(&self.db, filter, page).await?)
    }

    /// The change at this place of the log.
    pub async fn change_at(&self, seq: Revision) -> Result<ChangeRecord, Error> {
        changes::by_seq(&self.db, seq).await?.ok_or(Error::NotFound("change"))
    }
}
