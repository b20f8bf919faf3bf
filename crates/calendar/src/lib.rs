//! Who is on call at an instant, and when that changes: a pure function of a schedule and the instant.
//!
//! - [`schedule`]: the nouns: a [`Schedule`] has [`Version`]s of [`Layer`]s, and [`Override`]s over them.
//! - [`zone`]: wall clock → instant, right over every change of the clocks.
//! - [`rotation`]: whose turn it is; [`restriction`]: at which hours a layer counts.
//! - [`duty`]: [`on_call_at`]: layers and overrides → [`OnCall`] with its [`Reason`].
//! - [`mod@shifts`]: [`shifts()`], [`gaps`] and [`next_change_after`] over a stretch of time.
//! - [`check`]: what a schedule must be before it is stored, refused by field.
//! - [`revise`]: a new line-up that leaves the person on call in place.
//!
//! Two rules carry the rest. A handoff is a *wall-clock* time, computed from the anchor each time and never by adding up
//! instants, so 09:00 stays 09:00. And its instant is **the first at which the wall clock has reached it**: in a spring
//! gap the end of the gap, in an autumn fold the first of the two. All intervals are half-open, `[from, to)`.
//!
//! ```
//! use calendar::{Layer, Rotation, Schedule, Turn, Unit, Zone, on_call_at};
//! use kernel::{PersonId, Timestamp};
//!
//! let rotation = Rotation {
//!     participants: vec![PersonId::from_stored("per_ada"), PersonId::from_stored("per_bob")],
//!     anchor: "2026-03-02T09:00:00".parse().unwrap(),
//!     zone: Zone::new("Europe/Berlin").unwrap(),
//!     turn: Turn { every: 1, unit: Unit::Weeks },
//!     first: 0,
//! };
//! let layer = Layer { name: "primary".into(), priority: 0, rotation, restrictions: vec![] };
//! let schedule = Schedule::starting(Timestamp::EPOCH, vec![layer]);
//! schedule.check().unwrap();
//! let instant = Timestamp::from_secs(1_773_100_000); // 2026-03-09T23:46:40Z
//! assert_eq!(on_call_at(&schedule, instant).people, [PersonId::from_stored("per_bob")]);
//! ```

pub mod check;
pub mod duty;
pub mod restriction;
pub mod revise;
pub mod rotation;
pub mod schedule;
pub mod shifts;
pub mod zone;

pub use check::{InvalidOverride, InvalidSchedule};
pub use duty::{OnCall, Reason, on_call_at};
pub use restriction::{Day, Restriction};
pub use rotation::{Rotation, Turn, Unit};
pub use schedule::{Effect, Layer, Override, OverrideId, Schedule, Version};
pub use shifts::{Gap, InvalidWindow, MAX_WINDOW, Shift, gaps, next_change_after, shifts};
pub use zone::{UnknownZone, Zone};
