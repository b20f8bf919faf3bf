//! What the judge has made of a release's windows so far: each is folded once, in order.

use kernel::Timestamp;
use metrics::model::WINDOW;
use metrics::{Arm, ClosedWindows, Counted, WindowRow};
use serde::{Deserialize, Serialize};
use statistics::{GuardState, Guardrail, Judgement, Policy, SampleRatio, Shares, Window, judge};

use crate::model::{Guard, Plan};

/// Empty windows beyond this many in a row say nothing that fewer would not.
const MOST_EMPTY: u64 = 3_600;

/// So many windows without a unit in either arm count as lost telemetry: SDKs flush every few seconds.
const SILENT_AFTER: u32 = 60;

/// The evidence of a release, and up to which instant it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judging {
    /// Windows before this instant were folded.
    pub until: Timestamp,
    guards: Vec<GuardState>,
    split: SampleRatio,
    /// Per guard: the first window in which a unit of the treatment was bad.
    first_bad_at: Vec<Option<Timestamp>>,
}

/// A guard's evidence after a window in which it saw somebody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvidencePoint {
    /// The guard, by its place in the plan.
    pub guard: usize,
    /// The window's start.
    pub start: Timestamp,
    /// Natural logarithm of the evidence of harm.
    pub ln: f64,
}

impl Judging {
    /// Nothing judged yet; the first window begins at `from`, the arms have their shares of `step`.
    pub fn start(plan: &Plan, step: usize, from: Timestamp) -> Self {
        let planned: u64 = (0..plan.steps.len())
            .filter(|step| plan.is_judged_at(*step))
            .map(|step| u64::from(plan.steps[step].minimum_seconds))
            .sum();
        // Windows in which both arms are seen; with SDKs that flush every few seconds, fewer than seconds.
        let planned_windows = u32::try_from(planned.clamp(60, 100_000)).unwrap_or(100_000);
        let guardrail = |guard: &Guard| Guardrail {
            weight: guard.weight,
            tolerance: guard.tolerance,
            planned_windows,
            ..Guardrail::default()
        };
        Self {
            until: from,
            guards: plan.guards.iter().map(|guard| GuardState::start(guardrail(guard))).collect(),
            split: SampleRatio::start(shares(plan, step)),
            first_bad_at: vec![None; plan.guards.len()],
        }
    }

    /// The release takes a step: evidence goes on, counts and shares are new.
    pub fn enter_step(&mut self, plan: &Plan, step: usize) {
        self.guards.iter_mut().for_each(GuardState::enter_step);
        self.split.enter_step(shares(plan, step));
    }

    /// Somebody says that a broken split is mended: it is judged anew.
    pub fn mend_split(&mut self) {
        self.split = SampleRatio::start(self.split.shares());
    }

    /// Folds the closed windows that were not folded yet, the empty ones between them too.
    pub fn fold(&mut self, plan: &Plan, closed: &ClosedWindows) -> Vec<EvidencePoint> {
        let mut points = Vec::new();
        for window in closed.rows.chunk_by(|a, b| a.start == b.start) {
            let Some(first) = window.first().filter(|row| row.start >= self.until) else { continue };
            self.fold_empty_until(first.start);
            self.fold_window(plan, window, &mut points);
            self.until = first.finish;
        }
        self.fold_empty_until(closed.until);
        self.until = self.until.max(closed.until);
        points
    }

    fn fold_empty_until(&mut self, instant: Timestamp) {
        let empty = instant.since(self.until).as_micros() / WINDOW.as_micros();
        for _ in 0..u64::try_from(empty).unwrap_or(u64::MAX).min(MOST_EMPTY) {
            self.guards.iter_mut().for_each(|guard| guard.fold(&Window::default()));
        }
    }

    fn fold_window(&mut self, plan: &Plan, rows: &[WindowRow], points: &mut Vec<EvidencePoint>) {
        let new =
            |arm| rows.iter().find(|row| row.arm == arm && row.counted == Counted::NewUnits).map_or(0, |row| row.n);
        self.split.count(new(Arm::Control), new(Arm::Treatment));
        for (index, (guard, state)) in plan.guards.iter().zip(&mut self.guards).enumerate() {
            let of_metric = |row: &&WindowRow| matches!(&row.counted, Counted::Metric(key) if *key == guard.metric);
            let mut window = Window::default();
            let mut start = None;
            for row in rows.iter().filter(of_metric) {
                let counts = statistics::Arm { n: row.n, k: row.k };
                match row.arm {
                    Arm::Control => window.control = counts,
                    Arm::Treatment => window.treatment = counts,
                }
                start = Some(row.start);
            }
            state.fold(&window);
            if window.treatment.k > 0 && self.first_bad_at[index].is_none() {
                self.first_bad_at[index] = start;
            }
            points.extend(start.map(|start| EvidencePoint { guard: index, start, ln: state.harm().ln() }));
        }
    }

    /// What the judge says at a step.
    pub fn judge(&self, plan: &Plan, step: usize) -> Judgement {
        let policy = Policy {
            alpha: plan.alpha,
            min_units: u64::from(plan.steps[step].minimum_units),
            silent_after_windows: SILENT_AFTER,
            ..Policy::default()
        };
        let guards: Vec<_> = plan.guards.iter().map(|guard| guard.metric.as_str()).zip(&self.guards).collect();
        judge(&policy, &guards, &self.split)
    }

    /// When a unit of the treatment was first bad in the guard of this metric.
    pub fn first_bad_at(&self, plan: &Plan, metric: &str) -> Option<Timestamp> {
        let index = plan.guards.iter().position(|guard| guard.metric.as_str() == metric)?;
        self.first_bad_at.get(index).copied().flatten()
    }
}

/// A step without a share of its own has that of the step before.
fn shares(plan: &Plan, step: usize) -> Shares {
    let treatment = f64::from(plan.weight_at(step).unwrap_or(0));
    Shares { control: f64::from(flags::model::WHOLE) - treatment, treatment }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{release_at, row};
    use statistics::{Reason, Verdict};

    const START: Timestamp = Timestamp::from_secs(1_000);

    fn second(n: u64) -> Timestamp {
        START.plus(WINDOW * u32::try_from(n).unwrap())
    }

    fn closed(rows: Vec<WindowRow>, until: u64) -> ClosedWindows {
        ClosedWindows { until: second(until), rows }
    }

    fn harmful(n: u64) -> Vec<WindowRow> {
        let at = second(n);
        vec![
            row("", Arm::Control, at, 198, 0),
            row("", Arm::Treatment, at, 2, 0),
            row("payment-failed", Arm::Control, at, 198, 1),
            row("payment-failed", Arm::Treatment, at, 2, 1),
        ]
    }

    #[test]
    fn windows_are_folded_once_whatever_is_offered_again() {
        let plan = release_at(1).plan;
        let mut judging = Judging::start(&plan, 1, START);
        let rows: Vec<_> = (0..10).flat_map(harmful).collect();
        let points = judging.fold(&plan, &closed(rows.clone(), 10));
        assert_eq!(points.len(), 10);
        let once = judging.clone();
        assert_eq!(judging.fold(&plan, &closed(rows, 10)), []);
        assert_eq!(judging, once);
        assert_eq!(judging.judge(&plan, 1).verdict, Verdict::Regressed);
        assert_eq!(judging.first_bad_at(&plan, "payment-failed"), Some(START));
    }

    #[test]
    fn one_window_at_a_time_or_all_at_once_through_json_gives_the_same() {
        let plan = release_at(1).plan;
        let rows: Vec<_> = [0, 1, 4, 5].into_iter().flat_map(harmful).collect();
        let mut at_once = Judging::start(&plan, 1, START);
        at_once.fold(&plan, &closed(rows.clone(), 8));
        let mut piecemeal = Judging::start(&plan, 1, START);
        for until in 1..=8 {
            let known = rows.iter().filter(|row| row.finish <= second(until)).cloned().collect();
            piecemeal.fold(&plan, &closed(known, until));
            piecemeal = serde_json::from_str(&serde_json::to_string(&piecemeal).unwrap()).unwrap();
        }
        assert_eq!(piecemeal, at_once);
    }

    #[test]
    fn silence_is_seen_and_a_mended_split_is_judged_anew() {
        let plan = release_at(1).plan;
        let mut judging = Judging::start(&plan, 1, START);
        judging.fold(&plan, &closed(Vec::new(), 60));
        assert!(matches!(judging.judge(&plan, 1).reason, Reason::TelemetryLost { windows: 60, .. }));
        let skewed = vec![row("", Arm::Control, second(60), 500, 0), row("", Arm::Treatment, second(60), 100, 0)];
        judging.fold(&plan, &closed(skewed, 61));
        assert!(matches!(judging.judge(&plan, 1).reason, Reason::SplitBroken { .. }));
        judging.mend_split();
        assert!(!matches!(judging.judge(&plan, 1).reason, Reason::SplitBroken { .. }));
    }
}
