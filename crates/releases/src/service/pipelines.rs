//! Pipelines: read, made, changed.

use access::{Caller, Role};
use db::{Batch, CommitError};
use flags::service::author;
use kernel::{PipelineKey, ProjectKey};

use super::{Releases, start};
use crate::error::Error;
use crate::model::{Pipeline, PipelineBody};
use crate::store;

impl Releases {
    /// The project's pipelines by key; `standard` is always among them.
    pub async fn pipelines(&self, project: &ProjectKey) -> Result<Vec<Pipeline>, Error> {
        self.flags.project(project).await?;
        let mut pipelines = store::pipeline::list(&self.db, project).await?;
        let standard = start::standard(project);
        if pipelines.iter().all(|pipeline| pipeline.key != standard.key) {
            pipelines.push(standard);
            pipelines.sort_by(|a, b| a.key.cmp(&b.key));
        }
        Ok(pipelines)
    }

    /// A pipeline; `standard` is there even when nobody wrote it.
    pub async fn pipeline(&self, project: &ProjectKey, key: &PipelineKey) -> Result<Pipeline, Error> {
        self.flags.project(project).await?;
        let stored = store::pipeline::get(&self.db, project, key).await?;
        let standard = || Some(start::standard(project)).filter(|standard| standard.key == *key);
        stored.or_else(standard).ok_or(Error::NotFound("pipeline"))
    }

    /// Makes a pipeline.
    pub async fn create_pipeline(
        &self,
        caller: &Caller,
        project: &ProjectKey,
        key: PipelineKey,
        body: PipelineBody,
    ) -> Result<Pipeline, Error> {
        author(caller, Role::Writer)?;
        body.check()?;
        self.flags.project(project).await?;
        match self.db.commit(Batch::from(store::pipeline::insert(project, &key, &body))).await {
            Ok(()) => Ok(Pipeline { project: project.clone(), key, version: 1, body }),
            Err(CommitError::Conflict { .. }) => Err(Error::PipelineExists),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes a pipeline; releases under way keep the steps that they began with.
    pub async fn change_pipeline(
        &self,
        caller: &Caller,
        (project, key): (&ProjectKey, &PipelineKey),
        seen: Option<i64>,
        body: PipelineBody,
    ) -> Result<Pipeline, Error> {
        author(caller, Role::Writer)?;
        body.check()?;
        let present = self.pipeline(project, key).await?;
        if seen.is_some_and(|seen| seen != present.version) {
            return Err(Error::Stale { present: present.version });
        }
        let write = match present.version {
            0 => store::pipeline::insert(project, key, &body),
            version => store::pipeline::update(project, key, version, &body),
        };
        match self.db.commit(Batch::from(write)).await {
            Ok(()) => Ok(Pipeline { version: present.version + 1, body, ..present }),
            Err(CommitError::Conflict { .. }) => Err(Error::Stale { present: present.version }),
            Err(error) => Err(error.into()),
        }
    }
}
