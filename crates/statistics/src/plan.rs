//! What a step can see before it starts: the console shows it, so that nobody waits for what cannot come.

use crate::bet::{Boundary, RATE_FLOOR, nearest_tolerated};
use crate::guard::Tolerance;
use crate::window::BadIs;

/// Measured stops lie below 2.7 times Wald's bound in 95 of 100 simulated releases at alpha 1 % (2.9–4 at 5 %, 2.3 at
/// 0.1 %; `delivery-stats.md` §2.8).
const NEARLY_ALWAYS: f64 = 2.7;

/// A step as planned, for one guard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepPlan {
    /// The control's event rate, from 0 to 1.
    pub control_rate: f64,
    /// Which way is worse.
    pub bad_is: BadIs,
    /// What is not yet harm.
    pub tolerance: Tolerance,
    /// Units expected in the control during the step.
    pub control_units: f64,
    /// Units expected in the treatment during the step.
    pub treatment_units: f64,
    /// The guard's own part of alpha: its weight among all weights, times alpha.
    pub alpha: f64,
}

/// Wald's bound N₀ = ln(1/alpha)/D: the treatment units after which harm of this size is found in the best case, D being
/// the evidence that a treatment unit adds, `(n_c/n_t)·KL(c‖u) + KL(t‖v)`. `None` when `treatment_rate` is tolerated or a
/// number is out of range.
pub fn wald_units(plan: &StepPlan, treatment_rate: f64) -> Option<f64> {
    let Prepared { line, control, needed } = prepare(plan)?;
    let treatment = bad_rate(treatment_rate, plan.bad_is)?;
    let growth = growth(plan, line, control, treatment);
    (growth > 0.0).then(|| needed / growth)
}

/// Treatment units within which harm of this size is found with about 95 % chance.
pub fn units_to_detect(plan: &StepPlan, treatment_rate: f64) -> Option<f64> {
    wald_units(plan, treatment_rate).map(|units| units * NEARLY_ALWAYS)
}

/// The treatment's event rate nearest to the tolerated one that the step finds with about 95 % chance: "the smallest
/// worsening that this step can see". `None` when it cannot even see the worst, or a number is out of range.
pub fn smallest_worsening(plan: &StepPlan) -> Option<f64> {
    let Prepared { line, control, needed } = prepare(plan)?;
    let sees = |treatment: f64| plan.treatment_units * growth(plan, line, control, treatment) >= NEARLY_ALWAYS * needed;
    let (mut low, mut high) = (line.at(control), 1.0 - RATE_FLOOR);
    if !sees(high) {
        return None;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if sees(middle) { high = middle } else { low = middle }
    }
    bad_rate(high, plan.bad_is)
}

struct Prepared {
    line: Boundary,
    /// The control's bad rate.
    control: f64,
    /// Nats that the decision takes.
    needed: f64,
}

fn prepare(plan: &StepPlan) -> Option<Prepared> {
    let control = bad_rate(plan.control_rate, plan.bad_is)?;
    let counts = [plan.control_units, plan.treatment_units];
    let usable = counts.iter().all(|n| (1e-9..=1e18).contains(n)) && plan.alpha > 0.0 && plan.alpha < 1.0;
    let line = plan.tolerance.boundary(plan.bad_is);
    usable.then(|| Prepared { line, control, needed: -plan.alpha.ln() })
}

/// The complement where fewer is worse; its own inverse.
fn bad_rate(rate: f64, bad_is: BadIs) -> Option<f64> {
    let bad = match bad_is {
        BadIs::Higher => rate,
        BadIs::Lower => 1.0 - rate,
    };
    (0.0..=1.0).contains(&bad).then(|| bad.clamp(RATE_FLOOR, 1.0 - RATE_FLOOR))
}

/// Nats that a treatment unit adds at these bad rates; 0 where they are tolerated.
fn growth(plan: &StepPlan, line: Boundary, control: f64, treatment: f64) -> f64 {
    if treatment <= line.at(control) {
        return 0.0;
    }
    let (u, v) = nearest_tolerated(line, (plan.control_units, control), (plan.treatment_units, treatment));
    plan.control_units / plan.treatment_units * divergence(control, u) + divergence(treatment, v)
}

/// Kullback–Leibler divergence between two Bernoulli rates, in nats.
fn divergence(a: f64, b: f64) -> f64 {
    a * (a / b).ln() + (1.0 - a) * ((1.0 - a) / (1.0 - b)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: Tolerance = Tolerance { ratio: 1.0, absolute: 0.0 };

    fn plan(control_rate: f64, control_units: f64, treatment_units: f64) -> StepPlan {
        StepPlan { control_rate, bad_is: BadIs::Higher, tolerance: EXACT, control_units, treatment_units, alpha: 0.05 }
    }

    #[test]
    fn walds_bound_is_that_of_the_study() {
        // delivery-stats.md §3 B and C
        for (control, treatment, share, units) in [
            (0.001, 0.005, 0.5, 2_053.0),
            (0.005, 0.01, 0.5, 3_501.0),
            (0.005, 0.01, 0.05, 1_646.0),
            (0.005, 0.01, 0.01, 1_561.0),
            (0.01, 0.05, 0.01, 74.0),
            (0.3, 0.33, 0.5, 2_872.0),
        ] {
            let found = wald_units(&plan(control, 1.0 - share, share), treatment).unwrap();
            assert!((found - units).abs() <= 0.5, "{control} → {treatment} at {share}: {found}");
        }
    }

    #[test]
    fn the_smallest_worsening_is_what_just_fits_into_the_step() {
        for bad_is in [BadIs::Higher, BadIs::Lower] {
            let step = StepPlan { bad_is, tolerance: Tolerance::default(), ..plan(0.04, 30_000.0, 3_000.0) };
            let rate = smallest_worsening(&step).unwrap();
            assert!((units_to_detect(&step, rate).unwrap() - 3_000.0).abs() < 1.0, "{bad_is:?} {rate}");
            assert_eq!(rate > 0.04, bad_is == BadIs::Higher);
        }
    }

    #[test]
    fn says_nothing_where_nothing_can_be_seen() {
        assert_eq!(wald_units(&plan(0.01, 1.0, 1.0), 0.01), None, "no harm");
        assert_eq!(smallest_worsening(&plan(0.01, 5.0, 2.0)), None, "two units");
        assert_eq!(smallest_worsening(&plan(f64::NAN, 1e6, 1e6)), None);
        assert_eq!(smallest_worsening(&plan(0.01, 0.0, 1e6)), None);
    }
}
