//! Secure mode (`launchdarkly.md` §1.9): a browser shows that somebody who holds an SDK key knows of its context.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Whether `hash` is what some holder of one of `sdk_keys` makes of the context of this canonical key: lowercase hex of
/// HMAC-SHA-256. Takes as long for any wrong hash.
pub(crate) fn proves<'k>(sdk_keys: impl Iterator<Item = &'k str>, canonical_key: &str, hash: &str) -> bool {
    let Some(shown) = bytes(hash) else { return false };
    // Every key is tried, so that the time does not tell which one it was.
    sdk_keys.fold(false, |proven, sdk_key| {
        let made = Hmac::<Sha256>::new_from_slice(sdk_key.as_bytes()).expect("HMAC takes a key of any length");
        made.chain_update(canonical_key).verify_slice(&shown).is_ok() | proven
    })
}

/// What 64 hexadecimal digits say.
fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(0)? << 4 | digit(1)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use evaluation::{Context, Kind};

    use super::*;

    const KEY: &str = "sdk-01234567-89ab-cdef-0123-456789abcdef";
    const OF_USER: &str = "73df666a13f2c474e50aa34ca5a761e89abb737fb139ff65fdde7fa85c9dcacd";
    const OF_OTHER: &str = "98a933ca26d2951547fc021981ebcdeda95fbca2ac3f767ae67f7042d5458f72";

    fn key_of(kind: &str) -> String {
        Context::new(Kind::new(kind).unwrap(), "user-key-123").unwrap().canonical_key()
    }

    #[test]
    fn the_published_vectors_hold() {
        assert!(proves([KEY].into_iter(), &key_of("user"), OF_USER));
        assert!(proves([KEY].into_iter(), &key_of("other"), OF_OTHER));
        assert!(!proves([KEY].into_iter(), &key_of("user"), OF_OTHER));
    }

    #[test]
    fn any_live_key_proves_and_nothing_else_does() {
        assert!(proves(["sdk-old", KEY, "sdk-new"].into_iter(), "user-key-123", OF_USER));
        assert!(!proves([].into_iter(), "user-key-123", OF_USER));
        assert!(!proves(["sdk-old"].into_iter(), "user-key-123", OF_USER));
        for wrong in ["", "73df", &OF_USER[..63], &format!("{OF_USER}0"), &OF_USER.replace('f', "g"), &"é".repeat(32)]
        {
            assert!(!proves([KEY].into_iter(), "user-key-123", wrong), "{wrong}");
        }
    }
}
