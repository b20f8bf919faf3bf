//! The words that every crate shares. Types only: no I/O, no async, no framework.
//!
//! - [`time`]: [`Timestamp`] (microseconds since the epoch), [`Clock`].
//! - [`chance`]: [`Rng`], and [`SystemRng`].
//! - [`id`]: typed identifiers, minted from a clock and a random source.
//! - [`key`]: names that people choose, validated once.
//! - [`actor`]: who did it.
//! - [`page`]: one page of a list.
//! - [`revision`]: the version a writer saw.
//! - [`words`]: spans and instants in sentences.

pub mod actor;
pub mod chance;
pub mod id;
pub mod key;
pub mod page;
pub mod revision;
pub mod time;
pub mod words;

pub use actor::{Actor, ActorKind};
pub use chance::{Rng, SystemRng};
pub use id::*;
pub use key::*;
pub use page::{Page, PageRequest};
pub use revision::Revision;
pub use time::{Clock, SystemClock, Timestamp};
