//! What LaunchDarkly, a relay that speaks its protocol, or another Steadfast sends to server-side SDKs that poll.

use std::collections::BTreeMap;
use std::time::Duration;

use channels::{CallError, Http, http};
use serde_json::value::RawValue;
use url::Url;

use super::super::guarded::is_guarded;

/// LaunchDarkly's own address for SDKs that poll.
pub const URL: &str = "https://sdk.launchdarkly.com";

/// As much as an import takes.
const BYTES: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_mins(1);

/// Why there is no payload.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The key would travel in the clear.
    #[error("the address must be https, or the key would travel in the clear")]
    NotHttps,
    /// What was given cannot stand in a header.
    #[error("this is no SDK key")]
    BadKey,
    /// It does not know the key, or knows it for something else.
    #[error("it answered {0}: it does not take this SDK key")]
    KeyRefused(u16),
    /// Something other than a payload; redirects are not followed.
    #[error("it answered {0}")]
    Status(u16),
    /// No answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The answer is something else.
    #[error("its answer is no payload: {0}")]
    NoPayload(serde_json::Error),
}

/// Reads the payload of the environment that this SDK key names, as text that has been checked to be one.
pub async fn fetch(http: &Http, base: &Url, sdk_key: &str) -> Result<Box<RawValue>, FetchError> {
    if !is_guarded(base) {
        return Err(FetchError::NotHttps);
    }
    let mut url = base.clone();
    url.set_path(&format!("{}/sdk/latest-all", base.path().trim_end_matches('/')));
    let request = http.get(url).header("authorization", sdk_key).timeout(PATIENCE);
    let request = request.build().map_err(|_| FetchError::BadKey)?;
    let response = http.send(request).await?;
    match response.status().as_u16() {
        200 => {}
        status @ (401 | 403) => return Err(FetchError::KeyRefused(status)),
        status => return Err(FetchError::Status(status)),
    }
    read(&http::body(response, BYTES).await?).map_err(FetchError::NoPayload)
}

/// The text, if it is a JSON object with flags; what they are is judged when they are imported.
pub fn read(text: &[u8]) -> Result<Box<RawValue>, serde_json::Error> {
    #[derive(serde::Deserialize)]
    struct Shape {
        #[serde(rename = "flags")]
        _flags: BTreeMap<String, Box<RawValue>>,
    }
    let _shape: Shape = serde_json::from_slice(text)?;
    serde_json::from_slice(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_has_flags() {
        assert!(read(br#"{"flags": {"a": 1}}"#).is_ok());
        for other in ["[]", "{}", r#"{"flags": []}"#, "<html>", ""] {
            assert!(read(other.as_bytes()).is_err(), "{other}");
        }
    }
}
