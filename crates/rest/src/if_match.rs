//! Optimistic concurrency: `ETag` tells a thing's revision, `If-Match` says which one the writer saw.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponseParts, ResponseParts};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use kernel::Revision;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use crate::Problem;

/// The revision that the writer saw; `None` when the header is absent or `*`. Declare it with `params(rest::IfMatch)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<Revision>);

impl IfMatch {
    /// The revision, for routes that refuse blind writes (428, RFC 6585 §3).
    pub fn required(self) -> Result<Revision, Problem> {
        self.0.ok_or_else(|| {
            Problem::new(StatusCode::PRECONDITION_REQUIRED, "version-required", "say which version you saw")
                .field("If-Match")
                .hint("send the ETag that came with what you read as the header If-Match")
        })
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        if value == "*" {
            return Ok(Self(None));
        }
        value.to_str().ok().and_then(revision).map(|seen| Self(Some(seen))).ok_or_else(|| {
            Problem::bad_request("invalid-if-match", "If-Match must hold one version in quotes")
                .field("If-Match")
                .hint("send the ETag as it came, such as \"42\"")
        })
    }
}

/// `"42"`. A weak tag counts as the strong one: proxies that compress weaken ours on the way out (RFC 9110 §8.8.1).
fn revision(tag: &str) -> Option<Revision> {
    let strong = tag.trim().strip_prefix("W/").unwrap_or(tag.trim());
    strong.strip_prefix('"')?.strip_suffix('"')?.parse().ok().map(Revision)
}

impl IntoParams for IfMatch {
    fn into_params(_parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let version = ObjectBuilder::new().schema_type(Type::String).examples(["\"42\""]).build();
        let header = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("The ETag of what was read. If it has been changed since: 412, and nothing is written."))
            .schema(Some(version));
        vec![header.build()]
    }
}

/// The header `ETag` with the thing's revision: answer `(ETag(revision), Json(thing))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ETag(pub Revision);

impl IntoResponseParts for ETag {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        let tag = HeaderValue::try_from(format!("\"{}\"", self.0)).expect("digits in quotes are a header value");
        parts.headers_mut().insert(header::ETAG, tag);
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;

    async fn read(header: Option<&str>) -> Result<IfMatch, Problem> {
        let mut request = http::Request::get("/");
        if let Some(value) = header {
            request = request.header("if-match", value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        IfMatch::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn what_etag_told_comes_back_in_if_match() {
        let response = (ETag(Revision(42)), "thing").into_response();
        let tag = response.headers()["etag"].to_str().unwrap();
        assert_eq!(tag, "\"42\"");
        assert_eq!(read(Some(tag)).await.unwrap(), IfMatch(Some(Revision(42))));
        assert_eq!(read(Some("W/\"42\"")).await.unwrap(), IfMatch(Some(Revision(42))));
        assert_eq!(read(Some("*")).await.unwrap(), IfMatch(None));
    }

    #[tokio::test]
    async fn a_header_that_is_no_version_is_refused_and_a_missing_one_only_where_it_is_required() {
        for wrong in ["42", "\"x\"", "\"\"", "\"1\", \"2\""] {
            assert_eq!(read(Some(wrong)).await.unwrap_err().code(), "invalid-if-match", "{wrong}");
        }
        let absent = read(None).await.unwrap();
        assert_eq!(absent.required().unwrap_err().status(), 428);
    }
}
