//! What the log has told so far: every project with its flags, every environment as it is emitted. No I/O.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use evaluation::{Payload, Snapshot};
use kernel::{EnvironmentKey, FlagKey, ProjectKey, Revision, SegmentKey};

use super::environment::EnvironmentSnapshot;
use super::update::Update;
use crate::emit;
use crate::instruction::Instruction;
use crate::model::{Configuration, Flag, KeyKind, SdkKey, Segment, State, Subject};
use crate::store::changes::LogEntry;
use crate::store::flags::{StoredConfiguration, StoredFlag};
use crate::store::segments::StoredSegment;

/// So many updates are remembered, for streams that come back or lag behind.
const REMEMBERED: usize = 1_024;

/// Everything that SDKs may see, at one place of the log.
#[derive(Default)]
pub(super) struct World {
    seq: Revision,
    projects: BTreeMap<ProjectKey, Project>,
    keys: Option<Arc<HashMap<String, SdkKey>>>,
    /// Whether the log has told of other keys than are known.
    keys_stale: bool,
    /// Environments whose snapshot is to be made anew.
    stale: BTreeSet<(ProjectKey, EnvironmentKey)>,
    /// Environments whose snapshot waits for its own engine.
    waiting: BTreeSet<(ProjectKey, EnvironmentKey)>,
}

#[derive(Default)]
struct Project {
    flags: BTreeMap<FlagKey, (Revision, Flag)>,
    environments: BTreeMap<EnvironmentKey, Environment>,
}

/// One environment as it is emitted.
#[derive(Default)]
struct Environment {
    seq: Revision,
    configurations: BTreeMap<FlagKey, (Revision, Configuration)>,
    segments: BTreeMap<SegmentKey, (Revision, Segment)>,
    flags_json: BTreeMap<FlagKey, Vec<u8>>,
    segments_json: BTreeMap<SegmentKey, Vec<u8>>,
    /// In the order of their keys, as the JSON is.
    payload: Payload,
    compiled: Option<Arc<Snapshot>>,
    /// Whether flags or segments have changed since it was compiled.
    outdated: bool,
    /// The sum of the hashes of all JSON: follows each change without reading the rest again.
    digest: u64,
    client_side_id: String,
    recent: VecDeque<Arc<Update>>,
    recent_after: Revision,
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

    pub(super) fn add_environment(&mut self, project: &ProjectKey, environment: &EnvironmentKey) {
        let project = self.projects.entry(project.clone()).or_default();
        project.environments.entry(environment.clone()).or_default();
    }

    pub(super) fn put_flag(&mut self, project: &ProjectKey, flag: StoredFlag) {
        let project = self.projects.entry(project.clone()).or_default();
        project.flags.insert(flag.key, (flag.version, flag.body));
    }

    pub(super) fn put_configuration(&mut self, project: &ProjectKey, stored: StoredConfiguration) {
        if let Some(environment) = self.environment(project, &stored.environment) {
            environment.configurations.insert(stored.flag, (stored.version, stored.body));
        }
    }

    pub(super) fn put_segment(&mut self, project: &ProjectKey, environment: &EnvironmentKey, stored: StoredSegment) {
        if let Some(environment) = self.environment(project, environment) {
            environment.segments.insert(stored.key, (stored.version, stored.body));
        }
    }

    fn environment(&mut self, project: &ProjectKey, environment: &EnvironmentKey) -> Option<&mut Environment> {
        self.projects.get_mut(project)?.environments.get_mut(environment)
    }

    /// Emits everything that was put, before anybody has seen anything.
    pub(super) fn emit_all(&mut self) {
        for (project_key, project) in &mut self.projects {
            for (key, environment) in &mut project.environments {
                for (flag_key, flag) in &project.flags {
                    environment.emit_flag(flag_key, flag);
                }
                let segments: Vec<SegmentKey> = environment.segments.keys().cloned().collect();
                for segment in segments {
                    environment.emit_segment(&segment);
                }
                self.stale.insert((project_key.clone(), key.clone()));
            }
        }
    }

    /// Forgets the way to here: nobody was shown anything before.
    pub(super) fn begin(&mut self) {
        for environment in self.projects.values_mut().flat_map(|project| project.environments.values_mut()) {
            environment.recent.clear();
            environment.recent_after = environment.seq;
        }
    }

    /// Takes one entry of the log in. What is known to be newer stays.
    pub(super) fn apply(&mut self, entry: LogEntry) {
        let LogEntry { seq, subject, instructions, after } = entry;
        self.seq = self.seq.max(seq);
        match (subject, after) {
            (Subject::Environment(project, key), _) => {
                self.apply_environment(&project, &key, seq);
                self.keys_stale = true;
            }
            (Subject::Flag(project, key), State::Flag(flag)) => {
                let anew = instructions.iter().any(|one| matches!(one, Instruction::CreateFlag(_)));
                self.apply_flag(&project, &key, (seq, flag), anew);
            }
            (Subject::Configuration(project, environment, flag), State::Configuration(body)) => {
                self.apply_configuration(&project, environment, &flag, (seq, body));
            }
            (Subject::Segment(project, environment, key), State::Segment(body)) => {
                let Some(place) = self.environment(&project, &environment) else { return };
                if place.segments.get(&key).is_none_or(|(known, _)| *known < seq) {
                    place.segments.insert(key.clone(), (seq, body));
                    place.emit_segment(&key);
                    self.stale.insert((project, environment));
                }
            }
            // A project's own words are nothing that SDKs see.
            _ => {}
        }
    }

    fn apply_environment(&mut self, project_key: &ProjectKey, key: &EnvironmentKey, seq: Revision) {
        let project = self.projects.entry(project_key.clone()).or_default();
        if !project.environments.contains_key(key) {
            let mut environment = Environment { seq, ..Environment::default() };
            for (flag_key, flag) in &project.flags {
                environment.emit_flag(flag_key, flag);
            }
            environment.recent.clear();
            environment.recent_after = environment.seq;
            project.environments.insert(key.clone(), environment);
        }
        self.stale.insert((project_key.clone(), key.clone()));
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
            environment.emit_flag(key, &flag);
            self.stale.insert((project_key.clone(), environment_key.clone()));
        }
        project.flags.insert(key.clone(), flag);
    }

    fn apply_configuration(
        &mut self,
        project_key: &ProjectKey,
        environment_key: EnvironmentKey,
        key: &FlagKey,
        (seq, body): (Revision, Configuration),
    ) {
        let Some(project) = self.projects.get_mut(project_key) else { return };
        let Some(environment) = project.environments.get_mut(&environment_key) else { return };
        if environment.configurations.get(key).is_some_and(|(known, _)| *known >= seq) {
            return;
        }
        environment.configurations.insert(key.clone(), (seq, body));
        if let Some(flag) = project.flags.get(key) {
            environment.emit_flag(key, flag);
        }
        self.stale.insert((project_key.clone(), environment_key));
    }

    /// Whether the keys are to be read anew.
    pub(super) fn keys_are_stale(&self) -> bool {
        self.keys_stale
    }

    /// All keys, as they are stored now.
    pub(super) fn set_keys(&mut self, keys: Vec<SdkKey>) {
        for (project_key, project) in &mut self.projects {
            for (environment_key, environment) in &mut project.environments {
                let own = keys.iter().filter(|key| {
                    key.kind == KeyKind::ClientSide
                        && key.revoked_at.is_none()
                        && key.project == *project_key
                        && key.environment == *environment_key
                });
                let oldest = own.min_by_key(|key| (key.created_at, key.id.clone()));
                environment.client_side_id = oldest.map(|key| key.value.clone()).unwrap_or_default();
            }
        }
        self.keys_stale = false;
        self.keys = Some(Arc::new(keys.into_iter().map(|key| (key.value.clone(), key)).collect()));
    }

    /// The keys, if they were set since the last call.
    pub(super) fn take_keys(&mut self) -> Option<Arc<HashMap<String, SdkKey>>> {
        self.keys.take()
    }

    /// New snapshots of the environments that changed since the last call; their engines may be of the one before.
    pub(super) fn take_fresh(&mut self) -> Vec<Arc<EnvironmentSnapshot>> {
        let stale = std::mem::take(&mut self.stale);
        self.waiting.extend(stale.iter().cloned());
        let fresh = stale.into_iter().filter_map(|(project, key)| {
            let snapshot = self.environment(&project, &key)?.snapshot(project, key);
            Some(Arc::new(snapshot))
        });
        fresh.collect()
    }

    /// The engine of an environment whose snapshot waits for it, until none does.
    pub(super) fn next_engine(&mut self) -> Option<(ProjectKey, EnvironmentKey, Arc<Snapshot>)> {
        while let Some((project, key)) = self.waiting.pop_first() {
            if let Some(environment) = self.environment(&project, &key).filter(|environment| environment.outdated) {
                let compiled = environment.compile();
                return Some((project, key, compiled));
            }
        }
        None
    }
}

impl Environment {
    fn emit_flag(&mut self, key: &FlagKey, (version, flag): &(Revision, Flag)) {
        let configured = self.configurations.get(key);
        let version = configured.map_or(*version, |(here, _)| *version.max(here));
        let data = (!flag.deleted).then(|| match configured {
            Some((_, configuration)) => emit::flag(key.as_str(), version, flag, configuration),
            None => emit::flag(key.as_str(), version, flag, &Configuration::initial(flag)),
        });
        let json = data.as_ref().map(|data| serde_json::to_vec(data).expect("keys and JSON values always serialise"));
        self.note(version, format!("/flags/{key}"), self.flags_json.contains_key(key), json.as_deref());
        let place = self.payload.flags.binary_search_by(|other| other.key.as_str().cmp(key.as_str()));
        put(&mut self.payload.flags, place, data);
        swap_json(&mut self.digest, &mut self.flags_json, key, json);
    }

    fn emit_segment(&mut self, key: &SegmentKey) {
        let Some((version, segment)) = self.segments.get(key) else { return };
        let version = *version;
        let data = (!segment.deleted).then(|| emit::segment(key.as_str(), version, segment));
        let json = data.as_ref().map(|data| serde_json::to_vec(data).expect("keys and JSON values always serialise"));
        self.note(version, format!("/segments/{key}"), self.segments_json.contains_key(key), json.as_deref());
        let place = self.payload.segments.binary_search_by(|other| other.key.as_str().cmp(key.as_str()));
        put(&mut self.payload.segments, place, data);
        swap_json(&mut self.digest, &mut self.segments_json, key, json);
    }

    /// Remembers what streams are to be told.
    fn note(&mut self, seq: Revision, path: String, was_there: bool, json: Option<&[u8]>) {
        self.outdated = true;
        self.seq = self.seq.max(seq);
        let update = match json {
            Some(json) => Update::patch(seq, path, json),
            None if was_there => Update::delete(seq, path),
            None => return,
        };
        self.recent.push_back(Arc::new(update));
        if self.recent.len() > REMEMBERED
            && let Some(forgotten) = self.recent.pop_front()
        {
            self.recent_after = forgotten.seq;
        }
    }

    fn compile(&mut self) -> Arc<Snapshot> {
        let compiled = Arc::new(Snapshot::compile(&self.payload));
        self.outdated = false;
        self.compiled = Some(Arc::clone(&compiled));
        compiled
    }

    /// With the engine of the snapshot before, so that streams need not wait for this one's.
    fn snapshot(&mut self, project: ProjectKey, environment: EnvironmentKey) -> EnvironmentSnapshot {
        let compiled = self.compiled.clone().unwrap_or_else(|| self.compile());
        let (put_frame, payload) = put_frame(&self.flags_json, &self.segments_json);
        EnvironmentSnapshot {
            project,
            environment,
            seq: self.seq,
            compiled,
            payload,
            put_frame,
            etag: format!("\"{}-{:016x}\"", self.seq, self.digest),
            client_side_id: self.client_side_id.clone(),
            recent: self.recent.clone(),
            recent_after: self.recent_after,
        }
    }
}

/// Puts `data` at its place in a sorted list, or takes what is there away.
fn put<T>(list: &mut Vec<T>, place: Result<usize, usize>, data: Option<T>) {
    match (place, data) {
        (Ok(at), Some(data)) => list[at] = data,
        (Ok(at), None) => drop(list.remove(at)),
        (Err(at), Some(data)) => list.insert(at, data),
        (Err(_), None) => {}
    }
}

fn swap_json<K: Ord + Clone>(digest: &mut u64, all: &mut BTreeMap<K, Vec<u8>>, key: &K, json: Option<Vec<u8>>) {
    if let Some(old) = all.remove(key) {
        *digest = digest.wrapping_sub(hash(&old));
    }
    if let Some(json) = json {
        *digest = digest.wrapping_add(hash(&json));
        all.insert(key.clone(), json);
    }
}

fn hash(json: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    json.hash(&mut hasher);
    hasher.finish()
}

/// The first event of a stream, out of what was written once, and the part of it that is the payload:
/// `{"flags":{…},"segments":{…}}`.
fn put_frame(flags: &BTreeMap<FlagKey, Vec<u8>>, segments: &BTreeMap<SegmentKey, Vec<u8>>) -> (Bytes, Bytes) {
    const HEAD: &[u8] = b"event: put\ndata: {\"path\":\"/\",\"data\":";
    const TAIL: &[u8] = b"}\n\n";
    let length = |key: &str, json: &Vec<u8>| key.len() + json.len() + 4;
    let flags_length: usize = flags.iter().map(|(key, json)| length(key.as_str(), json)).sum();
    let segments_length: usize = segments.iter().map(|(key, json)| length(key.as_str(), json)).sum();
    let mut frame = BytesMut::with_capacity(HEAD.len() + flags_length + segments_length + 32 + TAIL.len());
    frame.put(HEAD);
    frame.put(&b"{\"flags\":{"[..]);
    members(&mut frame, flags.iter().map(|(key, json)| (key.as_str(), json)));
    frame.put(&b"},\"segments\":{"[..]);
    members(&mut frame, segments.iter().map(|(key, json)| (key.as_str(), json)));
    frame.put(&b"}}"[..]);
    frame.put(TAIL);
    let frame = frame.freeze();
    let payload = frame.slice(HEAD.len()..frame.len() - TAIL.len());
    (frame, payload)
}

/// Keys need no escaping: they are letters, digits, `.`, `_` and `-`.
fn members<'a>(body: &mut BytesMut, items: impl Iterator<Item = (&'a str, &'a Vec<u8>)>) {
    for (at, (key, json)) in items.enumerate() {
        if at > 0 {
            body.put_u8(b',');
        }
        body.put_u8(b'"');
        body.put(key.as_bytes());
        body.put(&b"\":"[..]);
        body.put(json.as_slice());
    }
}
