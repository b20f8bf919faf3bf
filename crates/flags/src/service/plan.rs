//! The one batch of a change: its number, its guards, the thing, its links, its row of the log. No I/O.

use db::{Batch, sequence};
use kernel::{EnvironmentKey, Revision, Timestamp};

use super::change::Change;
use super::load::Loaded;
use crate::apply::Applied;
use crate::instruction::Instruction;
use crate::model::{Flag, State, Subject};
use crate::store::changes::{self, NewChange};
use crate::store::{flags, generations, links, places, segments};
use crate::validate::{self, Link, LinkEnd};

/// A change that has been decided.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// What it was decided on.
    pub(super) loaded: Loaded,
    /// What comes out.
    pub(super) applied: Applied,
    /// What it does, in words.
    pub(super) sentences: Vec<String>,
    /// Of a flag that is brought back: its links, by environment.
    pub(super) revived: Vec<(EnvironmentKey, Vec<Link>)>,
}

impl Draft {
    /// Whether the thing is already as the instructions want it.
    pub(super) fn changes_nothing(&self) -> bool {
        self.loaded.before.as_ref() == Some(&self.applied.after)
    }

    /// All that is committed, or nothing. The number comes first: whoever holds its row has all changes before them
    /// committed, so that guards see them and two changes never wait for each other crosswise.
    pub(super) fn batch(&self, change: &Change, id: &str, now: Timestamp) -> Batch {
        let mut batch = Batch::from(sequence::advance("change"));
        batch.append(self.write(change, now));
        batch.push(changes::append(&NewChange {
            id,
            at: now,
            actor: &change.actor,
            subject: &change.subject,
            comment: &change.comment,
            cause: &change.cause,
            sentences: &self.sentences,
            instructions: &change.instructions,
            inverse: &self.applied.inverse,
            before: self.loaded.before.as_ref(),
            after: &self.applied.after,
        }));
        batch.append(change.with.clone());
        batch
    }

    fn write(&self, change: &Change, now: Timestamp) -> Batch {
        let seen = self.loaded.version;
        match (&change.subject, &self.applied.after) {
            (Subject::Project(key), State::Project(project)) => places::write_project(key, project, seen, now).into(),
            (Subject::Environment(project, key), State::Environment(environment)) => {
                places::write_environment(project, key, environment, seen, now).into()
            }
            (subject @ Subject::Flag(..), State::Flag(flag)) => {
                self.write_flag(subject, flag, &change.instructions, now)
            }
            (Subject::Configuration(project, environment, key), State::Configuration(configuration)) => {
                let flag = self.loaded.flag.as_ref().map(|flag| flags::untouched(project, key, flag.version));
                let mut batch: Batch = flag.into_iter().collect();
                batch.push(flags::write_configuration(project, environment, key, configuration, seen));
                batch.append(self.relink(&change.subject, (LinkEnd::Flag, environment)));
                batch
            }
            (Subject::Segment(project, environment, key), State::Segment(segment)) => {
                let mut batch = Batch::from(segments::write(project, environment, key, segment, seen, now));
                batch.append(self.exchange_members(now));
                batch.append(self.relink(&change.subject, (LinkEnd::Segment, environment)));
                batch
            }
            (subject, after) => unreachable!("a {:?} became a {:?}", subject.noun(), after.noun()),
        }
    }

    /// A flag whose variations or whose life were judged by what others serve and name: those must be as they were.
    fn write_flag(&self, subject: &Subject, flag: &Flag, instructions: &[Instruction], now: Timestamp) -> Batch {
        let Subject::Flag(project, key) = subject else { unreachable!("only flags are written here") };
        let newest = self.loaded.configurations.iter().map(|one| one.version).max().unwrap_or(Revision(0));
        let mut batch = Batch::from(flags::configurations_untouched(project, key, newest));
        let before = match &self.loaded.before {
            Some(State::Flag(before)) => Some(before),
            _ => None,
        };
        let fewer = before.is_some_and(|before| before.variations.len() > flag.variations.len());
        let lives = before.is_some_and(|before| before.deleted != flag.deleted);
        if fewer || lives {
            batch.extend(self.loaded.links_seen.map(|seen| links::claim(project, seen)));
        }
        if flag.deleted {
            batch.push(links::remove(project, None, (LinkEnd::Flag, key.as_str())));
        }
        batch.push(flags::write(project, key, flag, self.loaded.version, now));
        if instructions.iter().any(|one| matches!(one, Instruction::CreateFlag(_))) {
            batch.push(flags::forget_configurations(project, key));
        } else {
            for (environment, own) in &self.revived {
                batch.append(links::insert(project, environment, own));
            }
        }
        batch
    }

    /// Serves another list of members in the place of the one before.
    fn exchange_members(&self, now: Timestamp) -> Batch {
        let before = self.loaded.before.as_ref().and_then(State::generation);
        let after = self.applied.after.generation();
        let mut batch = Batch::new();
        if before == after {
            return batch;
        }
        // In the order in which all that touch generations lock: first the sequence, then their rows.
        batch.push(sequence::advance("membership"));
        batch.extend(after.map(|number| generations::serve(number, now)));
        batch.extend(before.map(|number| generations::supersede(number, now)));
        batch
    }

    /// Writes the links of one thing anew when they changed, or claims all when it comes or goes.
    fn relink(&self, subject: &Subject, (sort, environment): (LinkEnd, &EnvironmentKey)) -> Batch {
        let (project, key) = (subject.project(), subject.key());
        let before = self.loaded.before.as_ref();
        let had = before.map(|before| validate::links(key, before)).unwrap_or_default();
        let has = validate::links(key, &self.applied.after);
        let lives = before.is_some_and(State::is_deleted) != self.applied.after.is_deleted();
        let mut batch = Batch::new();
        if had == has && !lives {
            return batch;
        }
        batch.extend(self.loaded.links_seen.map(|seen| links::claim(project, seen)));
        batch.push(links::remove(project, Some(environment), (sort, key)));
        batch.append(links::insert(project, environment, &has));
        batch
    }
}
