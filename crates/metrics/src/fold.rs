//! Folds facts into one window: `(units, facts, window) → counts and changed units`, the same whenever it is repeated.

use std::collections::BTreeMap;

use kernel::Timestamp;

use crate::fact::{Fact, UnitId, What};
use crate::model::{Arm, ComparedArms, Counted, OUTCOME_WAITS, WindowRow};
use crate::unit::{ExposedUnit, PendingOutcome, UnitState, Units};

/// What a fold needs to know of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoldRule {
    /// How many metrics it compares; at most 32.
    pub metrics: u8,
    /// Only units met through an SDK that knew this version of the flag count for the split.
    pub step_version: i64,
    /// How often the sample was halved already.
    pub halvings: u8,
    /// The most units that may be remembered.
    pub max_units: usize,
    /// The window's end, by our clock.
    pub finish: Timestamp,
}

/// One arm's counts in the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArmCounts {
    /// Units met for the first time.
    pub new_units: u64,
    /// Per metric: units seen that had been free of its event, and those that had their first.
    pub metrics: Vec<Tally>,
}

/// Units, and the bad ones among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Units seen.
    pub n: u64,
    /// Units with their first bad outcome.
    pub k: u64,
}

/// What one window comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Control, treatment.
    pub arms: [ArmCounts; 2],
    /// Units to remember from now on.
    pub changed: BTreeMap<UnitId, UnitState>,
    /// Units of which only outcomes came, for too long.
    pub forgotten: Vec<UnitId>,
    /// How often the sample is to be halved from the next window on; units outside it are dropped.
    pub halvings: u8,
}

impl Folded {
    /// The window's rows; what counts nobody has none.
    pub fn rows(&self, arms: &ComparedArms, start: Timestamp, finish: Timestamp) -> Vec<WindowRow> {
        let mut rows = Vec::new();
        for arm in Arm::BOTH {
            let counts = &self.arms[arm.index()];
            let mut add = |counted, n, k| {
                if n > 0 {
                    rows.push(WindowRow { counted, arm, start, finish, n, k });
                }
            };
            add(Counted::NewUnits, counts.new_units, 0);
            for (metric, tally) in arms.metrics.iter().zip(&counts.metrics) {
                add(Counted::Metric(metric.key.clone()), tally.n, tally.k);
            }
        }
        rows
    }
}

/// Folds the facts that arrived in one window.
///
/// A unit counts once per window and metric: as seen when it was exposed or had its first bad outcome, and as bad when it
/// had that outcome; never again after it (`delivery-stats.md` §2.2, user-level form, and §3 J for why).
pub fn fold(units: &Units, facts: Vec<Fact>, rule: &FoldRule) -> Folded {
    let empty = || ArmCounts { new_units: 0, metrics: vec![Tally::default(); usize::from(rule.metrics)] };
    let mut folded =
        Folded { arms: [empty(), empty()], changed: BTreeMap::new(), forgotten: Vec::new(), halvings: rule.halvings };
    for facts in by_unit(facts, rule) {
        let before = units.get(facts.unit);
        let after = fold_unit(before, &facts, rule, &mut folded.arms);
        if before != Some(&after) {
            folded.changed.insert(facts.unit, after);
        }
    }
    let limit = rule.finish.minus(OUTCOME_WAITS);
    folded.forgotten = units.waiting_since_before(limit).filter(|unit| !folded.changed.contains_key(unit)).collect();
    folded.forgotten.sort_unstable();
    folded.halvings = halve(units, &folded.changed, rule);
    folded
}

/// The facts of one unit.
#[derive(Default)]
struct UnitFacts {
    unit: UnitId,
    /// By time.
    exposures: Vec<(Timestamp, Arm, i64)>,
    outcomes: Vec<PendingOutcome>,
}

fn by_unit(facts: Vec<Fact>, rule: &FoldRule) -> impl Iterator<Item = UnitFacts> {
    let mut units: BTreeMap<UnitId, UnitFacts> = BTreeMap::new();
    for Fact { unit, at, what } in facts.into_iter().filter(|fact| fact.unit.is_sampled(rule.halvings)) {
        let facts = units.entry(unit).or_insert_with(|| UnitFacts { unit, ..UnitFacts::default() });
        match what {
            What::Exposed { arm, version } => facts.exposures.push((at, arm, version)),
            What::Bad { metric } if metric < rule.metrics => facts.outcomes.push(PendingOutcome { metric, at }),
            What::Bad { .. } => {}
        }
    }
    units.into_values().map(|mut facts| {
        facts.exposures.sort_unstable();
        facts
    })
}

fn fold_unit(before: Option<&UnitState>, facts: &UnitFacts, rule: &FoldRule, arms: &mut [ArmCounts; 2]) -> UnitState {
    let (mut unit, mut outcomes, since) = match before {
        Some(UnitState::Exposed(unit)) => (Some(*unit), Vec::new(), rule.finish),
        Some(UnitState::Waiting { since, outcomes }) => (None, outcomes.clone(), *since),
        None => (None, Vec::new(), rule.finish),
    };
    outcomes.extend_from_slice(&facts.outcomes);
    let mut seen = [false; 2];
    for (at, arm, version) in &facts.exposures {
        seen[arm.index()] = true;
        if let Some(unit) = &mut unit {
            unit.meet(*arm, *at);
        } else {
            unit = Some(ExposedUnit::new(*arm, *at));
            arms[arm.index()].new_units += u64::from(*version >= rule.step_version);
        }
    }
    let Some(mut unit) = unit else { return UnitState::Waiting { since, outcomes: last_of_each(outcomes) } };
    count(&mut unit, seen, &outcomes, arms);
    UnitState::Exposed(unit)
}

/// Counts one unit in the arms it was seen in, then its first bad outcomes where they belong.
fn count(unit: &mut ExposedUnit, seen: [bool; 2], outcomes: &[PendingOutcome], arms: &mut [ArmCounts; 2]) {
    for (arm, seen) in arms.iter_mut().zip(seen) {
        for (metric, tally) in (0..).zip(&mut arm.metrics) {
            tally.n += u64::from(seen && !unit.is_bad(metric));
        }
    }
    for outcome in outcomes {
        let Some(arm) = unit.arm_at(outcome.at) else { continue };
        if !unit.is_bad(outcome.metric) {
            unit.bad |= 1 << outcome.metric;
            let tally = &mut arms[arm.index()].metrics[usize::from(outcome.metric)];
            tally.n += u64::from(!seen[arm.index()]);
            tally.k += 1;
        }
    }
}

fn last_of_each(outcomes: Vec<PendingOutcome>) -> Vec<PendingOutcome> {
    let mut last: BTreeMap<u8, Timestamp> = BTreeMap::new();
    for PendingOutcome { metric, at } in outcomes {
        let known = last.entry(metric).or_insert(at);
        *known = (*known).max(at);
    }
    last.into_iter().map(|(metric, at)| PendingOutcome { metric, at }).collect()
}

/// Halves the sample until it fits. The hash does not know the arm, so both shrink alike.
fn halve(units: &Units, changed: &BTreeMap<UnitId, UnitState>, rule: &FoldRule) -> u8 {
    let added = || changed.keys().filter(|unit| units.get(**unit).is_none());
    let mut halvings = rule.halvings;
    let mut size = units.len() + added().count();
    while size > rule.max_units && halvings < 64 {
        halvings += 1;
        size = units.sampled(halvings) + added().filter(|unit| unit.is_sampled(halvings)).count();
    }
    halvings
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Arm = Arm::Treatment;
    const C: Arm = Arm::Control;

    fn unit(name: &str) -> UnitId {
        UnitId::of("rel_1", name)
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    fn exposed(name: &str, arm: Arm, millis: i64) -> Fact {
        Fact { unit: unit(name), at: at(millis), what: What::Exposed { arm, version: 10 } }
    }

    fn bad(name: &str, millis: i64) -> Fact {
        Fact { unit: unit(name), at: at(millis), what: What::Bad { metric: 0 } }
    }

    /// Folds one list of facts after the other, a second apart; gives each window's (n, k) of control and treatment.
    struct Run {
        units: Units,
        rule: FoldRule,
    }

    impl Run {
        fn start() -> Self {
            let rule = FoldRule { metrics: 2, step_version: 10, halvings: 0, max_units: 100, finish: at(0) };
            Self { units: Units::default(), rule }
        }

        fn window(&mut self, facts: &[Fact]) -> ([(u64, u64); 2], [u64; 2]) {
            self.rule.finish = self.rule.finish.plus(crate::model::WINDOW);
            let folded = fold(&self.units, facts.to_vec(), &self.rule);
            assert_eq!(folded, fold(&self.units, facts.to_vec(), &self.rule), "a fold repeats itself exactly");
            self.units.apply(folded.changed, &folded.forgotten, folded.halvings);
            self.rule.halvings = folded.halvings;
            let first = folded.arms.each_ref().map(|arm| (arm.metrics[0].n, arm.metrics[0].k));
            (first, folded.arms.map(|arm| arm.new_units))
        }

        fn counts(&mut self, facts: &[Fact]) -> [(u64, u64); 2] {
            self.window(facts).0
        }
    }

    #[test]
    fn a_unit_counts_once_per_window_and_never_again_after_its_first_bad_outcome() {
        let mut run = Run::start();
        let again = exposed("ann", T, 5);
        assert_eq!(run.window(&[exposed("ann", T, 0), again, exposed("bob", C, 0)]), ([(1, 0), (1, 0)], [1, 1]));
        assert_eq!(run.window(&[exposed("ann", T, 900), bad("ann", 950)]), ([(0, 0), (1, 1)], [0, 0]));
        assert_eq!(run.counts(&[exposed("ann", T, 1_900), bad("ann", 1_950)]), [(0, 0), (0, 0)]);
    }

    #[test]
    fn an_outcome_without_an_exposure_in_its_window_still_counts_its_unit() {
        let mut run = Run::start();
        run.counts(&[exposed("ann", T, 0)]);
        assert_eq!(run.counts(&[bad("ann", 300)]), [(0, 0), (1, 1)]);
    }

    #[test]
    fn an_outcome_that_arrives_before_its_exposure_waits_for_it() {
        let mut run = Run::start();
        assert_eq!(run.counts(&[bad("ann", 100), bad("ann", 50)]), [(0, 0), (0, 0)]);
        assert_eq!(run.window(&[exposed("ann", T, 0)]), ([(0, 0), (1, 1)], [0, 1]));
    }

    #[test]
    fn an_outcome_waits_for_a_minute_only() {
        let mut run = Run::start();
        run.counts(&[bad("ann", 100)]);
        for _ in 0..61 {
            run.counts(&[]);
        }
        assert!(run.units.is_empty());
        assert_eq!(run.counts(&[exposed("ann", T, 0)]), [(0, 0), (1, 0)]);
    }

    #[test]
    fn an_outcome_from_before_the_first_exposure_says_nothing_about_it() {
        let mut run = Run::start();
        assert_eq!(run.counts(&[exposed("ann", T, 5_000), bad("ann", 3_999)]), [(0, 0), (1, 0)]);
        assert_eq!(run.counts(&[bad("ann", 4_000)]), [(0, 0), (1, 1)], "clocks may differ by a second");
    }

    #[test]
    fn a_unit_that_changed_its_arm_takes_each_outcome_to_the_arm_it_was_in() {
        let mut run = Run::start();
        run.counts(&[exposed("ann", C, 0), exposed("bob", C, 0)]);
        let switched = [exposed("ann", T, 5_000), bad("ann", 4_900), exposed("bob", T, 5_000), bad("bob", 5_100)];
        assert_eq!(run.window(&switched), ([(1, 1), (2, 1)], [0, 0]), "nobody is new");
        let UnitState::Exposed(ann) = run.units.get(unit("ann")).unwrap() else { panic!("ann was exposed") };
        assert_eq!((ann.arm, ann.first_at), (T, at(0)));
    }

    #[test]
    fn late_news_of_an_earlier_exposure_moves_nobody_back() {
        let mut run = Run::start();
        run.counts(&[exposed("ann", T, 5_000)]);
        run.counts(&[exposed("ann", C, 1_000)]);
        assert_eq!(run.counts(&[bad("ann", 5_500)]), [(0, 0), (1, 1)]);
    }

    #[test]
    fn units_met_by_an_sdk_of_the_step_before_do_not_count_for_the_split() {
        let mut run = Run::start();
        run.rule.step_version = 12;
        let known = |name, version| Fact { what: What::Exposed { arm: T, version }, ..exposed(name, T, 0) };
        assert_eq!(run.window(&[known("ann", 11), known("bob", 12)]), ([(0, 0), (2, 0)], [0, 1]));
        assert_eq!(run.window(&[known("ann", 12)]).1, [0, 0], "ann is not new any more");
    }

    #[test]
    fn the_sample_is_halved_when_there_are_too_many_units_and_stays_the_same_for_both_arms() {
        let mut run = Run::start();
        let facts: Vec<_> = (0..300).map(|n| exposed(&n.to_string(), if n % 2 == 0 { T } else { C }, 0)).collect();
        assert_eq!(run.counts(&facts), [(150, 0), (150, 0)]);
        assert_eq!(run.rule.halvings, 2);
        assert!((50..=100).contains(&run.units.len()), "{}", run.units.len());
        let [(control, _), (treatment, _)] = run.counts(&facts);
        assert_eq!(control + treatment, run.units.len() as u64, "the others do not come back");
        assert!(control.abs_diff(treatment) < 30, "{control} {treatment}");
    }

    #[test]
    fn metrics_are_counted_apart() {
        let mut run = Run::start();
        let other = Fact { what: What::Bad { metric: 1 }, ..bad("ann", 10) };
        let beyond = Fact { what: What::Bad { metric: 2 }, ..bad("ann", 10) };
        run.rule.finish = at(0);
        let folded = fold(&run.units, vec![exposed("ann", T, 0), other, beyond], &run.rule);
        assert_eq!(folded.arms[1].metrics, [Tally { n: 1, k: 0 }, Tally { n: 1, k: 1 }]);
    }
}
