//! Unleash's features, evaluated as Unleash's SDKs do: strategies, constraints, segments, variants, dependencies.
//!
//! A second reading of a flag beside LaunchDarkly's: features are compiled once into [`Features`] and then evaluated
//! without allocating on the common paths. What cannot be read never holds, and costs its own strategy alone.
//!
//! - [`model`]: the client API's features as JSON, read leniently. [`delta`]: the events that keep them current.
//! - [`context`]: for whom: Unleash's own context, or a LaunchDarkly context seen through Unleash's field names.
//! - [`translate`](mod@translate): LaunchDarkly's flags as features, where both come to the same.
//! - `constraint`, `strategy`, `variant`, `hash`: the compiled form. [`features`]: the walk.
//!
//! # Where SDKs differ
//!
//! Unleash's core library Yggdrasil (Java, .NET, Ruby, Python) is followed (`oss-flags.md` §4.2), and the client
//! specification passes whole. `tests/unleash_differential.rs` shows that all else is equal, and pins down these:
//!
//! | what | here | Yggdrasil |
//! |---|---|---|
//! | a constraint, segment or rollout that cannot be read | its strategy never holds | the whole feature is off |
//! | an empty list for the `STR_` operators | matches nothing | the whole feature is off |
//! | an empty user or session id | absent, as in the Node SDK | an id like any other |
//! | a dependency on variants of a parent that has none | not met, as in the Node SDK | met |
//! | a dependency on a parent that is off | looks at nothing but that, as in the Node SDK | looks at its variant too |
//! | a rollout without a group, of a parent | the parent's name | the name of the feature that depends on it |
//! | `gradualRolloutRandom` | 1 to 100, at most the percentage | 1 to 99, below the percentage |
//! | variants whose weights are all zero | none is chosen | panics |
//!
//! Time and chance are arguments, [`Moment`]; the name of the host is the context's property `hostname`.

mod constraint;
pub mod context;
pub mod delta;
pub mod features;
mod hash;
pub mod model;
mod strategy;
pub mod translate;
mod variant;

pub use constraint::{InvalidConstraint, is_range};
pub use context::{Context, Moment};
pub use delta::Event;
pub use features::{Features, Outcome, Verdict};
pub use translate::{Inexact, translate};
pub use variant::Variant;
