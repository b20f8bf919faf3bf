//! Evaluation: a flag and a context to a value, a variation and a reason, as LaunchDarkly's SDKs do it.

pub mod big_segments;
mod bucket;
mod clause;
pub mod context;
pub mod dependencies;
pub mod evaluate;
pub mod flag;
mod instant;
mod lenient;
pub mod listing;
mod membership;
pub mod model;
pub mod offline;
pub mod payload;
pub mod reason;
pub mod reference;
mod segment;
mod semver;
pub mod snapshot;
mod text_set;
mod value;

pub use big_segments::{BigSegments, Membership, NoBigSegments};
pub use context::{Context, InvalidContext, Kind};
pub use dependencies::{prerequisite_cycle, segment_cycle};
pub use evaluate::{Evaluation, PrerequisiteEvaluation};
pub use flag::Flag;
pub use listing::FlagState;
pub use offline::{Answer, InvalidRequest, ValueType, answer_line};
pub use payload::{InvalidPayload, Item, Payload, Unreadable};
pub use reason::{BigSegmentsStatus, ErrorKind, Reason, ReasonKind};
pub use reference::{InvalidReference, Reference};
pub use snapshot::Snapshot;
