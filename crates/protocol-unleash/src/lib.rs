//! Unleash's client and frontend APIs, so that its SDKs work unmodified; only the base address and the token change.
//!
//! A token is a key of the environment: an SDK key for backend SDKs, a client-side id or mobile key for frontend SDKs. So
//! tokens rotate and expire as all keys do, and there is nothing more to keep safe. Where an SDK insists on Unleash's form
//! of a token, `project:environment.KEY` and `*:environment.KEY` are understood too.
//!
//! - `wire`: what SDKs send and are answered, exactly; `translate`: into our words and out of them, pure and lenient.
//! - `routes`: who may ask what; `query`: what stands in a URL; `stream`: one SDK's stream; `shared`: what is written once for
//!   all of them; `live`: what people watch arrive.
//!
//! Backend SDKs evaluate by themselves, and are told only of flags that they read as they are meant: see
//! [`evaluation::unleash::translate`]. Segments are always part of the strategies, as every version of
//! `Unleash-Client-Spec` understands, and the list of segments is empty. Facts: `oss-flags.md` §4.

mod live;
mod query;
mod routes;
mod shared;
mod stream;
mod translate;
mod wire;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use delivery::sdks::Register;
use delivery::tail::Tail;
use delivery::{Admission, EnvironmentSnapshot, Intake, Place, Snapshots};

pub use routes::{RULES, routes};

/// What the endpoints work on.
#[derive(Clone)]
pub struct Sdks {
    snapshots: Snapshots,
    intake: Arc<dyn Intake>,
    register: Register,
    tail: Tail,
    admission: Admission,
    /// Which flags were named in the log as left out.
    named: Arc<Mutex<HashSet<(Place, String)>>>,
}

impl Sdks {
    /// `snapshots` is what SDKs receive, `intake` where their metrics go, `register` which they are, `tail` where people watch
    /// what they send; `admission` lets their streams in.
    pub fn new(
        snapshots: &Snapshots,
        intake: &Arc<dyn Intake>,
        (register, tail): (&Register, &Tail),
        admission: &Admission,
    ) -> Self {
        Self {
            snapshots: snapshots.clone(),
            intake: Arc::clone(intake),
            register: register.clone(),
            tail: tail.clone(),
            admission: admission.clone(),
            named: Arc::default(),
        }
    }

    /// Names the flags of which backend SDKs are not told, each once: somebody may be looking for them.
    fn name_left_out(&self, snapshot: &EnvironmentSnapshot) {
        // Nothing that holds the lock can panic half-way through a change.
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        for (flag, why) in snapshot.unleash().left_out() {
            if named.insert((snapshot.place.clone(), flag.clone())) {
                tracing::info!(environment = %snapshot.place, %flag, "Unleash's backend SDKs are not told of the flag: {why}");
            }
        }
    }
}
