//! Members of big segments in Redis, in the layout in which LaunchDarkly's server SDKs look them up.
//!
//! - `layout`: the names of keys and the commands, exactly (`launchdarkly.md` §1.8). `store`: what is written, under a lock.
//! - [`mirror`]: the leased reconciler that brings Redis to what the database says, from wherever it is.

mod layout;
pub mod mirror;
mod store;

pub use layout::{Address, BadAddress};
pub use mirror::Mirror;
