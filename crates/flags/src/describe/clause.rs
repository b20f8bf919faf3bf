//! A clause, in words.

use serde_json::Value;

use super::{joined, quoted};
use crate::model::{Clause, Operator};

/// `email ends with “@acme.com”`, `organization plan is not “free”`, `in the segment “internal”`.
pub fn clause(clause: &Clause) -> String {
    let Clause { context_kind, attribute, op, values, negate } = clause;
    let values = either(values);
    if *op == Operator::SegmentMatch {
        let not = if *negate { "not " } else { "" };
        return format!("{context_kind} is {not}in the segment {values}");
    }
    // The user is whom everybody means unless they say otherwise.
    let subject =
        if context_kind.as_str() == "user" { attribute.clone() } else { format!("{context_kind} {attribute}") };
    format!("{subject} {} {values}", verb(*op, *negate))
}

fn verb(op: Operator, negate: bool) -> &'static str {
    let (yes, no) = match op {
        Operator::In => ("is", "is not"),
        Operator::StartsWith => ("starts with", "does not start with"),
        Operator::EndsWith => ("ends with", "does not end with"),
        Operator::Contains => ("contains", "does not contain"),
        Operator::Matches => ("matches", "does not match"),
        Operator::LessThan => ("is less than", "is not less than"),
        Operator::LessThanOrEqual => ("is at most", "is not at most"),
        Operator::GreaterThan => ("is greater than", "is not greater than"),
        Operator::GreaterThanOrEqual => ("is at least", "is not at least"),
        Operator::Before => ("is before", "is not before"),
        Operator::After => ("is after", "is not after"),
        Operator::SemVerEqual => ("is version", "is not version"),
        Operator::SemVerLessThan => ("is older than version", "is not older than version"),
        Operator::SemVerGreaterThan => ("is newer than version", "is not newer than version"),
        Operator::SegmentMatch => ("is in the segment", "is not in the segment"),
    };
    if negate { no } else { yes }
}

fn either(values: &[Value]) -> String {
    const NAMED: usize = 4;
    let named = values.iter().take(NAMED).map(|value| match value {
        Value::String(text) => quoted(text),
        other => other.to_string(),
    });
    let mut parts: Vec<String> = named.collect();
    if values.len() > NAMED {
        parts.push(format!("{} others", values.len() - NAMED));
    }
    joined(&parts, "or")
}
