//! Decides whether a caller may have the token that they ask for.

use kernel::{PersonId, Timestamp};

use crate::{Caller, Credential, Name, Role, TokenKind};

/// The token that a caller asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What it is for.
    pub name: Name,
    /// Whom it acts for.
    pub kind: TokenKind,
    /// The most that it may do.
    pub role: Role,
    /// When it ends by itself; `None`: when it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// Why a caller may not have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A leaked token must not make itself a longer life.
    #[error("tokens are made by people who are logged in, not by tokens")]
    MadeByToken,
    /// It could do more than its maker.
    #[error("a token may do no more than its maker, whose role is {own}")]
    AboveOwnRole {
        /// The maker's role.
        own: Role,
    },
    /// It outlives its maker's access.
    #[error("tokens of services are made by admins, because they outlive their maker's access")]
    ServiceNeedsAdmin,
    /// It would be dead at once.
    #[error("the token would expire before it exists")]
    ExpiresInThePast,
}

/// Decides on `wish`; the answer is the owner whose access bounds the token (`None` for a service's).
pub fn mint(
    caller: &Caller,
    credential: &Credential,
    wish: &Wish,
    now: Timestamp,
) -> Result<Option<PersonId>, Refusal> {
    let (Credential::Session(_), Some(person)) = (credential, &caller.person_id) else {
        return Err(Refusal::MadeByToken);
    };
    if wish.role > caller.role {
        return Err(Refusal::AboveOwnRole { own: caller.role });
    }
    if wish.kind == TokenKind::Service && caller.role < Role::Admin {
        return Err(Refusal::ServiceNeedsAdmin);
    }
    if wish.expires_at.is_some_and(|expiry| expiry <= now) {
        return Err(Refusal::ExpiresInThePast);
    }
    Ok(match wish.kind {
        TokenKind::Personal => Some(person.clone()),
        TokenKind::Service => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Actor, SessionId, TokenId};

    #[test]
    fn a_token_is_never_mightier_than_its_maker() {
        use {Role::*, TokenKind::*};
        let session = Credential::Session(SessionId::from_stored("ses_1"));
        let token = Credential::Token(TokenId::from_stored("tok_1"));
        let (now, past) = (Timestamp::from_secs(60), Some(Timestamp::from_secs(60)));
        let ada = Some(PersonId::from_stored("per_1"));
        let cases = [
            (Writer, &session, Personal, Writer, None, Ok(ada.clone())),
            (Admin, &session, Personal, Reader, None, Ok(ada.clone())),
            (Admin, &session, Service, Admin, None, Ok(None)),
            (Writer, &session, Personal, Admin, None, Err(Refusal::AboveOwnRole { own: Writer })),
            (Writer, &session, Service, Reader, None, Err(Refusal::ServiceNeedsAdmin)),
            (Admin, &session, Personal, Admin, past, Err(Refusal::ExpiresInThePast)),
            (Admin, &token, Personal, Reader, None, Err(Refusal::MadeByToken)),
        ];
        for (own, credential, kind, role, expires_at, expected) in cases {
            let caller = Caller { actor: Actor::system(), role: own, person_id: ada.clone() };
            let wish = Wish { name: Name::new("deploys").unwrap(), kind, role, expires_at };
            assert_eq!(mint(&caller, credential, &wish, now), expected, "{own} {wish:?}");
        }
    }
}
