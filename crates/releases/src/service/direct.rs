//! People direct a release: hold, resume, skip, abort, roll back.

use access::{Caller, Role};
use flags::service::{ConfiguredFlag, author};
use kernel::{Actor, IncidentId, ReleaseId};

use super::{Enactment, Releases};
use crate::announce::{Announcement, AnnouncementKind};
use crate::command::{Command, command};
use crate::enact::Move;
use crate::error::Error;
use crate::model::{Action, Release};
use crate::sentence;
use crate::store::decision::NewDecision;

/// How often a command is decided again when somebody else, mostly the reconciler, was first.
const TRIES: usize = 16;

impl Releases {
    /// Does what somebody says, in their name.
    pub async fn direct(
        &self,
        caller: &Caller,
        id: &ReleaseId,
        what: Command,
        comment: &str,
    ) -> Result<Release, Error> {
        let actor = author(caller, Role::Writer)?;
        self.direct_as(&actor, id, what, comment, None).await
    }

    /// Does what somebody says who was let in elsewhere, such as by the link in a page about an incident.
    pub async fn direct_as(
        &self,
        actor: &Actor,
        id: &ReleaseId,
        what: Command,
        comment: &str,
        incident: Option<&IncidentId>,
    ) -> Result<Release, Error> {
        if comment.chars().count() > 1_000 {
            return Err(Error::CommentTooLong);
        }
        for _ in 0..TRIES {
            match self.try_direct(actor, id, (what, comment), incident).await {
                Err(error) if error.is_conflict() => {}
                done => return done,
            }
        }
        Err(Error::Contended)
    }

    async fn try_direct(
        &self,
        actor: &Actor,
        id: &ReleaseId,
        (asked, comment): (Command, &str),
        incident: Option<&IncidentId>,
    ) -> Result<Release, Error> {
        let release = self.release(id).await?;
        let flag = self.configured(&release).await?;
        let judged = if release.state.is_open() { self.judged(&release).await? } else { None };
        let what = command(&release, asked)?;
        let sentence = sentence::by_person(&release, what, actor, comment);
        let now = self.now();
        let announcement = matches!(what, Move::Complete { .. })
            .then(|| Announcement::about(&release, AnnouncementKind::Completed, &sentence, now));
        let action = action(asked);
        let decision = NewDecision { at: now, action, actor: actor.clone(), sentence, judgement: None, announcement };
        let enactment = Enactment {
            before: &release,
            flag: flag.as_ref(),
            judged,
            what,
            decision,
            incident: incident.cloned(),
            fence: None,
        };
        self.enact(enactment).await
    }

    /// What the release's flag does now; `None` when the flag is gone.
    pub(crate) async fn configured(&self, release: &Release) -> Result<Option<ConfiguredFlag>, Error> {
        match self.flags.configuration(&release.project, &release.environment, &release.flag).await {
            Ok((_, configured)) => Ok(Some(configured)),
            Err(flags::Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn action(command: Command) -> Action {
    match command {
        Command::Hold => Action::Hold,
        Command::Resume => Action::Resume,
        Command::Skip => Action::Skip,
        Command::Abort => Action::Abort,
        Command::RollBack => Action::RollBack,
    }
}
