//! The keys by which SDKs name an environment.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{EnvironmentSnapshot, Place};

/// What sort of SDK a key is for (`launchdarkly.md` §1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum KeyKind {
    /// Server SDKs: sees everything, so it is a secret.
    Sdk,
    /// Mobile and desktop SDKs.
    Mobile,
    /// Browsers: stands in URLs, so it is no secret.
    ClientSide,
}

impl KeyKind {
    /// All kinds, as an environment starts with one of each.
    pub const ALL: [Self; 3] = [Self::Sdk, Self::Mobile, Self::ClientSide];

    /// The word in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sdk => "sdk",
            Self::Mobile => "mobile",
            Self::ClientSide => "clientSide",
        }
    }

    /// The kind of this word.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What a key opens, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// For which SDKs.
    pub kind: KeyKind,
    /// The environment.
    pub place: Place,
    /// From this instant on it opens nothing any more; it is still known, so that it is told from a key never given out.
    pub ends_at: Option<Timestamp>,
}

impl Grant {
    /// Whether SDKs may use it at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|at| now < at)
    }
}

/// What an SDK's key opens.
#[derive(Clone, Debug)]
pub enum KeyLookup {
    /// This environment, for this sort of SDK.
    Active(KeyKind, Arc<EnvironmentSnapshot>),
    /// Nothing any more: it has expired or was revoked.
    Ended,
    /// Nothing: there was never such a key.
    Unknown,
    /// It is not known yet what it opens: ask again. Never answer 401 here, it would stop SDKs for good
    /// (`launchdarkly.md` §1.6).
    NotReady,
}

/// Knows keys that memory does not know yet: another node may just have made one.
#[async_trait]
pub trait KeyDirectory: Send + Sync + 'static {
    /// Whether there is or was such a key; an error when that cannot be found out now.
    async fn knows(&self, key: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>>;
}
