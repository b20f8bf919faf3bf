//! Who calls: the token in `Authorization`, without a scheme word (`oss-flags.md` §4.1), and the SDK's own name.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use delivery::sdks::{Family, Sighting, Transport};
use delivery::{Busy, EnvironmentSnapshot, KeyKind, KeyLookup, Place};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::Sdks;

/// Who was let in.
pub(crate) struct Caller {
    /// The key, for looking it up again.
    pub(crate) key: String,
    pub(crate) kind: KeyKind,
    pub(crate) snapshot: Arc<EnvironmentSnapshot>,
}

/// Who is not let in. 401 stops most SDKs until they are restarted, so it is only for tokens that are known to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no such token any more, or it is for another environment than it says.
    Unknown,
    /// The token is for other SDKs.
    OtherSdks,
    /// In secure mode nobody is told what a context gets who cannot prove that it is theirs, and Unleash's SDKs cannot.
    Unproven,
    /// It passes.
    Away,
    /// Too many streams begin at once.
    Busy(Busy),
}

impl From<Busy> for Refused {
    fn from(busy: Busy) -> Self {
        Self::Busy(busy)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown => (StatusCode::UNAUTHORIZED, "this token is not, or no longer, valid").into_response(),
            Self::OtherSdks => (StatusCode::FORBIDDEN, "this token is for frontend SDKs").into_response(),
            Self::Unproven => {
                (StatusCode::FORBIDDEN, "the environment is in secure mode: use a mobile key").into_response()
            }
            Self::Away => again_after(1),
            Self::Busy(busy) => again_after(busy.retry_after.as_secs()),
        }
    }
}

fn again_after(seconds: u64) -> Response {
    let head = [(header::RETRY_AFTER, HeaderValue::from(seconds))];
    (StatusCode::SERVICE_UNAVAILABLE, head, "not ready; try again").into_response()
}

/// A backend SDK.
pub(crate) async fn backend(sdks: &Sdks, headers: &HeaderMap) -> Result<Caller, Refused> {
    let caller = anybody(sdks, headers).await?;
    if caller.kind == KeyKind::Sdk { Ok(caller) } else { Err(Refused::OtherSdks) }
}

/// Any SDK.
pub(crate) async fn anybody(sdks: &Sdks, headers: &HeaderMap) -> Result<Caller, Refused> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = Token::read(sent.strip_prefix("Bearer ").unwrap_or(sent).trim());
    match sdks.snapshots.by_key(token.key).await {
        KeyLookup::Active(KeyKind::ClientSide, snapshot) if snapshot.secure_mode() => Err(Refused::Unproven),
        KeyLookup::Active(kind, snapshot) if token.opens(&snapshot.place) => {
            sdks.register.see(&snapshot.place, kind, &sighting(headers, None), Transport::Poll);
            Ok(Caller { key: token.key.to_owned(), kind, snapshot })
        }
        KeyLookup::NotReady => Err(Refused::Away),
        KeyLookup::Active(..) | KeyLookup::Ended | KeyLookup::Unknown => Err(Refused::Unknown),
    }
}

/// `KEY`, or `project:environment.KEY` with `*` or `[]` for the project.
#[derive(Debug, PartialEq, Eq)]
struct Token<'t> {
    place: Option<(&'t str, &'t str)>,
    key: &'t str,
}

impl<'t> Token<'t> {
    fn read(text: &'t str) -> Self {
        let formed = text.split_once(':').and_then(|(project, rest)| {
            // Keys of environments may have dots; ours have none.
            let (environment, key) = rest.rsplit_once('.')?;
            Some(Self { place: Some((project, environment)), key })
        });
        formed.unwrap_or(Self { place: None, key: text })
    }

    fn opens(&self, place: &Place) -> bool {
        self.place.is_none_or(|(project, environment)| {
            (matches!(project, "*" | "[]") || project == place.project.as_str())
                && environment == place.environment.as_str()
        })
    }
}

/// `unleash-sdk: unleash-node-sdk:6.12.1`, or what older SDKs send, the application, and the id of the running instance.
pub(crate) fn sighting<'h>(headers: &'h HeaderMap, sent: Option<&'h str>) -> Sighting<'h> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
    let sdk = text("unleash-sdk").or(sent).unwrap_or_default();
    let (name, version) = sdk.rsplit_once([':', '@']).unwrap_or((sdk, ""));
    let instance = text("unleash-connection-id").or_else(|| text("unleash-instanceid")).unwrap_or_default();
    let application = text("unleash-appname").unwrap_or_default();
    Sighting::named(Family::Unleash, name, version).of_application(application, "").instance(instance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{EnvironmentKey, ProjectKey};

    #[test]
    fn a_token_is_a_key_or_a_key_in_unleashs_form() {
        let place =
            Place { project: ProjectKey::new("shop").unwrap(), environment: EnvironmentKey::new("prod.eu").unwrap() };
        let table = [
            ("sdk-1", "sdk-1", true),
            ("shop:prod.eu.sdk-1", "sdk-1", true),
            ("*:prod.eu.sdk-1", "sdk-1", true),
            ("[]:prod.eu.sdk-1", "sdk-1", true),
            ("other:prod.eu.sdk-1", "sdk-1", false),
            ("shop:test.sdk-1", "sdk-1", false),
            ("shop:nothing", "shop:nothing", true),
            ("", "", true),
        ];
        for (text, key, opens) in table {
            let token = Token::read(text);
            assert_eq!((token.key, token.opens(&place)), (key, opens), "{text}");
        }
    }

    #[test]
    fn an_sdk_says_its_name_and_version() {
        let headers = HeaderMap::from_iter([
            ("unleash-sdk".parse().unwrap(), "unleash-node-sdk:6.12.1".parse().unwrap()),
            ("unleash-instanceid".parse().unwrap(), "host-1".parse().unwrap()),
        ]);
        let seen = sighting(&headers, Some("other:1"));
        assert_eq!((seen.name, seen.version, seen.instance), ("unleash-node-sdk", "6.12.1", "host-1"));
        assert_eq!(sighting(&HeaderMap::new(), None).name, "");
        assert_eq!(sighting(&HeaderMap::new(), Some("unleash-client-go:4.1")).version, "4.1");
    }
}
