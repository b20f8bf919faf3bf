//! People, their roles, and the tokens that act for them or for a service.

use std::fmt;

use kernel::{Actor, ActorKind, PersonId, SessionId, Timestamp, TokenId};
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

/// What somebody may do; each role may do all that those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Sees everything but secrets.
    Reader,
    /// Changes flags, runs releases, handles incidents.
    Writer,
    /// Decides who is who, and what projects there are.
    Admin,
}

impl Role {
    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Admin => "admin",
        }
    }

    /// The role that was stored as `text`.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Reader, Self::Writer, Self::Admin].into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who sends a request, once the gate has let it in: the extractor of every handler that asks who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// What the change log remembers.
    pub actor: Actor,
    /// What the caller may do now.
    pub role: Role,
    /// The person, or the owner of the personal token; `None` for a service token.
    pub person_id: Option<PersonId>,
}

/// What the caller proved its identity with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A person's browser session.
    Session(SessionId),
    /// A personal or service token.
    Token(TokenId),
}

/// Somebody who can log in, be on call and be an actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Such as `per_…`.
    #[schema(value_type = String)]
    pub id: PersonId,
    /// Where to reach them, and their login.
    #[schema(value_type = String, format = Email)]
    pub email: Email,
    /// What others call them.
    #[schema(value_type = String)]
    pub name: Name,
    /// What they may do.
    pub role: Role,
    /// Whether they have not yet accepted their invitation: they have no password.
    pub invited: bool,
    /// Since when they are here.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Since when they may no longer come in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub disabled_at: Option<Timestamp>,
}

impl Person {
    /// Whether they can log in and administer.
    pub fn is_active_admin(&self) -> bool {
        self.role == Role::Admin && !self.invited && self.disabled_at.is_none()
    }

    /// The person as the change log remembers them.
    pub fn actor(&self) -> Actor {
        Actor { kind: ActorKind::Person, id: self.id.to_string(), name: self.name.to_string() }
    }
}

/// Whom a token acts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum TokenKind {
    /// For a person: dies with their access, and is never mightier than they are.
    Personal,
    /// For a program: lives on when its maker leaves.
    Service,
}

impl TokenKind {
    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Service => "service",
        }
    }

    /// The kind that was stored as `text`.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Personal, Self::Service].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A token as lists show it: never its secret, which is shown once and stored as a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Such as `tok_…`.
    #[schema(value_type = String)]
    pub id: TokenId,
    /// What it is for.
    #[schema(value_type = String)]
    pub name: Name,
    /// Whom it acts for.
    pub kind: TokenKind,
    /// The owner of a personal token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub person_id: Option<PersonId>,
    /// The most that it may do.
    pub role: Role,
    /// Its making.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// Its last use, to the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// Who acts by the token, as the change log remembers it: its owner, whose name is given, or the service itself.
    /// A person is one person by every means: what they did by their command line is theirs, and pages know it as theirs.
    pub fn actor(&self, owner: Option<&Name>) -> Actor {
        match (&self.person_id, owner) {
            (Some(id), Some(name)) => Actor { kind: ActorKind::Person, id: id.to_string(), name: name.to_string() },
            _ => Actor { kind: ActorKind::Token, id: self.id.to_string(), name: self.name.to_string() },
        }
    }
}

/// An e-mail address, in lower case: two spellings are one person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// The address, if a mail server might take it; only delivery proves more (RFC 5321 §4.5.3.1 bounds the length).
    pub fn new(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | '"'));
        let bounded = (1..=64).contains(&local.len()) && (1..=255).contains(&domain.len()) && !local.contains('@');
        if plain && bounded { Ok(Self(text)) } else { Err(InvalidEmail) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why an address was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address was expected, such as ada@example.com")]
pub struct InvalidEmail;

/// What a person or a token is called: 1 to 100 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// The name, without space around it.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        let fits = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidName) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 100 characters on one line")]
pub struct InvalidName;

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        assert_eq!(Email::new(" Ada@Example.COM ").unwrap().as_str(), "ada@example.com");
        for wrong in ["", "ada", "@example.com", "ada@", "a@b@c", "a b@c", "ada@x\r\nBcc: y@z", "<ada@x>"] {
            assert_eq!(Email::new(wrong), Err(InvalidEmail), "{wrong}");
        }
    }

    #[test]
    fn names_fit_on_one_line() {
        assert_eq!(Name::new(" Ada Lovelace ").unwrap().as_str(), "Ada Lovelace");
        for wrong in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert_eq!(Name::new(wrong), Err(InvalidName), "{wrong:?}");
        }
    }

    #[test]
    fn roles_grow() {
        assert!(Role::Reader < Role::Writer && Role::Writer < Role::Admin);
        for role in [Role::Reader, Role::Writer, Role::Admin] {
            assert_eq!(Role::from_stored(role.as_str()), Some(role));
        }
    }
}
