//! Who calls: the key in `Authorization`, without a scheme word, or the client-side id in the path (`launchdarkly.md` §1.1),
//! and the SDK's own name.

use std::marker::PhantomData;
use std::sync::Arc;

use delivery::event::SdkSighting;
use delivery::{EnvironmentSnapshot, KeyKind, KeyLookup, Snapshots};
use evaluation::Audience;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::secure;
use crate::status::StatusResponse;

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
    door: PhantomData<D>,
}

impl<D: Door> Visitor<D> {
    /// Whoever holds the key, if it opens an environment at this door.
    pub(crate) async fn enter(snapshots: &Snapshots, key: String) -> Result<Self, StatusResponse> {
        let snapshot = opens::<D>(snapshots, &key).await?;
        Ok(Self { key, snapshot, door: PhantomData })
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

/// `User-Agent: NodeJSClient/9.13.7` and the id of the running instance; browsers may not set the first and have none of the
/// second.
pub(crate) fn sighting(headers: &HeaderMap) -> Option<SdkSighting<'_>> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (name, version) = text("x-launchdarkly-user-agent").or_else(|| text("user-agent"))?.split_once('/')?;
    let instance = text("x-launchdarkly-instance-id").unwrap_or_default();
    Some(SdkSighting { name: name.into(), version: version.into(), instance: instance.into() })
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

    #[test]
    fn a_browser_is_named_by_the_header_that_it_may_set() {
        let page = headers(&[("user-agent", "Mozilla/5.0"), ("x-launchdarkly-user-agent", "JSClient/4.10.3")]);
        let seen = sighting(&page).unwrap();
        assert_eq!((seen.name.as_ref(), seen.version.as_ref(), seen.instance.as_ref()), ("JSClient", "4.10.3", ""));
        assert!(sighting(&headers(&[("user-agent", "curl")])).is_none());
    }
}
