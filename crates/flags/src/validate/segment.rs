//! Whether a segment may be.

use super::{Surroundings, clause, limits, links};
use crate::model::{Segment, SegmentRule, WHOLE};
use crate::reason::{Invalid, Reason};

pub(super) fn segment(key: &str, segment: &Segment, around: &Surroundings) -> Result<(), Invalid> {
    limits::name("/name", &segment.name)?;
    limits::words("/description", &segment.description, limits::DESCRIPTION)?;
    limits::words("/salt", &segment.salt, limits::NAME)?;
    limits::tags(&segment.tags)?;
    limits::context_keys("/included", segment.included.iter().map(|(_, keys)| keys))?;
    limits::context_keys("/excluded", segment.excluded.iter().map(|(_, keys)| keys))?;
    members(segment, around)?;
    limits::count("/rules", "rules", segment.rules.len(), limits::RULES)?;
    for (at, one) in segment.rules.iter().enumerate() {
        rule(&format!("/rules/{at}"), one, around)?;
        if segment.rules[..at].iter().any(|other| other.id == one.id) {
            return Err(Invalid::at(format!("/rules/{at}/id"), Reason::RuleTwice(one.id.clone())));
        }
    }
    links::no_segment_cycle(key, segment, &around.neighbours)
}

/// A big segment has a list that may be served and none of its own, any other segment has nothing that is for big ones.
fn members(segment: &Segment, around: &Surroundings) -> Result<(), Invalid> {
    if !segment.unbounded {
        let (kind, generation) = (&segment.unbounded_context_kind, segment.generation);
        return match (kind, generation) {
            (None, None) => Ok(()),
            (Some(_), _) => Err(Invalid::at("/unboundedContextKind", Reason::OnlyBig("unboundedContextKind"))),
            (None, Some(_)) => Err(Invalid::at("/generation", Reason::OnlyBig("generation"))),
        };
    }
    for (field, list) in [("/included", &segment.included), ("/excluded", &segment.excluded)] {
        if list.iter().next().is_some() {
            return Err(Invalid::at(field, Reason::MembersElsewhere));
        }
    }
    let generation = segment.generation.unwrap_or_default();
    if around.generations.contains(&generation) {
        Ok(())
    } else {
        Err(Invalid::at("/generation", Reason::GenerationUnknown(generation)))
    }
}

fn rule(field: &str, rule: &SegmentRule, around: &Surroundings) -> Result<(), Invalid> {
    limits::words(&format!("{field}/id"), &rule.id, limits::NAME)?;
    limits::words(&format!("{field}/description"), &rule.description, limits::DESCRIPTION)?;
    clause::clauses(&format!("{field}/clauses"), &rule.clauses, around)?;
    if let Some(weight) = rule.weight.filter(|weight| *weight > WHOLE) {
        return Err(Invalid::at(format!("{field}/weight"), Reason::Weight(weight)));
    }
    match &rule.bucket_by {
        Some(attribute) => clause::attribute(&format!("{field}/bucketBy"), attribute),
        None => Ok(()),
    }
}
