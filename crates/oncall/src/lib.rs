//! Who is woken, by what, and what came of it: services, schedules, escalation policies, alerts, pages and incidents.
//!
//! Decisions, each a pure function in its own file:
//!
//! - [`announcement`], [`open`]: what an alert comes to.
//! - [`reach`], [`escalate`]: whom to page now, until when to wait, why to be quiet.
//! - [`deliver`]: what becomes of a page when its provider takes it, or does not.
//! - [`respond`]: acknowledge, undo, note, resolve; recover or not.
//! - [`page`]: what a page says. [`times`]: how long everything took.
//!
//! Each comes to an [`effect`].

pub mod announcement;
pub mod deliver;
pub mod effect;
pub mod escalate;
pub mod model;
pub mod open;
pub mod page;
pub mod reach;
pub mod respond;
#[cfg(test)]
mod testing;
pub mod times;
