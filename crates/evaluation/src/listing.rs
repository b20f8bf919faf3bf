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
        let seen = self.flags().filter(move |flag| audience.sees(flag));
        seen.map(move |flag| self.state(flag, context, big_segments))
    }

    /// Evaluates one of this snapshot's own flags, with what client-side SDKs are told beside.
    pub fn state<'s, B>(&'s self, flag: &'s Flag, context: &'s Context, big_segments: &'s B) -> FlagState<'s>
    where
        B: BigSegments + ?Sized,
    {
        let mut prerequisites = Vec::new();
        let evaluation = self.evaluate_flag(flag, context, big_segments, |event| {
            if std::ptr::eq(event.dependant, flag) {
                prerequisites.push(event.flag.key());
            }
        });
        FlagState { flag, evaluation, prerequisites }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Kind, NoBigSegments, Payload};

    #[test]
    fn an_audience_sees_its_own_flags_and_prerequisites_count_whoever_may_see_them() {
        let flag = |mobile: bool, browser: bool| {
            json!({"on": true, "variations": [false, true], "fallthrough": {"variation": 1},
                "clientSideAvailability": {"usingMobileKey": mobile, "usingEnvironmentId": browser}})
        };
        let mut needs = flag(false, true);
        needs["prerequisites"] = json!([{"key": "hidden", "variation": 1}]);
        let flags =
            json!({"app": flag(true, false), "both": flag(true, true), "hidden": flag(false, false), "needs": needs});
        let payload = Payload::from_json(&json!({"flags": flags, "segments": {}}).to_string()).unwrap();
        let snapshot = Snapshot::compile(&payload);
        let ada = Context::new(Kind::User, "ada").unwrap();
        let seen = |audience| -> Vec<_> {
            let states = snapshot.evaluate_for(audience, &ada, &NoBigSegments);
            states.map(|state| (state.flag.key(), state.prerequisites)).collect()
        };
        assert_eq!(seen(Audience::Mobile), [("app", vec![]), ("both", vec![])]);
        assert_eq!(seen(Audience::Browser), [("both", vec![]), ("needs", vec!["hidden"])]);
        assert_eq!(seen(Audience::Server).len(), 4);
    }
}
