//! LaunchDarkly's protocol in both generations, so that its SDKs work unmodified; only the base address changes.
//!
//! - `wire`: the events as SDKs write them; `translate`: into our words, pure and lenient; `live`: into what people watch; `body`: unpacking within bounds.
//! - `key`: who calls, by which door; `secure`: how a page proves its context; `context`: for whom; `status`: what is refused;
//!   `sighting`: which SDK it is.
//! - `stream`: one server SDK's stream. `evaluated`: all flags for one context; `client`: a client's stream of them.
//! - `second`: the second generation, which is sent differences.
//! - `big_segments`: the relay's feed of members.
//! - [`routes()`]: the endpoints of servers, browsers, apps and PHP.
//!
//! Facts: `launchdarkly.md` §1.1–1.7, 1.9, 1.10 and §7. Nothing here decides anything.

mod big_segments;
mod body;
mod client;
mod context;
mod evaluated;
mod key;
mod live;
mod routes;
mod second;
mod secure;
mod sighting;
mod status;
mod stream;
mod translate;
mod wire;

use std::sync::Arc;

use delivery::sdks::Register;
use delivery::tail::Tail;
use delivery::{Admission, Intake, MemberFeed, Snapshots};
use http::{Method, Request};

pub use routes::{CLIENT_RULES, PHP_RULES, RULES, SECOND_RULES, routes};

/// What the endpoints work on.
#[derive(Clone)]
pub struct Sdks {
    /// What SDKs receive.
    pub snapshots: Snapshots,
    /// Where their events go.
    pub intake: Arc<dyn Intake>,
    /// Who is in big segments, for relays; `None` where that is not known.
    pub members: Option<Arc<dyn MemberFeed>>,
    /// Which SDKs there are.
    pub register: Register,
    /// Where their events are watched.
    pub tail: Tail,
    /// Which streams are let in, and when they end.
    pub admission: Admission,
}

/// Where SDKs send REPORT: a GET with a body, which a URL cannot hold or shall not show.
const REPORTED: [&str; 6] = ["/sdk/evalx/", "/msdk/evalx/", "/eval/", "/meval", "/sdk/poll/eval", "/sdk/stream/eval"];

/// Lets REPORT through to its routes as POST: the router knows the methods of RFC 9110 alone, and must be asked after this.
pub fn report_as_post<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path();
    if request.method().as_str() == "REPORT" && REPORTED.iter().any(|prefix| path.starts_with(prefix)) {
        *request.method_mut() = Method::POST;
    }
    request
}
