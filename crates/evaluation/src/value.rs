//! The value of an attribute as clauses and rollouts see it, borrowed from the context.

use serde_json::{Map, Value};

/// A borrowed attribute value. JSON null and a missing attribute are the same (`launchdarkly.md` §2.3).
#[derive(Clone, Copy, Debug)]
pub(crate) enum View<'a> {
    Absent,
    Bool(bool),
    /// All numbers are doubles, as in every SDK.
    Number(f64),
    Text(&'a str),
    List(&'a [Value]),
    Object(&'a Map<String, Value>),
}

impl<'a> From<&'a Value> for View<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Absent,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => number.as_f64().map_or(Self::Absent, Self::Number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items),
            Value::Object(members) => Self::Object(members),
        }
    }
}

impl View<'_> {
    /// The same as JSON, for people; a whole number is written as one.
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Bool(value) => value.into(),
            #[allow(clippy::cast_possible_truncation)] // it is whole, and within the range that doubles tell apart
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).into(),
            Self::Number(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::List(items) => items.into(),
            Self::Object(members) => members.clone().into(),
        }
    }
}
