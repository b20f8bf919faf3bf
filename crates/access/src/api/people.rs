//! People: listed, invited, amended; and the invited who come in.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use kernel::{PersonId, Timestamp};
use rest::{Body, Page, Paging, Path, Problem, Problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sessions::{Me, welcome};
use crate::password::NewPassword;
use crate::service::Invited;
use crate::{Access, Caller, Email, Name, Person, Role, amend};

/// Somebody to let in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InvitePerson {
    #[schema(value_type = String)]
    name: Name,
    #[schema(value_type = String, format = Email)]
    email: Email,
    role: Role,
}

/// A person and their one-time link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invitation {
    person: Person,
    /// Where they choose their password; it is shown this once, so hand it on.
    link: String,
    /// Until when the link works.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// What shall change of a person; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AmendPerson {
    #[schema(value_type = Option<String>)]
    name: Option<Name>,
    role: Option<Role>,
    /// Locks them out (`true`) or lets them in again (`false`).
    disabled: Option<bool>,
}

/// An invited person's answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AcceptInvitation {
    /// From the link.
    token: String,
    /// 12 characters or more.
    #[schema(value_type = String, format = Password, min_length = 12)]
    password: NewPassword,
}

impl From<Invited> for Invitation {
    fn from(Invited { person, link, expires_at }: Invited) -> Self {
        Self { person, link, expires_at }
    }
}

/// Lists people by e-mail address.
#[utoipa::path(get, path = "/api/people", operation_id = "list_people", tag = "access", params(Paging), responses(
    (status = 200, body = Page<Person>), Problems
))]
pub(super) async fn list(State(access): State<Access>, Paging(page): Paging) -> Result<Json<Page<Person>>, Problem> {
    Ok(Json(access.people(&page).await?.into()))
}

/// Invites a person.
#[utoipa::path(
    post, path = "/api/people", operation_id = "invite_person", tag = "access", request_body = InvitePerson,
    responses((status = 201, body = Invitation), Problems)
)]
pub(super) async fn invite(
    State(access): State<Access>,
    caller: Caller,
    Body(InvitePerson { name, email, role }): Body<InvitePerson>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    let invited = access.invite(&caller, email, name, role).await?;
    Ok((StatusCode::CREATED, Json(invited.into())))
}

/// Changes a person's name or role, locks them out, or lets them in again.
#[utoipa::path(
    patch, path = "/api/people/{id}", operation_id = "amend_person", tag = "access",
    params(("id" = String, Path, description = "Such as per_…")), request_body = AmendPerson,
    responses((status = 200, body = Person), Problems)
)]
pub(super) async fn amend(
    State(access): State<Access>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Body(AmendPerson { name, role, disabled }): Body<AmendPerson>,
) -> Result<Json<Person>, Problem> {
    Ok(Json(access.amend(&caller, &id, amend::Wish { name, role, disabled }).await?))
}

/// Gives a person a new one-time link, by which they choose a new password.
#[utoipa::path(
    post, path = "/api/people/{id}/invitations", operation_id = "invite_person_again", tag = "access",
    params(("id" = String, Path, description = "Such as per_…")),
    responses((status = 201, body = Invitation), Problems)
)]
pub(super) async fn invite_again(
    State(access): State<Access>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    Ok((StatusCode::CREATED, Json(access.invite_again(&caller, &id).await?.into())))
}

/// Chooses a password by a one-time link, and logs in.
#[utoipa::path(
    post, path = "/api/invitations/accept", operation_id = "accept_invitation", tag = "access", security(()),
    request_body = AcceptInvitation,
    responses((status = 200, body = Me, description = "The session is in the cookie."), Problems)
)]
pub(super) async fn accept(
    State(access): State<Access>,
    headers: HeaderMap,
    Body(AcceptInvitation { token, password }): Body<AcceptInvitation>,
) -> Result<Response, Problem> {
    let logged_in = access.accept(&token, password).await?;
    Ok(welcome(&access, &headers, logged_in))
}
