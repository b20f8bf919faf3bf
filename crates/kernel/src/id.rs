//! Typed identifiers: a prefix that says the noun, then 26 characters that sort by time of birth.
//!
//! 48 bits of milliseconds and 80 random bits in Crockford's base 32, the layout of a ULID.

use crate::{Rng, Timestamp};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The part after the prefix: time first, so that ids made later sort later.
pub fn mint(now: Timestamp, rng: &dyn Rng) -> String {
    let mut random = [0_u8; 10];
    rng.fill(&mut random);
    let millis = u128::from(u64::try_from(now.as_millis()).unwrap_or(0) & 0xFFFF_FFFF_FFFF);
    let tail = random.iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    let bits = (millis << 80) | tail;
    (0..26).rev().map(|place| char::from(ALPHABET[usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0)])).collect()
}

/// Declares typed identifiers: `id! { /// An incident. IncidentId = "inc" }`.
#[macro_export]
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The letters before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, unique by time and chance.
            pub fn mint(now: $crate::Timestamp, rng: &dyn $crate::Rng) -> Self {
                Self(format!(concat!($prefix, "_{}"), $crate::id::mint(now, rng)))
            }

            /// An id as it was stored or came in a request; an unknown one is simply not found.
            pub fn from_stored(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The whole text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

id! {
    /// A person who can log in, be on call and be an actor.
    PersonId = "per",
    /// An API token, personal or of a service.
    TokenId = "tok",
    /// A browser session.
    SessionId = "ses",
    /// One feature's walk along a pipeline.
    ReleaseId = "rel",
    /// Something that is wrong with a service.
    AlertId = "alt",
    /// An alert that people handle.
    IncidentId = "inc",
    /// One message to one contact method.
    PageId = "pag",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn ids_sort_by_time_of_birth_and_do_not_repeat() {
        let early = ReleaseId::mint(Timestamp::from_millis(1_000), &SystemRng);
        let late = ReleaseId::mint(Timestamp::from_millis(1_001), &SystemRng);
        assert!(early < late);
        assert_eq!(early.as_str().len(), "rel_".len() + 26);
        assert_ne!(late, ReleaseId::mint(Timestamp::from_millis(1_001), &SystemRng));
    }
}
