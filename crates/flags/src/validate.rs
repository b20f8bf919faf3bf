//! Whether a state may be: judged on the whole of it, after all instructions, with what it refers to.
//!
//! Pure: what other things there are comes as [`Surroundings`], which the service reads and guards against change.

mod clause;
mod configuration;
mod flag;
pub(crate) mod limits;
mod links;
mod place;
mod segment;
mod strategies;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{EnvironmentKey, FlagKey, SegmentKey};

pub use self::links::{Link, LinkEnd, links};
pub use self::strategies::strays;
use crate::model::{Bucketing, Configuration, Flag, State};
use crate::reason::Invalid;

/// What a thing stands among: everything that its validity depends on beside itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// Of a configuration: its flag.
    pub flag: Option<Flag>,
    /// Of a flag: what it does in each environment that is configured.
    pub configurations: Vec<(EnvironmentKey, Configuration)>,
    /// How many variations the flags have that are named as prerequisites; deleted ones are absent.
    pub variations: BTreeMap<FlagKey, usize>,
    /// By whose rules the named flags are evaluated; deleted ones are absent.
    pub bucketing: BTreeMap<FlagKey, Bucketing>,
    /// Which of the named segments there are.
    pub segments: BTreeSet<SegmentKey>,
    /// Of a big segment: the lists of members that may be served.
    pub generations: BTreeSet<i64>,
    /// Who names whom in the same environment, the thing itself left out.
    pub neighbours: Vec<Link>,
    /// Of a configuration: what may stand in its lists of addresses although it is none. SDKs pass over it, so what was taken
    /// over stays as it is; nobody enters more of it.
    pub strays: BTreeSet<String>,
    /// Who names the thing itself, in words for people: what would break if it went.
    pub dependants: Vec<Dependant>,
}

/// Something that names the thing in question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependant {
    /// Where.
    pub environment: EnvironmentKey,
    /// The link by which it does.
    pub link: Link,
}

/// Judges `state`, which is called `key`, among its surroundings; the first thing that is wrong is told.
pub fn validate(key: &str, state: &State, around: &Surroundings) -> Result<(), Invalid> {
    limits::size(state)?;
    match state {
        State::Project(project) => place::project(project),
        State::Environment(environment) => place::environment(environment),
        State::Flag(flag) if flag.deleted => links::not_needed(&around.dependants),
        State::Flag(flag) => flag::flag(flag, around),
        State::Configuration(configuration) => configuration::configuration(key, configuration, around),
        State::Segment(segment) if segment.deleted => links::not_needed(&around.dependants),
        State::Segment(segment) => segment::segment(key, segment, around),
    }
}

#[cfg(test)]
mod tests;
