//! The nouns of the capability: what a project, a flag, a configuration and a segment are.
//!
//! Everything that goes over our API is strict (unknown members are refused); what SDKs receive is made by
//! [`crate::emit`] from these types and nothing else.

pub mod change;
pub mod configuration;
pub mod flag;
pub mod membership;
pub mod place;
pub mod segment;
pub mod strategy;
pub mod targeting;

pub use change::{Cause, ChangeRecord, ChangeSummary, Noun, State, Subject};
pub use configuration::{Configuration, Migration, Prerequisite, Target, TargetPlace, Targets};
pub use delivery::{ContextHash, KeyKind};
pub use flag::{ClientSideAvailability, Defaults, Flag, FlagKind, Variation};
pub use membership::{Generation, GenerationState, Member, SegmentPlace};
pub use place::{Environment, KeyId, Project, SdkKey};
pub use segment::{MemberList, Members, Segment, SegmentRule};
pub use strategy::{
    Bucketing, Constraint, Dependency, PayloadType, Strategy, Variant, VariantOverride, VariantPayload, WeightType,
};
pub use targeting::{Clause, Operator, Rollout, RolloutKind, Rule, Serve, WeightedVariation};

/// All of a rollout, and all of a percentage: weights are thousandths of a percent (`launchdarkly.md` §2.1).
pub const WHOLE: u32 = 100_000;
