//! What is there once an import is carried out, where there was nothing before.

use std::collections::BTreeMap;

use flags::import::Plan;
use flags::model::{Configuration, Flag, Segment, State, Subject};
use kernel::{FlagKey, SegmentKey};

/// Flags, each as it is configured, and segments.
#[derive(Default)]
pub struct Imported {
    /// The flags, in the order of their keys.
    pub flags: Vec<(FlagKey, Flag, Configuration)>,
    /// The segments, as the plan has them.
    pub segments: Vec<(SegmentKey, Segment)>,
}

impl Imported {
    /// Carries a plan out.
    pub fn of(plan: Plan) -> Self {
        let (mut flags, mut configurations, mut segments) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for planned in plan.changes {
            match (planned.subject, planned.applied.after) {
                (Subject::Flag(_, key), State::Flag(flag)) => drop(flags.insert(key, flag)),
                (Subject::Configuration(_, _, key), State::Configuration(body)) => {
                    drop(configurations.insert(key, body));
                }
                (Subject::Segment(_, _, key), State::Segment(segment)) => segments.push((key, segment)),
                (subject, _) => panic!("an import changes no {subject:?}"),
            }
        }
        let configured = flags.into_iter().map(|(key, flag)| {
            let configuration = configurations.remove(&key).unwrap_or_else(|| Configuration::initial(&flag));
            (key, flag, configuration)
        });
        Self { flags: configured.collect(), segments }
    }
}
