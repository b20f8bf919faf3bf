//! Set-up, login and logout, and who it is that shows a session or a token.

use std::time::Duration;

use db::Batch;
use kernel::{PersonId, SessionId, Timestamp};

use super::{Access, Arrival, Error, LINK_LIFE, on_conflict};
use crate::password::{NewPassword, Password};
use crate::secret::Digest;
use crate::store::{self, guard};
use crate::{Caller, Credential, Email, Name, Person, Role, Secret};

/// An unused session ends after thirty days.
const SESSION_LIFE: Duration = Duration::from_hours(30 * 24);

/// Uses are remembered this coarsely, so that reading stays reading: sessions by the day, tokens by the hour.
const SESSION_GRAIN: Duration = Duration::from_hours(24);
const TOKEN_GRAIN: Duration = Duration::from_hours(1);

/// Somebody came in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Who it is.
    pub person: Person,
    /// The secret of their session, for the cookie.
    pub session: Secret,
}

impl Access {
    /// The link that makes its first user the first admin, good for 7 days and for one use; `None` when set-up is done.
    ///
    /// Each call puts up a new link in place of the last: the server calls it once, at its start, and prints it.
    pub async fn setup_link(&self) -> Result<Option<String>, Error> {
        let secret = Secret::draw("", &*self.rng);
        let offer = store::offer_setup(&secret.digest(), self.now().plus(LINK_LIFE));
        match self.db.commit(offer.into()).await.map_err(on_conflict(guard::LINK, Error::AlreadySetUp)) {
            Ok(()) => Ok(Some(self.link("/setup", &secret))),
            Err(Error::AlreadySetUp) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Whether the first admin is still missing.
    pub async fn setup_needed(&self) -> Result<bool, Error> {
        Ok(store::read_setup(&self.db).await?.is_none_or(|setup| !setup.done))
    }

    /// Makes the first admin, who is then logged in.
    pub async fn set_up(
        &self,
        token: &str,
        email: Email,
        name: Name,
        password: NewPassword,
    ) -> Result<LoggedIn, Error> {
        let (now, link) = (self.now(), Digest::of(token));
        let setup = store::read_setup(&self.db).await?.ok_or(Error::UnknownLink)?;
        if setup.done {
            return Err(Error::AlreadySetUp);
        }
        if setup.link != link.as_str() || setup.expires_at <= now {
            return Err(Error::UnknownLink);
        }
        let hash = self.hasher.hash(password, &*self.rng).await?;
        let person = Person {
            id: PersonId::mint(now, &*self.rng),
            email,
            name,
            role: Role::Admin,
            invited: false,
            created_at: now,
            disabled_at: None,
        };
        let mut batch = Batch::from(store::consume_setup(&link, now));
        batch.push(store::insert_person(&person, Some(&hash)));
        batch.extend(self.welcome(&person, Arrival::First, now));
        let session = self.open_session(&person.id, now, &mut batch);
        self.db.commit(batch).await.map_err(on_conflict(guard::LINK, Error::AlreadySetUp))?;
        tracing::info!(person = %person.id, "the first admin is set up");
        Ok(LoggedIn { person, session })
    }

    /// Logs in by password. An unknown address takes as long as a wrong password.
    pub async fn log_in(&self, email: &Email, password: Password) -> Result<LoggedIn, Error> {
        self.count_try(email)?;
        let (person, hash) = store::read_login(&self.db, email).await?.unzip();
        let may_enter = person.as_ref().is_some_and(|person| person.disabled_at.is_none());
        let hash = hash.flatten().filter(|_| may_enter);
        let right = self.hasher.verify(password, hash).await?;
        let person = person.filter(|_| right).ok_or(Error::WrongCredentials)?;
        self.throttle().forgive(email);
        let now = self.now();
        let mut batch = Batch::from(store::sweep_sessions(now));
        let session = self.open_session(&person.id, now, &mut batch);
        self.db.commit(batch.quiet()).await?;
        Ok(LoggedIn { person, session })
    }

    /// Ends the session; with a token there is none to end.
    pub async fn log_out(&self, credential: &Credential) -> Result<(), Error> {
        let Credential::Session(session) = credential else { return Err(Error::SessionNeeded) };
        Ok(self.db.commit(Batch::from(store::end_session(session)).quiet()).await?)
    }

    /// Changes the caller's own password, and ends their other sessions.
    pub async fn change_password(
        &self,
        caller: &Caller,
        credential: &Credential,
        current: Password,
        new: NewPassword,
    ) -> Result<(), Error> {
        let (Credential::Session(session), Some(id)) = (credential, &caller.person_id) else {
            return Err(Error::SessionNeeded);
        };
        let (person, hash) = store::read_login_of(&self.db, id).await?.ok_or(Error::NoSuchPerson)?;
        self.count_try(&person.email)?;
        let seen = hash.ok_or(Error::WrongPassword)?;
        if !self.hasher.verify(current, Some(seen.clone())).await? {
            return Err(Error::WrongPassword);
        }
        self.throttle().forgive(&person.email);
        let hash = self.hasher.hash(new, &*self.rng).await?;
        let change = store::change_password(id, &seen, &hash);
        let batch = Batch::from_iter([change, store::end_sessions(id, Some(session))]);
        Ok(self.db.commit(batch.quiet()).await?)
    }

    /// Whose session this is the secret of. Its life starts anew.
    pub async fn by_session(&self, secret: &str) -> Result<Option<(Caller, Credential)>, Error> {
        let now = self.now();
        let Some(session) = store::read_session(&self.db, &Digest::of(secret), now).await? else { return Ok(None) };
        let renewed = now.plus(SESSION_LIFE);
        if renewed.since(session.expires_at) >= SESSION_GRAIN {
            self.remember(store::extend_session(&session.id, renewed)).await;
        }
        let person = session.person;
        let caller = Caller { actor: person.actor(), role: person.role, person_id: Some(person.id) };
        Ok(Some((caller, Credential::Session(session.id))))
    }

    /// Whom this is the token of. A personal token may do no more than its owner may now.
    pub async fn by_token(&self, secret: &str) -> Result<Option<(Caller, Credential)>, Error> {
        let now = self.now();
        let found = store::read_live_token(&self.db, &Digest::of(secret), now).await?;
        let Some((token, owner)) = found else { return Ok(None) };
        if token.last_used_at.is_none_or(|last| now.since(last) >= TOKEN_GRAIN) {
            self.remember(store::touch_token(&token.id, now)).await;
        }
        let actor = token.actor(owner.as_ref().map(|owner| &owner.name));
        let role = owner.map_or(token.role, |owner| owner.role.min(token.role));
        let caller = Caller { actor, role, person_id: token.person_id };
        Ok(Some((caller, Credential::Token(token.id))))
    }

    /// Writes that a session or a token was used. The request goes on without it: it only asks to read.
    async fn remember(&self, used: db::Statement) {
        if let Err(error) = self.db.commit(Batch::from(used).quiet()).await {
            tracing::warn!(%error, "the last use of a session or token could not be written");
        }
    }

    /// Adds a new session of `person` to `batch`.
    pub(super) fn open_session(&self, person: &PersonId, now: Timestamp, batch: &mut Batch) -> Secret {
        let secret = Secret::draw("", &*self.rng);
        let id = SessionId::mint(now, &*self.rng);
        batch.push(store::insert_session(&id, &secret.digest(), person, now, now.plus(SESSION_LIFE)));
        secret
    }
}
