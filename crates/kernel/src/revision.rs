//! The version that a writer saw: optimistic concurrency.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The position in the change log of a thing's last change; its version for SDKs and for `If-Match`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub i64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
