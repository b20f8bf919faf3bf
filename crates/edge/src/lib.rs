//! A read-only relay beside the app: follows an upstream (a Steadfast, or LaunchDarkly itself) as an SDK does.
//!
//! The protocols serve from it as from a node, and cannot tell. It holds no database: what it shows lies in one file an
//! environment, what SDKs send lies in a spool until upstream has taken it.
//!
//! - [`config`]: which environments, from where, by which keys.
//! - Down: [`upstream`] opens the stream, [`decode`] finds its events, [`wire`] reads them, [`mirror`] applies them by their
//!   versions; [`follow`] goes on when something ends, after a pause by [`backoff`]. [`keep`] is the file.
//! - Up: [`intake`] takes what SDKs send, [`compose`] puts it into LaunchDarkly's words where it is not, [`spool`] makes it
//!   durable, [`forward`] hands it on.
//! - [`board`]: how each environment is; [`api`] tells it. [`run`](mod@run): all of it together.
//!
//! Facts: `launchdarkly.md` §1.2, 1.6, 1.7 and 4.4.

pub mod api;
pub mod backoff;
pub mod board;
pub mod compose;
pub mod config;
pub mod decode;
pub mod follow;
pub mod forward;
pub mod intake;
pub mod keep;
pub mod mirror;
pub mod run;
pub mod spool;
pub mod upstream;
pub mod wire;

pub use api::{RULES, routes};
pub use config::{Config, Source};
pub use run::{Edge, OpenError, open};
