//! Clauses: conditions on attributes, with everything parsed when the snapshot is built.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

use crate::context::{Context, Kind};
use crate::evaluate::Stop;
use crate::instant::{Instant, instant};
use crate::model::{ClauseData, Operator};
use crate::reference::Reference;
use crate::semver::Version;
use crate::text::TextSet;
use crate::value::View;

/// A compiled clause (`launchdarkly.md` §2.6).
#[derive(Debug)]
pub(crate) enum Clause {
    /// The context is in any of these segments, by index; unknown ones are left out, for they match nothing.
    Segments { any_of: Box<[u32]>, negate: bool },
    /// Any other test.
    Attribute(AttributeClause),
}

#[derive(Debug)]
pub(crate) struct AttributeClause {
    subject: Subject,
    test: Test,
    negate: bool,
}

/// What is tested.
#[derive(Debug)]
enum Subject {
    /// The kinds of the context, each for itself.
    Kinds,
    /// An attribute of the part of one kind.
    Attribute(Kind, Reference),
    /// The reference is invalid: the flag cannot be evaluated.
    Invalid,
}

/// A test with its operands; operands of a wrong type are left out, for they match nothing.
#[derive(Debug)]
enum Test {
    In(Members),
    StartsWith(Box<[Box<str>]>),
    EndsWith(Box<[Box<str>]>),
    Contains(Box<[Box<str>]>),
    Matches(Box<[Regex]>),
    /// Holds if the attribute compares so with any operand.
    Number(Comparison, Box<[f64]>),
    Instant(Ordering, Box<[Instant]>),
    Version(Ordering, Box<[Version<Box<str>>]>),
    Never,
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The operands of `in`: only booleans, numbers and texts are ever equal, without coercion.
#[derive(Debug)]
struct Members {
    texts: TextSet,
    /// Ascending.
    numbers: Box<[f64]>,
    yes: bool,
    no: bool,
}

impl Clause {
    /// Compiles a clause; `segment` finds a segment's index by key.
    pub(crate) fn compile(data: &ClauseData, segment: impl Fn(&str) -> Option<u32>) -> Self {
        if data.op == Operator::SegmentMatch {
            let any_of = texts(&data.values).filter_map(segment).collect();
            return Self::Segments { any_of, negate: data.negate };
        }
        let kind = data.context_kind.as_deref();
        // The Go SDK takes the text `kind` for the kinds of the context, whatever kind stands beside it; `/kind` is the
        // attribute of the part of that kind.
        let subject = match Reference::beside(kind, &data.attribute) {
            _ if data.attribute == "kind" => Subject::Kinds,
            Ok(reference) => Subject::Attribute(Kind::named(kind), reference),
            Err(_) => Subject::Invalid,
        };
        Self::Attribute(AttributeClause { subject, test: Test::compile(&data.op, &data.values), negate: data.negate })
    }
}

impl AttributeClause {
    /// What it looks at in this context; null when that is not there.
    pub(crate) fn subject(&self, context: &Context) -> Value {
        match &self.subject {
            Subject::Attribute(kind, reference) => {
                context.individual(kind).map_or(Value::Null, |individual| individual.value(reference).to_value())
            }
            Subject::Kinds => context.kinds().map(Kind::as_str).collect(),
            Subject::Invalid => Value::Null,
        }
    }

    /// Whether it holds. A missing kind or attribute is a non-match even when negated.
    #[inline]
    pub(crate) fn holds(&self, context: &Context) -> Result<bool, Stop> {
        let matched = match &self.subject {
            Subject::Attribute(kind, reference) => {
                match context.individual(kind).map_or(View::Absent, |individual| individual.value(reference)) {
                    View::Absent if reference.is_key() => return context.excuse_missing_key(kind).map(|()| false),
                    View::Absent => return Ok(false),
                    View::List(items) => items.iter().any(|item| self.test.holds(View::from(item))),
                    single => self.test.holds(single),
                }
            }
            Subject::Kinds => context.kinds().any(|kind| self.test.holds(View::Text(kind.as_str()))),
            Subject::Invalid => return Err(Stop::Malformed),
        };
        Ok(matched != self.negate)
    }
}

impl Test {
    fn compile(op: &Operator, values: &[Value]) -> Self {
        let prefixes = || texts(values).map(Box::from).collect();
        let numbers = || values.iter().filter_map(number).collect();
        let instants = || values.iter().filter_map(|value| instant(View::from(value))).collect();
        let versions = || texts(values).filter_map(Version::parse).map(Version::to_owned).collect();
        match op {
            Operator::In => Self::In(Members::compile(values)),
            Operator::StartsWith => Self::StartsWith(prefixes()),
            Operator::EndsWith => Self::EndsWith(prefixes()),
            Operator::Contains => Self::Contains(prefixes()),
            Operator::Matches => Self::Matches(texts(values).filter_map(|pattern| Regex::new(pattern).ok()).collect()),
            Operator::LessThan => Self::Number(Comparison::Less, numbers()),
            Operator::LessThanOrEqual => Self::Number(Comparison::LessOrEqual, numbers()),
            Operator::GreaterThan => Self::Number(Comparison::Greater, numbers()),
            Operator::GreaterThanOrEqual => Self::Number(Comparison::GreaterOrEqual, numbers()),
            Operator::Before => Self::Instant(Ordering::Less, instants()),
            Operator::After => Self::Instant(Ordering::Greater, instants()),
            Operator::SemVerEqual => Self::Version(Ordering::Equal, versions()),
            Operator::SemVerLessThan => Self::Version(Ordering::Less, versions()),
            Operator::SemVerGreaterThan => Self::Version(Ordering::Greater, versions()),
            Operator::SegmentMatch | Operator::Unknown(_) => Self::Never,
        }
    }

    /// Whether one value passes; a value of the wrong type does not.
    #[inline]
    fn holds(&self, value: View<'_>) -> bool {
        match (self, value) {
            (Self::In(members), value) => members.contain(value),
            (Self::StartsWith(texts), View::Text(value)) => texts.iter().any(|text| value.starts_with(&**text)),
            (Self::EndsWith(texts), View::Text(value)) => texts.iter().any(|text| value.ends_with(&**text)),
            (Self::Contains(texts), View::Text(value)) => texts.iter().any(|text| value.contains(&**text)),
            (Self::Matches(patterns), View::Text(value)) => patterns.iter().any(|pattern| pattern.is_match(value)),
            (Self::Number(comparison, numbers), View::Number(value)) => {
                numbers.iter().any(|number| comparison.holds(value, *number))
            }
            (Self::Version(wanted, versions), View::Text(value)) => Version::parse(value)
                .is_some_and(|value| versions.iter().any(|version| value.precedence(version) == *wanted)),
            (Self::Instant(wanted, instants), value) => {
                instant(value).is_some_and(|value| instants.iter().any(|instant| value.cmp(instant) == *wanted))
            }
            _ => false,
        }
    }
}

impl Comparison {
    #[inline]
    fn holds(self, value: f64, operand: f64) -> bool {
        match self {
            Self::Less => value < operand,
            Self::LessOrEqual => value <= operand,
            Self::Greater => value > operand,
            Self::GreaterOrEqual => value >= operand,
        }
    }
}

impl Members {
    fn compile(values: &[Value]) -> Self {
        let mut numbers: Vec<f64> = values.iter().filter_map(number).collect();
        numbers.sort_by(f64::total_cmp);
        Self {
            texts: texts(values).collect(),
            numbers: numbers.into(),
            yes: values.contains(&Value::Bool(true)),
            no: values.contains(&Value::Bool(false)),
        }
    }

    #[inline]
    fn contain(&self, value: View<'_>) -> bool {
        match value {
            View::Text(text) => self.texts.contains(text),
            View::Number(number) => {
                self.numbers.binary_search_by(|other| other.total_cmp(&positive_zero(number))).is_ok()
            }
            View::Bool(value) => {
                if value {
                    self.yes
                } else {
                    self.no
                }
            }
            View::Absent | View::List(_) | View::Object(_) => false,
        }
    }
}

fn texts(values: &[Value]) -> impl Iterator<Item = &str> {
    values.iter().filter_map(Value::as_str)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().map(positive_zero)
}

/// `-0.0` equals `0.0`, but a total order tells them apart.
fn positive_zero(number: f64) -> f64 {
    number + 0.0
}
