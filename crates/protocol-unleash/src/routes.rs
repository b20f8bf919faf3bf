//! The routes of Unleash's SDKs, and who may ask: each endpoint checks the token itself.
//!
//! - `client`: SDKs that evaluate by themselves; `frontend`: those that are told what came out. `key`: who calls; `cors`: what
//!   browsers ask first.

mod client;
mod cors;
mod frontend;
mod key;

use access::Rule;

use crate::Sdks;

/// Access: each endpoint checks the token itself.
pub const RULES: &[&[Rule]] = &[client::RULES, frontend::RULES];

/// Every endpoint, ready to be merged.
pub fn routes(sdks: Sdks) -> axum::Router {
    client::routes().merge(frontend::routes()).with_state(sdks)
}
