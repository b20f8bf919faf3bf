//! Who calls, and what they may see.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use delivery::sdks::{Family, Sighting, Transport};
use delivery::{Busy, EnvironmentSnapshot, KeyKind, KeyLookup};
use evaluation::Audience;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::Ofrep;

/// Somebody with a key that opens an environment.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) key: String,
    pub(crate) kind: KeyKind,
    pub(crate) snapshot: Arc<EnvironmentSnapshot>,
}

/// Why somebody is not let in; OFREP gives these no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The key is missing, or known to be wrong.
    WrongKey,
    /// It is not known yet whether the key is right: never 401, on which providers give up.
    NotReady,
    /// Too many streams begin at once.
    Busy(Busy),
    /// The environment is in secure mode, where a page proves for whom it asks, and OFREP has no word for that.
    Unproven,
}

impl Caller {
    /// Which flags they may see.
    pub(crate) fn audience(&self) -> Audience {
        match self.kind {
            KeyKind::Sdk => Audience::Server,
            KeyKind::Mobile => Audience::Mobile,
            KeyKind::ClientSide => Audience::Browser,
        }
    }
}

impl FromRequestParts<Ofrep> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, ofrep: &Ofrep) -> Result<Self, Refused> {
        let key = sent(&parts.headers);
        match ofrep.snapshots.by_key(key).await {
            KeyLookup::Active(KeyKind::ClientSide, snapshot) if snapshot.secure_mode() => Err(Refused::Unproven),
            KeyLookup::Active(kind, snapshot) => {
                ofrep.register.see(&snapshot.place, kind, &sighting(&parts.headers), Transport::Poll);
                Ok(Self { key: key.to_owned(), kind, snapshot })
            }
            KeyLookup::NotReady => Err(Refused::NotReady),
            KeyLookup::Ended | KeyLookup::Unknown => Err(Refused::WrongKey),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::WrongKey => {
                let scheme = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
                (StatusCode::UNAUTHORIZED, scheme).into_response()
            }
            Self::Unproven => StatusCode::FORBIDDEN.into_response(),
            Self::NotReady => again_after(1),
            Self::Busy(busy) => again_after(busy.retry_after.as_secs()),
        }
    }
}

impl From<Busy> for Refused {
    fn from(busy: Busy) -> Self {
        Self::Busy(busy)
    }
}

fn again_after(seconds: u64) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, HeaderValue::from(seconds))]).into_response()
}

/// OFREP has no header for who asks, so what is known is the HTTP client, or that it is a browser.
pub(crate) fn sighting(headers: &HeaderMap) -> Sighting<'_> {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Sighting::by_user_agent(Family::OpenFeature, agent)
}

/// The key as `Authorization: Bearer KEY`, bare in `Authorization`, or in `X-API-Key`.
fn sent(headers: &HeaderMap) -> &str {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let Some(authorization) = text("authorization") else { return text("x-api-key").unwrap_or_default() };
    match authorization.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim_start(),
        _ => authorization,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    fn a_key_comes_as_a_bearer_bare_or_in_a_header_of_its_own() {
        let headers = |pairs: &[(&'static str, &str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
        };
        for (pairs, key) in [
            (&[("authorization", "Bearer sdk-1")][..], "sdk-1"),
            (&[("authorization", "bearer  sdk-1 ")], "sdk-1"),
            (&[("authorization", "sdk-1")], "sdk-1"),
            (&[("authorization", "Bearer")], "Bearer"),
            (&[("x-api-key", "sdk-2")], "sdk-2"),
            (&[("authorization", "Bearer sdk-1"), ("x-api-key", "sdk-2")], "sdk-1"),
            (&[("authorization", "Basic sdk-1")], "Basic sdk-1"),
            (&[], ""),
        ] {
            assert_eq!(sent(&headers(pairs)), key, "{pairs:?}");
        }
    }
}
