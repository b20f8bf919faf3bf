//! What people do here: come in, prove who they are, let others in, make tokens.

mod people;
mod sessions;
mod tokens;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use db::{CommitError, Db, ReadError, Source, Statement};
use kernel::{Clock, Rng, Timestamp};

use crate::password::{HashError, Hasher};
use crate::throttle::{Throttle, TooMany};
use crate::{Email, Person, amend, mint};

pub use people::Invited;
pub use sessions::LoggedIn;
pub use tokens::Minted;

/// The capability: a cheap handle to clone.
#[derive(Clone)]
pub struct Access {
    db: Db,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    base_url: Arc<str>,
    welcome: Welcome,
    hasher: Hasher,
    throttle: Arc<Mutex<Throttle>>,
}

/// How somebody who may log in from now on came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// By the link that the server printed, before anybody else.
    First,
    /// By an invitation.
    Invited,
}

/// What a later capability writes about a person in the very batch that lets them in, so that a process which dies in
/// between leaves neither. The statements may meet what is there already: a second invitation brings the same person.
pub type Welcome = fn(&Person, Arrival, Timestamp, &dyn Rng) -> Vec<Statement>;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The first admin is there already.
    #[error("Steadfast is set up already")]
    AlreadySetUp,
    /// A one-time link that nobody was given, that was used, or that has expired.
    #[error("this link is not known, was used, or has expired")]
    UnknownLink,
    /// Nobody has this e-mail address and this password. Which of the two is wrong is not said.
    #[error("no one here has this e-mail address and password")]
    WrongCredentials,
    /// The present password is not this.
    #[error("this is not your present password")]
    WrongPassword,
    /// Too many passwords were tried.
    #[error("too many tries")]
    TooMany(TooMany),
    /// Only a person in a session may do this.
    #[error("this is for people who are logged in, not for tokens")]
    SessionNeeded,
    /// Another person has the e-mail address.
    #[error("somebody with this e-mail address is here already")]
    EmailTaken,
    /// There is no such person.
    #[error("there is no such person")]
    NoSuchPerson,
    /// The person may no longer come in.
    #[error("this person is disabled")]
    Disabled,
    /// There is no such token that the caller may see.
    #[error("there is no such token")]
    NoSuchToken,
    /// Nobody would be left to let people in.
    #[error(transparent)]
    LastAdmin(#[from] amend::LastAdmin),
    /// The caller may not have this token.
    #[error(transparent)]
    Mint(#[from] mint::Refusal),
    /// Somebody else changed the same thing first.
    #[error("somebody else changed this at the same time")]
    Changed,
    /// The database is away; try again.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// Our own fault.
    #[error("something is wrong with what is stored")]
    Fault(#[source] Source),
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(source) => Self::Unavailable(source),
            other => Self::Fault(Box::new(other)),
        }
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict { .. } => Self::Changed,
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Broken(source) => Self::Fault(source),
        }
    }
}

impl From<HashError> for Error {
    fn from(error: HashError) -> Self {
        Self::Fault(Box::new(error))
    }
}

/// The conflict on `guard` becomes `meaning`; other errors stay what they are.
fn on_conflict(guard: &'static str, meaning: Error) -> impl FnOnce(CommitError) -> Error {
    move |error| match error {
        CommitError::Conflict { guard: failed } if failed == guard => meaning,
        other => other.into(),
    }
}

impl Access {
    /// `base_url` is where people reach Steadfast, such as `https://flags.example.com`: links start with it, and its
    /// scheme decides whether cookies are for https alone.
    pub fn new(db: Db, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, base_url: &str) -> Self {
        let base_url = base_url.trim_end_matches('/').into();
        let welcome: Welcome = |_, _, _, _| Vec::new();
        Self { db, clock, rng, base_url, welcome, hasher: Hasher::default(), throttle: Arc::default() }
    }

    /// The same, with what else is written when somebody comes.
    #[must_use]
    pub fn with_welcome(self, welcome: Welcome) -> Self {
        Self { welcome, ..self }
    }

    /// Whether cookies are for https alone.
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    fn welcome(&self, person: &Person, arrival: Arrival, now: Timestamp) -> Vec<Statement> {
        (self.welcome)(person, arrival, now, &*self.rng)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn link(&self, path: &str, secret: &crate::Secret) -> String {
        format!("{}{path}?token={}", self.base_url, secret.reveal())
    }

    /// Counts a password that is tried for `email`.
    fn count_try(&self, email: &Email) -> Result<(), Error> {
        let now = self.now();
        self.throttle().admit(email, now).map_err(Error::TooMany)
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().expect("nothing panics while it holds the throttle")
    }
}

/// One-time links live this long.
const LINK_LIFE: Duration = Duration::from_hours(7 * 24);
