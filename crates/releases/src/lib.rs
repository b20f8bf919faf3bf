//! Pipelines and guarded releases: a flag walks to everyone, watched, and is taken back when it hurts.
//!
//! - [`model`]: pipelines, releases, decisions, deployments.
//! - [`mod@plan`]: may a release begin, and what will it do? [`compile`]: what it makes of its flag, as instructions.
//! - [`judging`]: what the judge has made of the windows.
//! - [`mod@advance`], [`mod@command`], [`mod@recover`]: the decisions. [`mod@enact`], [`sentence`]: what they change, and in words.
//! - [`simulate`]: whole releases by the same code, without I/O. All of these are pure.
//! - [`store`], [`schema`]: all SQL. [`service`]: [`Releases`]. [`api`]: [`routes`]. [`reconcile`]: [`Walking`].
//! - [`announce`]: what others are told.

pub mod advance;
pub mod announce;
pub mod api;
pub mod command;
pub mod compile;
pub mod enact;
pub mod error;
pub mod judging;
pub mod model;
pub mod plan;
pub mod reconcile;
pub mod recover;
pub mod schema;
pub mod sentence;
pub mod service;
pub mod simulate;
pub mod store;
#[cfg(test)]
mod testing;

pub use api::{RULES, routes};
pub use command::Command;
pub use error::Error;
pub use model::{Release, ReleaseState};
pub use plan::NewRelease;
pub use reconcile::Walking;
pub use schema::MIGRATIONS;
pub use service::{Releases, Services};
