//! How a request becomes a visitor, a context and a wish, and a refusal an answer.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use delivery::KeyKind;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};

use crate::Sdks;
use crate::client::Wish;
use crate::context::{Asked, Unreadable, from_body, from_path};
use crate::key::{Door, Visitor, authorization};
use crate::status::StatusResponse;

impl<D: Door> FromRequestParts<Sdks> for Visitor<D> {
    type Rejection = StatusResponse;

    async fn from_request_parts(parts: &mut Parts, sdks: &Sdks) -> Result<Self, StatusResponse> {
        let key = match D::KIND {
            KeyKind::ClientSide => client_side_id(parts, sdks).await?,
            KeyKind::Sdk | KeyKind::Mobile => authorization(&parts.headers).to_owned(),
        };
        Self::enter(sdks, key, parts).await
    }
}

/// The image beacon's path ends in `.gif`. A path whose context is no text says nothing of the environment, and a page that
/// hears 404 stops for good.
async fn client_side_id(parts: &mut Parts, sdks: &Sdks) -> Result<String, StatusResponse> {
    let params = params(parts, sdks).await?;
    let id = params.iter().find(|(name, _)| *name == "env").map(|(_, id)| id).unwrap_or_default();
    Ok(id.strip_suffix(".gif").unwrap_or(id).to_owned())
}

async fn params<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<RawPathParams, StatusResponse> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    params.map_err(|_| StatusResponse::bad(&Unreadable::PathNotText))
}

/// From the path's `{context}` where the route has one, else from the body.
impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = StatusResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusResponse> {
        let (mut parts, body) = request.into_parts();
        let params = params(&mut parts, state).await?;
        if let Some((_, encoded)) = params.iter().find(|(name, _)| *name == "context") {
            return Ok(from_path(encoded)?);
        }
        let headers = parts.headers.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), state).await;
        let body = body.map_err(|refused| StatusResponse::new(refused.status(), refused.body_text()))?;
        Ok(from_body(&headers, &body)?)
    }
}

impl<S: Sync> FromRequestParts<S> for Wish {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.query().unwrap_or_default()))
    }
}

impl IntoResponse for StatusResponse {
    fn into_response(self) -> Response {
        let (status, words, retry_after) = self.into_parts();
        let again = retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
        (status, HeaderMap::from_iter(again), words).into_response()
    }
}
