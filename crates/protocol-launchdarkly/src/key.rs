//! Who calls: the SDK key in `Authorization`, without a scheme word (`launchdarkly.md` §1.1), and the SDK's own name.

use std::sync::Arc;

use delivery::event::SdkSighting;
use delivery::{EnvironmentSnapshot, KeyKind, KeyLookup};
use http::{HeaderMap, header};

use crate::Sdks;
use crate::routes::StatusResponse;

/// The key and the environment that it opens.
///
/// 401 only for keys that are known to be wrong: it ends most SDKs until they are restarted (§1.6). 503 for all that passes.
pub(crate) async fn authorised(
    sdks: &Sdks,
    headers: &HeaderMap,
) -> Result<(String, Arc<EnvironmentSnapshot>), StatusResponse> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match sdks.snapshots.by_key(sent).await {
        KeyLookup::Active(KeyKind::Sdk, snapshot) => Ok((sent.to_owned(), snapshot)),
        KeyLookup::NotReady => Err(StatusResponse::away()),
        KeyLookup::Active(..) | KeyLookup::Ended | KeyLookup::Unknown => Err(StatusResponse::unknown_key()),
    }
}

/// `User-Agent: NodeJSClient/9.13.7` and the id of the running instance.
pub(crate) fn sighting(headers: &HeaderMap) -> Option<SdkSighting<'_>> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (name, version) = text("user-agent")?.split_once('/')?;
    let instance = text("x-launchdarkly-instance-id").unwrap_or_default();
    Some(SdkSighting { name: name.into(), version: version.into(), instance: instance.into() })
}
