//! One window's factor: a bet against "the treatment is no worse than tolerated" that cannot win on average.
//!
//! The blockwise e-variable of Turner, Ly and Grünwald (*JSPI* 2024, arXiv 2106.02693) for a null with an effect size
//! (Turner and Grünwald, *Statistics and Probability Letters* 2023, arXiv 2203.09785). With θ the arms' true bad rates,
//! the null is θ_t ≤ r·θ_c + d. The bet names a point (c, t) beyond that line; (u, v) is the point of the null nearest to
//! it by weighted Kullback–Leibler distance, so it lies on the line; the factor is the likelihood ratio of the two.
//! Because (u, v) minimises a convex function over a convex set, the mean factor is at most 1 everywhere in the null,
//! whatever (c, t) was, and also when the base rate changes from window to window.

/// Rates are kept this far from 0 and 1, so that every logarithm is finite.
pub(crate) const RATE_FLOOR: f64 = 1e-9;

/// The line between tolerated and not, on bad rates: `treatment = ratio · control + absolute`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boundary {
    pub(crate) ratio: f64,
    pub(crate) absolute: f64,
}

/// Units of one arm in one window, and how many were bad.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub(crate) n: f64,
    pub(crate) bad: f64,
}

impl Boundary {
    /// The tolerated bad rate of the treatment where the control's is `control`.
    pub(crate) fn at(self, control: f64) -> f64 {
        self.ratio * control + self.absolute
    }

    /// The treatment's bad rate that the bet names: the odds at the edge times `effect`. `None` where the line leaves
    /// (0, 1), as there is nothing beyond it to bet on.
    pub(crate) fn bet(self, control: f64, effect: f64) -> Option<f64> {
        let edge = self.at(control);
        let inside = edge > RATE_FLOOR / 10.0 && edge < 1.0 - RATE_FLOOR / 10.0;
        inside.then(|| (effect * edge / (1.0 - edge + effect * edge)).clamp(1e-12, 1.0 - 1e-12))
    }
}

/// ln S of one window. `expected` is the control's bad rate as earlier windows have it, `effect` the odds ratio betted
/// on: above 1 against "no worse", below 1 against "at least that bad". An empty arm gives 0: no control, no evidence.
pub(crate) fn ln_factor(boundary: Boundary, expected: f64, effect: f64, control: Count, treatment: Count) -> f64 {
    if control.n <= 0.0 || treatment.n <= 0.0 {
        return 0.0;
    }
    let Some(bet) = boundary.bet(expected, effect) else { return 0.0 };
    let (u, v) = nearest_tolerated(boundary, (control.n, expected), (treatment.n, bet));
    ln_likelihood_ratio(control, expected, u) + ln_likelihood_ratio(treatment, bet, v)
}

/// ln of (likelihood of `count` at rate `bet`) / (likelihood at rate `null`).
fn ln_likelihood_ratio(count: Count, bet: f64, null: f64) -> f64 {
    count.bad * (bet / null).ln() + (count.n - count.bad) * ((null - bet) / (1.0 - null)).ln_1p()
}

/// The point (u, v) on the line that minimises `n_c·KL(c‖u) + n_t·KL(t‖v)`; each arm is given as (units, rate).
///
/// Closed for r = 1, d = 0. Otherwise the root of the (increasing) derivative, by Newton steps inside a shrinking bracket.
pub(crate) fn nearest_tolerated(boundary: Boundary, control: (f64, f64), treatment: (f64, f64)) -> (f64, f64) {
    let Boundary { ratio, absolute } = boundary;
    let units = control.0 + treatment.0;
    let (weight_c, c) = (control.0 / units, control.1);
    let (weight_t, t) = (treatment.0 / units, treatment.1);
    let onto_line = (t - absolute) / ratio;
    let mix = weight_c * c + weight_t * onto_line;
    #[allow(clippy::float_cmp)] // exactly these two values have the closed form
    if ratio == 1.0 && absolute == 0.0 {
        return (mix, mix);
    }
    let mut low = c.min(onto_line).max(1e-12);
    let mut high = c.max(onto_line).min(((1.0 - absolute) / ratio).min(1.0) - 1e-12).max(low);
    let mut u = mix.clamp(low, high);
    for _ in 0..100 {
        let v = boundary.at(u);
        let (var_u, var_v) = (u * (1.0 - u), v * (1.0 - v));
        let slope = weight_c * (u - c) / var_u + ratio * weight_t * (v - t) / var_v;
        if slope < 0.0 {
            low = u;
        } else {
            high = u;
        }
        let curve = weight_c * (u * u - 2.0 * c * u + c) / (var_u * var_u)
            + ratio * ratio * weight_t * (v * v - 2.0 * t * v + t) / (var_v * var_v);
        let newton = u - slope / curve;
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        let settled = (next - u).abs() <= 1e-15 + 1e-14 * u;
        u = next;
        if settled {
            break;
        }
    }
    (u, boundary.at(u))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(K = k) for K binomial, for every k.
    fn binomial(n: u32, p: f64) -> Vec<f64> {
        let mut weights = vec![0.0; n as usize + 1];
        weights[0] = 1.0;
        for _ in 0..n {
            for k in (0..weights.len()).rev() {
                let from_below = if k > 0 { weights[k - 1] * p } else { 0.0 };
                weights[k] = weights[k] * (1.0 - p) + from_below;
            }
        }
        weights
    }

    /// The mean factor at the true rates `(x, y)`, by summing over every outcome.
    fn mean_factor(line: Boundary, expected: f64, effect: f64, units: (u32, u32), truth: (f64, f64)) -> f64 {
        let mut mean = 0.0;
        for (k_c, p_c) in binomial(units.0, truth.0).into_iter().enumerate() {
            for (k_t, p_t) in binomial(units.1, truth.1).into_iter().enumerate() {
                let control = Count { n: f64::from(units.0), bad: k_c as f64 };
                let treatment = Count { n: f64::from(units.1), bad: k_t as f64 };
                mean += p_c * p_t * ln_factor(line, expected, effect, control, treatment).exp();
            }
        }
        mean
    }

    const LINES: [(f64, f64); 6] = [(1.0, 0.0), (1.25, 0.01), (1.5, 0.0), (1.0, 0.05), (0.8, 0.2), (0.9, 0.13)];

    #[test]
    fn the_mean_factor_never_exceeds_one_where_the_treatment_is_tolerable() {
        let mut worst: f64 = 0.0;
        for (ratio, absolute) in LINES {
            let line = Boundary { ratio, absolute };
            for units in [(7, 3), (12, 2), (3, 9)] {
                for (expected, effect) in [(0.01, 1.2), (0.01, 8.0), (0.1, 2.0), (0.4, 1.2), (0.4, 50.0)] {
                    for step in 0..=20 {
                        let x = 0.001 + 0.998 * f64::from(step) / 20.0;
                        for part in 0..=4 {
                            let y = (line.at(x) * f64::from(part) / 4.0).min(1.0);
                            worst = worst.max(mean_factor(line, expected, effect, units, (x, y)));
                        }
                    }
                }
            }
        }
        assert!(worst <= 1.0 + 1e-12, "{worst}");
        assert!(worst > 0.99, "the enumeration must come near the edge, not only {worst}");
    }

    #[test]
    fn the_mean_factor_of_a_proof_never_exceeds_one_where_the_treatment_is_too_bad() {
        let mut worst: f64 = 0.0;
        for (ratio, absolute) in LINES {
            let line = Boundary { ratio, absolute };
            for units in [(7, 3), (12, 2), (3, 9)] {
                for (expected, effect) in [(0.01, 0.2), (0.1, 0.5), (0.1, 0.9), (0.4, 0.2)] {
                    for step in 0..=20 {
                        // Control rates beyond this leave no room for a treatment that is too bad.
                        let room = ((1.0 - absolute) / ratio).min(1.0);
                        let x = room * (0.001 + 0.998 * f64::from(step) / 20.0);
                        for part in 0..=4 {
                            let edge = line.at(x);
                            let y = edge + (1.0 - edge) * f64::from(part) / 4.0;
                            worst = worst.max(mean_factor(line, expected, effect, units, (x, y)));
                        }
                    }
                }
            }
        }
        assert!(worst <= 1.0 + 1e-12, "{worst}");
    }

    #[test]
    fn newton_finds_the_point_that_bisection_finds() {
        for (ratio, absolute) in LINES {
            let line = Boundary { ratio, absolute };
            for (n_c, n_t, c, effect) in
                [(198.0, 2.0, 0.004, 50.0), (1.0, 1e9, 0.3, 1.1), (1e9, 1.0, 1e-6, 15.0), (50.0, 50.0, 0.02, 0.2)]
            {
                let t = line.bet(c, effect).unwrap();
                let (u, v) = nearest_tolerated(line, (n_c, c), (n_t, t));
                let slope = |u: f64| {
                    let v = line.at(u);
                    n_c * (u - c) / (u * (1.0 - u)) + ratio * n_t * (v - t) / (v * (1.0 - v))
                };
                let (mut low, mut high) = (c.min((t - absolute) / ratio).max(1e-12), c.max((t - absolute) / ratio));
                for _ in 0..200 {
                    let middle = f64::midpoint(low, high);
                    if slope(middle) < 0.0 { low = middle } else { high = middle }
                }
                assert!((u - low).abs() <= 1e-11 * low.max(1e-3), "{ratio} {absolute} {n_c} {n_t}: {u} or {low}");
                assert!((v - line.at(u)).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn bets_on_nothing_where_everything_is_tolerated() {
        let line = Boundary { ratio: 3.0, absolute: 0.0 };
        let all_bad = Count { n: 10.0, bad: 10.0 };
        assert!(ln_factor(line, 0.5, 2.0, all_bad, all_bad).abs() < f64::EPSILON);
    }
}
