//! Big segments: membership that is looked up instead of carried in the payload.

use crate::context::Kind;
use crate::reason::BigSegmentsStatus;

/// A big segment of a snapshot: what is to be looked up before an evaluation that may ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BigSegment {
    /// The kind of context whose keys are its members.
    pub kind: Kind,
    /// The name under which members are stored: `"<segment key>.g<generation>"`.
    pub reference: Box<str>,
    /// Which list of members is current.
    pub generation: i64,
}

/// The name under which the members of a segment's generation are stored (`launchdarkly.md` §1.8).
pub fn reference(segment: &str, generation: i64) -> String {
    format!("{segment}.g{generation}")
}

/// Where the members of big segments are known. Called during evaluation: answer from memory.
pub trait BigSegments {
    /// Whether the context of this key is in the segment of this reference (`"<segment key>.g<generation>"`).
    fn look_up(&self, context_key: &str, segment: &str) -> Membership;
}

/// What a store of big segments knows of one context and one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Included, excluded, or neither: then the segment's rules decide.
    pub member: Option<bool>,
    /// The state of the store.
    pub status: BigSegmentsStatus,
}

/// No store: only the rules of big segments count, and reasons say `NOT_CONFIGURED`.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBigSegments;

impl BigSegments for NoBigSegments {
    fn look_up(&self, _: &str, _: &str) -> Membership {
        Membership { member: None, status: BigSegmentsStatus::NotConfigured }
    }
}
