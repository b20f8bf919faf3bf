//! Pipelines and guarded releases: a flag walks to everyone, watched, and is taken back when it hurts.
//!
//! - [`model`]: pipelines, releases, decisions, deployments.
//! - [`compile`]: what a release makes of its flag, as instructions. [`judging`]: what the judge has made of the windows.
//! - [`mod@advance`], [`mod@command`], [`mod@recover`]: the decisions, pure. [`mod@enact`], [`sentence`]: what they change, and in words.
//! - [`announce`]: what others are told.

pub mod advance;
pub mod announce;
pub mod command;
pub mod compile;
pub mod enact;
pub mod judging;
pub mod model;
pub mod recover;
pub mod sentence;
#[cfg(test)]
mod testing;
