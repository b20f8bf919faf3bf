//! Why something of a foreign payload is not taken: one variant for each reason, told to people as a sentence.

use kernel::key::InvalidKey;

use crate::model::{Bucketing, WHOLE};
use crate::reason::Invalid;

/// Why a flag or a segment is left out. It is never taken differently instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its JSON is not that of a flag or segment.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// What it is called there cannot be a key here.
    #[error("its key cannot be one here: {0}")]
    Key(#[from] InvalidKey),
    /// No version can follow this one in every SDK.
    #[error("its version {0} is too large to go on from")]
    Version(u64),
    /// A kind of context that no context can have.
    #[error("{place}: '{kind}' is not a kind of context")]
    ContextKind { place: String, kind: String },
    /// A test that we do not know.
    #[error("{place}: the operator '{operator}' is unknown")]
    Operator { place: String, operator: String },
    /// An index or a number below 0, or beyond what is ever meant.
    #[error("{place}: {number} is out of range")]
    Number { place: String, number: i128 },
    /// Neither a variation nor a share of a rollout.
    #[error("{0}: it serves nothing")]
    ServesNothing(String),
    /// Shares beyond the whole are never reached, in one SDK sooner than in another.
    #[error("{place}: the weights sum up to {sum}, more than {WHOLE}")]
    Weights { place: String, sum: i64 },
    /// One list of keys stands at two places of the order, and another in between.
    #[error("targets: those of kind {kind} for variation {variation} stand at two places of the order")]
    TargetsApart { kind: String, variation: usize },
    /// What it hashes contexts with is empty, which we take for missing.
    #[error("its rollouts hash with an empty salt")]
    Salt,
    /// Who is in it, the payload does not say.
    #[error("it is a big segment, whose members are not in the payload")]
    BigSegment,
    /// It needs itself, by way of others.
    #[error("what it needs leads in a circle")]
    Circle,
    /// It needs something that the payload does not have.
    #[error("it needs the {sort} '{key}', which is not in the payload")]
    Missing { sort: &'static str, key: String },
    /// It needs something that is refused itself.
    #[error("it needs the {sort} '{key}', which is refused")]
    NeedsRefused { sort: &'static str, key: String },
    /// There is one of its key, and it is different.
    #[error("there is already one of this key, and it differs in {}; only a replacing import changes it", crate::describe::listed(.0))]
    Differs(Vec<String>),
    /// Values of another type cannot take the place of those that are there.
    #[error("there is already one of this key for {0} values: delete it first")]
    KindDiffers(&'static str),
    /// There is one of its key that draws contexts in another way, and that never changes.
    #[error("there is already one of this key that is evaluated by {}'s rules: delete it first", rules(*.0))]
    OtherRules(Bucketing),
    /// A strategy goes by a segment, and who is in that is not told.
    #[error("a strategy names the segment {0}, whose constraints are not given")]
    SegmentUntold(i64),
    /// It is no more in use there.
    #[error("it is archived there")]
    Archived,
    /// A share below nothing.
    #[error("the weight {0} is negative")]
    Weight(i64),
    /// A payload that is of no type.
    #[error("a variant has a payload of the type '{0}', which no SDK reads")]
    PayloadType(String),
    /// It may not be here as it is there.
    #[error("{}{}", place(.0), .0)]
    Invalid(#[from] Invalid),
}

fn rules(bucketing: Bucketing) -> &'static str {
    match bucketing {
        Bucketing::LaunchDarkly => "LaunchDarkly",
        Bucketing::Unleash => "Unleash",
    }
}

/// Where in the thing, if not the whole of it.
fn place(invalid: &Invalid) -> String {
    if invalid.field.is_empty() { String::new() } else { format!("{}: ", invalid.field) }
}
