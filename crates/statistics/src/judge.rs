//! The decision: several guards and the split in, one verdict with its reason out.

use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, ln_add};
use crate::guard::GuardState;
use crate::split::SampleRatio;
use crate::window::{BadIs, Window};

/// What to do with the step, as far as the numbers can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Seen enough, and no harm in it: the step may end.
    Healthy,
    /// Something looks wrong, not yet beyond chance: hold. At most one harmless guard in ten ever gets here.
    Suspect,
    /// Worse than tolerated, beyond the stated alpha: take it back.
    Regressed,
    /// The numbers cannot tell: hold; neither advance nor take back.
    Unknown,
}

/// The limits of a release, the same from its first window to its last.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Policy {
    /// The chance at most of ever taking back a harmless release, all guards, steps and looks together.
    pub alpha: f64,
    /// Evidence of one guard from which on harm is suspected, so that no step is taken.
    pub suspect_at: f64,
    /// Units that each arm must have shown in this step, in every guard, before it can be healthy.
    pub min_units: u64,
    /// Whether guards with a margin must have proved it: ask before everyone gets the treatment.
    pub require_proof: bool,
    /// The chance at most of a wrong proof.
    pub proof_alpha: f64,
    /// The chance at most of calling a sound split broken.
    pub split_alpha: f64,
    /// Units that an arm must be missing, going by its share, to count as silent: chance alone is silent for 12 expected
    /// units about once in e¹² ≈ 160,000 times.
    pub silent_after_units: u32,
    /// Windows in a row without a unit in either arm after which telemetry counts as lost.
    pub silent_after_windows: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            alpha: 0.01,
            suspect_at: 10.0,
            min_units: 100,
            require_proof: false,
            proof_alpha: 0.05,
            split_alpha: 0.001,
            silent_after_units: 12,
            silent_after_windows: 30,
        }
    }
}

/// Why a policy cannot be used. Each names its field.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InvalidPolicy {
    /// `alpha`, `proofAlpha` or `splitAlpha`
    #[error("{field} must be above 0 and at most 0.5, not {value}")]
    Alpha { field: &'static str, value: f64 },
    /// `suspectAt`
    #[error("suspectAt must be above 1 and at most 1/alpha, not {0}")]
    SuspectAt(f64),
}

impl InvalidPolicy {
    /// The field's name in JSON.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Alpha { field, .. } => field,
            Self::SuspectAt(_) => "suspectAt",
        }
    }
}

impl Policy {
    /// Whether every field makes sense; ask before a release is stored.
    pub fn check(&self) -> Result<(), InvalidPolicy> {
        let alphas = [("alpha", self.alpha), ("proofAlpha", self.proof_alpha), ("splitAlpha", self.split_alpha)];
        if let Some((field, value)) = alphas.into_iter().find(|(_, value)| !(*value > 0.0 && *value <= 0.5)) {
            return Err(InvalidPolicy::Alpha { field, value });
        }
        if !(self.suspect_at > 1.0 && self.suspect_at <= 1.0 / self.alpha) {
            return Err(InvalidPolicy::SuspectAt(self.suspect_at));
        }
        Ok(())
    }
}

/// One guard as the judge saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuardReading {
    /// Its name, as given.
    pub guard: String,
    /// Which way is worse.
    pub bad_is: BadIs,
    /// Evidence of harm over the whole release.
    pub harm: Evidence,
    /// The harm at which this guard alone takes the release back: 1 / (weight · alpha).
    pub threshold: f64,
    /// Evidence that it is no worse than its margin, if it has one.
    pub proof: Option<Evidence>,
    /// The counts of this step.
    pub step: Window,
}

/// Why the verdict is what it is; [`Judgement`]'s `Display` says it in one sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Reason {
    /// Healthy: enough units, and the strongest evidence of harm is weak.
    NoHarmSeen { strongest: GuardReading },
    /// Healthy: every guard with a margin has proved it.
    ProvenNoWorse { guards: Vec<GuardReading> },
    /// Suspect: the guard with the strongest evidence.
    HarmSuspected { strongest: GuardReading, suspect_at: f64 },
    /// Regressed: the guards that crossed alone, else the one that weighs most.
    HarmProven { causes: Vec<GuardReading> },
    /// Unknown: users do not reach the arms in the planned shares.
    SplitBroken { control_users: u64, treatment_users: u64, planned_treatment_share: f64, threshold: f64 },
    /// Unknown: neither arm is heard of.
    TelemetryLost { guard: String, windows: u32 },
    /// Unknown: the treatment goes on, the control is not heard of, or nobody is dealt to it.
    ControlSilent { guard: String, treatment_units: u64 },
    /// Unknown: the control goes on, the treatment is not heard of.
    TreatmentSilent { guard: String, control_units: u64 },
    /// Unknown: the smaller arm has too few units in this step.
    TooFewUnits { guard: String, units: u64, needed: u64 },
    /// Unknown: no harm seen, but the required proof is not there yet.
    NotProven { guard: GuardReading, threshold: f64 },
    /// Unknown: nothing is watched.
    NoGuards,
}

/// What the judge says, with everything needed to explain it later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// What to do.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The weighted average of the guards' evidence of harm.
    pub harm: Evidence,
    /// Where `harm` takes the release back: 1 / alpha.
    pub threshold: f64,
    /// Evidence that the split is broken.
    pub split: Evidence,
    /// Each guard, in the order given.
    pub guards: Vec<GuardReading>,
}

/// Judges a release; call it after every folded window, with all of the release's guards every time.
///
/// Takes back when the weighted average of the guards' evidence reaches `1 / alpha`, which holds under any dependence
/// between them (Vovk and Wang 2021; `delivery-stats.md` §2.7). A broken split comes first, as it voids the comparison;
/// then harm; then silence, as what cannot be seen cannot be healthy; then suspicion; then whether enough was seen.
/// Limits that [`Policy::check`] refuses never make it take back more easily than alpha 0.5.
pub fn judge(policy: &Policy, guards: &[(&str, &GuardState)], split: &SampleRatio) -> Judgement {
    let weights = normalised(guards);
    let alpha = usable_alpha(policy.alpha);
    let readings: Vec<_> = guards.iter().zip(&weights).map(|((name, state), w)| read(name, state, w * alpha)).collect();
    let weighted = readings.iter().zip(&weights).map(|(reading, weight)| weight.ln() + reading.harm.ln());
    let harm = weighted.reduce(ln_add).map_or(Evidence::NONE, Evidence::from_ln);
    let threshold = 1.0 / alpha;
    let (verdict, reason) = if let Some(reason) = broken_split(policy, split) {
        (Verdict::Unknown, reason)
    } else if harm.reaches(threshold) {
        (Verdict::Regressed, Reason::HarmProven { causes: causes(&readings, &weights) })
    } else {
        without_proven_harm(policy, guards, split, &readings)
    };
    Judgement { verdict, reason, harm, threshold, split: split.evidence(), guards: readings }
}

fn without_proven_harm(
    policy: &Policy,
    guards: &[(&str, &GuardState)],
    split: &SampleRatio,
    readings: &[GuardReading],
) -> (Verdict, Reason) {
    let Some(strongest) = readings.iter().max_by(|a, b| a.harm.ln().total_cmp(&b.harm.ln())) else {
        return (Verdict::Unknown, Reason::NoGuards);
    };
    if let Some(reason) = guards.iter().find_map(|(name, state)| silence(policy, name, state, split)) {
        return (Verdict::Unknown, reason);
    }
    let strongest = strongest.clone();
    if strongest.harm.reaches(policy.suspect_at) {
        return (Verdict::Suspect, Reason::HarmSuspected { strongest, suspect_at: policy.suspect_at });
    }
    if let Some(reason) = readings.iter().find_map(|reading| too_few(policy, reading)) {
        return (Verdict::Unknown, reason);
    }
    let threshold = 1.0 / usable_alpha(policy.proof_alpha);
    let with_margin: Vec<_> = readings.iter().filter(|reading| reading.proof.is_some()).collect();
    let unproven = with_margin.iter().find(|reading| !reading.proof.is_some_and(|proof| proof.reaches(threshold)));
    match unproven {
        Some(guard) if policy.require_proof => {
            (Verdict::Unknown, Reason::NotProven { guard: (*guard).clone(), threshold })
        }
        None if !with_margin.is_empty() => {
            (Verdict::Healthy, Reason::ProvenNoWorse { guards: with_margin.into_iter().cloned().collect() })
        }
        _ => (Verdict::Healthy, Reason::NoHarmSeen { strongest }),
    }
}

/// Each guard's part of alpha; they sum to 1. Weights that [`crate::Guardrail::check`] refuses count as nothing.
fn normalised(guards: &[(&str, &GuardState)]) -> Vec<f64> {
    let usable = |weight: f64| if weight.is_finite() { weight.clamp(0.0, 1e100) } else { 0.0 };
    let weights: Vec<_> = guards.iter().map(|(_, state)| usable(state.guardrail().weight)).collect();
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        weights.into_iter().map(|weight| (weight / sum).max(1e-100)).collect()
    } else {
        vec![1.0 / guards.len().max(1) as f64; guards.len()]
    }
}

fn usable_alpha(alpha: f64) -> f64 {
    if alpha.is_nan() { Policy::default().alpha } else { alpha.clamp(1e-12, 0.5) }
}

fn read(name: &str, state: &GuardState, alpha: f64) -> GuardReading {
    GuardReading {
        guard: name.to_owned(),
        bad_is: state.guardrail().bad_is,
        harm: state.harm(),
        threshold: 1.0 / alpha,
        proof: state.proof(),
        step: state.step(),
    }
}

fn broken_split(policy: &Policy, split: &SampleRatio) -> Option<Reason> {
    let threshold = 1.0 / usable_alpha(policy.split_alpha);
    let (control_users, treatment_users) = split.users();
    let planned_treatment_share = split.shares().of_treatment().unwrap_or(0.0);
    split.evidence().reaches(threshold).then_some(Reason::SplitBroken {
        control_users,
        treatment_users,
        planned_treatment_share,
        threshold,
    })
}

fn causes(readings: &[GuardReading], weights: &[f64]) -> Vec<GuardReading> {
    let crossed: Vec<_> = readings.iter().filter(|reading| reading.harm.reaches(reading.threshold)).cloned().collect();
    if !crossed.is_empty() {
        return crossed;
    }
    let part = |(reading, weight): &(&GuardReading, &f64)| reading.harm.ln() + weight.ln();
    let heaviest = readings.iter().zip(weights).max_by(|a, b| part(a).total_cmp(&part(b)));
    heaviest.map(|(reading, _)| reading.clone()).into_iter().collect()
}

/// Silence is measured in units that should have come, so that thin traffic is not mistaken for it.
fn silence(policy: &Policy, name: &str, state: &GuardState, split: &SampleRatio) -> Option<Reason> {
    let guard = || name.to_owned();
    if state.silent_windows() >= policy.silent_after_windows.max(1) {
        return Some(Reason::TelemetryLost { guard: guard(), windows: state.silent_windows() });
    }
    let treatment_units = state.treatment_since_control();
    let Some(share) = split.shares().of_treatment() else {
        return Some(Reason::ControlSilent { guard: guard(), treatment_units });
    };
    let missing = f64::from(policy.silent_after_units.max(1));
    let control_units = state.control_since_treatment();
    if control_units as f64 * share / (1.0 - share) >= missing {
        return Some(Reason::TreatmentSilent { guard: guard(), control_units });
    }
    if treatment_units as f64 * (1.0 - share) / share >= missing {
        return Some(Reason::ControlSilent { guard: guard(), treatment_units });
    }
    None
}

fn too_few(policy: &Policy, reading: &GuardReading) -> Option<Reason> {
    let units = reading.step.control.n.min(reading.step.treatment.n);
    let guard = || reading.guard.clone();
    (units < policy.min_units).then(|| Reason::TooFewUnits { guard: guard(), units, needed: policy.min_units })
}
