//! People: invited by a one-time link, amended, locked out.

use db::Batch;
use kernel::{Page, PageRequest, PersonId, Timestamp};

use super::{Access, Arrival, Error, LINK_LIFE, LoggedIn, on_conflict};
use crate::amend::{self, LastAdmin, amend};
use crate::password::NewPassword;
use crate::secret::Digest;
use crate::store::{self, guard};
use crate::{Caller, Email, Name, Person, Role, Secret};

/// Somebody who may come in once they follow their link.
#[derive(Clone, Debug)]
pub struct Invited {
    /// Who it is.
    pub person: Person,
    /// The link by which they choose a password; shown this once.
    pub link: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl Access {
    /// A page of people.
    pub async fn people(&self, page: &PageRequest) -> Result<Page<Person>, Error> {
        Ok(store::list_people(&self.db, page).await?)
    }

    /// One person.
    pub async fn person(&self, id: &PersonId) -> Result<Person, Error> {
        store::read_person(&self.db, id).await?.ok_or(Error::NoSuchPerson)
    }

    /// Adds a person, who comes in by a link that works for 7 days.
    pub async fn invite(&self, caller: &Caller, email: Email, name: Name, role: Role) -> Result<Invited, Error> {
        let now = self.now();
        let id = PersonId::mint(now, &*self.rng);
        let person = Person { id, email, name, role, invited: true, created_at: now, disabled_at: None };
        let mut batch = Batch::from(store::insert_person(&person, None));
        let invited = self.open_invitation(person, now, &mut batch);
        self.db.commit(batch).await.map_err(on_conflict(guard::EMAIL, Error::EmailTaken))?;
        tracing::info!(by = caller.actor.id, person = %invited.person.id, %role, "a person is invited");
        Ok(invited)
    }

    /// Gives a person a new link in place of those before: for those who lost theirs, or their password.
    pub async fn invite_again(&self, caller: &Caller, id: &PersonId) -> Result<Invited, Error> {
        let person = self.person(id).await?;
        if person.disabled_at.is_some() {
            return Err(Error::Disabled);
        }
        let mut batch = Batch::from(store::end_invitations(id));
        let invited = self.open_invitation(person, self.now(), &mut batch);
        self.db.commit(batch).await?;
        tracing::info!(by = caller.actor.id, person = %id, "a person is given a new link");
        Ok(invited)
    }

    /// Follows an invitation: the person has this password now, their other sessions end, and they are logged in.
    pub async fn accept(&self, token: &str, password: NewPassword) -> Result<LoggedIn, Error> {
        let (now, link) = (self.now(), Digest::of(token));
        let invited = store::read_invitation(&self.db, &link, now).await?;
        let person = Person { invited: false, ..invited.ok_or(Error::UnknownLink)? };
        let hash = self.hasher.hash(password, &*self.rng).await?;
        let mut batch = Batch::from_iter([
            store::consume_invitation(&link, now),
            store::set_password(&person.id, &hash),
            store::end_invitations(&person.id),
            store::end_sessions(&person.id, None),
        ]);
        batch.extend(self.welcome(&person, Arrival::Invited, now));
        let session = self.open_session(&person.id, now, &mut batch);
        self.db.commit(batch).await.map_err(on_conflict(guard::LINK, Error::UnknownLink))?;
        Ok(LoggedIn { person, session })
    }

    /// Changes a person's name or role, locks them out or lets them in again. Who is locked out loses at once every
    /// session, personal token and invitation.
    pub async fn amend(&self, caller: &Caller, id: &PersonId, wish: amend::Wish) -> Result<Person, Error> {
        let before = self.person(id).await?;
        let now = self.now();
        let others = store::count_other_admins(&self.db, id).await?;
        let amended = amend(&before, wish, others, now)?;
        if amended.person == before {
            return Ok(before);
        }
        let mut batch = Batch::from_iter(store::amend_person(&before, &amended.person));
        if amended.locked_out {
            batch.extend([store::end_sessions(id, None), store::revoke_tokens(id, now), store::end_invitations(id)]);
        }
        self.db.commit(batch).await.map_err(on_conflict(guard::ADMIN, LastAdmin.into()))?;
        let Person { role, disabled_at, .. } = &amended.person;
        tracing::info!(by = caller.actor.id, person = %id, %role, disabled = disabled_at.is_some(), "a person is amended");
        Ok(amended.person)
    }

    fn open_invitation(&self, person: Person, now: Timestamp, batch: &mut Batch) -> Invited {
        let (secret, expires_at) = (Secret::draw("", &*self.rng), now.plus(LINK_LIFE));
        batch.push(store::insert_invitation(&secret.digest(), &person.id, expires_at));
        Invited { person, link: self.link("/invitation", &secret), expires_at }
    }
}
