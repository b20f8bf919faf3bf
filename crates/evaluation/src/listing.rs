//! All flags of a snapshot for one context: what client-side SDKs, OFREP's bulk evaluation and bootstraps are given.

use crate::big_segments::BigSegments;
use crate::context::Context;
use crate::evaluate::Evaluation;
use crate::flag::Flag;
use crate::snapshot::Snapshot;

/// Who asks for all flags: not every flag is for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Programs on servers: every flag.
    Server,
    /// Apps: flags with `usingMobileKey`.
    Mobile,
    /// Pages: flags with `usingEnvironmentId`.
    Browser,
}

impl Audience {
    /// Whether it may see the flag. Prerequisites of a flag that it sees are evaluated also when it may not see them.
    pub fn sees(self, flag: &Flag) -> bool {
        match self {
            Self::Server => true,
            Self::Mobile => flag.availability().using_mobile_key,
            Self::Browser => flag.availability().using_environment_id,
        }
    }
}

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
        self.evaluate_for(Audience::Server, context, big_segments)
    }

    /// Evaluates every flag that `audience` sees, in the order of the payload.
    pub fn evaluate_for<'s, B>(
        &'s self,
        audience: Audience,
        context: &'s Context,
        big_segments: &'s B,
    ) -> impl Iterator<Item = FlagState<'s>> + use<'s, B>
    where
        B: BigSegments + ?Sized,
    {
        let seen = self.flags().iter().filter(move |flag| audience.sees(flag));
        seen.map(move |flag| {
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
