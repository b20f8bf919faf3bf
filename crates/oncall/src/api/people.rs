//! How people are reached.

use access::Caller;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{PageId, PersonId, Timestamp};
use rest::{Body, Path, Problem, Problems};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Oncall;
use crate::model::{Contact, ContactMethod, ContactMethodId};
use crate::service::{ContactMethodRequest, NewContact};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct MethodPath {
    /// The person.
    #[param(value_type = String)]
    id: PersonId,
    /// The contact method.
    #[param(value_type = String)]
    method: ContactMethodId,
}

/// One way to reach a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContactMethodView {
    #[schema(value_type = String)]
    id: ContactMethodId,
    /// `email` or `webhook`.
    #[schema(value_type = String)]
    kind: &'static str,
    /// The address of an e-mail method.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// The URL of a webhook method.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The signing secret of a webhook; shown only when it is added.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Its place among the person's methods; a page of low urgency takes the first.
    position: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When something was last handed over there with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    proven_at: Option<Timestamp>,
    /// Why the last attempt failed; absent when it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

/// A person's contact methods.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContactMethods {
    /// The first choice first.
    items: Vec<ContactMethodView>,
}

/// A test that is under way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestStarted {
    /// Its id: also `Message-ID` and `webhook-id`.
    #[schema(value_type = String)]
    page: PageId,
}

impl From<ContactMethod> for ContactMethodView {
    fn from(method: ContactMethod) -> Self {
        let ContactMethod { id, contact, position, created_at, proven_at, last_error, .. } = method;
        let (kind, address, url) = match contact {
            Contact::Email { address } => ("email", Some(address), None),
            Contact::Webhook { url, .. } => ("webhook", None, Some(url)),
        };
        Self { id, kind, address, url, secret: None, position, created_at, proven_at, last_error }
    }
}

/// Lists a person's contact methods; for that person and for admins.
#[utoipa::path(
    get, path = "/api/people/{id}/contact-methods", operation_id = "list_contact_methods", tag = "oncall",
    params(("id" = String, Path, description = "Such as per_…")),
    responses((status = 200, body = ContactMethods), Problems)
)]
pub(super) async fn list(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<Json<ContactMethods>, Problem> {
    let methods = oncall.contact_methods(&caller, &id).await?;
    Ok(Json(ContactMethods { items: methods.into_iter().map(ContactMethodView::from).collect() }))
}

/// Adds a contact method; the answer shows a webhook's signing secret this once.
#[utoipa::path(
    post, path = "/api/people/{id}/contact-methods", operation_id = "add_contact_method", tag = "oncall",
    params(("id" = String, Path, description = "Such as per_…")), request_body = ContactMethodRequest,
    responses((status = 201, body = ContactMethodView), Problems)
)]
pub(super) async fn add(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Body(wish): Body<ContactMethodRequest>,
) -> Result<(StatusCode, Json<ContactMethodView>), Problem> {
    let NewContact { method, secret } = oncall.add_contact_method(&caller, &id, wish).await?;
    Ok((StatusCode::CREATED, Json(ContactMethodView { secret, ..method.into() })))
}

/// Deletes a contact method.
#[utoipa::path(
    delete, path = "/api/people/{id}/contact-methods/{method}", operation_id = "delete_contact_method", tag = "oncall",
    params(MethodPath), responses((status = 204), Problems)
)]
pub(super) async fn delete(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(path): Path<MethodPath>,
) -> Result<StatusCode, Problem> {
    oncall.delete_contact_method(&caller, &path.id, &path.method).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a test there, once; whether it arrived shows on the contact method.
#[utoipa::path(
    post, path = "/api/people/{id}/contact-methods/{method}/test", operation_id = "test_contact_method",
    tag = "oncall", params(MethodPath), responses((status = 202, body = TestStarted), Problems)
)]
pub(super) async fn test(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(path): Path<MethodPath>,
) -> Result<(StatusCode, Json<TestStarted>), Problem> {
    let page = oncall.test_contact_method(&caller, &path.id, &path.method).await?;
    Ok((StatusCode::ACCEPTED, Json(TestStarted { page })))
}
