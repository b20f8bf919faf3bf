//! Refusals that speak: problem details by RFC 9457.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

/// Why a request was refused, in the `application/problem+json` of RFC 9457.
///
/// `type` is left out, so it is `about:blank`, and `title` is the phrase of the status (RFC 9457 §4.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16, example = 400)]
    status: StatusCode,
    /// The phrase of the status.
    #[schema(value_type = String, example = "Bad Request")]
    title: &'static str,
    /// The reason for programs: kebab-case, and stable from release to release.
    #[schema(value_type = String, example = "weights-do-not-sum-up")]
    code: &'static str,
    /// The reason for people.
    detail: Cow<'static, str>,
    /// What was wrong: a JSON pointer into the body, or the name of a path part, query parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/variations/0/value")]
    field: Option<String>,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    hint: Option<Cow<'static, str>>,
    /// Seconds for the header `Retry-After`.
    #[serde(skip)]
    retry_after: Option<u32>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

/// Constructors named after the status; `code` is kebab-case and stable, `detail` is a sentence for people.
impl Problem {
    /// A problem with any status.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { status, title, code, detail: detail.into(), field: None, hint: None, retry_after: None }
    }

    /// 400: the request is wrong in itself.
    pub fn bad_request(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 401: who you are is not known.
    pub fn unauthorised(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// 403: you are known, and may not.
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// 409: the state of things does not allow it.
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 412: the version in `If-Match` is not the present one.
    pub fn precondition_failed(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, code, detail)
    }

    /// 413: the body is longer than the route takes.
    pub fn too_large(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, code, detail)
    }

    /// 429: too often; `retry_after` in seconds.
    pub fn too_many(code: &'static str, detail: impl Into<Cow<'static, str>>, retry_after: u32) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail).retry_after(retry_after)
    }

    /// 503: something that passes, such as a database that is away; asks to retry after a second.
    pub fn unavailable(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(1)
    }

    /// 500: our own fault. The cause goes to the log; the answer keeps it to itself.
    pub fn internal(cause: &(dyn Error + 'static)) -> Self {
        let chain: Vec<String> =
            std::iter::successors(Some(cause), |&error| error.source()).map(ToString::to_string).collect();
        tracing::error!(cause = chain.join(": "), "a request failed through a fault of ours");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal-error", "Steadfast failed to do this; its log says why")
    }

    /// Names what was wrong: a JSON pointer, or the name of a path part, query parameter or header.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says what would be right.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Asks to come back after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The reason for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1: a 401 names at least one way to authenticate.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Declares in a handler's `responses(…)` that every refusal is a [`Problem`].
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new()
            .description("Refused: the code says why, the field where, the hint what would be right.")
            .content("application/problem+json", problem);
        BTreeMap::from([("default".to_owned(), response.build().into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn json(response: Response) -> serde_json::Value {
        serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    #[tokio::test]
    async fn a_problem_says_what_was_wrong_and_what_would_be_right() {
        let problem = Problem::bad_request("weights-do-not-sum-up", "the weights sum up to 99 %")
            .field("/rollout/weights")
            .hint("make them sum up to 100 %");
        let response = problem.into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(
            json(response).await,
            serde_json::json!({
                "status": 400, "title": "Bad Request", "code": "weights-do-not-sum-up",
                "detail": "the weights sum up to 99 %", "field": "/rollout/weights", "hint": "make them sum up to 100 %",
            })
        );
    }

    #[test]
    fn what_passes_asks_to_come_back_and_401_names_a_scheme() {
        let away = Problem::unavailable("database-away", "the database does not answer").into_response();
        assert_eq!(away.headers()["retry-after"], "1");
        let unknown = Problem::unauthorised("not-logged-in", "log in first").into_response();
        assert_eq!(unknown.headers()["www-authenticate"], "Bearer");
    }

    #[tokio::test]
    async fn our_own_faults_do_not_leak_their_cause() {
        let cause = std::io::Error::other("secret path");
        let body = json(Problem::internal(&cause).into_response()).await;
        assert_eq!(body["code"], "internal-error");
        assert!(!body.to_string().contains("secret path"));
    }
}
