//! What LaunchDarkly, a relay that speaks its protocol, or another Steadfast sends to server-side SDKs that poll.

use std::collections::BTreeMap;

use channels::Http;
use serde_json::value::RawValue;
use url::Url;

use super::super::fetch::{FetchError, address, ask};

/// LaunchDarkly's own address for SDKs that poll.
pub const URL: &str = "https://sdk.launchdarkly.com";

/// Reads the payload of the environment that this SDK key names, as text that has been checked to be one.
pub async fn fetch(http: &Http, base: &Url, sdk_key: &str) -> Result<Box<RawValue>, FetchError> {
    let url = address(base, "/sdk/latest-all")?;
    Ok(read(&ask(http, http.get(url), sdk_key).await?)?)
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
