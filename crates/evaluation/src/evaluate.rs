//! Evaluation: a flag and a context to a value, a variation and a reason (`launchdarkly.md` §2.5).

use serde_json::Value;
use smallvec::{SmallVec, smallvec};

use crate::big_segments::BigSegments;
use crate::bucket::Bucket;
use crate::clause::Clause;
use crate::context::Context;
use crate::flag::{Choice, FeaturePlace, Flag, Rule, Serve, Share, Split};
use crate::reason::{BigSegmentsStatus, ErrorKind, Reason, ReasonKind};
use crate::snapshot::Snapshot;
use crate::unleash::Verdict;

/// The outcome of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation<'s> {
    /// The value; none means the caller's default.
    pub value: Option<&'s Value>,
    /// The index of the variation; none exactly if there is no value.
    pub variation_index: Option<u32>,
    /// Why.
    pub reason: Reason<'s>,
}

/// A prerequisite that was evaluated on the way, for its event.
#[derive(Clone, Copy, Debug)]
pub struct PrerequisiteEvaluation<'s> {
    /// The flag that needs it.
    pub dependant: &'s Flag,
    /// The prerequisite.
    pub flag: &'s Flag,
    /// What it came to.
    pub evaluation: Evaluation<'s>,
}

/// Why the evaluation of the flag asked for ends without an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The data cannot be evaluated for this context.
    Malformed,
    /// It depends on a key that the context does not say.
    KeyMissing,
}

/// So many prerequisites and segments are entered for one evaluation before the data counts as malformed. Without a
/// bound, a ladder of flags that each need the next one twice would take exponential time.
const MAX_STEPS: u32 = 1 << 18;

impl Snapshot {
    /// Evaluates the flag of this key. Allocates nothing, unless prerequisites nest more than 8 deep, segments more
    /// than 4 deep, or a regular expression needs room.
    #[inline]
    pub fn evaluate<'s, B>(&'s self, flag_key: &str, context: &Context, big_segments: &B) -> Evaluation<'s>
    where
        B: BigSegments + ?Sized,
    {
        self.evaluate_recording(flag_key, context, big_segments, |_| {})
    }

    /// Like [`evaluate`](Self::evaluate), and tells of each prerequisite after it was evaluated, innermost first.
    #[inline]
    pub fn evaluate_recording<'s, B>(
        &'s self,
        flag_key: &str,
        context: &Context,
        big_segments: &B,
        record: impl FnMut(PrerequisiteEvaluation<'s>),
    ) -> Evaluation<'s>
    where
        B: BigSegments + ?Sized,
    {
        match self.flag(flag_key) {
            Some(flag) => self.evaluate_flag(flag, context, big_segments, record),
            None => Evaluation::error(ErrorKind::FlagNotFound),
        }
    }

    #[inline]
    pub(crate) fn evaluate_flag<'s, B>(
        &'s self,
        flag: &'s Flag,
        context: &Context,
        big_segments: &B,
        record: impl FnMut(PrerequisiteEvaluation<'s>),
    ) -> Evaluation<'s>
    where
        B: BigSegments + ?Sized,
    {
        if !flag.on {
            return flag.evaluation(flag.off(Cause::Off));
        }
        let mut scope = Scope::new(self, context, big_segments);
        let outcome = if flag.prerequisites.is_empty() { scope.decide(flag) } else { scope.settle(flag, record) };
        let mut evaluation = match outcome {
            Ok(outcome) => flag.evaluation(outcome),
            Err(Stop::Malformed) => Evaluation::error(ErrorKind::MalformedFlag),
            Err(Stop::KeyMissing) => Evaluation::error(ErrorKind::UserNotSpecified),
        };
        evaluation.reason.big_segments_status = scope.status;
        evaluation
    }
}

/// What an evaluation came to, in indices of the flag; put into words when it is complete.
#[derive(Clone, Copy)]
struct Outcome {
    /// What is served; none if the flag is off without an off variation.
    choice: Option<Choice>,
    cause: Cause,
    in_experiment: bool,
}

/// The main factor of an outcome.
#[derive(Clone, Copy)]
enum Cause {
    Off,
    Target,
    /// The rule at this index.
    Rule(u32),
    Fallthrough,
    /// The prerequisite at this index failed.
    Prerequisite(u32),
    /// The feature's strategy at this index.
    Strategy(u32),
    /// The feature's dependency at this index is not met.
    Dependency(u32),
}

/// One evaluation under way.
pub(crate) struct Scope<'s, 'c, B: ?Sized> {
    pub(crate) snapshot: &'s Snapshot,
    pub(crate) context: &'c Context,
    pub(crate) big_segments: &'c B,
    /// The worst state of the big segments consulted so far.
    pub(crate) status: Option<BigSegmentsStatus>,
    steps: u32,
}

/// A flag whose prerequisites are being evaluated.
struct Pending<'s> {
    flag: &'s Flag,
    /// The index of the prerequisite under way.
    next: u32,
    failed: bool,
}

/// What is next for a flag.
enum Step<'s> {
    Enter(&'s Flag),
    Done(Outcome),
}

impl<'s, 'c, B: BigSegments + ?Sized> Scope<'s, 'c, B> {
    /// Nothing has been looked at yet.
    #[inline]
    pub(crate) fn new(snapshot: &'s Snapshot, context: &'c Context, big_segments: &'c B) -> Self {
        Self { snapshot, context, big_segments, status: None, steps: 0 }
    }

    /// Evaluates the prerequisites of `root`, theirs first, and then `root`. A stack of our own instead of recursion,
    /// so that no depth of data can exhaust the thread's.
    fn settle(&mut self, root: &'s Flag, mut record: impl FnMut(PrerequisiteEvaluation<'s>)) -> Result<Outcome, Stop> {
        let mut chain: SmallVec<[Pending<'s>; 8]> = smallvec![Pending { flag: root, next: 0, failed: false }];
        while let Some(top) = chain.last() {
            let outcome = match self.advance(top)? {
                Step::Enter(flag) => {
                    if root.may_cycle && chain.iter().any(|pending| std::ptr::eq(pending.flag, flag)) {
                        return Err(Stop::Malformed);
                    }
                    self.step()?;
                    chain.push(Pending { flag, next: 0, failed: false });
                    continue;
                }
                Step::Done(outcome) => outcome,
            };
            let Some(Pending { flag, .. }) = chain.pop() else { break };
            let Some(dependant) = chain.last_mut() else { return Ok(outcome) };
            let evaluation = flag.evaluation(outcome);
            record(PrerequisiteEvaluation { dependant: dependant.flag, flag, evaluation });
            let wanted = dependant.flag.prerequisites[dependant.next as usize].variation;
            if flag.on && evaluation.variation_index.map(i64::from) == Some(wanted) {
                dependant.next += 1;
            } else {
                dependant.failed = true;
            }
        }
        Err(Stop::Malformed)
    }

    fn advance(&mut self, pending: &Pending<'s>) -> Result<Step<'s>, Stop> {
        let flag = pending.flag;
        if !flag.on {
            return Ok(Step::Done(flag.off(Cause::Off)));
        }
        let Some(prerequisite) = flag.prerequisites.get(pending.next as usize) else {
            return self.decide(flag).map(Step::Done);
        };
        Ok(match prerequisite.flag.and_then(|index| self.snapshot.flag_at(index)) {
            Some(needed) if !pending.failed => Step::Enter(needed),
            _ => Step::Done(flag.off(Cause::Prerequisite(pending.next))),
        })
    }

    /// Targets, rules, fallthrough: a flag that is on and whose prerequisites are met.
    #[inline]
    fn decide(&mut self, flag: &Flag) -> Result<Outcome, Stop> {
        if let Some(feature) = &flag.feature {
            return Ok(self.decide_feature(feature));
        }
        for target in &flag.targets {
            match self.context.key(&target.kind) {
                Some(key) if target.keys.contains(key) => {
                    return Ok(Outcome { choice: Some(target.choice), cause: Cause::Target, in_experiment: false });
                }
                Some(_) => {}
                None if target.keys.is_empty() => {}
                None => self.context.excuse_missing_key(&target.kind)?,
            }
        }
        for (index, rule) in (0..).zip(&flag.rules) {
            if self.rule_matches(rule)? {
                return rule.serve.outcome(Cause::Rule(index), self.context);
            }
        }
        flag.fallthrough.outcome(Cause::Fallthrough, self.context)
    }

    /// Strategies and dependencies: a feature that is on.
    fn decide_feature(&self, feature: &FeaturePlace) -> Outcome {
        let verdict = self.snapshot.features().verdict_for(feature.index, self.context);
        let place = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let (side, cause) = match verdict {
            Verdict::Strategy(index) => (feature.on, Cause::Strategy(place(index))),
            Verdict::Everybody => (feature.on, Cause::Fallthrough),
            Verdict::NoStrategy => (feature.off, Cause::Fallthrough),
            Verdict::DependencyFailed(index) => (feature.off, Cause::Dependency(place(index))),
            Verdict::Disabled => (feature.off, Cause::Off),
        };
        Outcome { choice: Some(Choice::Variation(side)), cause, in_experiment: false }
    }

    #[inline]
    fn rule_matches(&mut self, rule: &Rule) -> Result<bool, Stop> {
        for clause in &rule.clauses {
            if !self.clause_holds(clause)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[inline]
    pub(crate) fn clause_holds(&mut self, clause: &Clause) -> Result<bool, Stop> {
        match clause {
            Clause::Attribute(clause) => clause.holds(self.context),
            Clause::Segments { any_of, negate } => Ok(self.in_any_segment(any_of)? != *negate),
        }
    }

    fn in_any_segment(&mut self, segments: &[u32]) -> Result<bool, Stop> {
        for segment in segments {
            if self.in_segment(*segment)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) fn step(&mut self) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps > MAX_STEPS { Err(Stop::Malformed) } else { Ok(()) }
    }
}

impl Serve {
    /// What a rule or the fallthrough serves. Malformed data here makes an error of this flag alone: a flag that needs
    /// it as a prerequisite goes off instead of failing, as in the Go SDK.
    #[inline]
    fn outcome(&self, cause: Cause, context: &Context) -> Result<Outcome, Stop> {
        let (choice, in_experiment) = match self {
            Self::Fixed(choice) => (*choice, false),
            Self::Split(split) => match split.choose(context) {
                Err(Stop::Malformed) => (Choice::OutOfRange, false),
                chosen => chosen?,
            },
            Self::Nothing => (Choice::OutOfRange, false),
        };
        Ok(Outcome { choice: Some(choice), cause, in_experiment })
    }
}

impl Split {
    /// What the context's share serves, and whether an experiment counts it.
    #[inline]
    fn choose(&self, context: &Context) -> Result<(Choice, bool), Stop> {
        let (bucket, known) = match self.bucketing.bucket(context)? {
            Bucket::At(bucket) => (bucket, true),
            Bucket::NoContext => (0.0, false),
        };
        let share = self.share(bucket).ok_or(Stop::Malformed)?;
        Ok((share.choice, self.experiment && known && !share.untracked))
    }

    /// The first share whose range ends above the bucket, or else the last.
    #[inline]
    pub(crate) fn share(&self, bucket: f32) -> Option<&Share> {
        self.shares.iter().find(|share| bucket < share.end).or(self.shares.last())
    }
}

impl Flag {
    #[inline]
    fn off(&self, cause: Cause) -> Outcome {
        Outcome { choice: self.off, cause, in_experiment: false }
    }

    /// Puts an outcome of this flag into words.
    #[inline]
    fn evaluation(&self, outcome: Outcome) -> Evaluation<'_> {
        let Outcome { choice, cause, in_experiment } = outcome;
        let variation_index = match choice {
            Some(Choice::Variation(index)) => Some(index),
            Some(Choice::OutOfRange) => return Evaluation::error(ErrorKind::MalformedFlag),
            None => None,
        };
        let kind = match cause {
            Cause::Off => ReasonKind::Off,
            Cause::Target => ReasonKind::TargetMatch,
            Cause::Fallthrough => ReasonKind::Fallthrough { in_experiment },
            Cause::Rule(index) => ReasonKind::RuleMatch { index, id: &self.rules[index as usize].id, in_experiment },
            Cause::Prerequisite(index) => {
                ReasonKind::PrerequisiteFailed { key: &self.prerequisites[index as usize].key }
            }
            Cause::Strategy(index) => ReasonKind::RuleMatch { index, id: "", in_experiment: false },
            Cause::Dependency(index) => {
                let names = self.feature.as_ref().map_or(&[][..], |feature| &feature.dependencies);
                ReasonKind::PrerequisiteFailed { key: names.get(index as usize).map_or("", |name| name) }
            }
        };
        let value = variation_index.and_then(|index| self.variations.get(index as usize));
        Evaluation { value, variation_index, reason: kind.into() }
    }
}

impl Evaluation<'_> {
    pub(crate) fn error(kind: ErrorKind) -> Self {
        Self { value: None, variation_index: None, reason: ReasonKind::Error(kind).into() }
    }
}
