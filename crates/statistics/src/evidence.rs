//! How strongly the data speak, as a number that multiplies.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An e-value: 1 says nothing, 100 is what chance reaches in at most 1 % of harmless releases.
///
/// Held as its natural logarithm within ±690; in JSON it is the plain number, so between 1e-300 and 1e300.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Evidence {
    ln: f64,
}

const LN_LIMIT: f64 = 690.0;

impl Evidence {
    /// No evidence either way.
    pub const NONE: Self = Self { ln: 0.0 };

    /// From a natural logarithm, clamped to ±690; what is not a number says nothing.
    pub fn from_ln(ln: f64) -> Self {
        if ln.is_nan() { Self::NONE } else { Self { ln: ln.clamp(-LN_LIMIT, LN_LIMIT) } }
    }

    /// The natural logarithm: additive, fit for a chart's axis.
    pub const fn ln(self) -> f64 {
        self.ln
    }

    /// The number itself, finite and above zero.
    pub fn value(self) -> f64 {
        self.ln.exp()
    }

    /// Whether the evidence is at least `threshold` (such as 100 for alpha 1 %).
    pub fn reaches(self, threshold: f64) -> bool {
        self.ln >= threshold.ln()
    }
}

impl fmt::Display for Evidence {
    /// As people read it: `0.8`, `312`, `over 1,000,000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::sentence::magnitude(self.value()))
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.value())
    }
}

impl<'de> Deserialize<'de> for Evidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        if value > 0.0 {
            Ok(Self::from_ln(value.ln()))
        } else {
            Err(de::Error::custom("evidence is a number above zero"))
        }
    }
}

/// ln(eᵃ + eᵇ) without overflow.
pub(crate) fn ln_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    high + (low - high).exp().ln_1p()
}

/// Rounds down to a billionth of a nat and clamps to ±1e6.
///
/// At most 16 digits remain, so every JSON reader gives back the same bits; and as rounding only ever lowers it, evidence
/// stays an e-process.
pub(crate) fn settle(ln: f64) -> f64 {
    if ln.is_nan() { 0.0 } else { (ln.clamp(-1e6, 1e6) * 1e9).floor() / 1e9 }
}

/// To the nearest whole part of 1 (`parts` = 1e9: a billionth). Numbers of at most 15 digits survive every JSON reader;
/// serde_json's default one may miss the last bit of longer ones.
pub(crate) fn round(x: f64, parts: f64) -> f64 {
    let scaled = x * parts;
    if scaled.is_finite() { scaled.round() / parts } else { x }
}
