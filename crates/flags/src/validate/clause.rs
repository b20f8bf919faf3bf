//! Whether a clause can ever match: its attribute, its operator and its values fit together.

use regex::RegexBuilder;
use serde_json::Value;

use super::{Surroundings, limits};
use crate::model::{Clause, Operator};
use crate::reason::{Invalid, Reason};

/// A pattern may not grow beyond this when it is compiled; the default of `regex` is ten times as much.
const PATTERN_BYTES: usize = 1 << 20;

pub(super) fn clauses(field: &str, clauses: &[Clause], around: &Surroundings) -> Result<(), Invalid> {
    if clauses.is_empty() {
        return Err(Invalid::at(field, Reason::Empty));
    }
    limits::count(field, "clauses", clauses.len(), limits::CLAUSES)?;
    clauses.iter().enumerate().try_for_each(|(at, one)| clause(&format!("{field}/{at}"), one, around))
}

fn clause(field: &str, clause: &Clause, around: &Surroundings) -> Result<(), Invalid> {
    let values = format!("{field}/values");
    if clause.values.is_empty() {
        return Err(Invalid::at(values, Reason::Empty));
    }
    limits::count(&values, "values of one clause", clause.values.len(), limits::CLAUSE_VALUES)?;
    if clause.op != Operator::SegmentMatch {
        attribute(&format!("{field}/attribute"), &clause.attribute)?;
    }
    for (at, one) in clause.values.iter().enumerate() {
        value(clause.op, one, around).map_err(|reason| Invalid::at(format!("{values}/{at}"), reason))?;
    }
    Ok(())
}

/// An attribute reference by `launchdarkly.md` §2.4.
pub(super) fn attribute(field: &str, text: &str) -> Result<(), Invalid> {
    limits::words(field, text, limits::CONTEXT_KEY)?;
    match evaluation::Reference::parse(text) {
        Ok(_) => Ok(()),
        Err(problem) => {
            let reason = Reason::Attribute { attribute: text.to_owned(), problem: problem.to_string() };
            Err(Invalid::at(field, reason))
        }
    }
}

fn value(op: Operator, value: &Value, around: &Surroundings) -> Result<(), Reason> {
    let expected = match op {
        Operator::In if matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)) => return Ok(()),
        Operator::In => "texts, numbers or booleans",
        Operator::StartsWith | Operator::EndsWith | Operator::Contains if value.is_string() => return Ok(()),
        Operator::StartsWith | Operator::EndsWith | Operator::Contains => "texts",
        Operator::Matches => return pattern(value),
        Operator::LessThan | Operator::LessThanOrEqual | Operator::GreaterThan | Operator::GreaterThanOrEqual => {
            if value.is_number() {
                return Ok(());
            }
            "numbers"
        }
        Operator::Before | Operator::After if is_instant(value) => return Ok(()),
        Operator::Before | Operator::After => "instants: RFC 3339 texts or milliseconds since 1970",
        Operator::SemVerEqual | Operator::SemVerLessThan | Operator::SemVerGreaterThan => {
            if value.as_str().is_some_and(is_version) {
                return Ok(());
            }
            "semantic versions, such as 2.1.0"
        }
        Operator::SegmentMatch => return segment(value, around),
    };
    Err(Reason::ClauseValue { op: op.as_str(), expected })
}

fn pattern(value: &Value) -> Result<(), Reason> {
    let Some(text) = value.as_str() else {
        return Err(Reason::ClauseValue { op: Operator::Matches.as_str(), expected: "patterns as texts" });
    };
    match RegexBuilder::new(text).size_limit(PATTERN_BYTES).build() {
        Ok(_) => Ok(()),
        Err(error) => Err(Reason::Pattern(error.to_string())),
    }
}

fn segment(value: &Value, around: &Surroundings) -> Result<(), Reason> {
    let Some(key) = value.as_str() else {
        return Err(Reason::ClauseValue { op: Operator::SegmentMatch.as_str(), expected: "keys of segments" });
    };
    if around.segments.iter().any(|segment| segment.as_str() == key) {
        return Ok(());
    }
    Err(Reason::SegmentUnknown(key.to_owned()))
}

fn is_instant(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::String(text) => is_rfc_3339(text),
        _ => false,
    }
}

/// A date-time of RFC 3339 §5.6 in full; jiff also reads shorter forms, which SDKs pass over.
fn is_rfc_3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    let long_enough = bytes.len() >= "2026-11-23T02:00:00Z".len();
    let divided = long_enough && matches!(bytes[10], b'T' | b't') && bytes[13] == b':' && bytes[16] == b':';
    let offset = |from_end: usize| bytes[bytes.len() - from_end];
    let zoned = divided && (matches!(offset(1), b'Z' | b'z') || matches!(offset(6), b'+' | b'-') && offset(3) == b':');
    zoned && text.parse::<jiff::Timestamp>().is_ok()
}

/// SemVer 2.0.0 with minor and patch optional, as SDKs read it (`launchdarkly.md` §2.6).
fn is_version(text: &str) -> bool {
    let end_of_core = text.find(['-', '+']).unwrap_or(text.len());
    let (core, rest) = text.split_at(end_of_core);
    let missing = match core.split('.').count() {
        1 => ".0.0",
        2 => ".0",
        _ => "",
    };
    semver::Version::parse(&format!("{core}{missing}{rest}")).is_ok()
}

impl Operator {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Contains => "contains",
            Self::Matches => "matches",
            Self::LessThan => "lessThan",
            Self::LessThanOrEqual => "lessThanOrEqual",
            Self::GreaterThan => "greaterThan",
            Self::GreaterThanOrEqual => "greaterThanOrEqual",
            Self::Before => "before",
            Self::After => "after",
            Self::SemVerEqual => "semVerEqual",
            Self::SemVerLessThan => "semVerLessThan",
            Self::SemVerGreaterThan => "semVerGreaterThan",
            Self::SegmentMatch => "segmentMatch",
        }
    }
}
