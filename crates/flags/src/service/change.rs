//! The one way by which anything changes: load, decide, commit one batch, and again when somebody else was first.

use db::{Batch, CommitError};
use kernel::{Actor, Revision};
use serde::Serialize;
use utoipa::ToSchema;

use super::load::Loaded;
use super::plan::Draft;
use super::{Error, Flags};
use crate::apply::apply;
use crate::describe::describe;
use crate::instruction::{Instruction, complete};
use crate::model::{Bucketing, Cause, ChangeRecord, State, Subject};
use crate::reach::{Reach, reach};
use crate::reason::{InstructionError, Reason};
use crate::store::{changes, flags, generations, links, places, segments};
use crate::validate::{strays, validate};

/// How often a change that names no expected version is decided again. One of those who collide always wins, so this
/// bounds how many may collide.
const TRIES: usize = 64;

const COMMENT: usize = 4_000;

/// Guards of ours: when one fails, somebody else was first, and the change is decided again.
pub(super) const OURS: [&str; 7] = [
    flags::FLAG,
    flags::CONFIGURATION,
    segments::SEGMENT,
    generations::GENERATION,
    links::LINKS,
    places::PROJECT,
    places::ENVIRONMENT,
];

/// A change to be made: instructions for one thing.
#[derive(Clone, Debug)]
pub struct Change {
    /// Who makes it.
    pub actor: Actor,
    /// Of what.
    pub subject: Subject,
    /// What is done: all of it, or nothing.
    pub instructions: Vec<Instruction>,
    /// Why, in the author's words.
    pub comment: String,
    /// Why, as the system knows it.
    pub cause: Cause,
    /// The version that the author saw; without one, the instructions are applied to what is there. A flag that was never
    /// configured in an environment has version 0 there.
    pub expected: Option<Revision>,
    /// Whether it brings back what was there before, which may hold what nobody may enter any more.
    pub brings_back: bool,
    /// What is committed with it, after it: `(SELECT value FROM sequence WHERE name = 'change')` is its `seq`. Its guards
    /// must not be named as ours; when one fails the change fails with [`Error::Guard`].
    pub with: Batch,
}

impl Change {
    /// A change without words, cause, expectation or company.
    pub fn new(actor: Actor, subject: Subject, instructions: Vec<Instruction>) -> Self {
        let (comment, cause, with) = (String::new(), Cause::default(), Batch::new());
        Self { actor, subject, instructions, comment, cause, expected: None, brings_back: false, with }
    }

    /// To what was there before.
    #[must_use]
    pub fn bringing_back(mut self) -> Self {
        self.brings_back = true;
        self
    }

    /// With the author's words.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = comment.into();
        self
    }

    /// With what made it happen.
    #[must_use]
    pub fn cause(mut self, cause: Cause) -> Self {
        self.cause = cause;
        self
    }

    /// Only if the thing still has this version.
    #[must_use]
    pub fn expected(mut self, version: Option<Revision>) -> Self {
        self.expected = version;
        self
    }

    /// Together with these statements.
    #[must_use]
    pub fn with(mut self, with: Batch) -> Self {
        self.with = with;
        self
    }
}

/// What a change would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// What would be done, in words.
    pub sentences: Vec<String>,
    /// How the thing is.
    pub before: Option<State>,
    /// How it would be.
    pub after: State,
    /// Of a flag in an environment: who would notice.
    pub reach: Option<Reach>,
}

/// What came of an edit. In JSON the one or the other, which `seq` tells apart.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Edited {
    /// It was made: its row of the log.
    Made(Box<ChangeRecord>),
    /// The thing was so already, and nothing was written.
    Unchanged(Box<Unchanged>),
}

/// A thing that an edit left as it was.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unchanged {
    /// The version that it still has; 0 when it was never written.
    #[schema(value_type = i64)]
    pub version: Revision,
    /// How it is.
    pub state: State,
}

impl Edited {
    /// The version that the thing has now.
    pub fn version(&self) -> Revision {
        match self {
            Self::Made(change) => change.seq(),
            Self::Unchanged(same) => same.version,
        }
    }
}

impl Flags {
    /// Makes the change: durable when it returns. Without an expected version it is decided again when somebody else was
    /// first. It has a row in the log even if it changes nothing, since its company may count on one: a release's
    /// decision names the change that carried it out.
    pub async fn change(&self, change: Change) -> Result<ChangeRecord, Error> {
        let change = self.completed(change).await?;
        let id = format!("chg_{}", self.mint());
        for _ in 0..TRIES {
            let draft = self.decide(&change).await?;
            if let Some(made) = self.commit(&change, &id, &draft).await? {
                return Ok(made);
            }
        }
        Err(Error::Contended)
    }

    /// Makes the change as [`Flags::change`] does, unless the thing is so already: then nothing is written, no version
    /// moves, and no SDK hears of it. For what people and programs ask for, which has no company; so instructions about
    /// keys are refused, whose rows are their company.
    pub async fn edit(&self, change: Change) -> Result<Edited, Error> {
        refuse_keys(&change)?;
        let change = self.completed(change).await?;
        let id = format!("chg_{}", self.mint());
        for _ in 0..TRIES {
            let draft = self.decide(&change).await?;
            if draft.changes_nothing() {
                let version = draft.loaded.version.unwrap_or_default();
                return Ok(Edited::Unchanged(Box::new(Unchanged { version, state: draft.applied.after })));
            }
            if let Some(made) = self.commit(&change, &id, &draft).await? {
                return Ok(Edited::Made(Box::new(made)));
            }
        }
        Err(Error::Contended)
    }

    /// The change with its ids, if its words are not too many.
    async fn completed(&self, mut change: Change) -> Result<Change, Error> {
        if change.comment.chars().count() > COMMENT {
            return Err(Error::CommentTooLong(COMMENT));
        }
        complete(&mut change.instructions, &mut || self.mint());
        self.open_generation(&mut change).await?;
        Ok(change)
    }

    /// Commits the draft; `None` when somebody else was first.
    async fn commit(&self, change: &Change, id: &str, draft: &Draft) -> Result<Option<ChangeRecord>, Error> {
        match self.db.commit(draft.batch(change, id, self.now())).await {
            Ok(()) => self.written(id).await.map(Some),
            Err(CommitError::Conflict { guard }) if OURS.contains(&guard) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What the change would do, without doing it.
    pub async fn preview(&self, change: &Change) -> Result<Preview, Error> {
        let mut change = change.clone();
        complete(&mut change.instructions, &mut || self.mint());
        let Draft { loaded, applied, sentences, .. } = self.decide(&change).await?;
        let reach = match (&loaded.before, &applied.after, &loaded.flag) {
            (Some(State::Configuration(before)), State::Configuration(after), Some(flag))
                if flag.body.bucketing == Bucketing::LaunchDarkly =>
            {
                Some(reach(&flag.body, before, after))
            }
            _ => None,
        };
        Ok(Preview { sentences, before: loaded.before, after: applied.after, reach })
    }

    /// Loads what the change is about, applies it, and judges what comes out.
    async fn decide(&self, change: &Change) -> Result<Draft, Error> {
        let subject = &change.subject;
        let loaded = self.load(subject).await?;
        refuse_stale(change, &loaded)?;
        let applied = apply(subject.noun(), loaded.before.as_ref(), &change.instructions)?;
        let mut around = self.surroundings(subject, &loaded, &applied.after).await?;
        let known = if change.brings_back { Some(&applied.after) } else { loaded.before.as_ref() };
        if let Some(State::Configuration(known)) = known {
            around.strays = strays(known);
        }
        validate(subject.key(), &applied.after, &around)?;
        let revived = self.revived(subject, &loaded, &applied.after).await?;
        let flag = loaded.flag.as_ref().map(|flag| &flag.body);
        let sentences = describe(&change.instructions, loaded.before.as_ref(), flag);
        Ok(Draft { loaded, applied, sentences, revived })
    }

    pub(super) async fn written(&self, id: &str) -> Result<ChangeRecord, Error> {
        let lost = || Error::Fault(format!("change {id} was committed and cannot be read").into());
        changes::by_id(&self.db, id).await?.ok_or_else(lost)
    }
}

fn refuse_keys(Change { subject, instructions, .. }: &Change) -> Result<(), InstructionError> {
    let is_key = |one: &Instruction| matches!(one, Instruction::AddKey(_) | Instruction::RevokeKey(_));
    match instructions.iter().enumerate().find(|(_, one)| is_key(one)) {
        Some((index, one)) => {
            let reason = Reason::NotApplicable { instruction: one.name(), noun: subject.noun().word() };
            Err(InstructionError { index, field: "", reason })
        }
        None => Ok(()),
    }
}

fn refuse_stale(change: &Change, loaded: &Loaded) -> Result<(), Error> {
    let current = loaded.version.unwrap_or_default();
    match change.expected {
        Some(expected) if expected != current => Err(Error::Stale { expected, current }),
        _ => Ok(()),
    }
}
