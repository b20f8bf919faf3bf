//! Who names whom: prerequisites and segments, the circles among them, and what would break if something went.

use std::collections::BTreeMap;

use evaluation::model::{ClauseData, FlagData, Operator as Op, PrerequisiteData, SegmentData, SegmentRuleData};

use super::Dependant;
use crate::model::{Clause, Configuration, Operator, Segment, State};
use crate::reason::{Invalid, Reason};

/// One thing of an environment names another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Who names: a flag or a segment.
    pub from: LinkEnd,
    /// The key of who names.
    pub source: String,
    /// Who is named: a flag, as a prerequisite, or a segment.
    pub to: LinkEnd,
    /// The key of who is named.
    pub target: String,
    /// Of a prerequisite: what it must serve.
    pub variation: Option<usize>,
}

/// The two sorts of thing that links join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkEnd {
    /// A flag.
    Flag,
    /// A segment.
    Segment,
}

impl LinkEnd {
    /// The word in the database and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Segment => "segment",
        }
    }

    /// The end of this word.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Flag, Self::Segment].into_iter().find(|end| end.as_str() == text)
    }
}

/// Whom `state`, which is called `key`, names; each once, and what is deleted names nobody.
pub fn links(key: &str, state: &State) -> Vec<Link> {
    let link = |from, to, target: &str, variation| Link {
        from,
        source: key.to_owned(),
        to,
        target: target.to_owned(),
        variation,
    };
    let mut links: Vec<Link> = match state {
        State::Configuration(configuration) => {
            let prerequisites = configuration.prerequisites.iter().map(|prerequisite| {
                link(LinkEnd::Flag, LinkEnd::Flag, prerequisite.key.as_str(), Some(prerequisite.variation))
            });
            let dependencies = configuration.dependencies.iter();
            let dependencies = dependencies.map(|one| link(LinkEnd::Flag, LinkEnd::Flag, one.feature.as_str(), None));
            let clauses = configuration.rules.iter().flat_map(|rule| &rule.clauses);
            let segments = segments(clauses).map(|target| link(LinkEnd::Flag, LinkEnd::Segment, target, None));
            prerequisites.chain(dependencies).chain(segments).collect()
        }
        State::Segment(segment) if !segment.deleted => {
            let clauses = segment.rules.iter().flat_map(|rule| &rule.clauses);
            segments(clauses).map(|target| link(LinkEnd::Segment, LinkEnd::Segment, target, None)).collect()
        }
        _ => vec![],
    };
    links.sort_unstable();
    links.dedup();
    links
}

/// The keys of segments that clauses name.
fn segments<'a>(clauses: impl Iterator<Item = &'a Clause>) -> impl Iterator<Item = &'a str> {
    clauses
        .filter(|clause| clause.op == Operator::SegmentMatch)
        .flat_map(|clause| clause.values.iter().filter_map(serde_json::Value::as_str))
}

pub(super) fn no_prerequisite_cycle(
    key: &str,
    configuration: &Configuration,
    neighbours: &[Link],
) -> Result<(), Invalid> {
    let own = configuration.prerequisites.iter().map(|prerequisite| (key, prerequisite.key.as_str()));
    let flags: Vec<FlagData> = needs(neighbours, LinkEnd::Flag, own)
        .into_iter()
        .map(|(key, needs)| {
            let prerequisite = |key: &str| PrerequisiteData { key: key.to_owned(), variation: 0 };
            let prerequisites = needs.into_iter().map(prerequisite).collect();
            FlagData { key: key.to_owned(), prerequisites, ..FlagData::default() }
        })
        .collect();
    match evaluation::prerequisite_cycle(&flags) {
        Some(path) => Err(Invalid::at("/prerequisites", Reason::PrerequisiteCycle(path.join(" → ")))),
        None => Ok(()),
    }
}

pub(super) fn no_segment_cycle(key: &str, segment: &Segment, neighbours: &[Link]) -> Result<(), Invalid> {
    let own = segments(segment.rules.iter().flat_map(|rule| &rule.clauses)).map(|target| (key, target));
    let data: Vec<SegmentData> = needs(neighbours, LinkEnd::Segment, own)
        .into_iter()
        .map(|(key, needs)| {
            let values = needs.into_iter().map(serde_json::Value::from).collect();
            let clause = ClauseData { op: Op::SegmentMatch, values, ..ClauseData::default() };
            let rule = SegmentRuleData { clauses: vec![clause], ..SegmentRuleData::default() };
            SegmentData { key: key.to_owned(), rules: vec![rule], ..SegmentData::default() }
        })
        .collect();
    match evaluation::segment_cycle(&data) {
        Some(path) => Err(Invalid::at("/rules", Reason::SegmentCycle(path.join(" → ")))),
        None => Ok(()),
    }
}

/// Who needs whom among things of one sort, the new needs of one of them included.
fn needs<'a>(
    neighbours: &'a [Link],
    sort: LinkEnd,
    own: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let theirs = neighbours
        .iter()
        .filter(|link| link.from == sort && link.to == sort)
        .map(|link| (link.source.as_str(), link.target.as_str()));
    let mut needs = BTreeMap::<_, Vec<_>>::new();
    for (source, target) in theirs.chain(own) {
        needs.entry(source).or_default().push(target);
    }
    needs
}

/// What others still name cannot go.
pub(super) fn not_needed(dependants: &[Dependant]) -> Result<(), Invalid> {
    if dependants.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = dependants
        .iter()
        .map(|Dependant { environment, link }| format!("{} {} in {environment}", link.from.as_str(), link.source))
        .collect();
    Err(Invalid::at("", Reason::StillNeeded(names.join(", "))))
}
