//! A guardrail, fixed before the release starts, and the evidence that its windows add up to.

use serde::{Deserialize, Serialize};

use crate::bet::{Boundary, Count, RATE_FLOOR, ln_factor};
use crate::evidence::{Evidence, round};
use crate::mixture::{HARM, Mixture, PROOF};
use crate::window::{Arm, BadIs, Window};

/// How much worse than the control is still fine.
///
/// With [`BadIs::Higher`] the treatment's rate may be up to `ratio · control + absolute`; with [`BadIs::Lower`] it may be
/// down to `control / ratio − absolute`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Tolerance {
    /// From 1 to 100; 1 tolerates no relative worsening.
    pub ratio: f64,
    /// A share, from 0 to below 1: 0.002 is 0.2 percentage points.
    pub absolute: f64,
}

/// What is known of the control's rate before the first window: as if `k` of `n` units had been seen.
///
/// Affects the speed of the first decisions only, never their validity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct History {
    /// Units; the larger, the more windows it takes to correct a wrong history.
    pub n: f64,
    /// Units with the event.
    pub k: f64,
}

/// What a guard watches for. Changing any of it in flight would break the error rate: start a new [`GuardState`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Guardrail {
    /// This guard's part of the release's alpha, relative to the other guards' weights: from 1e-6 to 1e6.
    pub weight: f64,
    /// Which way is worse.
    pub bad_is: BadIs,
    /// What is not yet harm.
    pub tolerance: Tolerance,
    /// The margin for the proof that the treatment is no worse; wider than the tolerance, or it takes for ever
    /// (`delivery-stats.md` §3 G). Without one, no proof is built.
    pub margin: Option<Tolerance>,
    /// The control's rate as it was before.
    pub history: History,
    /// Windows in which both arms have units that the whole release is expected to take; 0 stakes everything at the
    /// first. Too few: late harm is found later. Too many: late harm costs ln(too many) nats more.
    pub planned_windows: u32,
}

/// Why a guardrail cannot be watched.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InvalidGuardrail {
    /// `weight`
    #[error("weight must be from 0.000001 to 1000000, not {0}")]
    Weight(f64),
    /// `tolerance.ratio` or `margin.ratio`
    #[error("ratio must be from 1 (no worsening) to 100, not {0}")]
    Ratio(f64),
    /// `tolerance.absolute` or `margin.absolute`
    #[error("absolute must be a share from 0 to below 1 (0.002 is 0.2 percentage points), not {0}")]
    Absolute(f64),
    /// `history`
    #[error("history must have n from 1 to 1e12 and k from 0 to n, not {k} of {n}")]
    History { n: f64, k: f64 },
}

impl InvalidGuardrail {
    /// The field's name in JSON.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Weight(_) => "weight",
            Self::Ratio(_) => "ratio",
            Self::Absolute(_) => "absolute",
            Self::History { .. } => "history",
        }
    }
}

impl Default for Tolerance {
    /// No relative worsening, 0.2 percentage points: without a floor a busy service sooner or later goes back for harm
    /// that nobody cares about (`delivery-stats.md` §2.7).
    fn default() -> Self {
        Self { ratio: 1.0, absolute: 0.002 }
    }
}

impl Default for History {
    /// A faint belief in 1 %.
    fn default() -> Self {
        Self { n: 50.0, k: 0.5 }
    }
}

impl Default for Guardrail {
    /// Errors over half an hour of windows of two seconds.
    fn default() -> Self {
        Self {
            weight: 1.0,
            bad_is: BadIs::Higher,
            tolerance: Tolerance::default(),
            margin: None,
            history: History::default(),
            planned_windows: 1_000,
        }
    }
}

impl Tolerance {
    fn check(self) -> Result<(), InvalidGuardrail> {
        if !(1.0..=100.0).contains(&self.ratio) {
            return Err(InvalidGuardrail::Ratio(self.ratio));
        }
        if !(0.0..1.0).contains(&self.absolute) {
            return Err(InvalidGuardrail::Absolute(self.absolute));
        }
        Ok(())
    }

    /// The same line on *bad* rates. "Good rate ≥ g/r − d" is "bad rate ≤ b/r + (1 − 1/r + d)". Values that
    /// [`Guardrail::check`] refuses are clamped to the nearest that it accepts.
    pub(crate) fn boundary(self, bad_is: BadIs) -> Boundary {
        let ratio = if self.ratio.is_nan() { 1.0 } else { self.ratio.clamp(1.0, 100.0) };
        let absolute = if self.absolute.is_nan() { 0.0 } else { self.absolute.clamp(0.0, 1.0) };
        match bad_is {
            BadIs::Higher => Boundary { ratio, absolute },
            BadIs::Lower => Boundary { ratio: 1.0 / ratio, absolute: 1.0 - 1.0 / ratio + absolute },
        }
    }
}

impl Guardrail {
    /// Whether every field makes sense; ask before a release is stored.
    pub fn check(&self) -> Result<(), InvalidGuardrail> {
        if !(1e-6..=1e6).contains(&self.weight) {
            return Err(InvalidGuardrail::Weight(self.weight));
        }
        self.tolerance.check()?;
        self.margin.map_or(Ok(()), Tolerance::check)?;
        let History { n, k } = self.history;
        if !((1.0..=1e12).contains(&n) && (0.0..=n).contains(&k)) {
            return Err(InvalidGuardrail::History { n, k });
        }
        Ok(())
    }

    /// Its numbers to a billionth (a thousandth in `history`), so that JSON keeps them exactly.
    fn rounded(self) -> Self {
        let line =
            |Tolerance { ratio, absolute }| Tolerance { ratio: round(ratio, 1e9), absolute: round(absolute, 1e9) };
        let History { n, k } = self.history;
        Self {
            weight: round(self.weight, 1e9),
            tolerance: line(self.tolerance),
            margin: self.margin.map(line),
            history: History { n: round(n, 1e3), k: round(k, 1e3) },
            ..self
        }
    }
}

/// Everything that is remembered of a guard's windows: about 600 bytes of JSON, whatever the traffic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuardState {
    guardrail: Guardrail,
    /// The control's counts over the whole release: they teach what to expect of the next window.
    control: Arm,
    step: Window,
    control_since_treatment: u64,
    treatment_since_control: u64,
    silent_windows: u32,
    harm: Mixture,
    proof: Option<Mixture>,
}

impl GuardState {
    /// Before the first window.
    pub fn start(guardrail: Guardrail) -> Self {
        let guardrail = guardrail.rounded();
        Self {
            guardrail,
            control: Arm::default(),
            step: Window::default(),
            control_since_treatment: 0,
            treatment_since_control: 0,
            silent_windows: 0,
            harm: Mixture::start(&HARM),
            proof: guardrail.margin.map(|_| Mixture::start(&PROOF)),
        }
    }

    /// Takes in one closed window. Fold each window once, in order, also the empty ones: silence is a fact too.
    ///
    /// What is expected of the control comes from earlier windows alone, so the factor's mean is bounded given the past.
    pub fn fold(&mut self, window: &Window) {
        let Guardrail { bad_is, tolerance, margin, planned_windows, .. } = self.guardrail;
        let expected = self.expected_bad_rate();
        let control = count(window.control, bad_is);
        let treatment = count(window.treatment, bad_is);
        if window.control.n > 0 && window.treatment.n > 0 {
            let line = tolerance.boundary(bad_is);
            self.harm.fold(&HARM, planned_windows, |effect| ln_factor(line, expected, effect, control, treatment));
            if let (Some(proof), Some(margin)) = (&mut self.proof, margin) {
                let line = margin.boundary(bad_is);
                proof.fold(&PROOF, 0, |effect| ln_factor(line, expected, effect, control, treatment));
            }
        }
        self.control = self.control.and(window.control);
        self.step = self.step.and(*window);
        self.note_silence(window);
    }

    /// A new step begins: its counts are shown, and its silence measured, on their own. Evidence goes on.
    pub fn enter_step(&mut self) {
        self.step = Window::default();
        self.control_since_treatment = 0;
        self.treatment_since_control = 0;
        self.silent_windows = 0;
    }

    /// What it was started with.
    pub const fn guardrail(&self) -> &Guardrail {
        &self.guardrail
    }

    /// Evidence that the treatment is worse than tolerated.
    pub fn harm(&self) -> Evidence {
        self.harm.evidence(&HARM, self.guardrail.planned_windows)
    }

    /// Evidence that the treatment is *not* as bad as the margin; `None` without a margin.
    pub fn proof(&self) -> Option<Evidence> {
        self.proof.as_ref().map(|proof| proof.evidence(&PROOF, 0))
    }

    /// The counts of this step, for people; judged is window by window, as sums over steps mislead (Simpson).
    pub const fn step(&self) -> Window {
        self.step
    }

    /// Control units seen since the last treatment unit of this step.
    pub const fn control_since_treatment(&self) -> u64 {
        self.control_since_treatment
    }

    /// Treatment units seen since the last control unit of this step.
    pub const fn treatment_since_control(&self) -> u64 {
        self.treatment_since_control
    }

    /// Windows of this step in a row, up to the last, in which neither arm had a unit.
    pub const fn silent_windows(&self) -> u32 {
        self.silent_windows
    }

    fn expected_bad_rate(&self) -> f64 {
        let History { n, k } = self.guardrail.history;
        let n = if n.is_nan() { 1.0 } else { n.clamp(1.0, 1e12) };
        let k = if k.is_nan() { 0.0 } else { k.clamp(0.0, n) };
        let bad = match self.guardrail.bad_is {
            BadIs::Higher => k,
            BadIs::Lower => n - k,
        };
        let seen = count(self.control, self.guardrail.bad_is);
        ((bad + seen.bad) / (n + seen.n)).clamp(RATE_FLOOR, 1.0 - RATE_FLOOR)
    }

    fn note_silence(&mut self, window: &Window) {
        let (control, treatment) = (window.control.n, window.treatment.n);
        self.silent_windows = if control == 0 && treatment == 0 { self.silent_windows.saturating_add(1) } else { 0 };
        self.control_since_treatment =
            if treatment == 0 { self.control_since_treatment.saturating_add(control) } else { 0 };
        self.treatment_since_control =
            if control == 0 { self.treatment_since_control.saturating_add(treatment) } else { 0 };
    }
}

fn count(arm: Arm, bad_is: BadIs) -> Count {
    Count { n: arm.n as f64, bad: arm.bad(bad_is) as f64 }
}
