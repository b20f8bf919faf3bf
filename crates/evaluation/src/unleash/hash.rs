//! Unleash's normalised hash: MurmurHash3 (x86, 32 bits) of `group:id`.

/// With which seed the share of a rollout is drawn.
pub(crate) const ROLLOUT_SEED: u32 = 0;
/// With which seed variants are drawn, so that they are independent of the rollout.
pub(crate) const VARIANT_SEED: u32 = 86_028_157;

/// MurmurHash3 of a fixed beginning, kept ready for the id to be appended.
///
/// The group of a rollout is the same for everybody, so its full blocks are mixed in once, when the snapshot is built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prefix {
    state: u32,
    /// Bytes that wait for their block to be complete.
    waiting: [u8; BLOCK],
    length: usize,
}

const BLOCK: usize = 4;

impl Prefix {
    /// The beginning `group:`.
    pub(crate) fn new(group: &str, seed: u32) -> Self {
        Self { state: seed, waiting: [0; BLOCK], length: 0 }.append(group.as_bytes()).append(b":")
    }

    /// A number from 1 to `modulus` that is always the same for this id; none if `modulus` is 0.
    #[inline]
    pub(crate) fn normalised(&self, id: &str, modulus: u32) -> Option<u32> {
        self.append(id.as_bytes()).finish().checked_rem(modulus).map(|rest| rest + 1)
    }

    #[inline]
    fn append(mut self, bytes: &[u8]) -> Self {
        let mut rest = bytes;
        let mut filled = self.length % BLOCK;
        self.length += bytes.len();
        while let Some((head, tail)) = rest.split_at_checked(BLOCK - filled) {
            self.waiting[filled..].copy_from_slice(head);
            self.state ^= scramble(u32::from_le_bytes(self.waiting));
            self.state = self.state.rotate_left(13).wrapping_mul(5).wrapping_add(0xE654_6B64);
            (self.waiting, rest, filled) = ([0; BLOCK], tail, 0);
        }
        self.waiting[filled..filled + rest.len()].copy_from_slice(rest);
        self
    }

    #[inline]
    fn finish(self) -> u32 {
        // The reference counts lengths modulo 2^32.
        #[allow(clippy::cast_possible_truncation)]
        let mut hash = self.state ^ scramble(u32::from_le_bytes(self.waiting)) ^ self.length as u32;
        hash = (hash ^ hash >> 16).wrapping_mul(0x85EB_CA6B);
        hash = (hash ^ hash >> 13).wrapping_mul(0xC2B2_AE35);
        hash ^ hash >> 16
    }
}

/// What waits is padded with zeros, and a block of zeros scrambles to zero: no bytes, no change.
#[inline]
fn scramble(block: u32) -> u32 {
    block.wrapping_mul(0xCC9E_2D51).rotate_left(15).wrapping_mul(0x1B87_3593)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reproduces_the_vectors_of_the_reference() {
        let hash =
            |text: &str, seed| Prefix { state: seed, waiting: [0; BLOCK], length: 0 }.append(text.as_bytes()).finish();
        // SMHasher's verification vectors.
        let table = [
            ("", 0, 0),
            ("", 1, 0x514E_28B7),
            ("", 0xFFFF_FFFF, 0x81F1_6F39),
            ("aaaa", 0x9747_B28C, 0x5A97_808A),
            ("aaa", 0x9747_B28C, 0x283E_0130),
            ("aa", 0x9747_B28C, 0x5D21_1726),
            ("a", 0x9747_B28C, 0x7FA0_9EA6),
            ("abcd", 0x9747_B28C, 0xF047_8627),
            ("Hello, world!", 0x9747_B28C, 0x2488_4CBA),
            ("The quick brown fox jumps over the lazy dog", 0x9747_B28C, 0x2FA8_26CD),
        ];
        for (text, seed, expected) in table {
            assert_eq!(hash(text, seed), expected, "{text:?}");
        }
    }

    #[test]
    fn reproduces_the_examples_of_unleash() {
        // Unleash's own SDKs test themselves with these.
        assert_eq!(Prefix::new("gr1", ROLLOUT_SEED).normalised("123", 100), Some(73));
        assert_eq!(Prefix::new("groupX", ROLLOUT_SEED).normalised("999", 100), Some(25));
        assert_eq!(Prefix::new("gr1", VARIANT_SEED).normalised("123", 100), Some(96));
        assert_eq!(Prefix::new("groupX", VARIANT_SEED).normalised("999", 100), Some(60));
    }

    #[test]
    fn a_beginning_of_any_length_makes_no_difference() {
        let text = "abcdefghijklmnop:q";
        for at in 0..=16 {
            let whole = Prefix { state: 7, waiting: [0; BLOCK], length: 0 };
            let parts = whole.append(&text.as_bytes()[..at]).append(&text.as_bytes()[at..]);
            assert_eq!(parts.finish(), whole.append(text.as_bytes()).finish(), "{at}");
        }
    }

    #[test]
    fn nothing_to_choose_from_gives_nothing() {
        assert_eq!(Prefix::new("g", 0).normalised("1", 0), None);
    }
}
