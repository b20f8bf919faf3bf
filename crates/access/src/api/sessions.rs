//! Set-up, login, logout, and oneself.

use axum::Json;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use kernel::ActorKind;
use rest::{Body, Problem, Problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gate;
use crate::password::{NewPassword, Password};
use crate::service::LoggedIn;
use crate::{Access, Caller, Credential, Email, Name, Person, Role};

/// Whether the first admin is still missing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetupState {
    needed: bool,
}

/// The first admin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SetUp {
    /// From the link that the server prints when it starts.
    token: String,
    #[schema(value_type = String)]
    name: Name,
    #[schema(value_type = String, format = Email)]
    email: Email,
    /// 12 characters or more.
    #[schema(value_type = String, format = Password, min_length = 12)]
    password: NewPassword,
}

/// Who somebody says they are, and their proof.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LogIn {
    #[schema(value_type = String, format = Email)]
    email: Email,
    #[schema(value_type = String, format = Password)]
    password: Password,
}

/// A new password for oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChangePassword {
    /// The present one.
    #[schema(value_type = String, format = Password)]
    current: Password,
    /// 12 characters or more.
    #[schema(value_type = String, format = Password, min_length = 12)]
    new: NewPassword,
}

/// Who asks, and what they may do now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    /// Of the person or the token.
    id: String,
    name: String,
    /// `person` or `token`.
    #[schema(value_type = String)]
    kind: ActorKind,
    role: Role,
    /// The person, or the owner of the personal token.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Person>,
}

/// Says whether Steadfast waits for its first admin.
#[utoipa::path(get, path = "/api/setup", tag = "access", security(()), responses(
    (status = 200, body = SetupState), Problems
))]
pub(super) async fn read_setup(State(access): State<Access>) -> Result<Json<SetupState>, Problem> {
    Ok(Json(SetupState { needed: access.setup_needed().await? }))
}

/// Makes the first admin by the link that the server printed, and logs them in.
#[utoipa::path(post, path = "/api/setup", tag = "access", security(()), request_body = SetUp, responses(
    (status = 200, body = Me, description = "The session is in the cookie."), Problems
))]
pub(super) async fn set_up(
    State(access): State<Access>,
    headers: HeaderMap,
    Body(SetUp { token, name, email, password }): Body<SetUp>,
) -> Result<Response, Problem> {
    let logged_in = access.set_up(&token, email, name, password).await?;
    Ok(welcome(&access, &headers, logged_in))
}

/// Logs in by password.
#[utoipa::path(post, path = "/api/login", tag = "access", security(()), request_body = LogIn, responses(
    (status = 200, body = Me, description = "The session is in the cookie."), Problems
))]
pub(super) async fn log_in(
    State(access): State<Access>,
    headers: HeaderMap,
    Body(LogIn { email, password }): Body<LogIn>,
) -> Result<Response, Problem> {
    let logged_in = access.log_in(&email, password).await?;
    Ok(welcome(&access, &headers, logged_in))
}

/// Ends the session.
#[utoipa::path(post, path = "/api/logout", tag = "access", responses((status = 204), Problems))]
pub(super) async fn log_out(
    State(access): State<Access>,
    credential: Credential,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    access.log_out(&credential).await?;
    let cookie = gate::no_session_cookie(is_secure(&access, &headers));
    Ok((StatusCode::NO_CONTENT, set_cookie(cookie)).into_response())
}

/// Says who asks.
#[utoipa::path(get, path = "/api/me", tag = "access", responses((status = 200, body = Me), Problems))]
pub(super) async fn me(State(access): State<Access>, caller: Caller) -> Result<Json<Me>, Problem> {
    let person = match &caller.person_id {
        Some(id) => Some(access.person(id).await?),
        None => None,
    };
    let Caller { actor, role, .. } = caller;
    Ok(Json(Me { id: actor.id, name: actor.name, kind: actor.kind, role, person }))
}

/// Changes one's own password; one's other sessions end.
#[utoipa::path(post, path = "/api/me/password", tag = "access", request_body = ChangePassword, responses(
    (status = 204), Problems
))]
pub(super) async fn change_password(
    State(access): State<Access>,
    caller: Caller,
    credential: Credential,
    Body(ChangePassword { current, new }): Body<ChangePassword>,
) -> Result<StatusCode, Problem> {
    access.change_password(&caller, &credential, current, new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The answer to somebody who came in: who they are, and the cookie.
pub(super) fn welcome(access: &Access, headers: &HeaderMap, LoggedIn { person, session }: LoggedIn) -> Response {
    let cookie = gate::session_cookie(&session, is_secure(access, headers));
    let actor = person.actor();
    let me = Me { id: actor.id, name: actor.name, kind: actor.kind, role: person.role, person: Some(person) };
    (set_cookie(cookie), Json(me)).into_response()
}

/// Whether the browser came by https: the base address says so, or the page that asks does.
fn is_secure(access: &Access, headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    access.is_https() || origin
}

fn set_cookie(cookie: HeaderValue) -> AppendHeaders<[(HeaderName, HeaderValue); 1]> {
    AppendHeaders([(SET_COOKIE, cookie)])
}
