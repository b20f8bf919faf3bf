//! What a batch of events says about the units of one comparison, and its compact form in the database.

use kernel::Timestamp;
use sha2::{Digest, Sha256};

use crate::model::Arm;
use crate::unit::PendingOutcome;

/// A user (or whatever the comparison randomises) as 16 bytes of a hash that only this comparison uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub [u8; 16]);

impl UnitId {
    /// The unit of a context key. Salted with the comparison, so that nobody is followed from release to release.
    pub fn of(comparison: &str, context_key: &str) -> Self {
        let digest = Sha256::new().chain_update(comparison).chain_update([0]).chain_update(context_key).finalize();
        Self(digest.as_slice()[..16].try_into().expect("SHA-256 gives 32 bytes"))
    }

    /// Whether the unit stays in a sample that was halved so often.
    pub fn is_sampled(self, halvings: u8) -> bool {
        u128::from_be_bytes(self.0).leading_zeros() >= u32::from(halvings)
    }

    /// The least unit that is not in a sample that was halved so often; at least once.
    pub(crate) fn first_outside(halvings: u8) -> Self {
        Self((1_u128 << 127 >> (halvings.max(1) - 1)).to_be_bytes())
    }
}

/// One unit met one arm, or had one bad outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Who.
    pub unit: UnitId,
    /// When, by the sender's clock, in milliseconds.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happened to the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It was served an arm, for the first time in this batch, by an SDK that knew this version of the flag.
    Exposed { arm: Arm, version: i64 },
    /// It had a bad outcome of the comparison's metric at this index, for the last time in this batch.
    Bad { metric: u8 },
}

/// Why stored facts cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the facts of an event batch are damaged at byte {at}")]
pub struct DamagedFacts {
    /// Offset into the body.
    pub at: usize,
}

const FORMAT: u8 = 1;
const EXPOSED_CONTROL: u8 = 0;
const EXPOSED_TREATMENT: u8 = 1;
const BAD: u8 = 2;

/// Packs facts: a format byte, then per fact a tag, the unit, the milliseconds since the epoch and the tag's own number,
/// numbers in LEB128. About 25 bytes each.
pub fn pack(facts: &[Fact]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + facts.len() * 28);
    bytes.push(FORMAT);
    for fact in facts {
        let (tag, number) = match fact.what {
            What::Exposed { arm: Arm::Control, version } => (EXPOSED_CONTROL, unsigned(version)),
            What::Exposed { arm: Arm::Treatment, version } => (EXPOSED_TREATMENT, unsigned(version)),
            What::Bad { metric } => (BAD, u64::from(metric)),
        };
        bytes.push(tag);
        bytes.extend_from_slice(&fact.unit.0);
        push_number(&mut bytes, unsigned(fact.at.as_millis()));
        push_number(&mut bytes, number);
    }
    bytes
}

/// The facts of [`pack`].
pub fn unpack(bytes: &[u8]) -> Result<Vec<Fact>, DamagedFacts> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != FORMAT {
        return Err(DamagedFacts { at: 0 });
    }
    let mut facts = Vec::with_capacity(bytes.len() / 24);
    while reader.at < bytes.len() {
        facts.push(reader.fact()?);
    }
    Ok(facts)
}

impl PendingOutcome {
    /// Packs outcomes that wait: per outcome the metric and the milliseconds.
    pub(crate) fn pack(outcomes: &[Self]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(outcomes.len() * 7);
        for outcome in outcomes {
            bytes.push(outcome.metric);
            push_number(&mut bytes, unsigned(outcome.at.as_millis()));
        }
        bytes
    }

    /// The outcomes of [`Self::pack`].
    pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<Self>, DamagedFacts> {
        let mut reader = Reader { bytes, at: 0 };
        let mut outcomes = Vec::new();
        while reader.at < bytes.len() {
            outcomes.push(Self { metric: reader.byte()?, at: Timestamp::from_millis(reader.signed()?) });
        }
        Ok(outcomes)
    }
}

/// Instants and versions are never negative; clocks before 1970 count as 1970.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn fact(&mut self) -> Result<Fact, DamagedFacts> {
        let start = self.at;
        let tag = self.byte()?;
        let unit = UnitId(self.unit()?);
        let at = Timestamp::from_millis(self.signed()?);
        let what = match tag {
            EXPOSED_CONTROL => What::Exposed { arm: Arm::Control, version: self.signed()? },
            EXPOSED_TREATMENT => What::Exposed { arm: Arm::Treatment, version: self.signed()? },
            BAD => What::Bad { metric: u8::try_from(self.number()?).map_err(|_| DamagedFacts { at: start })? },
            _ => return Err(DamagedFacts { at: start }),
        };
        Ok(Fact { unit, at, what })
    }

    fn byte(&mut self) -> Result<u8, DamagedFacts> {
        let byte = *self.bytes.get(self.at).ok_or(DamagedFacts { at: self.at })?;
        self.at += 1;
        Ok(byte)
    }

    fn unit(&mut self) -> Result<[u8; 16], DamagedFacts> {
        let unit = self.bytes[self.at..].first_chunk().copied().ok_or(DamagedFacts { at: self.at })?;
        self.at += 16;
        Ok(unit)
    }

    fn number(&mut self) -> Result<u64, DamagedFacts> {
        let start = self.at;
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(DamagedFacts { at: start })
    }

    fn signed(&mut self) -> Result<i64, DamagedFacts> {
        let start = self.at;
        i64::try_from(self.number()?).map_err(|_| DamagedFacts { at: start })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_fact() -> impl Strategy<Value = Fact> {
        let what = prop_oneof![
            (any::<bool>(), 0..i64::MAX).prop_map(|(treated, version)| What::Exposed {
                arm: if treated { Arm::Treatment } else { Arm::Control },
                version
            }),
            any::<u8>().prop_map(|metric| What::Bad { metric }),
        ];
        (any::<[u8; 16]>(), 0..4_000_000_000_000_i64, what).prop_map(|(unit, millis, what)| Fact {
            unit: UnitId(unit),
            at: Timestamp::from_millis(millis),
            what,
        })
    }

    proptest! {
        #[test]
        fn packed_facts_come_back(facts in proptest::collection::vec(any_fact(), 0..40)) {
            prop_assert_eq!(unpack(&pack(&facts)), Ok(facts));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }

        #[test]
        fn a_cut_body_is_refused_or_ends_at_a_fact(facts in proptest::collection::vec(any_fact(), 1..5), cut in 0_usize..100) {
            let whole = pack(&facts);
            let cut = cut.min(whole.len() - 1);
            if let Ok(read) = unpack(&whole[..cut]) {
                prop_assert!(facts.starts_with(&read));
            }
        }
    }

    #[test]
    fn units_differ_between_comparisons_and_halve_with_each_halving() {
        assert_ne!(UnitId::of("rel_a", "ann"), UnitId::of("rel_b", "ann"));
        assert_eq!(UnitId::of("rel_a", "ann"), UnitId::of("rel_a", "ann"));
        let sampled = (0..4_096).filter(|n| UnitId::of("rel_a", &n.to_string()).is_sampled(2)).count();
        assert!((900..1_150).contains(&sampled), "{sampled} of 4,096 where 1,024 are expected");
    }
}
