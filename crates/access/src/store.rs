//! What is stored of people, sessions, tokens and one-time links: secrets only as digests, passwords only as hashes.

use db::{Db, Migration, ReadError, Row, Sql, Statement, params, sql};
use kernel::{Page, PageRequest, PersonId, SessionId, Timestamp, TokenId};

use crate::secret::Digest;
use crate::{Email, Name, Person, Role, Token, TokenKind};

/// The tables of this capability.
pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "access-0001-people",
    sql: "
        CREATE TABLE person (
            id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password_hash TEXT,
            role TEXT NOT NULL, created_at BIGINT NOT NULL, disabled_at BIGINT
        );
        CREATE TABLE session (
            id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, person_id TEXT NOT NULL REFERENCES person (id),
            created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
        );
        CREATE INDEX session_person ON session (person_id);
        CREATE INDEX session_expiry ON session (expires_at);
        CREATE TABLE token (
            id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL,
            person_id TEXT REFERENCES person (id), role TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT,
            revoked_at BIGINT, last_used_at BIGINT
        );
        CREATE INDEX token_person ON token (person_id);
        CREATE TABLE invitation (
            token_hash TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES person (id), expires_at BIGINT NOT NULL
        );
        CREATE INDEX invitation_person ON invitation (person_id);
        CREATE TABLE setup (
            id TEXT PRIMARY KEY, token_hash TEXT NOT NULL, expires_at BIGINT NOT NULL, consumed_at BIGINT
        )",
}];

macro_rules! person_columns {
    () => {
        "p.id, p.email, p.name, p.role, p.created_at, p.disabled_at, p.password_hash, \
         CAST(CASE WHEN p.password_hash IS NULL THEN 1 ELSE 0 END AS BIGINT) AS invited"
    };
}

macro_rules! token_columns {
    () => {
        "t.id AS token_id, t.name AS token_name, t.kind, t.person_id, t.role AS token_role, \
         t.created_at AS token_created_at, t.expires_at, t.revoked_at, t.last_used_at"
    };
}

// Set-up: the one row whose lock also puts all changes of who is admin in order.

const OFFER_SETUP: Sql = sql!(
    "INSERT INTO setup (id, token_hash, expires_at, consumed_at) VALUES ('setup', ?1, ?2, NULL)
     ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at
     WHERE setup.consumed_at IS NULL"
);
const READ_SETUP: Sql = sql!("SELECT token_hash, expires_at, consumed_at FROM setup WHERE id = 'setup'");
const CONSUME_SETUP: Sql =
    sql!("UPDATE setup SET consumed_at = ?2 WHERE id = 'setup' AND token_hash = ?1 AND consumed_at IS NULL");
const LOCK_ADMINS: Sql = sql!("UPDATE setup SET consumed_at = consumed_at WHERE id = 'setup'");
const KEEP_AN_ADMIN: Sql = sql!(
    "UPDATE setup SET consumed_at = consumed_at WHERE id = 'setup' AND EXISTS (
        SELECT 1 FROM person WHERE role = 'admin' AND disabled_at IS NULL AND password_hash IS NOT NULL)"
);

// People.

const INSERT_PERSON: Sql = sql!(
    "INSERT INTO person (id, email, name, password_hash, role, created_at, disabled_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)"
);
const READ_PERSON: Sql = sql!(concat!("SELECT ", person_columns!(), " FROM person p WHERE p.id = ?1"));
const READ_LOGIN: Sql = sql!(concat!("SELECT ", person_columns!(), " FROM person p WHERE p.email = ?1"));
const LIST_PEOPLE: Sql = sql!(concat!(
    "SELECT ",
    person_columns!(),
    " FROM person p WHERE (CAST(?1 AS TEXT) IS NULL OR p.email > ?1) ORDER BY p.email LIMIT ?2"
));
const COUNT_OTHER_ADMINS: Sql = sql!(
    "SELECT COUNT(*) AS n FROM person
     WHERE role = 'admin' AND disabled_at IS NULL AND password_hash IS NOT NULL AND id <> ?1"
);
const AMEND_PERSON: Sql = sql!(
    "UPDATE person SET name = ?2, role = ?3, disabled_at = ?4
     WHERE id = ?1 AND name = ?5 AND role = ?6 AND disabled_at IS NOT DISTINCT FROM ?7"
);
const SET_PASSWORD: Sql = sql!("UPDATE person SET password_hash = ?2 WHERE id = ?1 AND disabled_at IS NULL");
const CHANGE_PASSWORD: Sql = sql!("UPDATE person SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2");

// Sessions.

const INSERT_SESSION: Sql =
    sql!("INSERT INTO session (id, token_hash, person_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)");
const READ_SESSION: Sql = sql!(concat!(
    "SELECT s.id AS session_id, s.expires_at, ",
    person_columns!(),
    " FROM session s JOIN person p ON p.id = s.person_id
      WHERE s.token_hash = ?1 AND s.expires_at > ?2 AND p.disabled_at IS NULL"
));
const EXTEND_SESSION: Sql = sql!("UPDATE session SET expires_at = ?2 WHERE id = ?1");
const END_SESSION: Sql = sql!("DELETE FROM session WHERE id = ?1");
const END_SESSIONS: Sql = sql!("DELETE FROM session WHERE person_id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR id <> ?2)");
const SWEEP_SESSIONS: Sql = sql!("DELETE FROM session WHERE expires_at <= ?1");

// Invitations.

const INSERT_INVITATION: Sql = sql!("INSERT INTO invitation (token_hash, person_id, expires_at) VALUES (?1, ?2, ?3)");
const READ_INVITATION: Sql = sql!(concat!(
    "SELECT ",
    person_columns!(),
    " FROM invitation i JOIN person p ON p.id = i.person_id
      WHERE i.token_hash = ?1 AND i.expires_at > ?2 AND p.disabled_at IS NULL"
));
const CONSUME_INVITATION: Sql = sql!("DELETE FROM invitation WHERE token_hash = ?1 AND expires_at > ?2");
const END_INVITATIONS: Sql = sql!("DELETE FROM invitation WHERE person_id = ?1");

// Tokens.

const INSERT_TOKEN: Sql = sql!(
    "INSERT INTO token (id, token_hash, name, kind, person_id, role, created_at, expires_at, revoked_at, last_used_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL)"
);
const READ_TOKEN: Sql = sql!(concat!("SELECT ", token_columns!(), " FROM token t WHERE t.id = ?1"));
const READ_LIVE_TOKEN: Sql = sql!(concat!(
    "SELECT ",
    token_columns!(),
    ", p.role AS owner_role, p.name AS owner_name FROM token t LEFT JOIN person p ON p.id = t.person_id
      WHERE t.token_hash = ?1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?2)
        AND p.disabled_at IS NULL"
));
const LIST_TOKENS: Sql = sql!(concat!(
    "SELECT ",
    token_columns!(),
    " FROM token t WHERE (CAST(?1 AS TEXT) IS NULL OR t.id < ?1) AND (CAST(?2 AS TEXT) IS NULL OR t.person_id = ?2)
      ORDER BY t.id DESC LIMIT ?3"
));
const TOUCH_TOKEN: Sql = sql!("UPDATE token SET last_used_at = ?2 WHERE id = ?1");
const REVOKE_TOKEN: Sql = sql!("UPDATE token SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL");
const REVOKE_TOKENS: Sql = sql!("UPDATE token SET revoked_at = ?2 WHERE person_id = ?1 AND revoked_at IS NULL");

/// Every statement, for the test that prepares each on both databases.
pub const ALL: &[Sql] = &[
    OFFER_SETUP,
    READ_SETUP,
    CONSUME_SETUP,
    LOCK_ADMINS,
    KEEP_AN_ADMIN,
    INSERT_PERSON,
    READ_PERSON,
    READ_LOGIN,
    LIST_PEOPLE,
    COUNT_OTHER_ADMINS,
    AMEND_PERSON,
    SET_PASSWORD,
    CHANGE_PASSWORD,
    INSERT_SESSION,
    READ_SESSION,
    EXTEND_SESSION,
    END_SESSION,
    END_SESSIONS,
    SWEEP_SESSIONS,
    INSERT_INVITATION,
    READ_INVITATION,
    CONSUME_INVITATION,
    END_INVITATIONS,
    INSERT_TOKEN,
    READ_TOKEN,
    READ_LIVE_TOKEN,
    LIST_TOKENS,
    TOUCH_TOKEN,
    REVOKE_TOKEN,
    REVOKE_TOKENS,
];

/// The names of the guards, by which a service knows what was taken first.
pub mod guard {
    /// The set-up or invitation link was used.
    pub const LINK: &str = "one-time link";
    /// Another person has the e-mail address.
    pub const EMAIL: &str = "e-mail address";
    /// The person was changed, disabled or given another password.
    pub const PERSON: &str = "person";
    /// No admin would be left.
    pub const ADMIN: &str = "last admin";
}

/// Puts up a set-up link in place of any before, unless set-up is done (guarded by [`guard::LINK`]).
pub fn offer_setup(link: &Digest, expires_at: Timestamp) -> Statement {
    OFFER_SETUP.bind(params![link.as_str(), expires_at]).exactly_one(guard::LINK)
}

/// Uses up the set-up link.
pub fn consume_setup(link: &Digest, now: Timestamp) -> Statement {
    CONSUME_SETUP.bind(params![link.as_str(), now]).exactly_one(guard::LINK)
}

/// The state of set-up.
pub struct Setup {
    /// The digest of the link that is up.
    pub link: String,
    /// Until when it may be used.
    pub expires_at: Timestamp,
    /// Whether it was.
    pub done: bool,
}

/// The state of set-up; `None` before the first start has put up a link.
pub async fn read_setup(db: &Db) -> Result<Option<Setup>, ReadError> {
    let Some(row) = db.optional(READ_SETUP.bind(params![])).await? else { return Ok(None) };
    let done = row.opt_timestamp("consumed_at")?.is_some();
    Ok(Some(Setup { link: row.text("token_hash")?, expires_at: row.timestamp("expires_at")?, done }))
}

/// Adds a person; `password_hash` is `None` until they accept their invitation.
pub fn insert_person(person: &Person, password_hash: Option<&str>) -> Statement {
    let Person { id, email, name, role, created_at, .. } = person;
    let params = params![id, email.as_str(), name.as_str(), password_hash, role.as_str(), *created_at];
    INSERT_PERSON.bind(params).exactly_one(guard::EMAIL)
}

/// Makes `before` into `after`, unless somebody else changed them meanwhile, and keeps at least one admin.
///
/// The lock comes first, so that two admins who demote each other at once see each other's change (PostgreSQL's READ
/// COMMITTED takes a new snapshot for each statement).
pub fn amend_person(before: &Person, after: &Person) -> [Statement; 3] {
    let wanted = params![&after.id, after.name.as_str(), after.role.as_str(), after.disabled_at];
    let seen = params![before.name.as_str(), before.role.as_str(), before.disabled_at];
    [
        LOCK_ADMINS.bind(params![]).exactly_one("set-up"),
        AMEND_PERSON.bind([wanted, seen].concat()).exactly_one(guard::PERSON),
        KEEP_AN_ADMIN.bind(params![]).exactly_one(guard::ADMIN),
    ]
}

/// Gives a person a password, whatever they had; not one who is disabled.
pub fn set_password(id: &PersonId, hash: &str) -> Statement {
    SET_PASSWORD.bind(params![id, hash]).exactly_one(guard::PERSON)
}

/// Changes a person's password from the one that was just verified.
pub fn change_password(id: &PersonId, seen: &str, hash: &str) -> Statement {
    CHANGE_PASSWORD.bind(params![id, seen, hash]).exactly_one(guard::PERSON)
}

/// The person with this id.
pub async fn read_person(db: &Db, id: &PersonId) -> Result<Option<Person>, ReadError> {
    db.optional(READ_PERSON.bind(params![id])).await?.as_ref().map(person).transpose()
}

/// The person with this address, and their password hash.
pub async fn read_login(db: &Db, email: &Email) -> Result<Option<(Person, Option<String>)>, ReadError> {
    db.optional(READ_LOGIN.bind(params![email.as_str()])).await?.as_ref().map(login).transpose()
}

/// The person with this id, and their password hash.
pub async fn read_login_of(db: &Db, id: &PersonId) -> Result<Option<(Person, Option<String>)>, ReadError> {
    db.optional(READ_PERSON.bind(params![id])).await?.as_ref().map(login).transpose()
}

/// A page of people by e-mail address, which is the cursor too.
pub async fn list_people(db: &Db, page: &PageRequest) -> Result<Page<Person>, ReadError> {
    let rows = db.many(LIST_PEOPLE.bind(params![page.after.clone(), one_more(page)])).await?;
    let people = rows.iter().map(person).collect::<Result<_, _>>()?;
    Ok(page.page(people, |person: &Person| person.email.to_string()))
}

/// How many besides this person can log in and administer.
pub async fn count_other_admins(db: &Db, id: &PersonId) -> Result<i64, ReadError> {
    db.one(COUNT_OTHER_ADMINS.bind(params![id])).await?.int("n")
}

/// Opens a session.
pub fn insert_session(
    id: &SessionId,
    secret: &Digest,
    person: &PersonId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Statement {
    INSERT_SESSION.bind(params![id, secret.as_str(), person, now, expires_at])
}

/// A session that lives, with its person.
pub struct LiveSession {
    /// The session.
    pub id: SessionId,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub person: Person,
}

/// The session with this secret, if it has not expired and its person may come in.
pub async fn read_session(db: &Db, secret: &Digest, now: Timestamp) -> Result<Option<LiveSession>, ReadError> {
    let Some(row) = db.optional(READ_SESSION.bind(params![secret.as_str(), now])).await? else { return Ok(None) };
    let id = SessionId::from_stored(row.text("session_id")?);
    Ok(Some(LiveSession { id, expires_at: row.timestamp("expires_at")?, person: person(&row)? }))
}

/// Lets a session live until `expires_at`.
pub fn extend_session(id: &SessionId, expires_at: Timestamp) -> Statement {
    EXTEND_SESSION.bind(params![id, expires_at])
}

/// Ends one session.
pub fn end_session(id: &SessionId) -> Statement {
    END_SESSION.bind(params![id])
}

/// Ends a person's sessions, but for `kept`.
pub fn end_sessions(person: &PersonId, kept: Option<&SessionId>) -> Statement {
    END_SESSIONS.bind(params![person, kept])
}

/// Forgets the sessions that have expired.
pub fn sweep_sessions(now: Timestamp) -> Statement {
    SWEEP_SESSIONS.bind(params![now])
}

/// Invites a person who is there already.
pub fn insert_invitation(link: &Digest, person: &PersonId, expires_at: Timestamp) -> Statement {
    INSERT_INVITATION.bind(params![link.as_str(), person, expires_at])
}

/// The person whom this link invites, if it has not expired.
pub async fn read_invitation(db: &Db, link: &Digest, now: Timestamp) -> Result<Option<Person>, ReadError> {
    db.optional(READ_INVITATION.bind(params![link.as_str(), now])).await?.as_ref().map(person).transpose()
}

/// Uses up an invitation link.
pub fn consume_invitation(link: &Digest, now: Timestamp) -> Statement {
    CONSUME_INVITATION.bind(params![link.as_str(), now]).exactly_one(guard::LINK)
}

/// Ends a person's invitations.
pub fn end_invitations(person: &PersonId) -> Statement {
    END_INVITATIONS.bind(params![person])
}

/// Adds a token.
pub fn insert_token(token: &Token, secret: &Digest) -> Statement {
    let Token { id, name, kind, person_id, role, created_at, expires_at, .. } = token;
    INSERT_TOKEN.bind(params![
        id,
        secret.as_str(),
        name.as_str(),
        kind.as_str(),
        person_id.as_ref(),
        role.as_str(),
        *created_at,
        *expires_at,
    ])
}

/// The token with this id, alive or not.
pub async fn read_token(db: &Db, id: &TokenId) -> Result<Option<Token>, ReadError> {
    db.optional(READ_TOKEN.bind(params![id])).await?.as_ref().map(token).transpose()
}

/// Whom a personal token acts for, and what they may do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// What others call them.
    pub name: Name,
    /// What they may do.
    pub role: Role,
}

/// The token with this secret and, of a personal one, its owner, if both still may come in.
pub async fn read_live_token(
    db: &Db,
    secret: &Digest,
    now: Timestamp,
) -> Result<Option<(Token, Option<Owner>)>, ReadError> {
    let Some(row) = db.optional(READ_LIVE_TOKEN.bind(params![secret.as_str(), now])).await? else { return Ok(None) };
    let token = token(&row)?;
    let owner = token.person_id.as_ref().map(|_| owner(&row)).transpose()?;
    Ok(Some((token, owner)))
}

/// A page of tokens, newest first; only those of `owner` when one is given.
pub async fn list_tokens(db: &Db, owner: Option<&PersonId>, page: &PageRequest) -> Result<Page<Token>, ReadError> {
    let rows = db.many(LIST_TOKENS.bind(params![page.after.clone(), owner, one_more(page)])).await?;
    let tokens = rows.iter().map(token).collect::<Result<_, _>>()?;
    Ok(page.page(tokens, |token: &Token| token.id.to_string()))
}

/// Remembers that a token was used.
pub fn touch_token(id: &TokenId, now: Timestamp) -> Statement {
    TOUCH_TOKEN.bind(params![id, now])
}

/// Ends a token; ending it again changes nothing.
pub fn revoke_token(id: &TokenId, now: Timestamp) -> Statement {
    REVOKE_TOKEN.bind(params![id, now])
}

/// Ends a person's tokens.
pub fn revoke_tokens(person: &PersonId, now: Timestamp) -> Statement {
    REVOKE_TOKENS.bind(params![person, now])
}

fn person(row: &Row) -> Result<Person, ReadError> {
    Ok(Person {
        id: PersonId::from_stored(row.text("id")?),
        email: word(row, "email", |text| Email::new(text).ok())?,
        name: word(row, "name", |text| Name::new(text).ok())?,
        role: word(row, "role", Role::from_stored)?,
        invited: row.bool("invited")?,
        created_at: row.timestamp("created_at")?,
        disabled_at: row.opt_timestamp("disabled_at")?,
    })
}

fn login(row: &Row) -> Result<(Person, Option<String>), ReadError> {
    Ok((person(row)?, row.opt_text("password_hash")?))
}

fn owner(row: &Row) -> Result<Owner, ReadError> {
    let name = word(row, "owner_name", |text| Name::new(text).ok())?;
    Ok(Owner { name, role: word(row, "owner_role", Role::from_stored)? })
}

fn token(row: &Row) -> Result<Token, ReadError> {
    Ok(Token {
        id: TokenId::from_stored(row.text("token_id")?),
        name: word(row, "token_name", |text| Name::new(text).ok())?,
        kind: word(row, "kind", TokenKind::from_stored)?,
        person_id: row.opt_text("person_id")?.map(PersonId::from_stored),
        role: word(row, "token_role", Role::from_stored)?,
        created_at: row.timestamp("token_created_at")?,
        expires_at: row.opt_timestamp("expires_at")?,
        revoked_at: row.opt_timestamp("revoked_at")?,
        last_used_at: row.opt_timestamp("last_used_at")?,
    })
}

fn word<T>(row: &Row, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, ReadError> {
    let text = row.text(column)?;
    read(&text).ok_or_else(|| row.inconsistent(column, &format!("holds {text:?}")))
}

/// One row more than the page holds tells whether there is a next page.
fn one_more(page: &PageRequest) -> i64 {
    i64::try_from(page.limit).unwrap_or(i64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn every_statement_is_understood_by_both_databases() {
        db::testing::each(|db| async move {
            db::migrate(&db, &[super::MIGRATIONS]).await.unwrap();
            db::testing::prepare_all(&db, &[super::ALL]).await;
        })
        .await;
    }
}
