//! Reads what a change is decided on: the thing itself, and what it stands among.

use std::collections::BTreeSet;

use kernel::{EnvironmentKey, FlagKey, ProjectKey, Revision};

use super::{Error, Flags};
use crate::model::{Configuration, Flag, Segment, SegmentPlace, State, Subject};
use crate::store::flags::{StoredConfiguration, StoredFlag};
use crate::store::{flags, generations, links, places, segments};
use crate::validate::{self, Link, LinkEnd, Surroundings, validate};

/// A thing as it is stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Loaded {
    /// The thing; a flag that was never configured in an environment is as it starts.
    pub(super) before: Option<State>,
    /// The version of its row; `None` when it has none yet.
    pub(super) version: Option<Revision>,
    /// How often the project's links had changed; `None` when the batch claims them already.
    pub(super) links_seen: Option<i64>,
    /// Of a configuration: its flag.
    pub(super) flag: Option<StoredFlag>,
    /// Of a flag: what it does, wherever it is configured.
    pub(super) configurations: Vec<StoredConfiguration>,
}

impl Flags {
    /// Reads the thing; what it lies in must be there.
    pub(super) async fn load(&self, subject: &Subject) -> Result<Loaded, Error> {
        let project = places::read_project(&self.db, subject.project()).await?;
        if let Subject::Project(_) = subject {
            let version = project.as_ref().map(|(project, _)| project.version);
            let before = project.map(|(project, _)| State::Project(project.body));
            return Ok(Loaded { before, version, ..Loaded::default() });
        }
        let (_, links_seen) = project.ok_or(Error::NotFound("project"))?;
        if let (Some(environment), false) = (subject.environment(), matches!(subject, Subject::Environment(..))) {
            self.environment(subject.project(), environment).await?;
        }
        let loaded = match subject {
            Subject::Project(_) => Loaded::default(),
            Subject::Environment(project, key) => {
                let environment = places::read_environment(&self.db, project, key).await?;
                let version = environment.as_ref().map(|environment| environment.version);
                let before = environment.map(|environment| State::Environment(environment.body));
                Loaded { before, version, ..Loaded::default() }
            }
            Subject::Flag(project, key) => self.load_flag(project, key).await?,
            Subject::Configuration(project, environment, key) => {
                self.load_configuration(project, environment, key).await?
            }
            Subject::Segment(project, environment, key) => {
                let segment = segments::read(&self.db, project, environment, key).await?;
                let version = segment.as_ref().map(|segment| segment.version);
                let before = segment.map(|segment| State::Segment(segment.body));
                Loaded { before, version, ..Loaded::default() }
            }
        };
        Ok(Loaded { links_seen: Some(links_seen), ..loaded })
    }

    async fn load_flag(&self, project: &ProjectKey, key: &FlagKey) -> Result<Loaded, Error> {
        // Configurations first: one that is written in between is newer than `newest`, and the guard notices.
        let configurations = flags::read_configurations(&self.db, project, key, key).await?;
        let flag = flags::read(&self.db, project, key).await?;
        let version = flag.as_ref().map(|flag| flag.version);
        let before = flag.map(|flag| State::Flag(flag.body));
        Ok(Loaded { before, version, configurations, ..Loaded::default() })
    }

    async fn load_configuration(
        &self,
        project: &ProjectKey,
        environment: &EnvironmentKey,
        key: &FlagKey,
    ) -> Result<Loaded, Error> {
        let flag = flags::read(&self.db, project, key).await?;
        let flag = flag.filter(|flag| !flag.body.deleted).ok_or(Error::NotFound("flag"))?;
        let stored = flags::read_configuration(&self.db, project, environment, key).await?;
        let (version, body) = match stored {
            Some((version, body)) => (Some(version), body),
            None => (None, Configuration::initial(&flag.body)),
        };
        let before = Some(State::Configuration(body));
        Ok(Loaded { before, version, flag: Some(flag), ..Loaded::default() })
    }

    /// Reads what `after` is judged by.
    pub(super) async fn surroundings(
        &self,
        subject: &Subject,
        loaded: &Loaded,
        after: &State,
    ) -> Result<Surroundings, Error> {
        match subject {
            Subject::Project(_) | Subject::Environment(..) => Ok(Surroundings::default()),
            Subject::Flag(project, key) => {
                let of = (LinkEnd::Flag, key.as_str());
                let dependants = links::dependants(&self.db, project, None, of).await?;
                let stored = loaded.configurations.iter();
                let revived = loaded.before.as_ref().is_none_or(State::is_deleted);
                // A new flag takes nothing over from a deleted one, and a restored one is judged place by place.
                let configurations = stored.filter(|_| !revived).map(|one| (one.environment.clone(), one.body.clone()));
                let configurations = configurations.collect();
                Ok(Surroundings { configurations, dependants, ..Surroundings::default() })
            }
            Subject::Configuration(project, environment, key) => {
                let flag = loaded.flag.as_ref().map(|flag| flag.body.clone());
                let own = validate::links(key.as_str(), after);
                let around = self.named(project, environment, (LinkEnd::Flag, key.as_str()), &own).await?;
                Ok(Surroundings { flag, ..around })
            }
            Subject::Segment(project, environment, key) => {
                let own = validate::links(key.as_str(), after);
                let end = (LinkEnd::Segment, key.as_str());
                let around = self.named(project, environment, end, &own).await?;
                let dependants = links::dependants(&self.db, project, Some(environment), end).await?;
                let generations = self.generations(subject, loaded.before.as_ref(), after).await?;
                Ok(Surroundings { generations, dependants, ..around })
            }
        }
    }

    /// What the things that are named by `links` of one thing are.
    async fn named(
        &self,
        project: &ProjectKey,
        environment: &EnvironmentKey,
        from: (LinkEnd, &str),
        own: &[Link],
    ) -> Result<Surroundings, Error> {
        let mut around = Surroundings::default();
        if own.is_empty() {
            return Ok(around);
        }
        around.neighbours = links::neighbours(&self.db, project, environment, from).await?;
        around.segments = segments::keys(&self.db, project, environment).await?;
        self.named_flags(project, own, &mut around).await?;
        Ok(around)
    }

    /// The lists of members that a segment may serve: the one that it serves, and those that are ready.
    async fn generations(
        &self,
        subject: &Subject,
        before: Option<&State>,
        after: &State,
    ) -> Result<BTreeSet<i64>, Error> {
        let (Subject::Segment(project, environment, segment), State::Segment(Segment { unbounded: true, .. })) =
            (subject, after)
        else {
            return Ok(BTreeSet::new());
        };
        let (project, environment, segment) = (project.clone(), environment.clone(), segment.clone());
        let ready = generations::ready(&self.db, &SegmentPlace { project, environment, segment }).await?;
        let served = before.and_then(State::generation);
        Ok(ready.into_iter().map(|generation| generation.number).chain(served).collect())
    }

    /// How many variations the named flags have, and by whose rules they are evaluated.
    async fn named_flags(&self, project: &ProjectKey, own: &[Link], around: &mut Surroundings) -> Result<(), Error> {
        for link in own.iter().filter(|link| link.to == LinkEnd::Flag) {
            // A key that is none names no flag, which the judgement says.
            let Ok(key) = FlagKey::new(link.target.as_str()) else { continue };
            let flag = flags::read(&self.db, project, &key).await?;
            if let Some(flag) = flag.filter(|flag| !flag.body.deleted) {
                around.variations.insert(key.clone(), flag.body.variations.len());
                around.bucketing.insert(key, flag.body.bucketing);
            }
        }
        Ok(())
    }

    /// Of a flag that is brought back: the links of what it did everywhere, judged as if it were configured anew.
    pub(super) async fn revived(
        &self,
        subject: &Subject,
        loaded: &Loaded,
        after: &State,
    ) -> Result<Vec<(EnvironmentKey, Vec<Link>)>, Error> {
        let (Subject::Flag(project, key), Some(State::Flag(before)), State::Flag(flag)) =
            (subject, &loaded.before, after)
        else {
            return Ok(vec![]);
        };
        if !before.deleted || flag.deleted {
            return Ok(vec![]);
        }
        let mut revived = Vec::new();
        for stored in &loaded.configurations {
            let state = State::Configuration(stored.body.clone());
            let own = validate::links(key.as_str(), &state);
            let end = (LinkEnd::Flag, key.as_str());
            let around = self.named(project, &stored.environment, end, &own).await?;
            let strays = validate::strays(&stored.body);
            let around = Surroundings { flag: Some(Flag::clone(flag)), strays, ..around };
            validate(key.as_str(), &state, &around)?;
            revived.push((stored.environment.clone(), own));
        }
        Ok(revived)
    }
}
