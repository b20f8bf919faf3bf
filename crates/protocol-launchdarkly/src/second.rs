//! The second generation (`launchdarkly.md` §1.5): whoever comes back says what they have, and is sent the difference.
//!
//! - `transfer`: what that is. `wire`: the events, the same in a stream and in a poll.
//! - `server`: what server SDKs are told. `values`: what pages and apps are told for one context.

mod server;
mod transfer;
mod values;
mod wire;

use bytes::Bytes;
use delivery::EnvironmentSnapshot;

pub(crate) use server::Differences;
pub(crate) use values::{SecondGeneration, poll as poll_values};

/// What the client says it has: the state that it was last given; empty when it has nothing.
#[derive(Debug, Default)]
pub(crate) struct Basis(pub(crate) String);

impl Basis {
    /// What stands after the question mark.
    pub(crate) fn of(query: &str) -> Self {
        let basis = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "basis");
        Self(basis.map(|(_, basis)| basis.into_owned()).unwrap_or_default())
    }
}

/// The body of a server SDK's poll.
pub(crate) fn poll(Basis(basis): &Basis, snapshot: &EnvironmentSnapshot) -> Bytes {
    wire::write(&transfer::transfer(basis, snapshot), snapshot, wire::Form::Poll)
}
