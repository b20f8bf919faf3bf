//! OpenFeature's remote evaluation protocol, OFREP 0.3 (`oss-flags.md` §2.1, 2.2): a flag, or all flags, for one context.
//!
//! - `wire`: the bodies, exactly; `translate`: contexts in, results out, pure; `etag`: which answer a client has, pure.
//! - `stream`: hints that there is something newer.
//! - [`routes()`]: the endpoints and their statuses; inside, who calls, and what pages of other origins may do.

mod etag;
mod routes;
mod stream;
mod translate;
mod wire;

use delivery::sdks::Register;
use delivery::{Admission, Snapshots};

pub use routes::{RULES, routes};

/// What the endpoints work on.
#[derive(Clone)]
pub struct Ofrep {
    /// What is evaluated.
    pub snapshots: Snapshots,
    /// Which providers there are.
    pub register: Register,
    /// Which streams are let in, and when they end.
    pub admission: Admission,
}
