//! Reconcilers and what drives them: wake-ups, periods, leases, tracked tasks, shutdown.
//!
//! A [`Reconciler`] takes no input: it looks at what should be and what is, takes a step (bounded, idempotent), and says when
//! it wants to be asked again. [`drive`] asks it, on one node at a time, whenever the database changes, when it said, and at least
//! once in its period; [`settle`] asks it in tests, at an instant of their choice. [`Housekeeping`]
//! is the one that belongs to no capability: it forgets what the outbox delivered. [`Tasks`] is the only home of spawned tasks.
//!
//! To add a reconciler: implement [`Reconciler`] in its capability's `reconcile.rs`; put [`Turn::guard`]'s statement into every batch
//! that it commits; add it to the server's one list.

mod drive;
mod housekeeping;
mod reconciler;
mod report;
mod settle;
mod tasks;

pub use drive::drive;
pub use housekeeping::{Housekeeping, RETENTION};
pub use reconciler::{ReconcileError, Reconciler, Status, Turn};
pub use report::{Board, Outcome, Report, Run};
pub use settle::settle;
pub use tasks::Tasks;
