//! Who calls: the key in `Authorization`, without a scheme word, or the client-side id in the path (`launchdarkly.md` §1.1).

use std::marker::PhantomData;
use std::sync::Arc;

use delivery::sdks::Seen;
use delivery::{EnvironmentSnapshot, KeyKind, KeyLookup, Snapshots};
use evaluation::Audience;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use crate::status::StatusResponse;
use crate::{Sdks, secure, sighting};

/// The environment's id, which SDKs hand to hooks and plug-ins.
pub(crate) const ENVIRONMENT: HeaderName = HeaderName::from_static("x-ld-envid");

/// By which kind of key a route is entered.
pub(crate) trait Door: Send + Sync + 'static {
    const KIND: KeyKind;
}

/// Programs on servers: an SDK key.
#[derive(Debug)]
pub(crate) struct Server;
/// Apps: a mobile key.
#[derive(Debug)]
pub(crate) struct Mobile;
/// Pages: a client-side id, which is `{env}` in the route's path.
#[derive(Debug)]
pub(crate) struct Browser;

impl Door for Server {
    const KIND: KeyKind = KeyKind::Sdk;
}

impl Door for Mobile {
    const KIND: KeyKind = KeyKind::Mobile;
}

impl Door for Browser {
    const KIND: KeyKind = KeyKind::ClientSide;
}

/// Who entered by this door, and the environment that their key opens.
#[derive(Debug)]
pub(crate) struct Visitor<D> {
    pub(crate) key: String,
    pub(crate) snapshot: Arc<EnvironmentSnapshot>,
    /// Which SDK it is; `None` for a browser that only asks beforehand whether a page may call.
    pub(crate) seen: Option<Seen>,
    door: PhantomData<D>,
}

impl<D: Door> Visitor<D> {
    /// Whoever holds the key, if it opens an environment at this door; which SDK that is, is noted.
    pub(crate) async fn enter(sdks: &Sdks, key: String, parts: &Parts) -> Result<Self, StatusResponse> {
        let snapshot = opens::<D>(&sdks.snapshots, &key).await?;
        let seen = (parts.method != Method::OPTIONS).then(|| {
            let transport = sighting::transport(parts.uri.path());
            sdks.register.see(&snapshot.place, D::KIND, &sighting::of(&parts.headers), transport)
        });
        Ok(Self { key, snapshot, seen, door: PhantomData })
    }

    /// Which flags they may see.
    pub(crate) fn audience() -> Audience {
        match D::KIND {
            KeyKind::Sdk => Audience::Server,
            KeyKind::Mobile => Audience::Mobile,
            KeyKind::ClientSide => Audience::Browser,
        }
    }

    /// The header that names the environment.
    pub(crate) fn environment(&self) -> (HeaderName, HeaderValue) {
        let id = HeaderValue::from_str(self.snapshot.client_side_id());
        (ENVIRONMENT, id.expect("a client-side id is made of letters and digits"))
    }
}

/// The environment that the key opens at this door.
///
/// 401 or 404 only for keys that are known to be wrong: either ends most SDKs until they are restarted (§1.6). 503 for all
/// that passes.
pub(crate) async fn opens<D: Door>(
    snapshots: &Snapshots,
    key: &str,
) -> Result<Arc<EnvironmentSnapshot>, StatusResponse> {
    match snapshots.by_key(key).await {
        KeyLookup::Active(kind, snapshot) if kind == D::KIND => Ok(snapshot),
        KeyLookup::NotReady => Err(StatusResponse::away()),
        KeyLookup::Active(..) | KeyLookup::Ended | KeyLookup::Unknown => Err(match D::KIND {
            KeyKind::ClientSide => StatusResponse::unknown_environment(),
            KeyKind::Sdk | KeyKind::Mobile => StatusResponse::unknown_key(),
        }),
    }
}

/// Whether someone who entered here may have the flags of the context of this canonical key: in secure mode, pages must
/// prove it (§1.9).
pub(crate) fn may_ask<D: Door>(
    snapshots: &Snapshots,
    snapshot: &EnvironmentSnapshot,
    canonical_key: &str,
    hash: Option<&str>,
) -> bool {
    if D::KIND != KeyKind::ClientSide || !snapshot.secure_mode() {
        return true;
    }
    let keys = snapshots.sdk_keys(&snapshot.place);
    secure::proves(keys.iter().map(String::as_str), canonical_key, hash.unwrap_or_default())
}

/// Android and iOS put a word of their own before the key.
pub(crate) fn authorization(headers: &HeaderMap) -> &str {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sent.strip_prefix("api_key ").unwrap_or(sent).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_key_comes_bare_or_behind_the_word_of_the_mobile_sdks() {
        for (sent, key) in [("mob-1", "mob-1"), ("api_key mob-1", "mob-1"), ("Bearer x", "Bearer x"), ("", "")] {
            assert_eq!(authorization(&headers(&[("authorization", sent)])), key);
        }
        assert_eq!(authorization(&HeaderMap::new()), "");
    }
}
