//! Asking another system, with a key of it, for what is to be imported.

use std::time::Duration;

use channels::{CallError, Http, http};
use url::Url;

use super::guarded::is_guarded;

/// As much as an import takes.
const BYTES: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_mins(1);

/// Why there is nothing to import.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The key would travel in the clear.
    #[error("the address must be https, or the key would travel in the clear")]
    NotHttps,
    /// What was given cannot stand in a header.
    #[error("this is no key")]
    BadKey,
    /// It does not know the key, or knows it for something else.
    #[error("it answered {0}: it does not take this key")]
    KeyRefused(u16),
    /// Something other than an answer; redirects are not followed.
    #[error("it answered {0}")]
    Status(u16),
    /// No answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The answer is something else than what was asked for.
    #[error("its answer cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// `path` below an address that may be told a key.
pub(super) fn address(base: &Url, path: &str) -> Result<Url, FetchError> {
    if !is_guarded(base) {
        return Err(FetchError::NotHttps);
    }
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    Ok(url)
}

/// What is answered to whoever has this key.
pub(super) async fn ask(http: &Http, request: http::RequestBuilder, key: &str) -> Result<Vec<u8>, FetchError> {
    let request = request.header("authorization", key).timeout(PATIENCE);
    let request = request.build().map_err(|_| FetchError::BadKey)?;
    let response = http.send(request).await?;
    match response.status().as_u16() {
        200 => Ok(http::body(response, BYTES).await?),
        status @ (401 | 403) => Err(FetchError::KeyRefused(status)),
        status => Err(FetchError::Status(status)),
    }
}
