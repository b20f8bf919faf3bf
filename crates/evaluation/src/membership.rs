//! Membership in segments, which may be nested (`launchdarkly.md` §2.8).

use smallvec::{SmallVec, smallvec};

use crate::big_segments::{BigSegment, BigSegments};
use crate::bucket::Bucket;
use crate::clause::Clause;
use crate::evaluate::{Scope, Stop};
use crate::reason::BigSegmentsStatus;
use crate::segment::{Members, Segment, SegmentRule};

/// A segment whose rules are being looked at, and how far.
struct Pending<'s> {
    segment: &'s Segment,
    entered: bool,
    rule: usize,
    clause: usize,
    /// The nested segment of the clause that is asked next.
    nested: usize,
    /// What the nested segment asked last answered, until it is used.
    answer: Option<bool>,
}

enum Step {
    Enter(u32),
    Done(bool),
}

impl<'s, B: BigSegments + ?Sized> Scope<'s, '_, B> {
    /// Whether the context is in a segment. A stack of our own instead of recursion, so that no depth of data can
    /// exhaust the thread's.
    pub(crate) fn in_segment(&mut self, index: u32) -> Result<bool, Stop> {
        let mut chain: SmallVec<[Pending<'s>; 4]> = smallvec![self.pending(index)?];
        while let Some(top) = chain.last_mut() {
            match self.advance_segment(top)? {
                Step::Enter(index) => {
                    let pending = self.pending(index)?;
                    let segment = pending.segment;
                    if segment.may_cycle && chain.iter().any(|other| std::ptr::eq(other.segment, segment)) {
                        return Err(Stop::Malformed);
                    }
                    chain.push(pending);
                }
                Step::Done(member) => {
                    chain.pop();
                    match chain.last_mut() {
                        Some(parent) => parent.answer = Some(member),
                        None => return Ok(member),
                    }
                }
            }
        }
        Err(Stop::Malformed)
    }

    fn pending(&mut self, index: u32) -> Result<Pending<'s>, Stop> {
        self.step()?;
        let segment = self.snapshot.segments.get(index as usize).ok_or(Stop::Malformed)?;
        Ok(Pending { segment, entered: false, rule: 0, clause: 0, nested: 0, answer: None })
    }

    fn advance_segment(&mut self, pending: &mut Pending<'s>) -> Result<Step, Stop> {
        if !pending.entered {
            pending.entered = true;
            if let Some(member) = self.listed(&pending.segment.members)? {
                return Ok(Step::Done(member));
            }
        }
        while let Some(rule) = pending.segment.rules.get(pending.rule) {
            match self.advance_rule(rule, pending)? {
                Step::Done(false) => (pending.rule, pending.clause, pending.nested) = (pending.rule + 1, 0, 0),
                answer => return Ok(answer),
            }
        }
        Ok(Step::Done(false))
    }

    fn advance_rule(&mut self, rule: &SegmentRule, pending: &mut Pending<'s>) -> Result<Step, Stop> {
        while let Some(clause) = rule.clauses.get(pending.clause) {
            let holds = match clause {
                Clause::Attribute(clause) => clause.holds(self.context)?,
                Clause::Segments { any_of, negate } => match (pending.answer.take(), any_of.get(pending.nested)) {
                    (Some(true), _) => !negate,
                    (Some(false), _) => {
                        pending.nested += 1;
                        continue;
                    }
                    (None, Some(segment)) => return Ok(Step::Enter(*segment)),
                    (None, None) => *negate,
                },
            };
            if !holds {
                return Ok(Step::Done(false));
            }
            (pending.clause, pending.nested) = (pending.clause + 1, 0);
        }
        let Some((bucketing, share)) = &rule.share else {
            return Ok(Step::Done(true));
        };
        // Without a context of the kind the rule does not match, as in the Go SDK; others make it bucket 0.
        Ok(Step::Done(match bucketing.bucket(self.context)? {
            Bucket::At(bucket) => bucket < *share,
            Bucket::NoContext => false,
        }))
    }

    /// What lists or the store of big segments say; none leaves it to the rules.
    fn listed(&mut self, members: &Members) -> Result<Option<bool>, Stop> {
        match members {
            Members::Listed { included, excluded } => {
                let listed = |lists: &[crate::segment::Keys]| {
                    lists.iter().try_fold(false, |listed, keys| Ok(listed || keys.contain(self.context)?))
                };
                Ok(if listed(included)? { Some(true) } else { listed(excluded)?.then_some(false) })
            }
            Members::Big(None) => {
                self.note(BigSegmentsStatus::NotConfigured);
                Ok(Some(false))
            }
            Members::Big(Some(BigSegment { kind, reference, .. })) => {
                let Some(key) = self.context.key(kind) else {
                    return self.context.excuse_missing_key(kind).map(|()| Some(false));
                };
                let membership = self.big_segments.look_up(key, reference);
                self.note(membership.status);
                Ok(membership.member)
            }
            Members::Unreadable => Err(Stop::Malformed),
        }
    }

    /// The worst state wins; none is better than any.
    fn note(&mut self, status: BigSegmentsStatus) {
        self.status = self.status.max(Some(status));
    }
}
