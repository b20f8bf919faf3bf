//! Constraints: conditions on fields, with everything parsed when the snapshot is built.

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;
use regex::{Regex, RegexBuilder};

use super::context::{Field, Fields, Moment};
use super::model;
use crate::instant::{Instant, instant};
use crate::semver::Version;
use crate::text::TextSet;
use crate::value::View;

/// Why a constraint cannot be what it says. Data like that holds for nobody; writers refuse it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConstraint {
    /// No operator of this name.
    #[error(
        "there is no operator {0:?}: IN, NOT_IN, STR_STARTS_WITH, STR_ENDS_WITH, STR_CONTAINS, NUM_EQ, NUM_GT, NUM_GTE, NUM_LT, NUM_LTE, DATE_AFTER, DATE_BEFORE, SEMVER_EQ, SEMVER_GT, SEMVER_GTE, SEMVER_LT, SEMVER_LTE, REGEX or IN_CIDR"
    )]
    Operator(String),
    /// The operator compares with one value, and there is none.
    #[error("the operator {0} compares with `value`, which is missing")]
    NoValue(String),
    /// The value is no number.
    #[error("{0:?} is no number")]
    Number(String),
    /// The value is no instant.
    #[error("{0:?} is no instant such as 2026-11-23T07:00:00Z")]
    Date(String),
    /// The value is no version.
    #[error("{0:?} is no semantic version such as 1.2.3")]
    Version(String),
    /// The value is no regular expression that every SDK can read.
    #[error("{pattern:?} is no regular expression of the RE2 kind: {why}")]
    Regex {
        /// The value.
        pattern: String,
        /// The parser's words.
        why: String,
    },
    /// A value is no range of addresses.
    #[error("{0:?} is no address or range such as 10.0.0.0/8 or 2001:db8::/32")]
    Range(String),
}

/// A compiled constraint.
#[derive(Debug)]
pub(crate) struct Constraint {
    field: Field,
    test: Test,
    inverted: bool,
}

#[derive(Debug)]
enum Test {
    In(TextSet),
    /// Unlike the others it holds where the field is missing.
    NotIn(TextSet),
    Text(Place, Box<[Box<str>]>),
    /// The same, with values and field in lower case.
    TextIgnoringCase(Place, Box<[Box<str>]>),
    Number(Comparison, f64),
    Date(Ordering, Instant),
    Version(Comparison, Version<Box<str>>),
    Regex(Regex),
    /// A regular expression that cannot be read: matches nothing, which `inverted` turns around as SDKs do.
    NoRegex,
    Range(Box<[IpNet]>),
    /// Cannot be read: holds for nobody, inverted or not.
    Never,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Start,
    End,
    Anywhere,
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl model::Constraint {
    /// Whether every SDK can read it.
    pub fn check(&self) -> Result<(), InvalidConstraint> {
        Test::compile(self)?;
        match self.operator.as_str() {
            "IN_CIDR" => self.values.iter().try_for_each(|value| range(value).map(drop)),
            _ => Ok(()),
        }
    }
}

impl Constraint {
    /// Compiles a constraint; one that cannot be read holds for nobody.
    pub(crate) fn compile(data: &model::Constraint) -> Self {
        let test = Test::compile(data).unwrap_or_else(|invalid| match invalid {
            InvalidConstraint::Regex { .. } => Test::NoRegex,
            _ => Test::Never,
        });
        Self { field: Field::named(&data.context_name), test, inverted: data.inverted }
    }

    /// Whether it holds.
    #[inline]
    pub(crate) fn holds<C: Fields>(&self, context: &C, moment: Moment) -> bool {
        match &self.test {
            Test::Never => false,
            test => test.holds(&self.field, context, moment) != self.inverted,
        }
    }
}

impl Test {
    fn compile(data: &model::Constraint) -> Result<Self, InvalidConstraint> {
        let set = || data.values.iter().map(String::as_str).collect();
        let text = |place| {
            if data.case_insensitive {
                let lower = data.values.iter().map(|value| value.to_lowercase().into());
                Self::TextIgnoringCase(place, lower.collect())
            } else {
                Self::Text(place, data.values.iter().map(|value| value.as_str().into()).collect())
            }
        };
        Ok(match data.operator.as_str() {
            "IN" => Self::In(set()),
            "NOT_IN" => Self::NotIn(set()),
            "STR_STARTS_WITH" => text(Place::Start),
            "STR_ENDS_WITH" => text(Place::End),
            "STR_CONTAINS" => text(Place::Anywhere),
            "NUM_EQ" => Self::Number(Comparison::Equal, number(data)?),
            "NUM_GT" => Self::Number(Comparison::Greater, number(data)?),
            "NUM_GTE" => Self::Number(Comparison::GreaterOrEqual, number(data)?),
            "NUM_LT" => Self::Number(Comparison::Less, number(data)?),
            "NUM_LTE" => Self::Number(Comparison::LessOrEqual, number(data)?),
            "DATE_AFTER" => Self::Date(Ordering::Greater, date(data)?),
            "DATE_BEFORE" => Self::Date(Ordering::Less, date(data)?),
            "SEMVER_EQ" => Self::Version(Comparison::Equal, version(data)?),
            "SEMVER_GT" => Self::Version(Comparison::Greater, version(data)?),
            "SEMVER_GTE" => Self::Version(Comparison::GreaterOrEqual, version(data)?),
            "SEMVER_LT" => Self::Version(Comparison::Less, version(data)?),
            "SEMVER_LTE" => Self::Version(Comparison::LessOrEqual, version(data)?),
            "REGEX" => Self::Regex(regex(data)?),
            // Values that are no ranges are left out, as SDKs do; writers refuse them.
            "IN_CIDR" => Self::Range(data.values.iter().filter_map(|value| range(value).ok()).collect()),
            unknown => return Err(InvalidConstraint::Operator(unknown.to_owned())),
        })
    }

    #[inline]
    fn holds<C: Fields>(&self, field: &Field, context: &C, moment: Moment) -> bool {
        match self {
            Self::Date(wanted, bound) => {
                let now = || moment.now_ms.map(|ms| i128::from(ms) * 1_000_000);
                let said = context.field(field).is_some();
                let instant = match field {
                    Field::CurrentTime if !said => now(),
                    field => context.instant(field),
                };
                instant.is_some_and(|instant| instant.cmp(bound) == *wanted)
            }
            Self::NotIn(values) => context.field(field).is_none_or(|value| !values.contains(&value)),
            test => context.field(field).is_some_and(|value| test.matches(&value)),
        }
    }

    /// Whether a field that is there passes.
    #[inline]
    fn matches(&self, value: &str) -> bool {
        match self {
            Self::In(values) => values.contains(value),
            Self::Text(place, texts) => texts.iter().any(|text| place.holds(value, text)),
            Self::TextIgnoringCase(place, texts) => {
                let value = value.to_lowercase();
                texts.iter().any(|text| place.holds(&value, text))
            }
            Self::Number(comparison, number) => value.parse().is_ok_and(|value| comparison.of_numbers(value, *number)),
            Self::Version(comparison, version) => {
                strict_version(value).is_some_and(|value| comparison.of(value.precedence(version)))
            }
            Self::Regex(pattern) => pattern.is_match(value),
            Self::Range(ranges) => {
                value.parse::<IpAddr>().is_ok_and(|address| ranges.iter().any(|range| range.contains(&address)))
            }
            Self::NotIn(_) | Self::Date(..) | Self::NoRegex | Self::Never => false,
        }
    }
}

impl Place {
    #[inline]
    fn holds(self, value: &str, text: &str) -> bool {
        match self {
            Self::Start => value.starts_with(text),
            Self::End => value.ends_with(text),
            Self::Anywhere => value.contains(text),
        }
    }
}

impl Comparison {
    #[inline]
    fn of(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }

    /// Equality is what floating point can tell, as in Yggdrasil.
    #[inline]
    fn of_numbers(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Equal => (value - bound).abs() < f64::EPSILON,
            comparison => value.partial_cmp(&bound).is_some_and(|order| comparison.of(order)),
        }
    }
}

fn value(data: &model::Constraint) -> Result<&str, InvalidConstraint> {
    data.value.as_deref().ok_or_else(|| InvalidConstraint::NoValue(data.operator.clone()))
}

fn number(data: &model::Constraint) -> Result<f64, InvalidConstraint> {
    let text = value(data)?;
    let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| InvalidConstraint::Number(text.to_owned()))
}

fn date(data: &model::Constraint) -> Result<Instant, InvalidConstraint> {
    let text = value(data)?;
    instant(View::Text(text)).ok_or_else(|| InvalidConstraint::Date(text.to_owned()))
}

fn version(data: &model::Constraint) -> Result<Version<Box<str>>, InvalidConstraint> {
    let text = value(data)?;
    strict_version(text).map(Version::to_owned).ok_or_else(|| InvalidConstraint::Version(text.to_owned()))
}

/// All three numbers, as SemVer 2.0.0 demands; LaunchDarkly's reading fills missing ones in.
#[inline]
fn strict_version(text: &str) -> Option<Version<&str>> {
    let core = text.split(['-', '+']).next()?;
    (core.split('.').count() == 3).then(|| Version::parse(text)).flatten()
}

fn regex(data: &model::Constraint) -> Result<Regex, InvalidConstraint> {
    let pattern = value(data)?;
    RegexBuilder::new(pattern)
        .case_insensitive(data.case_insensitive)
        .build()
        .map_err(|error| InvalidConstraint::Regex { pattern: pattern.to_owned(), why: error.to_string() })
}

/// An address, or addresses by prefix length.
pub(crate) fn range(text: &str) -> Result<IpNet, InvalidConstraint> {
    let text = text.trim();
    let single = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(single).ok_or_else(|| InvalidConstraint::Range(text.to_owned()))
}

/// Whether the text is an address or a range of addresses, as `IN_CIDR` and the strategy `remoteAddress` take them.
pub fn is_range(text: &str) -> bool {
    range(text).is_ok()
}
