//! Metric definitions, and events that become windows of units: metric × arm × time.
//!
//! - [`model`]: metrics, comparisons, windows, and the limits.
//! - `listeners`: what is listened for, in memory. [`gather`]: what is kept of a batch of SDK events ([`delivery::event`]), which comes by way of [`Intake`].
//! - [`fact`]: what it says about units, and its compact form.
//! - [`unit`], [`mod@fold`]: what is remembered of a unit, and how facts become one window's counts.
//! - [`sdk`]: which SDKs there are, over all nodes; [`reporting`] writes down those of this node.
//! - [`store`], [`schema`]: all SQL. [`service`]: [`Metrics`]. [`api`]: [`routes`]. [`reconcile`]: closes windows, tidies up.

pub mod api;
pub mod error;
pub mod fact;
pub mod fold;
pub mod gather;
mod listeners;
pub mod model;
pub mod reconcile;
pub mod reporting;
pub mod schema;
pub mod sdk;
pub mod service;
pub mod store;
#[cfg(test)]
mod testing;
pub mod unit;

pub use api::{RULES, routes};
pub use delivery::Intake;
pub use delivery::event::{Count, EventBatch, Exposure, Outcome};
pub use error::Error;
pub use model::{
    Arm, BinWidth, ComparedArms, ComparedMetric, Comparison, Counted, Metric, MetricDefinition, Place, WindowRow,
};
pub use reconcile::{Folding, Tidying};
pub use reporting::Reporting;
pub use schema::MIGRATIONS;
pub use service::{ClosedWindows, Metrics};
