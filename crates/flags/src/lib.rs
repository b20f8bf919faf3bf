//! Projects, environments, flags and segments: one change log, and the snapshot that SDKs receive.
//!
//! - [`model`]: the nouns. [`instruction`]: the one language of change.
//! - Decisions, all pure: [`apply`] (instructions → state and inverse), [`validate`] (may the state be?), [`undo`] (can it
//!   be taken back?), [`reach`] (who notices?), [`describe`] and [`explain`] (in plain words), [`steps`] (how an evaluation went),
//!   [`readings`] (for which SDKs it holds), [`families`](mod@families) (who evaluates it), [`emit`] (what SDKs receive),
//!   [`manifest`] (what typed code is generated from), [`mod@import`] (what other servers' SDKs receive, in our instructions).
//! - [`store`]: all SQL. [`service`]: [`Flags`], load → decide → commit one batch. [`api`]: our HTTP API.
//! - Big segments: [`upload`] (a file read and sorted), [`feed`] (told to those who keep a copy), [`reconcile`] (kept small).
//! - [`snapshot`]: [`Follower`], which follows the log and shows what SDKs receive; outlives the database.

pub mod api;
pub mod apply;
pub mod describe;
pub mod emit;
pub mod explain;
pub mod families;
pub mod feed;
pub mod import;
pub mod instruction;
pub mod manifest;
pub mod model;
pub mod reach;
pub mod readings;
pub mod reason;
pub mod reconcile;
pub mod service;
pub mod snapshot;
pub mod steps;
pub mod store;
#[cfg(test)]
mod testing;
pub mod undo;
pub mod upload;
pub mod validate;

pub use api::{RULES, routes};
pub use model::{ChangeRecord, ChangeSummary, Noun, Subject};
pub use reconcile::Sweeping;
pub use service::{Change, Error, Flags, Import};
pub use snapshot::Follower;
pub use store::MIGRATIONS;
