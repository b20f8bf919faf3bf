//! Sample ratio: do the arms receive the users that they were asked to receive?

use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, round, settle};

/// Strength of the belief in the planned split: as if this many users had been seen.
const CONCENTRATION: f64 = 100.0;

/// Beyond this many users per arm and step, counting stops: ln Γ of more would lose the digits that matter.
const MAX_USERS: u64 = 1_000_000_000_000;

/// How users are dealt to the two tracked arms, in any unit (percent, parts of 100,000).
///
/// Track a control several times the treatment where you can: half of the treated failing is then known after 4 failed
/// units instead of the 10 that an equally small control takes (`tests/simulation.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shares {
    /// The control's part.
    pub control: f64,
    /// The treatment's part.
    pub treatment: f64,
}

impl Shares {
    /// The treatment's part of both, if both have one.
    pub fn of_treatment(self) -> Option<f64> {
        let usable = |share: f64| share.is_finite() && share > 0.0;
        let share = self.treatment / (self.control + self.treatment);
        (usable(self.control) && usable(self.treatment) && share > 0.0 && share < 1.0).then_some(share)
    }

    fn rounded(self) -> Self {
        Self { control: round(self.control, 1e9), treatment: round(self.treatment, 1e9) }
    }
}

/// The e-process of Lindon and Malek (*NeurIPS* 2022, arXiv 2011.03567) for planned shares ρ, Dirichlet against
/// multinomial:
///
/// `ln O = lnΓ(A) − lnΓ(A+n) + Σ [lnΓ(a_i+n_i) − lnΓ(a_i) − n_i·ln ρ_i]`, `a_i = 100·ρ_i`, `A = Σ a_i`,
///
/// with a fresh factor for each step, as shares change there, multiplied. Counts *users at their first exposure*, never
/// requests. A broken split means that no number can be trusted: hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SampleRatio {
    ln_earlier_steps: f64,
    shares: Shares,
    control: u64,
    treatment: u64,
}

impl SampleRatio {
    /// The first step, with nobody in it yet.
    pub fn start(shares: Shares) -> Self {
        Self { ln_earlier_steps: 0.0, shares: shares.rounded(), control: 0, treatment: 0 }
    }

    /// The next step, with its own shares; the evidence of earlier ones is kept.
    pub fn enter_step(&mut self, shares: Shares) {
        *self = Self { ln_earlier_steps: settle(self.ln()), ..Self::start(shares) };
    }

    /// Users who were exposed for the first time in this step.
    pub const fn count(&mut self, control: u64, treatment: u64) {
        self.control = self.control.saturating_add(control);
        self.treatment = self.treatment.saturating_add(treatment);
    }

    /// Evidence that the split is not as planned. Shares of which one is zero or no number say nothing.
    pub fn evidence(&self) -> Evidence {
        Evidence::from_ln(self.ln())
    }

    /// The planned shares of this step.
    pub const fn shares(&self) -> Shares {
        self.shares
    }

    /// Users counted in this step: control, treatment.
    pub const fn users(&self) -> (u64, u64) {
        (self.control, self.treatment)
    }

    fn ln(&self) -> f64 {
        let Some(treatment) = self.shares.of_treatment() else { return self.ln_earlier_steps };
        let arms = [(1.0 - treatment, self.control), (treatment, self.treatment)];
        let users = arms.map(|(_, users)| users.min(MAX_USERS) as f64);
        let all = ln_gamma(CONCENTRATION) - ln_gamma(CONCENTRATION + users[0] + users[1]);
        let each = arms.iter().zip(users).map(|((share, _), n)| {
            let prior = CONCENTRATION * share;
            ln_gamma(prior + n) - ln_gamma(prior) - n * share.ln()
        });
        self.ln_earlier_steps + all + each.sum::<f64>()
    }
}

/// ln Γ(x) for x > 0: Stirling's series (Abramowitz and Stegun 6.1.41) after lifting x above 10 by Γ(x+1) = x·Γ(x).
fn ln_gamma(x: f64) -> f64 {
    let mut lifted = x;
    let mut lift = 0.0;
    while lifted < 10.0 {
        lift += lifted.ln();
        lifted += 1.0;
    }
    let inverse = 1.0 / lifted;
    let square = inverse * inverse;
    let series = inverse
        * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))));
    (lifted - 0.5) * lifted.ln() - lifted + 0.5 * std::f64::consts::TAU.ln() + series - lift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_gamma_is_that_of_the_tables() {
        // Γ(1/2) = √π; (n−1)!; the last from a computer algebra system.
        for (x, expected) in [
            (0.5, std::f64::consts::PI.sqrt().ln()),
            (1.0, 0.0),
            (5.0, 24.0_f64.ln()),
            (11.0, 3_628_800.0_f64.ln()),
            (1e-9, 20.723_265_836_369_195),
            (1e6, 12_815_504.569_147_612),
        ] {
            assert!((ln_gamma(x) - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{x}: {}", ln_gamma(x));
        }
    }
}
