//! OpenFeature's remote evaluation protocol, OFREP 0.3 (`oss-flags.md` §2.1): a flag, or all flags, for one context.
//!
//! - `wire`: the bodies, exactly; `translate`: contexts in, results out, pure; [`routes()`]: the endpoints.

mod routes;
mod translate;
mod wire;

pub use routes::{RULES, routes};
