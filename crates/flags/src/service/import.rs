//! Import: loads what is here, plans, and commits every change of the plan in one batch.

use std::sync::Arc;

use db::{Batch, CommitError, sequence};
use delivery::Place;
use evaluation::Payload;
use kernel::Actor;
use tokio::sync::OwnedSemaphorePermit;

use super::change::{Change, OURS};
use super::load::Loaded;
use super::plan::Draft;
use super::{Error, Flags};
use crate::import::unleash::Features;
use crate::import::{Details, Existing, Plan, Planned, Report, Wish, plan, plan_features};
use crate::store::{flags, links, places, segments};

/// How often an import is planned again because somebody else was first.
const TRIES: usize = 16;

/// What is to be imported from LaunchDarkly, and how.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// What SDKs receive there.
    pub payload: Payload,
    /// What people wrote about it.
    pub details: Details,
    /// Whether what is here already is made as the payload says; else it is refused where it differs.
    pub replace: bool,
    /// Whether nothing is written, and only the report is given.
    pub dry_run: bool,
}

/// What is to be imported from Unleash, and how.
#[derive(Clone, Debug, Default)]
pub struct UnleashImport {
    /// What it gave away.
    pub features: Features,
    /// Whether what is here already is made as it is there; else it is refused where it differs.
    pub replace: bool,
    /// Whether nothing is written, and only the report is given.
    pub dry_run: bool,
}

/// Decides on everything, given what is here.
type Planner = Arc<dyn Fn(&Existing) -> Plan + Send + Sync>;

/// What is planned again whenever somebody else was first.
#[derive(Clone)]
struct Intent {
    /// What a change says of itself.
    comment: &'static str,
    dry_run: bool,
    planner: Planner,
}

impl Flags {
    /// A turn to import: held from before the payload is read until all is done.
    pub fn turn_to_import(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.importing).try_acquire_owned().map_err(|_| Error::ImportUnderWay)
    }

    /// Imports what can be imported, all of it or nothing, in one batch: killed at any moment, it is as if it had not
    /// begun, or done. What is refused is left out, with its reason. Durable when it returns.
    pub async fn import(&self, actor: Actor, place: &Place, import: Import) -> Result<Report, Error> {
        let (into, dry_run) = (place.clone(), import.dry_run);
        let planner: Planner = Arc::new(move |existing| {
            let wish = Wish { payload: &import.payload, details: &import.details, replace: import.replace };
            plan(&into, wish, existing)
        });
        self.carry_out(actor, place, Intent { comment: "Imported from LaunchDarkly", dry_run, planner }).await
    }

    /// The same for what Unleash gives away.
    pub async fn import_unleash(&self, actor: Actor, place: &Place, import: UnleashImport) -> Result<Report, Error> {
        let (into, dry_run) = (place.clone(), import.dry_run);
        let planner: Planner =
            Arc::new(move |existing| plan_features(&into, &import.features, import.replace, existing));
        self.carry_out(actor, place, Intent { comment: "Imported from Unleash", dry_run, planner }).await
    }

    async fn carry_out(&self, actor: Actor, place: &Place, intent: Intent) -> Result<Report, Error> {
        for _ in 0..TRIES {
            let (existing, links_seen) = self.existing(place).await?;
            let (report, batch) = self.draft(actor.clone(), place, &intent, existing, links_seen).await?;
            if intent.dry_run {
                return Ok(report.dry());
            }
            match self.db.commit(batch).await {
                Ok(()) => return Ok(report),
                Err(CommitError::Conflict { guard }) if OURS.contains(&guard) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }

    /// Links are counted first and configurations are read before flags: what is written in between is noticed by the
    /// guards.
    async fn existing(&self, Place { project, environment }: &Place) -> Result<(Existing, i64), Error> {
        let (_, links_seen) = places::read_project(&self.db, project).await?.ok_or(Error::NotFound("project"))?;
        self.environment(project, environment).await?;
        let mut existing = Existing::default();
        for one in flags::configurations_of_project(&self.db, project).await? {
            existing.configurations.entry(one.flag.clone()).or_default().push(one);
        }
        let flags = flags::of_project(&self.db, project).await?;
        existing.flags = flags.into_iter().map(|one| (one.key.clone(), one)).collect();
        let segments = segments::of_environment(&self.db, project, environment).await?;
        existing.segments = segments.into_iter().map(|one| (one.key.clone(), one)).collect();
        Ok((existing, links_seen))
    }

    /// Plans and writes the batch down, beside the threads that serve: a large payload takes a second.
    async fn draft(
        &self,
        actor: Actor,
        place: &Place,
        intent: &Intent,
        existing: Existing,
        links_seen: i64,
    ) -> Result<(Report, Batch), Error> {
        let (flags, project, intent) = (self.clone(), place.project.clone(), intent.clone());
        let planning = tokio::task::spawn_blocking(move || {
            let Plan { report, changes } = (intent.planner)(&existing);
            let batch = if changes.is_empty() || intent.dry_run {
                Batch::new()
            } else {
                let floor = i64::try_from(report.largest_version).unwrap_or(i64::MAX);
                let mut batch = Batch::from(sequence::raise("change", floor));
                batch.push(links::claim(&project, links_seen));
                for planned in changes {
                    batch.append(flags.change_batch(&actor, planned, intent.comment));
                }
                batch
            };
            (report, batch)
        });
        planning.await.map_err(|error| Error::Fault(error.into()))
    }

    fn change_batch(&self, actor: &Actor, planned: Planned, comment: &str) -> Batch {
        let Planned { subject, before, version, flag, configurations, instructions, applied, sentences } = planned;
        let change = Change::new(actor.clone(), subject, instructions).comment(comment);
        // The batch claims the links once for all of its changes.
        let loaded = Loaded { before, version, links_seen: None, flag, configurations };
        let draft = Draft { loaded, applied, sentences, revived: Vec::new() };
        draft.batch(&change, &format!("chg_{}", self.mint()), self.now())
    }
}

#[cfg(test)]
mod tests;
