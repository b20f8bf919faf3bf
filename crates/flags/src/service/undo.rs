//! Takes a change back, or brings an older configuration back: both are changes of their own.

use db::Batch;
use kernel::{Actor, EnvironmentKey, FlagKey, ProjectKey, Revision};

use super::{Change, Edited, Error, Flags};
use crate::instruction::{Instruction, ReplaceConfiguration};
use crate::model::{Cause, ChangeRecord, State, Subject};
use crate::store::changes;
use crate::undo::{Undo, undo};

impl Flags {
    /// Takes change `seq` back, if its thing is still as it left it; `with` is committed in the same batch.
    pub async fn undo(&self, seq: Revision, actor: Actor, cause: Cause, with: Batch) -> Result<ChangeRecord, Error> {
        let change = changes::by_seq(&self.db, seq).await?.ok_or(Error::NotFound("change"))?;
        let subject = change.subject().ok_or(Error::NotFound("change"))?;
        let later = changes::later(&self.db, &subject, seq).await?;
        match undo(&change, &later) {
            Undo::NoWayBack => Err(Error::NoWayBack(seq)),
            Undo::Overtaken { by, overlaps } => Err(Error::Overtaken { seq, by, overlaps }),
            Undo::Apply(instructions) => {
                let cause = Cause { undo_of: Some(seq), ..cause };
                let back = Change::new(actor, subject.clone(), instructions).comment(format!("Undo of change {seq}"));
                let back = back.bringing_back();
                match self.change(back.cause(cause).expected(Some(seq)).with(with)).await {
                    Err(Error::Stale { .. }) => Err(self.overtaken(seq, &change, &subject).await?),
                    other => other,
                }
            }
        }
    }

    /// Why what looked as `change` left it was not so any more: somebody was faster, or the flag has a new life since,
    /// in which the change never happened. The caller named no version, so it is not told of one.
    async fn overtaken(&self, seq: Revision, change: &ChangeRecord, subject: &Subject) -> Result<Error, Error> {
        let later = changes::later(&self.db, subject, seq).await?;
        Ok(match undo(change, &later) {
            Undo::Overtaken { by, overlaps } => Error::Overtaken { seq, by, overlaps },
            Undo::NoWayBack | Undo::Apply(_) => Error::NoWayBack(seq),
        })
    }

    /// Brings the flag in this environment to what it did after change `seq`, if it does not do that already.
    pub async fn restore(
        &self,
        actor: Actor,
        (project, environment, flag): (ProjectKey, EnvironmentKey, FlagKey),
        seq: Revision,
    ) -> Result<Edited, Error> {
        let change = changes::by_seq(&self.db, seq).await?.ok_or(Error::NotFound("change"))?;
        let subject = Subject::Configuration(project, environment, flag);
        let State::Configuration(configuration) = &change.after else { return Err(Error::OtherThing(seq)) };
        if change.subject().as_ref() != Some(&subject) {
            return Err(Error::OtherThing(seq));
        }
        let replace = ReplaceConfiguration { configuration: configuration.clone() };
        let back = Change::new(actor, subject, vec![Instruction::ReplaceConfiguration(replace)]);
        self.edit(back.bringing_back().comment(format!("Restored the version of change {seq}"))).await
    }
}
