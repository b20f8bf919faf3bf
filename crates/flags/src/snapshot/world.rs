//! What the log has told so far: every project with its flags, every environment as it is emitted. No I/O.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use delivery::{EnvironmentSnapshot, Grant, Place};
use evaluation::Snapshot;
use kernel::{EnvironmentKey, FlagKey, ProjectKey, Revision, SegmentKey, Timestamp};

use crate::emit;
use crate::instruction::Instruction;
use crate::model::{Bucketing, Configuration, Environment as Settings, Flag, KeyKind, SdkKey, Segment, State, Subject};
use crate::store::changes::LogEntry;
use crate::store::flags::{StoredConfiguration, StoredFlag};
use crate::store::places::StoredEnvironment;
use crate::store::segments::StoredSegment;

/// Everything that SDKs may see, at one place of the log.
#[derive(Default)]
pub(super) struct World {
    seq: Revision,
    projects: BTreeMap<ProjectKey, Project>,
    grants: Option<Arc<HashMap<String, Grant>>>,
    /// Whether the log has told of other keys than are known.
    keys_stale: bool,
    /// Environments whose snapshot is to be made anew.
    stale: BTreeSet<Place>,
    /// Environments whose snapshot waits for its own engine.
    waiting: BTreeSet<Place>,
}

#[derive(Default)]
struct Project {
    flags: BTreeMap<FlagKey, (Revision, Flag)>,
    environments: BTreeMap<EnvironmentKey, Environment>,
}

/// One environment: what is stored of it, and how it is emitted.
#[derive(Default)]
struct Environment {
    configurations: BTreeMap<FlagKey, (Revision, Configuration)>,
    segments: BTreeMap<SegmentKey, (Revision, Segment)>,
    /// Since when its settings are as they are.
    settings_seq: Revision,
    emitted: delivery::Environment,
}

impl World {
    /// Nothing yet, at this place of the log.
    pub(super) fn at(seq: Revision) -> Self {
        Self { seq, ..Self::default() }
    }

    /// The place of the log up to which everything is known.
    pub(super) fn seq(&self) -> Revision {
        self.seq
    }

    pub(super) fn add_environment(&mut self, project: ProjectKey, stored: StoredEnvironment) {
        let project = self.projects.entry(project).or_default();
        project.environments.entry(stored.key).or_default().set(stored.version, &stored.body);
    }

    pub(super) fn put_flag(&mut self, project: &ProjectKey, flag: StoredFlag) {
        let project = self.projects.entry(project.clone()).or_default();
        project.flags.insert(flag.key, (flag.version, flag.body));
    }

    pub(super) fn put_configuration(&mut self, project: &ProjectKey, stored: StoredConfiguration) {
        let place = Place { project: project.clone(), environment: stored.environment };
        if let Some(environment) = self.environment(&place) {
            environment.configurations.insert(stored.flag, (stored.version, stored.body));
        }
    }

    pub(super) fn put_segment(&mut self, place: &Place, stored: StoredSegment) {
        if let Some(environment) = self.environment(place) {
            environment.segments.insert(stored.key, (stored.version, stored.body));
        }
    }

    fn environment(&mut self, place: &Place) -> Option<&mut Environment> {
        self.projects.get_mut(&place.project)?.environments.get_mut(&place.environment)
    }

    /// Emits everything that was put, before anybody has seen anything.
    pub(super) fn emit_all(&mut self) {
        for (project_key, project) in &mut self.projects {
            for (key, environment) in &mut project.environments {
                for (flag_key, flag) in &project.flags {
                    environment.emit_flag((project_key, flag_key), flag);
                }
                let segments: Vec<SegmentKey> = environment.segments.keys().cloned().collect();
                for segment in segments {
                    environment.emit_segment(&segment);
                }
                self.stale.insert(Place { project: project_key.clone(), environment: key.clone() });
            }
        }
    }

    /// Takes one entry of the log in. What is known to be newer stays.
    pub(super) fn apply(&mut self, entry: LogEntry) {
        let LogEntry { seq, at, subject, instructions, after } = entry;
        self.seq = self.seq.max(seq);
        match (subject, after) {
            (Subject::Environment(project, environment), State::Environment(settings)) => {
                self.apply_environment(Place { project, environment }, seq, &settings);
                self.keys_stale = true;
            }
            (Subject::Flag(project, key), State::Flag(flag)) => {
                let anew = instructions.iter().any(|one| matches!(one, Instruction::CreateFlag(_)));
                self.apply_flag(&project, &key, (seq, flag), anew);
            }
            (Subject::Configuration(project, environment, flag), State::Configuration(body)) => {
                self.apply_configuration(Place { project, environment }, &flag, (seq, body));
            }
            (Subject::Segment(project, environment, key), State::Segment(body)) => {
                self.apply_segment(Place { project, environment }, &key, (seq, body));
            }
            // A project's own words are nothing that SDKs see.
            _ => {}
        }
        self.set_changed_at(seq, at);
    }

    /// The places of the last changes that are seen, each once.
    pub(super) fn last_changes(&self) -> BTreeSet<Revision> {
        let environments = self.projects.values().flat_map(|project| project.environments.values());
        environments.map(|environment| environment.emitted.seq()).collect()
    }

    /// The change at `seq` was made then.
    pub(super) fn set_changed_at(&mut self, seq: Revision, at: Timestamp) {
        let environments = self.projects.values_mut().flat_map(|project| project.environments.values_mut());
        environments.for_each(|environment| environment.emitted.set_changed_at(seq, at));
    }

    fn apply_environment(&mut self, place: Place, seq: Revision, settings: &Settings) {
        let project = self.projects.entry(place.project.clone()).or_default();
        if !project.environments.contains_key(&place.environment) {
            let emitted = delivery::Environment::at(seq);
            let mut environment = Environment { emitted, ..Environment::default() };
            for (flag_key, flag) in &project.flags {
                environment.emit_flag((&place.project, flag_key), flag);
            }
            project.environments.insert(place.environment.clone(), environment);
        }
        if let Some(environment) = project.environments.get_mut(&place.environment) {
            environment.set(seq, settings);
        }
        self.stale.insert(place);
    }

    fn apply_flag(&mut self, project_key: &ProjectKey, key: &FlagKey, (seq, body): (Revision, Flag), anew: bool) {
        let project = self.projects.entry(project_key.clone()).or_default();
        if project.flags.get(key).is_some_and(|(known, _)| *known >= seq) {
            return;
        }
        let flag = (seq, body);
        for (environment_key, environment) in &mut project.environments {
            if anew {
                // It starts anew, whatever a deleted one of its key did.
                environment.configurations.retain(|other, (known, _)| other != key || *known > seq);
            }
            environment.emit_flag((project_key, key), &flag);
            self.stale.insert(Place { project: project_key.clone(), environment: environment_key.clone() });
        }
        project.flags.insert(key.clone(), flag);
    }

    fn apply_configuration(&mut self, place: Place, key: &FlagKey, (seq, body): (Revision, Configuration)) {
        let Some(project) = self.projects.get_mut(&place.project) else { return };
        let Some(environment) = project.environments.get_mut(&place.environment) else { return };
        if environment.configurations.get(key).is_some_and(|(known, _)| *known >= seq) {
            return;
        }
        environment.configurations.insert(key.clone(), (seq, body));
        if let Some(flag) = project.flags.get(key) {
            environment.emit_flag((&place.project, key), flag);
        }
        self.stale.insert(place);
    }

    fn apply_segment(&mut self, place: Place, key: &SegmentKey, (seq, body): (Revision, Segment)) {
        let Some(environment) = self.environment(&place) else { return };
        if environment.segments.get(key).is_none_or(|(known, _)| *known < seq) {
            environment.segments.insert(key.clone(), (seq, body));
            environment.emit_segment(key);
            self.stale.insert(place);
        }
    }

    /// Whether the keys are to be read anew.
    pub(super) fn keys_are_stale(&self) -> bool {
        self.keys_stale
    }

    /// All keys, as they are stored now.
    pub(super) fn set_keys(&mut self, keys: Vec<SdkKey>) {
        let mut oldest: HashMap<Place, &SdkKey> = HashMap::new();
        for key in keys.iter().filter(|key| key.kind == KeyKind::ClientSide && key.revoked_at.is_none()) {
            let known = oldest.entry(key.grant().place).or_insert(key);
            // One that is being rotated out only where there is no other.
            let order = |key: &SdkKey| (key.expires_at.is_some(), key.created_at, key.id.clone());
            if order(key) < order(known) {
                *known = key;
            }
        }
        for (project, stored) in &mut self.projects {
            for (environment, stored) in &mut stored.environments {
                let place = Place { project: project.clone(), environment: environment.clone() };
                stored.emitted.set_client_side_id(oldest.get(&place).map(|key| key.value.clone()).unwrap_or_default());
            }
        }
        self.keys_stale = false;
        self.grants = Some(Arc::new(keys.into_iter().map(|key| (key.value.clone(), key.grant())).collect()));
    }

    /// What the keys open, if they were set since the last call.
    pub(super) fn take_grants(&mut self) -> Option<Arc<HashMap<String, Grant>>> {
        self.grants.take()
    }

    /// New snapshots of the environments that changed since the last call; their engines may be of the one before.
    pub(super) fn take_fresh(&mut self) -> Vec<Arc<EnvironmentSnapshot>> {
        let stale = std::mem::take(&mut self.stale);
        self.waiting.extend(stale.iter().cloned());
        let fresh = stale.into_iter().filter_map(|place| {
            let environment = self.environment(&place)?;
            Some(Arc::new(environment.emitted.snapshot(place)))
        });
        fresh.collect()
    }

    /// The engine of an environment whose snapshot waits for it, until none does.
    pub(super) fn next_engine(&mut self) -> Option<(Place, Arc<Snapshot>)> {
        while let Some(place) = self.waiting.pop_first() {
            let environment = self.environment(&place);
            if let Some(engine) = environment.and_then(|environment| environment.emitted.compile_if_outdated()) {
                return Some((place, engine));
            }
        }
        None
    }
}

impl Environment {
    /// Its settings since the change at `seq`, unless newer ones are known.
    fn set(&mut self, seq: Revision, settings: &Settings) {
        if self.settings_seq <= seq {
            self.settings_seq = seq;
            self.emitted.set_secure_mode(settings.secure_mode);
        }
    }

    fn emit_flag(&mut self, (project, key): (&ProjectKey, &FlagKey), (version, flag): &(Revision, Flag)) {
        let configured = self.configurations.get(key);
        let version = configured.map_or(*version, |(here, _)| *version.max(here));
        let initial = || Cow::Owned(Configuration::initial(flag));
        let configuration = configured.map_or_else(initial, |(_, known)| Cow::Borrowed(known));
        let named: Vec<&str> = flag.variations.iter().map(|variation| variation.name.as_str()).collect();
        self.emitted.set_variation_names(key.as_str(), if flag.deleted { &[] } else { &named });
        match flag.bucketing {
            _ if flag.deleted => self.emitted.remove_flag(version, key.as_str(), emit::natural(version)),
            Bucketing::Unleash => {
                let data = emit::feature((project.as_str(), key.as_str()), version, flag, &configuration);
                self.emitted.put_feature(version, data);
            }
            Bucketing::LaunchDarkly => {
                let data = emit::flag(key.as_str(), version, flag, &configuration);
                let json = serde_json::to_vec(&data).expect("keys and JSON values always serialise");
                self.emitted.put_flag(version, data, &json);
            }
        }
    }

    fn emit_segment(&mut self, key: &SegmentKey) {
        let Some((version, segment)) = self.segments.get(key) else { return };
        if segment.deleted {
            return self.emitted.remove_segment(*version, key.as_str(), emit::natural(*version));
        }
        let data = emit::segment(key.as_str(), *version, segment);
        let json = serde_json::to_vec(&data).expect("keys and JSON values always serialise");
        self.emitted.put_segment(*version, data, &json);
    }
}
