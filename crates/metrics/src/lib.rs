//! Metric definitions, and events that become windows of units: metric × arm × time.
//!
//! - [`model`]: metrics, comparisons, windows, and the limits.
//! - [`event`]: what a batch of SDK events says; protocols translate into it.
//! - [`gather`]: what of a batch is kept.
//! - [`fact`]: what it says about units, and its compact form.
//! - [`unit`], [`mod@fold`]: what is remembered of a unit, and how facts become one window's counts.

pub mod event;
pub mod fact;
pub mod fold;
pub mod gather;
pub mod model;
#[cfg(test)]
mod testing;
pub mod unit;
