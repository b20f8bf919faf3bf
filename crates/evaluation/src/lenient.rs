//! Reading JSON members as SDKs do: null is absent, and whole numbers may come as floats.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, Visitor};

/// Reads a JSON object. Derived readers would also take an array of the members in order, which nobody means.
pub(crate) fn object<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text)
    } else {
        Err(serde_json::Error::custom("expected an object"))
    }
}

/// Reads a member for which null means the default.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads a whole number; null is 0.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    maybe_integer(deserializer).map(Option::unwrap_or_default)
}

/// Reads a whole number or null.
pub(crate) fn maybe_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Option::<Integer>::deserialize(deserializer).map(|number| number.map(|Integer(number)| number))
}

/// Reads a whole number that is not negative; null is 0, and so is anything below.
pub(crate) fn natural<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    maybe_natural(deserializer).map(Option::unwrap_or_default)
}

/// Reads a whole number that is not negative, or null; anything below 0 is 0.
pub(crate) fn maybe_natural<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    maybe_integer(deserializer).map(|number| number.map(|number| u64::try_from(number).unwrap_or(0)))
}

/// Any JSON number as a whole one: fractions are cut off, as the Go SDK does, and excess stops at the limits of `i64`.
struct Integer(i64);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Integer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Integer, E> {
        Ok(Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Integer, E> {
        Ok(Integer(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    #[allow(clippy::cast_possible_truncation)] // cutting off and stopping at the limits is what is wanted
    fn visit_f64<E: Error>(self, number: f64) -> Result<Integer, E> {
        Ok(Integer(number as i64))
    }
}
