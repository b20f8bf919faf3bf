//! Many bets at once: a fixed mix of effect sizes and of moments at which the harm may begin.

use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, ln_add, settle};

/// Odds ratios betted on against "no worse than tolerated", in equal parts: from subtle to catastrophic.
pub(crate) const HARM: [f64; 12] = [1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.5, 5.0, 8.0, 15.0, 50.0];

/// Odds ratios betted on against "at least as bad as the margin".
pub(crate) const PROOF: [f64; 9] =
    [1.0 / 1.1, 1.0 / 1.2, 1.0 / 1.35, 1.0 / 1.5, 1.0 / 1.75, 1.0 / 2.0, 1.0 / 2.5, 1.0 / 3.5, 1.0 / 5.0];

/// The wealth of each effect size's bets.
///
/// A weighted sum of e-processes with weights fixed beforehand is one, under any dependence (Vovk and Wang, *Annals of
/// Statistics* 2021). Half of the mass starts at the first window, the rest in equal parts over the next `planned` ones:
/// `R_j = (R_{j-1} + w_j)·S_j`, evidence = mean of R over the effects + the mass not yet started. A relative of the
/// e-detectors of Shin, Ramdas and Rinaldo (*NEJSDS* 2024) that keeps the chance of *ever* alarming below alpha. When
/// more windows come than were planned, no new mass starts: evidence stays valid, later harm is merely found more slowly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mixture {
    /// Windows with units in both arms; others carry no information and consume no mass.
    windows: u64,
    /// ln R per effect size; of no meaning before the first window.
    ln_wealth: Vec<f64>,
}

impl Mixture {
    /// Nothing betted yet on this many effect sizes.
    pub(crate) fn start(effects: &[f64]) -> Self {
        Self { windows: 0, ln_wealth: vec![0.0; effects.len()] }
    }

    /// Multiplies in one window; `ln_factor` gives ln S for an effect size.
    pub(crate) fn fold(&mut self, effects: &[f64], planned: u32, ln_factor: impl Fn(f64) -> f64) {
        for (wealth, effect) in self.ln_wealth.iter_mut().zip(effects) {
            let stake = match self.windows {
                0 if planned == 0 => 0.0,
                0 => 0.5_f64.ln(),
                j if j <= u64::from(planned) => ln_add(*wealth, (0.5 / f64::from(planned)).ln()),
                _ => *wealth,
            };
            *wealth = settle(stake + ln_factor(*effect));
        }
        self.windows = self.windows.saturating_add(1);
    }

    /// The evidence so far. Wealth that a damaged state lacks counts as lost, which can only lower it.
    pub(crate) fn evidence(&self, effects: &[f64], planned: u32) -> Evidence {
        if self.windows == 0 {
            return Evidence::NONE;
        }
        let wealth = self.ln_wealth.iter().take(effects.len()).copied().reduce(ln_add);
        let mean = wealth.unwrap_or(-1e6) - (effects.len() as f64).ln();
        let planned = u64::from(planned);
        let waiting = planned.saturating_sub(self.windows - 1);
        if waiting == 0 {
            return Evidence::from_ln(mean);
        }
        Evidence::from_ln(ln_add(mean, (0.5 * waiting as f64 / planned as f64).ln()))
    }
}
