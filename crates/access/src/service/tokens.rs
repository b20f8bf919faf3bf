//! Tokens: made, listed, revoked.

use db::Batch;
use kernel::{Page, PageRequest, TokenId};

use super::{Access, Error};
use crate::mint::{self, mint};
use crate::secret::TOKEN_PREFIX;
use crate::{Caller, Credential, Role, Secret, Token, store};

/// A new token, and its secret for the one time that it is shown.
#[derive(Clone, Debug)]
pub struct Minted {
    /// What lists will show.
    pub token: Token,
    /// `sft_…`.
    pub secret: Secret,
}

impl Access {
    /// Makes a token.
    pub async fn mint(&self, caller: &Caller, credential: &Credential, wish: mint::Wish) -> Result<Minted, Error> {
        let now = self.now();
        let person_id = mint(caller, credential, &wish, now)?;
        let mint::Wish { name, kind, role, expires_at } = wish;
        let id = TokenId::mint(now, &*self.rng);
        let secret = Secret::draw(TOKEN_PREFIX, &*self.rng);
        let (created_at, revoked_at, last_used_at) = (now, None, None);
        let token = Token { id, name, kind, person_id, role, created_at, expires_at, revoked_at, last_used_at };
        self.db.commit(Batch::from(store::insert_token(&token, &secret.digest())).quiet()).await?;
        tracing::info!(by = caller.actor.id, token = %token.id, %role, "a token is made");
        Ok(Minted { token, secret })
    }

    /// A page of tokens: the caller's own, or all of them for admins.
    pub async fn tokens(&self, caller: &Caller, page: &PageRequest) -> Result<Page<Token>, Error> {
        let owner = match (caller.role, &caller.person_id) {
            (Role::Admin, _) => None,
            (_, Some(person)) => Some(person),
            (_, None) => return Ok(Page { items: Vec::new(), next: None }),
        };
        Ok(store::list_tokens(&self.db, owner, page).await?)
    }

    /// Ends a token at once: one's own, or any for admins. A token may end itself.
    pub async fn revoke(&self, caller: &Caller, id: &TokenId) -> Result<(), Error> {
        let token = store::read_token(&self.db, id).await?.ok_or(Error::NoSuchToken)?;
        let own = token.person_id.is_some() && token.person_id == caller.person_id;
        if !own && caller.role < Role::Admin && caller.actor.id != token.id.as_str() {
            return Err(Error::NoSuchToken);
        }
        self.db.commit(Batch::from(store::revoke_token(id, self.now())).quiet()).await?;
        tracing::info!(by = caller.actor.id, token = %id, "a token is revoked");
        Ok(())
    }
}
