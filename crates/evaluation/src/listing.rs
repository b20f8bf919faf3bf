//! All flags of a snapshot for one context: what client-side SDKs, OFREP's bulk evaluation and bootstraps are given.

use crate::big_segments::BigSegments;
use crate::context::Context;
use crate::evaluate::Evaluation;
use crate::flag::Flag;
use crate::snapshot::Snapshot;

/// A flag with what it came to.
#[derive(Clone, Debug)]
pub struct FlagState<'s> {
    /// The flag.
    pub flag: &'s Flag,
    /// What it came to.
    pub evaluation: Evaluation<'s>,
    /// The keys of its own prerequisites that were evaluated, in order.
    pub prerequisites: Vec<&'s str>,
}

impl FlagState<'_> {
    /// Whether a client-side SDK sends an event for each evaluation (`launchdarkly.md` §1.7).
    pub fn track_events(&self) -> bool {
        self.flag.track_events() || self.track_reason()
    }

    /// Whether that event carries the reason.
    pub fn track_reason(&self) -> bool {
        self.flag.is_experiment(&self.evaluation.reason)
    }
}

impl Snapshot {
    /// Evaluates every flag, in the order of the payload.
    pub fn evaluate_all<'s, B>(
        &'s self,
        context: &'s Context,
        big_segments: &'s B,
    ) -> impl Iterator<Item = FlagState<'s>> + use<'s, B>
    where
        B: BigSegments + ?Sized,
    {
        self.flags().iter().map(move |flag| {
            let mut prerequisites = Vec::new();
            let evaluation = self.evaluate_flag(flag, context, big_segments, |event| {
                if std::ptr::eq(event.dependant, flag) {
                    prerequisites.push(event.flag.key());
                }
            });
            FlagState { flag, evaluation, prerequisites }
        })
    }
}
