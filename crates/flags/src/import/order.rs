//! The order in which things are taken: what others need comes before them.

use std::collections::HashMap;

/// The indices of things that are called and need others so, needs first, else as they come. Those that need themselves,
/// by whatever way, and those that need such ones, are not among them.
///
/// What a thing needs that is not there is left out of account (Kahn 1962).
pub(super) fn needs_first(things: &[(&str, Vec<&str>)]) -> Vec<usize> {
    let index: HashMap<&str, usize> = things.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect();
    let mut needed_by = vec![Vec::new(); things.len()];
    let mut open = vec![0_usize; things.len()];
    for (at, (_, needs)) in things.iter().enumerate() {
        for need in needs.iter().filter_map(|key| index.get(key)) {
            needed_by[*need].push(at);
            open[at] += 1;
        }
    }
    let mut order: Vec<usize> = (0..things.len()).filter(|at| open[*at] == 0).collect();
    let mut next = 0;
    while let Some(settled) = order.get(next).copied() {
        next += 1;
        for dependant in &needed_by[settled] {
            open[*dependant] -= 1;
            if open[*dependant] == 0 {
                order.push(*dependant);
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_need_comes_first_and_circles_never() {
        let things = [
            ("a", vec!["b", "c", "gone"]),
            ("b", vec!["c", "c"]),
            ("c", vec![]),
            ("d", vec!["e"]),
            ("e", vec!["d"]),
            ("f", vec!["d"]),
            ("g", vec!["g"]),
        ];
        assert_eq!(needs_first(&things), [2, 1, 0]);
    }
}
