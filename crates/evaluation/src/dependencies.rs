//! Who needs whom: cycles among prerequisites and among segments, for writers to refuse and evaluation to expect.

use std::collections::HashMap;

use crate::model::{ClauseData, FlagData, Operator, SegmentData};

/// A cycle among the prerequisites of these flags, as the keys along it, first and last the same.
///
/// Whether a flag is on does not matter: a cycle that sleeps behind an off flag would wake when it is turned on.
pub fn prerequisite_cycle(flags: &[FlagData]) -> Option<Vec<&str>> {
    let edges = edges(flags.iter().map(|flag| (&*flag.key, prerequisites(flag).collect())));
    cycle(&edges).map(|path| path.into_iter().map(|flag| &*flags[flag].key).collect())
}

/// A cycle among the rules of these segments, as the keys along it, first and last the same.
pub fn segment_cycle(segments: &[SegmentData]) -> Option<Vec<&str>> {
    let edges = edges(segments.iter().map(|segment| (&*segment.key, nested_segments(segment).collect())));
    cycle(&edges).map(|path| path.into_iter().map(|segment| &*segments[segment].key).collect())
}

/// The keys of a flag's prerequisites.
fn prerequisites(flag: &FlagData) -> impl Iterator<Item = &str> {
    flag.prerequisites.iter().map(|prerequisite| &*prerequisite.key)
}

/// The keys of the segments that a segment's rules mention.
fn nested_segments(segment: &SegmentData) -> impl Iterator<Item = &str> {
    let clauses = segment.rules.iter().flat_map(|rule| &rule.clauses);
    clauses
        .filter(|clause: &&ClauseData| clause.op == Operator::SegmentMatch)
        .flat_map(|clause| clause.values.iter().filter_map(serde_json::Value::as_str))
}

/// Neighbours by index; those that do not exist are left out.
fn edges<'a>(nodes: impl Iterator<Item = (&'a str, Vec<&'a str>)>) -> Vec<Vec<usize>> {
    let nodes: Vec<_> = nodes.collect();
    let index: HashMap<&str, usize> = nodes.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect();
    nodes.iter().map(|(_, needs)| needs.iter().filter_map(|key| index.get(key).copied()).collect()).collect()
}

fn cycle(edges: &[Vec<usize>]) -> Option<Vec<usize>> {
    let cyclic = reach_cycles(edges);
    let mut path = vec![cyclic.iter().position(|cyclic| *cyclic)?];
    loop {
        let last = path[path.len() - 1];
        // From a node that reaches a cycle, some neighbour reaches it too.
        let next = edges[last].iter().copied().find(|next| cyclic[*next])?;
        let start = path.iter().position(|node| *node == next);
        path.push(next);
        if let Some(start) = start {
            return Some(path.split_off(start));
        }
    }
}

/// For each node, whether a cycle can be reached from it: what is left when nodes without neighbours are taken away
/// again and again (Kahn 1962).
pub(crate) fn reach_cycles(edges: &[Vec<usize>]) -> Vec<bool> {
    let mut open: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut needed_by = vec![Vec::new(); edges.len()];
    for (node, neighbours) in edges.iter().enumerate() {
        for neighbour in neighbours {
            needed_by[*neighbour].push(node);
        }
    }
    let mut free: Vec<usize> = (0..edges.len()).filter(|node| open[*node] == 0).collect();
    while let Some(node) = free.pop() {
        for dependant in &needed_by[node] {
            open[*dependant] -= 1;
            if open[*dependant] == 0 {
                free.push(*dependant);
            }
        }
    }
    open.into_iter().map(|open| open > 0).collect()
}

/// For each flag, whether its prerequisites lead into a cycle.
pub(crate) fn flags_in_cycles(flags: &[FlagData]) -> Vec<bool> {
    reach_cycles(&edges(flags.iter().map(|flag| (&*flag.key, prerequisites(flag).collect()))))
}

/// For each segment, whether its rules lead into a cycle.
pub(crate) fn segments_in_cycles(segments: &[SegmentData]) -> Vec<bool> {
    reach_cycles(&edges(segments.iter().map(|segment| (&*segment.key, nested_segments(segment).collect()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    fn flags(needs: &[(&str, &[&str])]) -> Vec<FlagData> {
        let flag = |(key, needs): &(&str, &[&str])| {
            let prerequisites: Vec<_> = needs.iter().map(|key| json!({"key": key, "variation": 0})).collect();
            from_value(json!({"key": key, "prerequisites": prerequisites})).unwrap()
        };
        needs.iter().map(flag).collect()
    }

    #[test]
    fn finds_the_path_of_a_cycle() {
        type Needs<'a> = &'a [(&'a str, &'a [&'a str])];
        let table: [(Needs<'_>, Option<Vec<&str>>); 6] = [
            (&[("a", &["b"]), ("b", &["c"]), ("c", &[])], None),
            (&[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d"]), ("d", &[])], None),
            (&[("a", &["gone"])], None),
            (&[("a", &["a"])], Some(vec!["a", "a"])),
            (&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])], Some(vec!["b", "c", "b"])),
            (&[("x", &[]), ("a", &["x", "b"]), ("b", &["x", "a"])], Some(vec!["a", "b", "a"])),
        ];
        for (needs, expected) in table {
            assert_eq!(prerequisite_cycle(&flags(needs)), expected, "{needs:?}");
        }
    }

    #[test]
    fn finds_cycles_among_segments() {
        let segment = |key: &str, nested: &str| -> SegmentData {
            let clause = json!({"op": "segmentMatch", "values": [nested, 1]});
            from_value(json!({"key": key, "rules": [{"clauses": [clause]}]})).unwrap()
        };
        assert_eq!(segment_cycle(&[segment("a", "b"), segment("b", "c")]), None);
        let cyclic = [segment("a", "b"), segment("b", "c"), segment("c", "b")];
        assert_eq!(segment_cycle(&cyclic), Some(vec!["b", "c", "b"]));
        assert_eq!(segments_in_cycles(&cyclic), [true, true, true]);
    }

    #[test]
    fn tells_who_leads_into_a_cycle() {
        let flags = flags(&[("a", &["b"]), ("b", &["b"]), ("c", &["d"]), ("d", &[])]);
        assert_eq!(flags_in_cycles(&flags), [true, true, false, false]);
    }
}
