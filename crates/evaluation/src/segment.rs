//! A segment as a snapshot holds it.

use crate::big_segments::{BigSegment, reference};
use crate::bucket::{Bucketing, Prefix};
use crate::clause::Clause;
use crate::context::{Context, Kind};
use crate::evaluate::Stop;
use crate::flag::weight;
use crate::model::{SegmentData, SegmentRuleData, SegmentTargetData};
use crate::text::TextSet;

/// A compiled segment.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Whether its rules lead into a cycle, so that evaluation has to look out for it.
    pub(crate) may_cycle: bool,
    pub(crate) members: Members,
    pub(crate) rules: Box<[SegmentRule]>,
}

/// Who is in a segment before its rules are asked.
#[derive(Debug)]
pub(crate) enum Members {
    /// By lists of keys.
    Listed { included: Box<[Keys]>, excluded: Box<[Keys]> },
    /// A big segment: by look-up; none if the data lacks the generation.
    Big(Option<BigSegment>),
    /// The data could not be read.
    Unreadable,
}

/// Keys of one kind.
#[derive(Debug)]
pub(crate) struct Keys {
    kind: Kind,
    keys: TextSet,
}

#[derive(Debug)]
pub(crate) struct SegmentRule {
    pub(crate) clauses: Box<[Clause]>,
    /// The share of buckets that are in, if not all.
    pub(crate) share: Option<(Box<Bucketing>, f32)>,
}

impl Segment {
    /// Compiles a segment; `segment` finds the index of a nested one by key.
    pub(crate) fn compile(data: &SegmentData, may_cycle: bool, segment: impl Fn(&str) -> Option<u32>) -> Self {
        let members = if data.unbounded {
            Members::Big(data.generation.map(|generation| BigSegment {
                kind: Kind::named(data.unbounded_context_kind.as_deref()),
                reference: reference(&data.key, generation).into(),
                generation,
            }))
        } else {
            Members::Listed {
                included: Keys::compile(&data.included, &data.included_contexts),
                excluded: Keys::compile(&data.excluded, &data.excluded_contexts),
            }
        };
        let rules = data.rules.iter().map(|rule| SegmentRule::compile(rule, data, &segment));
        Self { may_cycle, members, rules: rules.collect() }
    }

    /// Itself, if it is big and can be looked up.
    pub(crate) fn big(&self) -> Option<&BigSegment> {
        match &self.members {
            Members::Big(big) => big.as_ref(),
            Members::Listed { .. } | Members::Unreadable => None,
        }
    }

    pub(crate) fn unreadable() -> Self {
        Self { may_cycle: false, members: Members::Unreadable, rules: Box::default() }
    }
}

impl Keys {
    fn compile(users: &[String], others: &[SegmentTargetData]) -> Box<[Self]> {
        let keys = |kind, keys: &[String]| Self { kind, keys: keys.iter().map(String::as_str).collect() };
        let others = others.iter().map(|target| keys(Kind::named(Some(&target.context_kind)), &target.values));
        let users = (!users.is_empty()).then(|| keys(Kind::User, users));
        users.into_iter().chain(others).collect()
    }

    pub(crate) fn contain(&self, context: &Context) -> Result<bool, Stop> {
        match context.key(&self.kind) {
            Some(key) => Ok(self.keys.contains(key)),
            None if self.keys.is_empty() => Ok(false),
            None => context.excuse_missing_key(&self.kind).map(|()| false),
        }
    }
}

impl SegmentRule {
    fn compile(rule: &SegmentRuleData, segment: &SegmentData, find: impl Fn(&str) -> Option<u32>) -> Self {
        let share = rule.weight.map(|share| {
            let kind = rule.rollout_context_kind.as_deref();
            let by = Bucketing::by(kind, rule.bucket_by.as_deref());
            let prefix = Prefix::of_key(&segment.key, &segment.salt);
            (Box::new(Bucketing { kind: Kind::named(kind), by, prefix }), weight(share))
        });
        Self { clauses: rule.clauses.iter().map(|clause| Clause::compile(clause, &find)).collect(), share }
    }
}
