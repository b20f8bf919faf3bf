//! Evaluation: a flag and a context to a value, a variation and a reason, exactly as LaunchDarkly's SDKs do it.
//!
//! A pure engine: no clock, no I/O, no logging. A payload is compiled once into a [`Snapshot`], which is immutable,
//! shared between threads, and evaluates without allocating on the common paths. Nothing is refused and nothing panics:
//! data that cannot be evaluated is an [`ErrorKind::MalformedFlag`] of the evaluations that reach it.
//!
//! - [`model`], [`payload`]: flags and segments as JSON, read leniently, written strictly.
//! - [`context`], [`reference`](mod@reference): for whom, and which of its attributes.
//! - [`snapshot`], [`flag`] (and inside `segment`, `clause`, `bucket`, `semver`, `instant`): the compiled form.
//! - [`evaluate`](mod@evaluate) (and inside `membership`): the walk through prerequisites, targets, rules and segments.
//! - [`reason`]: why, in LaunchDarkly's words. [`big_segments`]: membership that is looked up.
//! - [`trace`]: the same walk step by step, for people. [`listing`]: all flags for one context, or those
//!   that a change reaches ([`reach`]). [`offline`]: one JSON line in, one out.
//! - [`dependencies`]: cycles, for writers to refuse.
//! - [`unleash`]: Unleash's features, beside LaunchDarkly's flags.
//!
//! # Where SDKs differ
//!
//! The Go SDK is followed (`launchdarkly.md` §2, marks `[V]`). Against the Rust SDK's evaluation crate 2.2.1 that means
//! the following; `tests/differential.rs` pins each line down with both answers and shows that all else is equal.
//!
//! | what | here, as in Go | Rust SDK |
//! |---|---|---|
//! | `in` with arrays, objects, null | equal nothing | compared by structure |
//! | the reference `/kind` | the kind of the part of the clause's kind | any kind of the context, like `kind` |
//! | `bucketBy: ""` | absent: the key | malformed |
//! | whole numbers beyond 2^53 as `bucketBy` | hashed, up to 64 bits | bucket 0 |
//! | numbers beyond 2^53 as epoch milliseconds | instants | no match |
//! | a prerequisite with an error in what it serves | has failed: the dependant goes off | malformed |
//! | a flag needed on two ways, after a failure inside it | evaluated again | malformed, as if it were a cycle |
//! | two `targets` of the variation of a placeholder | the first counts | all count |
//! | a weighted segment rule without a context of its kind | does not match | bucket 0: matches |
//! | a negative weight of a segment rule | nobody | everybody |
//! | big segments | looked up, then rules; lists are ignored | treated as ordinary segments |
//! | dates: one-digit hour, day that the month lacks, offset of a day and more | read | no match |
//! | dates: space instead of `T`, more than nine digits of a second | no match | read |
//!
//! Four oddities of the Go SDK are not followed, because its rules as documented say otherwise: text after a date's `Z`
//! is no date; epoch milliseconds beyond the year 2262 do not wrap around; `includedContexts` of kind user count for a
//! context that is only a user; a context without the kind of an experiment is outside it even in the last share.
//!
//! Bounds of our own: beyond 262,144 prerequisites and segments entered for one evaluation it is malformed (ladders of
//! flags would take exponential time); numbers of versions beyond 64 bits make no version.

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
pub mod reach;
pub mod reason;
pub mod reference;
mod segment;
mod semver;
pub mod snapshot;
mod text;
pub mod trace;
pub mod unleash;
mod value;

pub use big_segments::{BigSegment, BigSegments, Membership, NoBigSegments};
pub use context::{Context, InvalidContext, Kind};
pub use dependencies::{prerequisite_cycle, segment_cycle};
pub use evaluate::{Evaluation, PrerequisiteEvaluation};
pub use flag::Flag;
pub use listing::{Audience, FlagState};
pub use offline::{Answer, InvalidRequest, ValueType, answer_line};
pub use payload::{FeatureData, InvalidPayload, Item, Payload, Unreadable};
pub use reach::Reach;
pub use reason::{BigSegmentsStatus, ErrorKind, Reason, ReasonKind};
pub use reference::{InvalidReference, Reference};
pub use snapshot::Snapshot;
pub use trace::{ClauseTrace, PrerequisiteTrace, RolloutTrace, RuleTrace, ShareTrace, Trace};
