//! Begins a release.

use std::collections::BTreeSet;

use access::{Caller, Role};
use db::Batch;
use flags::Change;
use flags::model::{Cause, Subject};
use flags::service::author;
use kernel::{FlagKey, PageRequest, PipelineKey, ReleaseId, ServiceKey, Timestamp};
use metrics::{ComparedMetric, Place};

use super::{Releases, enactment};
use crate::compile::{expectation, instructions};
use crate::error::Error;
use crate::model::{Action, Audience, Pipeline, PipelineBody, Plan, Progress, Release, ReleaseState};
use crate::plan::{InvalidRelease, NewRelease, Surroundings, plan};
use crate::sentence;
use crate::store::{
    self,
    decision::NewDecision,
    release::{Filter, StateFilter},
};

impl Releases {
    /// Begins a release with its first step: one batch with the change of the flag.
    pub async fn start(&self, caller: &Caller, place: &Place, request: NewRelease) -> Result<Release, Error> {
        let actor = author(caller, Role::Writer)?;
        self.refuse_second(place, &request.flag).await?;
        let (flag, configured) = self.flags.configuration(&place.project, &place.environment, &request.flag).await?;
        let key = request.pipeline.clone().unwrap_or_else(standard_key);
        let pipeline = self.pipeline_to_walk(place, &key).await?;
        self.refuse_unknown_service(request.service.as_ref()).await?;
        let missing_segments = self.missing_segments(place, &pipeline).await?;
        let metrics = self.compared_metrics(place, &request).await?;
        if let Some(deployment) = &request.deployment {
            store::deployment::get(&self.db, place, deployment).await?.ok_or(Error::NotFound("deployment"))?;
        }
        let around = Surroundings {
            flag: &flag,
            configuration: &configured.configuration,
            pipeline: &pipeline,
            missing_segments: &missing_segments,
            metrics: &metrics,
        };
        let now = self.now();
        let id = ReleaseId::mint(now, &*self.rng);
        let release = begun(id, place, &request, plan(request.clone(), &around, self.seed(), actor.clone())?, now);
        let sentence = sentence::started(&release);
        let changes = instructions(&release, &configured.configuration, &expectation(&release));
        let decision = NewDecision {
            at: now,
            action: Action::Start,
            actor: actor.clone(),
            sentence: sentence.clone(),
            judgement: None,
            announcement: None,
        };
        let mut batch = Batch::from(store::release::insert(&release));
        batch.push(store::decision::insert(&release.id, (1, 0), &decision, !changes.is_empty()));
        batch.extend(enactment::comparison(None, &release, now));
        batch.push(db::sequence::advance("release"));
        let subject = Subject::Configuration(place.project.clone(), place.environment.clone(), release.flag.clone());
        let cause = Cause { release_id: Some(release.id.clone()), ..Cause::default() };
        let change = Change::new(actor, subject, changes).comment(sentence).cause(cause);
        match self.flags.change(change.expected(Some(configured.version)).with(batch)).await {
            Ok(_) => Ok(release),
            Err(flags::Error::Guard(store::release::OPEN)) => Err(Error::AlreadyOpen),
            Err(error) => Err(error.into()),
        }
    }

    /// Says it plainly; two that begin at once are told apart by the database.
    async fn refuse_second(&self, place: &Place, flag: &FlagKey) -> Result<(), Error> {
        let (place, flag) = (Some(place.clone()), Some(flag.clone()));
        let open = Filter { place, flag, state: Some(StateFilter::Open) };
        let one = PageRequest { after: None, limit: 1 };
        if store::release::list(&self.db, &open, &one).await?.is_empty() { Ok(()) } else { Err(Error::AlreadyOpen) }
    }

    async fn pipeline_to_walk(&self, place: &Place, key: &PipelineKey) -> Result<Pipeline, Error> {
        let pipelines = self.pipelines(&place.project).await?;
        let known = pipelines.iter().map(|pipeline| pipeline.key.clone()).collect();
        let found = pipelines.into_iter().find(|pipeline| pipeline.key == *key);
        found.ok_or_else(|| Error::UnknownPipeline { key: key.clone(), known })
    }

    /// A typing error would page other people than those who were meant.
    async fn refuse_unknown_service(&self, service: Option<&ServiceKey>) -> Result<(), Error> {
        match (service, &self.services) {
            (Some(service), Some(services)) if !services.has(service).await? => {
                Err(Error::UnknownService(service.clone()))
            }
            _ => Ok(()),
        }
    }

    async fn missing_segments(&self, place: &Place, pipeline: &Pipeline) -> Result<BTreeSet<String>, Error> {
        let mut missing = BTreeSet::new();
        for step in &pipeline.body.steps {
            let Audience::Segment(segment) = &step.audience else { continue };
            match self.flags.segment(&place.project, &place.environment, segment).await {
                Ok(_) => {}
                Err(flags::Error::NotFound(_)) => drop(missing.insert(segment.to_string())),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(missing)
    }

    async fn compared_metrics(&self, place: &Place, request: &NewRelease) -> Result<Vec<ComparedMetric>, Error> {
        let mut compared = Vec::with_capacity(request.guards.len());
        for (index, guard) in request.guards.iter().enumerate() {
            let metric = self.metrics.metric(&place.project, &guard.metric).await;
            let metric = metric.map_err(|error| match error {
                metrics::Error::NoSuchMetric { key } => Error::InvalidRelease(InvalidRelease {
                    field: format!("/guards/{index}/metric"),
                    reason: format!("there is no metric {key}"),
                }),
                other => other.into(),
            })?;
            compared.push(ComparedMetric { key: metric.key, event_key: metric.definition.event_key });
        }
        Ok(compared)
    }

    /// Positive, as JavaScript SDKs read 0 as none (`launchdarkly.md` §2.7), and exact in every JSON reader.
    fn seed(&self) -> i64 {
        1 + i64::from(u32::try_from(self.rng.next_u64() >> 33).unwrap_or(0))
    }
}

fn begun(id: ReleaseId, place: &Place, request: &NewRelease, plan: Plan, now: Timestamp) -> Release {
    Release {
        id,
        project: place.project.clone(),
        environment: place.environment.clone(),
        flag: request.flag.clone(),
        state: ReleaseState::Walking,
        version: 1,
        created_at: now,
        ended_at: None,
        plan,
        progress: Progress::begin(now),
    }
}

/// The key of the pipeline that every project has.
pub(super) fn standard_key() -> PipelineKey {
    PipelineKey::new("standard").expect("a plain word is a key")
}

/// The pipeline that every project has until somebody writes another under its key.
pub(super) fn standard(project: &kernel::ProjectKey) -> Pipeline {
    Pipeline { project: project.clone(), key: standard_key(), version: 0, body: PipelineBody::standard() }
}
