//! Random secrets: shown once, stored as their SHA-256 digest.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Rng;
use sha2::{Digest as _, Sha256};

/// What a token starts with, so that scanners of leaked secrets know it.
pub const TOKEN_PREFIX: &str = "sft_";

/// 256 random bits as text, after a prefix. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret.
    pub fn draw(prefix: &str, rng: &dyn Rng) -> Self {
        let mut bits = [0; 32];
        rng.fill(&mut bits);
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bits)))
    }

    /// The text, for the one time that it is shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored instead.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The digest by which a secret is found again. Unsalted: nobody guesses 256 random bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The digest of a secret that somebody sent.
    pub fn of(secret: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes())))
    }

    /// The text that is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SystemRng;

    #[test]
    fn secrets_differ_and_are_found_by_their_digest_but_never_printed() {
        let (one, other) = (Secret::draw(TOKEN_PREFIX, &SystemRng), Secret::draw(TOKEN_PREFIX, &SystemRng));
        assert_ne!(one, other);
        assert_eq!(one.reveal().len(), "sft_".len() + 43);
        assert_eq!(one.digest(), Digest::of(one.reveal()));
        assert!(!format!("{one:?}").contains(&one.reveal()[4..]));
    }
}
