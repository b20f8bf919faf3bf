//! What a client's stream does: evaluates for one context, and tells what comes out otherwise (`launchdarkly.md` §1.4).
//!
//! - `told`: what was told last, and what is to be told now. `stream`: one client's stream, of values or of pings.

mod stream;
mod told;

pub(crate) use stream::{FirstGeneration, Now, Subscription, Tongue, pings};
pub(crate) use told::{Difference, Told};

/// What the query asks for; what is not known there is passed over.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    pub(crate) with_reasons: bool,
    /// Secure mode's hash of the context.
    pub(crate) hash: Option<String>,
}

impl Wish {
    /// What stands after the question mark.
    pub(crate) fn of(query: &str) -> Self {
        let mut wish = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "withReasons" => wish.with_reasons = value == "true",
                "h" => wish.hash = Some(value.into_owned()),
                _ => {}
            }
        }
        wish
    }
}
