//! Bucketing: the hash that puts a context at a fixed place between 0 and 1.

use std::slice::from_ref;

use sha1::block_api::compress;

use crate::context::{Context, Kind};
use crate::evaluate::Stop;
use crate::reference::{InvalidReference, Reference};
use crate::value::View;

/// How a rollout or a weighted segment rule finds the bucket of a context.
#[derive(Debug)]
pub(crate) struct Bucketing {
    pub(crate) kind: Kind,
    pub(crate) by: Result<Reference, InvalidReference>,
    pub(crate) prefix: Prefix,
}

/// Where a context falls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bucket {
    /// The context has no part of the kind that is bucketed.
    NoContext,
    /// A place in `[0, 1]`; 0 if the attribute is missing or cannot be hashed.
    At(f32),
}

impl Bucketing {
    /// The attribute named by `bucketBy`: empty is absent, and absent is the key (`launchdarkly.md` §2.7).
    pub(crate) fn by(kind: Option<&str>, bucket_by: Option<&str>) -> Result<Reference, InvalidReference> {
        bucket_by.filter(|by| !by.is_empty()).map_or(Ok(Reference::KEY), |by| Reference::beside(kind, by))
    }

    #[inline]
    pub(crate) fn bucket(&self, context: &Context) -> Result<Bucket, Stop> {
        let by = self.by.as_ref().map_err(|_| Stop::Malformed)?;
        let Some(individual) = context.individual(&self.kind) else {
            return Ok(Bucket::NoContext);
        };
        Ok(Bucket::At(match individual.value(by) {
            View::Text(text) => self.prefix.bucket(text),
            View::Number(number) => {
                whole(number).map_or(0.0, |number| self.prefix.bucket(itoa::Buffer::new().format(number)))
            }
            View::Absent if by.is_key() => return Err(Stop::KeyMissing),
            View::Absent | View::Bool(_) | View::List(_) | View::Object(_) => 0.0,
        }))
    }
}

/// A number without fraction, as far as 64 bits hold it.
#[allow(clippy::cast_possible_truncation)] // the range is checked
fn whole(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0; // 2^63
    let fits = number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number);
    fits.then_some(number as i64)
}

/// SHA-1 of a fixed beginning, kept ready for the rest to be appended.
///
/// The beginning of every bucket's hash is the same for a rollout, so its full blocks are compressed once, and the rest
/// of it waits in place in the block that the value will complete.
#[derive(Debug)]
pub(crate) struct Prefix {
    state: [u32; 5],
    /// Bytes already compressed into `state`.
    compressed: usize,
    /// The block under way; zeros after the bytes that wait.
    block: [u8; BLOCK],
    /// Bytes that wait in `block`; less than a block.
    waiting: usize,
}

const BLOCK: usize = 64;
/// The last block ends with the length of the message in bits (FIPS 180-4 §5.1.1).
const LENGTH_AT: usize = BLOCK - 8;
/// FIPS 180-4 §5.3.1.
const INITIAL: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
/// The largest number of 15 hexadecimal digits, in the arithmetic of the Go and Rust SDKs: single precision.
const SCALE: f32 = 0x0FFF_FFFF_FFFF_FFFF_u64 as f32;

impl Prefix {
    /// Of a flag or segment without a seed: its key and salt.
    pub(crate) fn of_key(key: &str, salt: &str) -> Self {
        Self::new(&format!("{key}.{salt}."))
    }

    /// Of a rollout with a seed, zero included.
    pub(crate) fn of_seed(seed: i64) -> Self {
        Self::new(&format!("{seed}."))
    }

    fn new(text: &str) -> Self {
        let (full, rest) = text.as_bytes().split_at(text.len() - text.len() % BLOCK);
        let mut state = INITIAL;
        for chunk in full.chunks_exact(BLOCK) {
            let mut block = [0; BLOCK];
            block.copy_from_slice(chunk);
            compress(&mut state, from_ref(&block));
        }
        let mut block = [0; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        Self { state, compressed: full.len(), block, waiting: rest.len() }
    }

    /// The place in `[0, 1]` of the first 60 bits of the hash of the beginning followed by `value`.
    #[inline]
    pub(crate) fn bucket(&self, value: &str) -> f32 {
        let mut rest = value.as_bytes();
        let length = self.compressed + self.waiting + rest.len();
        let (mut state, mut block, mut filled) = (self.state, self.block, self.waiting);
        while let Some((head, tail)) = rest.split_at_checked(BLOCK - filled) {
            block[filled..].copy_from_slice(head);
            compress(&mut state, from_ref(&block));
            (block, rest, filled) = ([0; BLOCK], tail, 0);
        }
        block[filled..filled + rest.len()].copy_from_slice(rest);
        filled += rest.len();
        block[filled] = 0x80;
        if filled >= LENGTH_AT {
            compress(&mut state, from_ref(&block));
            block = [0; BLOCK];
        }
        block[LENGTH_AT..].copy_from_slice(&(length as u64 * 8).to_be_bytes());
        compress(&mut state, from_ref(&block));
        let first_60_bits = u64::from(state[0]) << 28 | u64::from(state[1]) >> 4;
        first_60_bits as f32 / SCALE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reproduces_the_golden_vectors() {
        // `launchdarkly.md` §2.7; seven digits, some of them from SDKs that compute in double precision.
        let table = [
            (Prefix::of_key("hashKey", "saltyA"), "userKeyA", 0.421_575_87),
            (Prefix::of_key("hashKey", "saltyA"), "userKeyB", 0.670_848_5),
            (Prefix::of_key("hashKey", "saltyA"), "userKeyC", 0.103_431_06),
            (Prefix::of_key("hashKey", "saltyA"), "33333", 0.547_714_23),
            (Prefix::of_seed(61), "userKeyA", 0.098_012_07),
            (Prefix::of_seed(61), "userKeyB", 0.144_837_77),
            (Prefix::of_seed(61), "userKeyC", 0.924_264_1),
            (Prefix::of_key("segment3", "salty"), "user-key", 0.149_502_1),
            (Prefix::of_key("segment3", "salty"), "unmatching-key", 0.365_635_6),
        ];
        for (prefix, value, expected) in table {
            let bucket = prefix.bucket(value);
            assert!((bucket - expected).abs() < 1e-7, "{value}: {bucket}");
        }
    }

    #[test]
    #[allow(clippy::float_cmp)] // bit for bit is what is wanted
    fn agrees_with_plain_sha1_at_every_length() {
        use sha1::{Digest, Sha1};
        let text = "abcdefghij".repeat(30);
        for beginning in 0..=130 {
            let prefix = Prefix::new(&text[..beginning]);
            for end in beginning..=text.len() {
                let digest = Sha1::digest(&text[..end]);
                let number = u64::from_be_bytes(digest[..8].try_into().unwrap()) >> 4;
                assert_eq!(prefix.bucket(&text[beginning..end]), number as f32 / SCALE, "{beginning}, {end}");
            }
        }
    }

    #[test]
    fn only_whole_numbers_are_hashed() {
        let table = [
            (0.0, Some(0)),
            (-0.0, Some(0)),
            (1.0, Some(1)),
            (-33_333.0, Some(-33_333)),
            (1e18, Some(1_000_000_000_000_000_000)),
            (-9_223_372_036_854_775_808.0, Some(i64::MIN)),
            (9_223_372_036_854_775_808.0, None),
            (1.5, None),
            (f64::MAX, None),
        ];
        for (number, expected) in table {
            assert_eq!(whole(number), expected, "{number}");
        }
    }
}
