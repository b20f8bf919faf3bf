//! Who is woken, by what, and what came of it: services, schedules, escalation policies, alerts, pages and incidents.
//!
//! Decisions, each a pure function in its own file, each coming to an [`effect`]:
//!
//! - [`announcement`], [`open`]: what an alert comes to.
//! - [`reach`], [`escalate`]: whom to page now, until when to wait, why to be quiet.
//! - [`deliver`]: what becomes of a page when its provider takes it, or does not.
//! - [`respond`]: acknowledge, undo, note, resolve; recover or not.
//! - [`page`]: what a page says. [`suspects`]: which changes may be behind it. [`times`]: how long everything took.
//!
//! Around them: [`model`] (nouns), [`store`] (SQL), [`service`] (authorise, load, decide, commit one batch), [`api`],
//! [`view`] (how incidents are shown), [`reconcile`] (what happens by itself).

pub mod announcement;
pub mod api;
pub mod deliver;
pub mod effect;
pub mod escalate;
pub mod model;
pub mod open;
pub mod page;
pub mod reach;
pub mod reconcile;
pub mod respond;
pub mod service;
pub mod store;
pub mod suspects;
#[cfg(test)]
mod testing;
pub mod times;
pub mod view;
pub mod welcome;

pub use api::{RULES, routes};
pub use reconcile::reconcilers;
pub use service::{Delivery, Error, Oncall, Parts};
pub use store::{MIGRATIONS, STATEMENTS};
pub use welcome::welcome;
