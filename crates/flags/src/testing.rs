//! A furnished house for tests: a migrated database with a project, its environments, and shorthands.

use std::ops::Deref;
use std::sync::Arc;

use db::{Db, Sql, sql};
use delivery::EnvironmentSnapshot;
use kernel::{Actor, Clock, EnvironmentKey, FlagKey, ProjectKey, SegmentKey, SystemRng, Timestamp};
use serde_json::{Value, json};
use testkit::ManualClock;
use tokio::sync::watch;

use crate::Follower;
use crate::instruction::Instruction;
use crate::model::{ChangeRecord, KeyId, KeyKind, Project, SdkKey, SegmentPlace, Subject};
use crate::service::NewProject;
use crate::{Change, Error, Flags};

/// Takes the log away, as a database that is gone would.
pub(crate) const BREAK_LOG: Sql = sql!("ALTER TABLE change RENAME TO change_gone");
/// Takes the keys away.
pub(crate) const BREAK_KEYS: Sql = sql!("ALTER TABLE sdk_key RENAME TO sdk_key_gone");

/// The project `shop` with its two usual environments.
pub(crate) struct House {
    pub(crate) flags: TestFlags,
    pub(crate) follower: Follower,
    pub(crate) production: Place,
    pub(crate) clock: Arc<ManualClock>,
}

/// A furnished house on this database.
pub(crate) async fn house(db: Db) -> House {
    db::migrate(&db, &[crate::MIGRATIONS]).await.unwrap();
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
    let flags = Flags::new(db.clone(), clock.clone(), Arc::new(SystemRng));
    let project = Project { name: "Shop".to_owned(), description: String::new() };
    flags.create_project(Actor::system(), NewProject::usual(key("shop"), project)).await.unwrap();
    let production = Place { project: key("shop"), environment: EnvironmentKey::new("production").unwrap() };
    let follower = Follower::new(db, clock.clone());
    let flags = TestFlags { flags, place: production.clone(), clock: clock.clone() };
    House { flags, follower, production, clock }
}

fn key(text: &str) -> ProjectKey {
    ProjectKey::new(text).unwrap()
}

/// The capability with shorthands for the project `shop` and its environment `production`.
#[derive(Clone)]
pub(crate) struct TestFlags {
    flags: Flags,
    place: Place,
    clock: Arc<ManualClock>,
}

impl Deref for TestFlags {
    type Target = Flags;

    fn deref(&self) -> &Flags {
        &self.flags
    }
}

impl TestFlags {
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// Instructions for a thing, as they would come over the API.
    pub(crate) async fn tell(&self, subject: Subject, instructions: Value) -> Result<ChangeRecord, Error> {
        let instructions: Vec<Instruction> = serde_json::from_value(instructions).unwrap();
        self.flags.change(Change::new(Actor::system(), subject, instructions)).await
    }

    /// A boolean flag with some members of its own.
    pub(crate) async fn create(&self, flag: &str, more: Value) -> ChangeRecord {
        let mut body = serde_json::to_value(crate::model::Flag::boolean(flag)).unwrap();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.amend(flag, json!([{"kind": "createFlag", "flag": body}])).await
    }

    /// Changes a flag in all environments.
    pub(crate) async fn amend(&self, flag: &str, instructions: Value) -> ChangeRecord {
        self.tell(self.place.flag(flag), instructions).await.unwrap()
    }

    /// Changes a flag in production.
    pub(crate) async fn configure(&self, flag: &str, instructions: Value) -> ChangeRecord {
        self.tell(self.place.configuration(flag), instructions).await.unwrap()
    }

    /// Creates a big segment in production.
    pub(crate) async fn big_segment(&self, segment: &str) -> SegmentPlace {
        self.segment(segment, json!({"name": segment, "unbounded": true})).await;
        let Place { project, environment } = self.place.clone();
        SegmentPlace { project, environment, segment: SegmentKey::new(segment).unwrap() }
    }

    /// Creates a segment in production.
    pub(crate) async fn segment(&self, segment: &str, body: Value) -> ChangeRecord {
        self.tell(self.place.segment(segment), json!([{"kind": "createSegment", "segment": body}])).await.unwrap()
    }
}

/// An environment.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) project: ProjectKey,
    pub(crate) environment: EnvironmentKey,
}

impl Place {
    pub(crate) fn flag(&self, flag: &str) -> Subject {
        Subject::Flag(self.project.clone(), FlagKey::new(flag).unwrap())
    }

    pub(crate) fn configuration(&self, flag: &str) -> Subject {
        Subject::Configuration(self.project.clone(), self.environment.clone(), FlagKey::new(flag).unwrap())
    }

    pub(crate) fn segment(&self, segment: &str) -> Subject {
        Subject::Segment(self.project.clone(), self.environment.clone(), SegmentKey::new(segment).unwrap())
    }

    fn place(&self) -> delivery::Place {
        delivery::Place { project: self.project.clone(), environment: self.environment.clone() }
    }

    pub(crate) fn snapshot(&self, follower: &Follower) -> Arc<EnvironmentSnapshot> {
        follower.snapshots().get(&self.place()).unwrap()
    }

    pub(crate) fn subscribe(&self, follower: &Follower) -> watch::Receiver<Arc<EnvironmentSnapshot>> {
        follower.snapshots().subscribe(&self.place()).unwrap()
    }

    /// The newest key of this kind.
    pub(crate) async fn key(&self, flags: &Flags, kind: KeyKind) -> SdkKey {
        let keys = flags.keys(&self.project, &self.environment).await.unwrap();
        keys.into_iter().find(|key| key.kind == kind).unwrap()
    }

    pub(crate) async fn rotate(&self, flags: &Flags, kind: KeyKind, until: Option<Timestamp>) -> SdkKey {
        flags.add_key(Actor::system(), (&self.project, &self.environment), kind, until).await.unwrap()
    }

    pub(crate) async fn revoke(&self, flags: &Flags, id: &KeyId) {
        flags.revoke_key(Actor::system(), (&self.project, &self.environment), id).await.unwrap();
    }
}
