//! LaunchDarkly's first-generation server-side protocol, so that its SDKs work unmodified; only the base address changes.
//!
//! - `wire`: the events as SDKs write them; `translate`: into our words, pure and lenient.
//! - `body`: unpacking within bounds; `key`: who calls.
//! - `stream`: one SDK's stream; [`routes()`]: the endpoints and their statuses.
//!
//! Facts: `launchdarkly.md` §1.1–1.3, 1.6, 1.7 and §7. Nothing here decides anything.

mod body;
mod key;
mod routes;
mod stream;
mod translate;
mod wire;

use std::sync::Arc;

use delivery::{Intake, Snapshots};
use tokio_util::sync::CancellationToken;

pub use routes::{RULES, routes};

/// What the endpoints work on.
#[derive(Clone)]
pub struct Sdks {
    /// What SDKs receive.
    pub snapshots: Snapshots,
    /// Where their events go.
    pub intake: Arc<dyn Intake>,
    /// Cancelled when shutdown begins: streams end.
    pub stopping: CancellationToken,
}
