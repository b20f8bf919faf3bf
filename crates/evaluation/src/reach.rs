//! Whom a change reaches: the flags that may come out otherwise because some flags and segments are different.
//!
//! A server that follows values for 10,000 contexts evaluates what a change reaches, instead of everything.

use crate::clause::Clause;
use crate::flag::Flag;
use crate::payload::Item;
use crate::segment::{Members, Segment};
use crate::snapshot::Snapshot;

/// Some flags of one snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Their places, ascending.
    flags: Box<[u32]>,
}

/// Who mentions whom. Segments come after the flags.
struct Mentions {
    by: Vec<Vec<usize>>,
    flags: usize,
}

impl Snapshot {
    /// The flags whose evaluation may differ from that by a snapshot in which `changed` was otherwise: these, and whatever
    /// leads to them by prerequisites and segments, however far.
    ///
    /// Flags whose evaluation rests on more than data are always among them: those that lead to a big segment, whose
    /// members are looked up, and Unleash's features, which may look at the time. `None` when something of `changed` is not
    /// there any more: who mentioned it cannot be told, so it may be every flag.
    pub fn reached<'c>(&self, changed: impl IntoIterator<Item = (Item, &'c str)>) -> Option<Reach> {
        let mentions = Mentions::of(self);
        let mut open = Vec::new();
        for (item, key) in changed {
            open.push(match item {
                Item::Flag => self.index_of_flag(key)? as usize,
                Item::Segment => mentions.segment(self.index_of_segment(key)?),
            });
        }
        let looked_up = self.segments.iter().zip(0..).filter(|(segment, _)| matches!(segment.members, Members::Big(_)));
        open.extend(looked_up.map(|(_, segment)| mentions.segment(segment)));
        let features = self.flags().enumerate().filter(|(_, flag)| flag.feature.is_some());
        open.extend(features.map(|(flag, _)| flag));
        Some(Reach { flags: mentions.flags_that_lead_to(open) })
    }
}

impl Reach {
    /// The flags of the snapshot that said this, in its order.
    pub fn flags<'s>(&self, snapshot: &'s Snapshot) -> impl Iterator<Item = &'s Flag> + use<'_, 's> {
        self.flags.iter().filter_map(|flag| snapshot.flag_at(*flag))
    }
}

impl Mentions {
    fn of(snapshot: &Snapshot) -> Self {
        let flags = snapshot.flags().len();
        let mut mentions = Self { by: vec![Vec::new(); flags + snapshot.segments.len()], flags };
        for (at, flag) in snapshot.flags().enumerate() {
            for needed in flag.prerequisites.iter().filter_map(|prerequisite| prerequisite.flag) {
                mentions.by[needed as usize].push(at);
            }
            mentions.note(at, flag.rules.iter().flat_map(|rule| &rule.clauses));
        }
        for (segment, at) in snapshot.segments.iter().zip(flags..) {
            mentions.note(at, clauses(segment));
        }
        mentions
    }

    fn note<'a>(&mut self, at: usize, clauses: impl Iterator<Item = &'a Clause>) {
        for clause in clauses {
            let Clause::Segments { any_of, .. } = clause else { continue };
            for segment in any_of {
                let segment = self.segment(*segment);
                self.by[segment].push(at);
            }
        }
    }

    fn segment(&self, index: u32) -> usize {
        self.flags + index as usize
    }

    fn flags_that_lead_to(&self, mut open: Vec<usize>) -> Box<[u32]> {
        let mut reached = vec![false; self.by.len()];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut reached[at], true) {
                open.extend(&self.by[at]);
            }
        }
        (0..).zip(&reached[..self.flags]).filter(|(_, reached)| **reached).map(|(flag, _)| flag).collect()
    }
}

fn clauses(segment: &Segment) -> impl Iterator<Item = &Clause> {
    segment.rules.iter().flat_map(|rule| &rule.clauses)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Payload;

    fn in_segment(segment: &str) -> Value {
        json!([{"clauses": [{"op": "segmentMatch", "values": [segment]}], "variation": 0}])
    }

    /// `page` needs `engine`, `engine` needs `core`; `beta` is for members of `inner` by way of `outer`, and `looked-up` for those
    /// of a big segment; `alone` stands alone.
    fn snapshot() -> Snapshot {
        let flags = json!({
            "alone": {}, "beta": {"rules": in_segment("outer")}, "core": {}, "engine": {"prerequisites": [{"key": "core"}]},
            "looked-up": {"rules": in_segment("big")}, "page": {"prerequisites": [{"key": "engine"}]},
        });
        let segments =
            json!({"big": {"unbounded": true, "generation": 1}, "inner": {}, "outer": {"rules": in_segment("inner")}});
        Snapshot::compile(&Payload::from_json(&json!({"flags": flags, "segments": segments}).to_string()).unwrap())
    }

    #[test]
    fn a_change_reaches_what_leads_to_it_and_what_is_looked_up() {
        type Changed<'a> = &'a [(Item, &'a str)];
        let snapshot = snapshot();
        let table: [(Changed<'_>, &[&str]); 6] = [
            (&[], &["looked-up"]),
            (&[(Item::Flag, "alone")], &["alone", "looked-up"]),
            (&[(Item::Flag, "core")], &["core", "engine", "looked-up", "page"]),
            (&[(Item::Flag, "page")], &["looked-up", "page"]),
            (&[(Item::Segment, "inner")], &["beta", "looked-up"]),
            (&[(Item::Segment, "big"), (Item::Flag, "engine")], &["engine", "looked-up", "page"]),
        ];
        for (changed, expected) in table {
            let reach = snapshot.reached(changed.iter().copied()).unwrap();
            assert_eq!(reach.flags(&snapshot).map(Flag::key).collect::<Vec<_>>(), expected, "{changed:?}");
        }
    }

    #[test]
    fn whoever_mentioned_what_is_gone_cannot_be_told() {
        assert_eq!(snapshot().reached([(Item::Flag, "core"), (Item::Flag, "gone")]), None);
        assert_eq!(snapshot().reached([(Item::Segment, "core")]), None);
    }

    #[test]
    fn a_cycle_is_gone_round_once() {
        let flags = json!({"a": {"prerequisites": [{"key": "b"}]}, "b": {"prerequisites": [{"key": "a"}]}, "c": {}});
        let snapshot = Snapshot::compile(&Payload::from_json(&json!({ "flags": flags }).to_string()).unwrap());
        let reach = snapshot.reached([(Item::Flag, "a")]).unwrap();
        assert_eq!(reach.flags(&snapshot).map(Flag::key).collect::<Vec<_>>(), ["a", "b"]);
    }
}
