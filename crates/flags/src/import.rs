//! Import of what another server's SDKs receive, LaunchDarkly's or Unleash's, put into instructions of ours. Pure.
//!
//! The law: every context keeps its variation, its reason and its events. Whatever our model cannot say in the same way for
//! every context is refused with its reason, together with whatever needs it; it is never taken differently. So a payload
//! and what comes of importing it evaluate alike, and a second import of the same changes nothing.
//!
//! - [`mod@plan`]: what is done about each flag and segment, needs first. `translate`, `targeting`: in our words.
//! - [`unleash`]: what Unleash gives away, read and in our words.
//! - `compare`: against what is there. `words`, [`details`]: what people wrote. [`report`], [`refusal`]: what came of it.

mod compare;
pub mod details;
mod order;
pub mod plan;
pub mod refusal;
pub mod report;
mod targeting;
mod translate;
pub mod unleash;
mod words;

pub use details::Details;
pub use plan::{Existing, Plan, Planned, Wish, plan, plan_features};
pub use refusal::Refusal;
pub use report::{Item, Outcome, Report};

#[cfg(test)]
pub(crate) mod tests;
