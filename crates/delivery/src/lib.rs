//! What SDKs are served, wherever it comes from, and where what they send goes.
//!
//! A node follows its change log, an edge follows a node; both feed an [`Environment`] and show its snapshots through a
//! [`Publisher`]. The protocols see only [`Snapshots`] and an [`Intake`], and cannot tell a node from an edge.
//!
//! - [`place`], [`key`]: which environment, and what opens it.
//! - [`environment`]: flags and segments as they arrive. [`snapshot`]: what is shown of them; never changes.
//! - [`update`], [`history`]: the latest state of each item in the order of change, from which any client is caught up.
//! - [`unleash`]: the same for Unleash's SDKs, as far as they would read it the same.
//! - [`admission`]: which streams are let in, and when they end.
//! - [`shown`]: who may look, and who may show.
//! - [`memberships`]: in which big segments a context is, read before it is evaluated; [`gathered`] for many at
//!   once. [`member_feed`]: for who keeps a copy.
//! - [`event`], [`intake`]: what SDKs send. [`sdks`]: which they are.
//! - [`tail`]: events as they arrive, for people who watch.

pub mod admission;
pub mod environment;
pub mod event;
pub mod gathered;
pub mod history;
pub mod intake;
pub mod key;
pub mod member_feed;
pub mod memberships;
mod memo;
mod names;
pub mod place;
mod put;
pub mod sdks;
pub mod shown;
pub mod snapshot;
pub mod tail;
pub mod unleash;
pub mod update;

pub use admission::{Admission, Admitted, Busy};
pub use environment::Environment;
pub use gathered::Gathered;
pub use history::History;
pub use intake::{Intake, Refusal};
pub use key::{Grant, KeyDirectory, KeyKind, KeyLookup};
pub use member_feed::{FeedError, MemberFeed, MemberPatch};
pub use memberships::{ContextHash, LookUpError, MembershipStore, Memberships, NoMembers, Sought};
pub use place::Place;
pub use shown::{Publisher, Snapshots, channel};
pub use snapshot::{CatchUp, EnvironmentSnapshot};
pub use unleash::Unleash;
pub use update::Update;
