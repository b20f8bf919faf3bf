//! Contact methods: each person's own, or an admin's to set up for them.

use access::{Caller, Role};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{PageId, PersonId};
use serde::Deserialize;

use super::error::on_conflict;
use super::{Error, Oncall};
use crate::model::{Contact, ContactMethod, ContactMethodId, Invalid};
use crate::store::pages::{self, Job};
use crate::store::people;

const MAX_METHODS: usize = 20;

/// A contact method as it shall be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum ContactMethodRequest {
    /// By e-mail.
    Email {
        /// The address.
        address: String,
    },
    /// By a POST that is signed as Standard Webhooks are.
    Webhook {
        /// Where to.
        url: String,
        /// `whsec_` and the base64 of 24 to 64 bytes; made when absent.
        #[serde(default)]
        secret: Option<String>,
    },
}

/// A contact method that was added, with the one sight of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContact {
    /// The method.
    pub method: ContactMethod,
    /// The signing secret of a webhook.
    pub secret: Option<String>,
}

impl Oncall {
    /// The contact methods of a person, first choice first.
    pub async fn contact_methods(&self, caller: &Caller, person: &PersonId) -> Result<Vec<ContactMethod>, Error> {
        allow(caller, person)?;
        self.access.person(person).await?;
        Ok(people::methods(&self.db, Some(person)).await?)
    }

    /// Adds a contact method behind the person's others.
    pub async fn add_contact_method(
        &self,
        caller: &Caller,
        person: &PersonId,
        wish: ContactMethodRequest,
    ) -> Result<NewContact, Error> {
        allow(caller, person)?;
        self.access.person(person).await?;
        let contact = self.contact(wish)?;
        contact.check()?;
        if people::methods(&self.db, Some(person)).await?.len() >= MAX_METHODS {
            return Err(Error::Needed {
                code: "too-many-contact-methods",
                detail: format!("a person has at most {MAX_METHODS} contact methods"),
                hint: "delete one first",
            });
        }
        let now = self.now();
        let secret = if let Contact::Webhook { secret, .. } = &contact { Some(secret.clone()) } else { None };
        let id = ContactMethodId::mint(now, &*self.rng);
        let method = ContactMethod {
            id: id.clone(),
            person: person.clone(),
            contact,
            position: 0,
            created_at: now,
            proven_at: None,
            last_error: None,
        };
        let add = people::add_method(&method);
        self.db.commit(add.into()).await.map_err(on_conflict("contact method", Error::Busy))?;
        tracing::info!(%person, by = caller.actor.name, way = method.contact.describe(), "a contact method is added");
        let method = people::method(&self.db, &id).await?.ok_or(Error::NotFound("contact method"))?;
        Ok(NewContact { method, secret })
    }

    fn contact(&self, wish: ContactMethodRequest) -> Result<Contact, Invalid> {
        Ok(match wish {
            ContactMethodRequest::Email { address } => Contact::Email { address: address.trim().to_owned() },
            ContactMethodRequest::Webhook { url, secret: Some(secret) } => {
                check_secret(&secret)?;
                Contact::Webhook { url, secret }
            }
            ContactMethodRequest::Webhook { url, secret: None } => {
                let mut bits = [0; 32];
                self.rng.fill(&mut bits);
                Contact::Webhook { url, secret: format!("whsec_{}", STANDARD.encode(bits)) }
            }
        })
    }

    /// Deletes a contact method; the last one of somebody whom the catch-all names has to stay.
    pub async fn delete_contact_method(
        &self,
        caller: &Caller,
        person: &PersonId,
        id: &ContactMethodId,
    ) -> Result<(), Error> {
        allow(caller, person)?;
        let methods = people::methods(&self.db, Some(person)).await?;
        if methods.len() == 1 && self.catch_all().await?.contains(person) {
            return Err(Error::Needed {
                code: "last-contact-method",
                detail: "the catch-all policy names this person, and this is the only way to reach them".to_owned(),
                hint: "add another contact method first",
            });
        }
        let delete = people::delete_method(id, person);
        self.db
            .commit(delete.into())
            .await
            .map_err(on_conflict("contact method", Error::NotFound("contact method")))?;
        tracing::info!(%person, by = caller.actor.name, method = %id, "a contact method is deleted");
        Ok(())
    }

    /// Sends a test there, once; whether it arrived shows on the contact method.
    pub async fn test_contact_method(
        &self,
        caller: &Caller,
        person: &PersonId,
        id: &ContactMethodId,
    ) -> Result<PageId, Error> {
        allow(caller, person)?;
        let method = people::method(&self.db, id).await?.filter(|method| method.person == *person);
        let method = method.ok_or(Error::NotFound("contact method"))?.id;
        let now = self.now();
        let page = PageId::mint(now, &*self.rng);
        self.db.commit(pages::enqueue(&page, &Job::Test { method }, now).into()).await?;
        Ok(page)
    }
}

/// Everybody decides on their own contact methods, and admins on everybody's.
fn allow(caller: &Caller, person: &PersonId) -> Result<(), Error> {
    if caller.role == Role::Admin || caller.person_id.as_ref() == Some(person) {
        Ok(())
    } else {
        Err(Error::RoleTooLow { needed: Role::Admin })
    }
}

/// The format of Standard Webhooks: a prefix and the base64 of 24 to 64 bytes (`oncall.md` §2.9).
fn check_secret(secret: &str) -> Result<(), Invalid> {
    let bytes = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    if bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len())) {
        return Ok(());
    }
    let detail = "a secret is whsec_ and the base64 of 24 to 64 bytes";
    Err(Invalid::new("invalid-secret", "/secret", detail, "leave it out, and one is made"))
}
