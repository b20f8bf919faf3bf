//! What is done about each flag and segment of a payload, those first that others need.

mod features;
mod settle;

use std::collections::BTreeMap;

use delivery::Place;
use evaluation::model::{ClauseData, FlagData, Operator, SegmentData};
use evaluation::{Item as Sort, Payload};
use kernel::{FlagKey, Revision, SegmentKey};

use super::details::Details;
use super::order::needs_first;
use super::refusal::Refusal;
use super::report::{Item, Outcome, Report};
use super::unleash::Features;
use crate::apply::Applied;
use crate::instruction::Instruction;
use crate::model::{State, Subject};
use crate::store::flags::{StoredConfiguration, StoredFlag};
use crate::store::segments::StoredSegment;
use crate::validate::Surroundings;

/// Versions go on above the largest that is imported, and JavaScript counts exactly only to 2^53.
const MOST_VERSION: u64 = 1 << 52;

/// What is wished for.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// What SDKs receive there.
    pub payload: &'a Payload,
    /// What people wrote about it.
    pub details: &'a Details,
    /// Whether what is here already is made as the payload says; else it is refused where it differs.
    pub replace: bool,
}

/// What is here already.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// Every flag of the project, deleted ones too.
    pub flags: BTreeMap<FlagKey, StoredFlag>,
    /// What they do in each environment that is configured.
    pub configurations: BTreeMap<FlagKey, Vec<StoredConfiguration>>,
    /// Every segment of the environment, deleted ones too.
    pub segments: BTreeMap<SegmentKey, StoredSegment>,
}

/// What an import does.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What came of each item.
    pub report: Report,
    /// The changes, in their order: none when all is here already.
    pub changes: Vec<Planned>,
}

/// One change of one thing, judged already.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Of what.
    pub subject: Subject,
    /// How it is.
    pub before: Option<State>,
    /// The version of its row, if it has one that stays.
    pub version: Option<Revision>,
    /// Of a configuration: its flag, if that is here already and not changed by the same import.
    pub flag: Option<StoredFlag>,
    /// Of a flag: what it does, wherever it is configured.
    pub configurations: Vec<StoredConfiguration>,
    /// What is done.
    pub instructions: Vec<Instruction>,
    /// What comes of it.
    pub applied: Applied,
    /// What is done, in words.
    pub sentences: Vec<String>,
}

/// Decides on every flag and segment of the payload.
pub fn plan(place: &Place, wish: Wish<'_>, existing: &Existing) -> Plan {
    let payload = wish.payload;
    let mut planner = Planner::new(place, wish.replace, existing);
    planner.unreadable(payload);
    planner.segments(wish);
    planner.flags(wish);
    let versions = payload.flags.iter().map(|flag| flag.version).chain(payload.segments.iter().map(|one| one.version));
    let largest = versions.filter(|version| *version <= MOST_VERSION).max().unwrap_or(0);
    planner.finish(largest)
}

/// Decides on every feature of Unleash.
pub fn plan_features(place: &Place, features: &Features, replace: bool, existing: &Existing) -> Plan {
    let mut planner = Planner::new(place, replace, existing);
    planner.features(features);
    // Its revisions are those of another server, and no SDK compares them with ours.
    planner.finish(0)
}

/// What came of one thing, and what is to be told about it.
type Settled = Result<(Outcome, Vec<String>), Refusal>;

struct Planner<'a> {
    place: &'a Place,
    replace: bool,
    existing: &'a Existing,
    /// What has been settled well: what others may need.
    around: Surroundings,
    segments: BTreeMap<&'a str, Item>,
    flags: BTreeMap<&'a str, Item>,
    changes: Vec<Planned>,
}

impl<'a> Planner<'a> {
    fn new(place: &'a Place, replace: bool, existing: &'a Existing) -> Self {
        Self {
            place,
            replace,
            existing,
            around: Surroundings::default(),
            segments: BTreeMap::new(),
            flags: BTreeMap::new(),
            changes: Vec::new(),
        }
    }

    fn finish(self, largest: u64) -> Plan {
        let items = |items: BTreeMap<&str, Item>| items.into_values().collect();
        Plan { report: Report::new(items(self.segments), items(self.flags), largest), changes: self.changes }
    }

    fn unreadable(&mut self, payload: &'a Payload) {
        for broken in &payload.unreadable {
            let items = match broken.item {
                Sort::Flag => &mut self.flags,
                Sort::Segment => &mut self.segments,
            };
            items.insert(&broken.key, item(&broken.key, Err(Refusal::Unreadable(broken.why.clone()))));
        }
    }

    fn segments(&mut self, Wish { payload, details, .. }: Wish<'a>) {
        let all = &payload.segments;
        let things: Vec<_> = all.iter().map(|segment| (&*segment.key, segments_of_segment(segment))).collect();
        for at in needs_first(&things) {
            let settled = self.needs("segment", &things[at].1).and_then(|()| self.segment(&all[at], details));
            self.segments.insert(&all[at].key, item(&all[at].key, settled));
        }
        for (key, _) in things {
            self.segments.entry(key).or_insert_with(|| item(key, Err(Refusal::Circle)));
        }
    }

    fn flags(&mut self, Wish { payload, details, .. }: Wish<'a>) {
        let all = &payload.flags;
        let prerequisites = |flag: &'a FlagData| flag.prerequisites.iter().map(|one| &*one.key).collect();
        let things: Vec<(&str, Vec<&str>)> = all.iter().map(|flag| (&*flag.key, prerequisites(flag))).collect();
        for at in needs_first(&things) {
            let needs = self.needs("flag", &things[at].1);
            let needs = needs.and_then(|()| self.needs("segment", &segments_of_flag(&all[at])));
            let settled = needs.and_then(|()| self.flag(&all[at], details));
            self.flags.insert(&all[at].key, item(&all[at].key, settled));
        }
        for (key, _) in things {
            self.flags.entry(key).or_insert_with(|| item(key, Err(Refusal::Circle)));
        }
    }

    /// Whether all that a thing needs has been settled well.
    fn needs(&self, sort: &'static str, needs: &[&str]) -> Result<(), Refusal> {
        let settled = if sort == "flag" { &self.flags } else { &self.segments };
        for key in needs {
            let key = || (*key).to_owned();
            match settled.get(&*key()) {
                None => return Err(Refusal::Missing { sort, key: key() }),
                Some(item) if item.outcome == Outcome::Refused => {
                    return Err(Refusal::NeedsRefused { sort, key: key() });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn item(key: &str, settled: Settled) -> Item {
    let (outcome, why, notes) = match settled {
        Ok((outcome, notes)) => (outcome, None, notes),
        Err(refusal) => (Outcome::Refused, Some(refusal.to_string()), Vec::new()),
    };
    Item { key: key.to_owned(), outcome, why, notes }
}

fn segments_of_flag(flag: &FlagData) -> Vec<&str> {
    segments_of(flag.rules.iter().flat_map(|rule| &rule.clauses))
}

fn segments_of_segment(segment: &SegmentData) -> Vec<&str> {
    segments_of(segment.rules.iter().flat_map(|rule| &rule.clauses))
}

/// The segments that clauses name.
fn segments_of<'d>(clauses: impl Iterator<Item = &'d ClauseData>) -> Vec<&'d str> {
    clauses
        .filter(|clause| clause.op == Operator::SegmentMatch)
        .flat_map(|clause| clause.values.iter().filter_map(serde_json::Value::as_str))
        .collect()
}
