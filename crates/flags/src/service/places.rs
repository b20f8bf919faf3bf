//! Projects, environments and keys: created together, rotated, revoked.

use db::{Batch, CommitError};
use kernel::{Actor, EnvironmentKey, ProjectKey, Timestamp};

use super::change::Change;
use super::load::Loaded;
use super::plan::Draft;
use super::{Error, Flags};
use crate::apply::apply;
use crate::describe::describe;
use crate::instruction::{AddKey, CreateEnvironment, CreateProject, Instruction, KeyRef};
use crate::model::{Environment, KeyId, KeyKind, Project, SdkKey, Subject};
use crate::reason::{Invalid, Reason};
use crate::store::places;
use crate::validate::{Surroundings, validate};

/// A project to be created.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// Its key.
    pub key: ProjectKey,
    /// The project.
    pub project: Project,
    /// Its environments; each gets one key of every kind.
    pub environments: Vec<NewEnvironment>,
}

/// An environment to be created.
#[derive(Clone, Debug)]
pub struct NewEnvironment {
    /// Its key.
    pub key: EnvironmentKey,
    /// The environment.
    pub environment: Environment,
}

impl NewProject {
    /// A project with the environments that most start with: `test` and `production`.
    pub fn usual(key: ProjectKey, project: Project) -> Self {
        let environment = |key: &str, name: &str, production| NewEnvironment {
            key: EnvironmentKey::new(key).expect("a plain word is a key"),
            environment: Environment { name: name.to_owned(), production, secure_mode: false },
        };
        let environments = vec![environment("test", "Test", false), environment("production", "Production", true)];
        Self { key, project, environments }
    }
}

impl Flags {
    /// On the first start: the project `default` with its two environments and their keys. Nothing when there is a project.
    pub async fn seed(&self) -> Result<(), Error> {
        if !places::list_projects(&self.db).await?.is_empty() {
            return Ok(());
        }
        let key = ProjectKey::new("default").expect("a plain word is a key");
        let project = Project { name: "Default".to_owned(), description: String::new() };
        match self.create_project(Actor::system(), NewProject::usual(key, project)).await {
            // Another node was first.
            Ok(()) | Err(Error::Invalid(Invalid { reason: Reason::AlreadyThere(_), .. })) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Creates the project, its environments and their keys: all or nothing, each with its own row in the log.
    pub async fn create_project(&self, actor: Actor, new: NewProject) -> Result<(), Error> {
        let subject = Subject::Project(new.key.clone());
        let instruction = Instruction::CreateProject(CreateProject { project: new.project });
        let mut batch = self.creation(&Change::new(actor.clone(), subject, vec![instruction]))?;
        for environment in new.environments {
            let change = self.environment_creation(actor.clone(), &new.key, environment);
            batch.append(self.creation(&change)?);
        }
        match self.db.commit(batch).await {
            Err(CommitError::Conflict { guard: places::PROJECT }) => {
                Err(Invalid::at("/key", Reason::AlreadyThere("project")).into())
            }
            Err(CommitError::Conflict { guard: places::ENVIRONMENT }) => {
                Err(Invalid::at("/environments", Reason::AlreadyThere("environment")).into())
            }
            other => Ok(other?),
        }
    }

    /// Creates an environment with one key of every kind.
    pub async fn create_environment(
        &self,
        actor: Actor,
        project: &ProjectKey,
        new: NewEnvironment,
    ) -> Result<(), Error> {
        let change = self.environment_creation(actor, project, new);
        self.change(change).await.map(drop)
    }

    fn environment_creation(&self, actor: Actor, project: &ProjectKey, new: NewEnvironment) -> Change {
        let subject = Subject::Environment(project.clone(), new.key.clone());
        let keys = KeyKind::ALL.map(|kind| self.new_key(kind, project, &new.key));
        let create = Instruction::CreateEnvironment(CreateEnvironment { environment: new.environment });
        Change::new(actor, subject, vec![create]).with(keys.iter().map(places::insert_key).collect())
    }

    /// The batch that creates a thing where there is none; the guard notices if there is one after all.
    fn creation(&self, change: &Change) -> Result<Batch, Error> {
        let applied = apply(change.subject.noun(), None, &change.instructions)?;
        validate(change.subject.key(), &applied.after, &Surroundings::default())?;
        let sentences = describe(&change.instructions, None, None);
        let draft = Draft { loaded: Loaded::default(), applied, sentences, revived: vec![] };
        Ok(draft.batch(change, &format!("chg_{}", self.mint()), self.now()))
    }

    /// The keys of an environment, newest first; those that ended too.
    pub async fn keys(&self, project: &ProjectKey, environment: &EnvironmentKey) -> Result<Vec<SdkKey>, Error> {
        self.environment(project, environment).await?;
        Ok(places::list_keys(&self.db, project, environment).await?)
    }

    /// Gives an environment one more key; the others of its kind end at `expire_others_at`, if that is said. A time
    /// that has come is refused: it would stop every SDK that has not changed over, which is what revoking is for.
    pub async fn add_key(
        &self,
        actor: Actor,
        (project, environment): (&ProjectKey, &EnvironmentKey),
        kind: KeyKind,
        expire_others_at: Option<Timestamp>,
    ) -> Result<SdkKey, Error> {
        if expire_others_at.is_some_and(|at| at <= self.now()) {
            return Err(Invalid::at("/expireOthersAt", Reason::ExpiresInThePast).into());
        }
        let key = self.new_key(kind, project, environment);
        let mut with = Batch::from(places::insert_key(&key));
        with.extend(expire_others_at.map(|at| places::expire_others(&key, at)));
        let add = Instruction::AddKey(AddKey { key_kind: kind, key_id: key.id.clone(), expire_others_at });
        let subject = Subject::Environment(project.clone(), environment.clone());
        self.change(Change::new(actor, subject, vec![add]).with(with)).await?;
        Ok(key)
    }

    /// Refuses a key from now on; SDKs that use it stop until they are given another.
    pub async fn revoke_key(
        &self,
        actor: Actor,
        (project, environment): (&ProjectKey, &EnvironmentKey),
        id: &KeyId,
    ) -> Result<(), Error> {
        let with = places::revoke_key(project, environment, id, self.now());
        let revoke = Instruction::RevokeKey(KeyRef { key_id: id.clone() });
        let subject = Subject::Environment(project.clone(), environment.clone());
        match self.change(Change::new(actor, subject, vec![revoke]).with(with.into())).await {
            Err(Error::Guard(places::KEY)) => Err(Error::NotFound("key")),
            other => other.map(drop),
        }
    }

    /// LaunchDarkly's forms, so that people recognise them (`launchdarkly.md` §1.1): a UUID behind a prefix, or 24 hex
    /// digits in a URL. All bits are random.
    fn new_key(&self, kind: KeyKind, project: &ProjectKey, environment: &EnvironmentKey) -> SdkKey {
        let now = self.now();
        let hex = format!("{:016x}{:016x}", self.rng.next_u64(), self.rng.next_u64());
        let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        let value = match kind {
            KeyKind::Sdk => format!("sdk-{uuid}"),
            KeyKind::Mobile => format!("mob-{uuid}"),
            KeyKind::ClientSide => hex[..24].to_owned(),
        };
        SdkKey {
            id: KeyId::mint(now, &*self.rng),
            value,
            kind,
            project: project.clone(),
            environment: environment.clone(),
            created_at: now,
            expires_at: None,
            revoked_at: None,
        }
    }
}
