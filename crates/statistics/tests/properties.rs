//! What must hold for every input, not only for those that someone thought of.

use proptest::prelude::*;
use statistics::{
    Arm, BadIs, Evidence, GuardState, Guardrail, History, Judgement, Policy, SampleRatio, Shares, StepPlan, Tolerance,
    Verdict, Window, judge, smallest_worsening, units_to_detect,
};

fn fold(guardrail: Guardrail, windows: &[Window]) -> GuardState {
    let mut state = GuardState::start(guardrail);
    for window in windows {
        state.fold(window);
    }
    state
}

fn window(control: (u64, u64), treatment: (u64, u64)) -> Window {
    let arm = |(k, n)| Arm { n, k };
    Window { control: arm(control), treatment: arm(treatment) }
}

fn any_arm() -> impl Strategy<Value = Arm> {
    let count = || prop_oneof![3 => 0..300_u64, 1 => Just(0), 1 => any::<u64>(), 1 => Just(u64::MAX)];
    (count(), count()).prop_map(|(n, k)| Arm { n, k })
}

fn any_window() -> impl Strategy<Value = Window> {
    (any_arm(), any_arm()).prop_map(|(control, treatment)| Window { control, treatment })
}

fn sound_window() -> impl Strategy<Value = Window> {
    let arm = || (1..400_u64).prop_flat_map(|n| (Just(n), 0..=n)).prop_map(|(n, k)| Arm { n, k });
    (arm(), arm()).prop_map(|(control, treatment)| Window { control, treatment })
}

fn any_tolerance() -> impl Strategy<Value = Tolerance> {
    (any::<f64>(), any::<f64>()).prop_map(|(ratio, absolute)| Tolerance { ratio, absolute })
}

fn bad_is() -> impl Strategy<Value = BadIs> {
    prop_oneof![Just(BadIs::Higher), Just(BadIs::Lower)]
}

/// Guardrails that nobody checked, with every float there is.
fn any_guardrail() -> impl Strategy<Value = Guardrail> {
    let history = (any::<f64>(), any::<f64>()).prop_map(|(n, k)| History { n, k });
    (any::<f64>(), bad_is(), any_tolerance(), proptest::option::of(any_tolerance()), history, any::<u32>()).prop_map(
        |(weight, bad_is, tolerance, margin, history, planned_windows)| Guardrail {
            weight,
            bad_is,
            tolerance,
            margin,
            history,
            planned_windows,
        },
    )
}

/// Guardrails that pass [`Guardrail::check`].
fn sound_guardrail() -> impl Strategy<Value = Guardrail> {
    let tolerance = || (1.0..3.0, 0.0..0.3).prop_map(|(ratio, absolute)| Tolerance { ratio, absolute });
    (bad_is(), tolerance(), proptest::option::of(tolerance()), 0..50_u32).prop_map(
        |(bad_is, tolerance, margin, planned_windows)| Guardrail {
            bad_is,
            tolerance,
            margin,
            planned_windows,
            ..Guardrail::default()
        },
    )
}

fn finite(judgement: &Judgement) -> bool {
    let each = |evidence: Evidence| evidence.ln().is_finite() && evidence.value().is_finite() && evidence.value() > 0.0;
    let guards = judgement.guards.iter().all(|reading| {
        each(reading.harm) && reading.proof.is_none_or(each) && reading.threshold.is_finite() && reading.threshold > 0.0
    });
    guards && each(judgement.harm) && each(judgement.split) && judgement.threshold.is_finite()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_makes_a_nan_or_an_infinity(
        guardrails in proptest::collection::vec(any_guardrail(), 0..4),
        windows in proptest::collection::vec(any_window(), 0..12),
        (alpha, suspect_at, split_alpha) in any::<(f64, f64, f64)>(),
        (control, treatment) in any::<(f64, f64)>(),
        users in any::<(u64, u64)>(),
    ) {
        let states: Vec<_> = guardrails.into_iter().map(|guardrail| fold(guardrail, &windows)).collect();
        let named: Vec<_> = states.iter().map(|state| ("g", state)).collect();
        let policy = Policy { alpha, suspect_at, split_alpha, proof_alpha: alpha, ..Policy::default() };
        let mut split = SampleRatio::start(Shares { control, treatment });
        for _ in 0..3 {
            split.count(users.0, users.1);
            split.enter_step(Shares { control: treatment, treatment: control });
            split.count(users.1, users.0);
        }
        let judgement = judge(&policy, &named, &split);
        prop_assert!(finite(&judgement), "{judgement:?}");
        let json = serde_json::to_string(&judgement).unwrap();
        prop_assert!(serde_json::from_str::<Judgement>(&json).is_ok() || !policy.suspect_at.is_finite(), "{json}");
        prop_assert!(!judgement.to_string().contains("NaN"), "{judgement}");
    }

    #[test]
    fn planning_never_gives_a_nan(
        (control_rate, treatment_rate, control_units, treatment_units, alpha) in any::<(f64, f64, f64, f64, f64)>(),
        tolerance in any_tolerance(),
        bad_is in bad_is(),
    ) {
        let plan = StepPlan { control_rate, bad_is, tolerance, control_units, treatment_units, alpha };
        prop_assert!(smallest_worsening(&plan).is_none_or(f64::is_finite));
        prop_assert!(units_to_detect(&plan, treatment_rate).is_none_or(f64::is_finite));
    }

    #[test]
    fn a_state_that_went_through_json_goes_on_to_the_same_bits(
        guardrail in sound_guardrail(),
        windows in proptest::collection::vec(any_window(), 1..20),
    ) {
        let at_once = fold(guardrail, &windows);
        let mut by_restarts = GuardState::start(guardrail);
        for window in &windows {
            by_restarts = serde_json::from_str(&serde_json::to_string(&by_restarts).unwrap()).unwrap();
            by_restarts.fold(window);
        }
        prop_assert_eq!(at_once.harm().ln().to_bits(), by_restarts.harm().ln().to_bits());
        prop_assert_eq!(at_once, by_restarts);
    }

    #[test]
    fn one_more_bad_treatment_unit_never_lowers_the_evidence_of_harm(
        guardrail in sound_guardrail(),
        mut windows in proptest::collection::vec(sound_window(), 1..12),
        at in any::<prop::sample::Index>(),
    ) {
        let before = fold(guardrail, &windows);
        let arm = &mut at.get_mut(&mut windows[..]).treatment;
        prop_assume!(if guardrail.bad_is == BadIs::Higher { arm.k < arm.n } else { arm.k > 0 });
        arm.k = if guardrail.bad_is == BadIs::Higher { arm.k + 1 } else { arm.k - 1 };
        let after = fold(guardrail, &windows);
        prop_assert!(after.harm().ln() >= before.harm().ln() - 1e-6);
        if let (Some(after), Some(before)) = (after.proof(), before.proof()) {
            prop_assert!(after.ln() <= before.ln() + 1e-6, "a proof of no harm must not gain");
        }
    }

    #[test]
    fn a_window_without_one_arm_multiplies_by_one(
        guardrail in sound_guardrail(),
        windows in proptest::collection::vec(sound_window(), 0..6),
        lonely in any_arm(),
    ) {
        let mut state = fold(guardrail, &windows);
        let (harm, proof) = (state.harm(), state.proof());
        state.fold(&Window { control: Arm::default(), treatment: lonely });
        state.fold(&Window { control: lonely, treatment: Arm::default() });
        prop_assert_eq!((harm, proof), (state.harm(), state.proof()));
    }

    #[test]
    fn how_a_windows_units_are_split_over_sources_does_not_matter(a in any_window(), b in any_window(), c in any_window()) {
        prop_assert_eq!(a.and(b).and(c), c.and(a.and(b)));
    }

    #[test]
    fn the_order_of_users_within_a_step_does_not_matter(users in proptest::collection::vec((0..50_u64, 0..50_u64), 1..9)) {
        let shares = Shares { control: 3.0, treatment: 1.0 };
        let (mut forwards, mut backwards) = (SampleRatio::start(shares), SampleRatio::start(shares));
        for (one, other) in users.iter().zip(users.iter().rev()) {
            forwards.count(one.0, one.1);
            backwards.count(other.0, other.1);
        }
        prop_assert_eq!(forwards, backwards);
    }

    /// Order matters through what earlier windows teach about the control. With a history that no window can move, and
    /// everything staked at the start, it does not.
    #[test]
    fn the_order_of_windows_matters_only_through_what_they_teach(windows in proptest::collection::vec(sound_window(), 1..8)) {
        let history = History { n: 1e12, k: 1e10 };
        let guardrail = Guardrail { history, planned_windows: 0, ..Guardrail::default() };
        let forwards = fold(guardrail, &windows);
        let mirrored: Vec<_> = windows.iter().rev().copied().collect();
        prop_assert!((forwards.harm().ln() - fold(guardrail, &mirrored).harm().ln()).abs() < 1e-3);
    }
}

/// P(K = k) for K binomial.
fn chance(n: u64, k: u64, p: f64) -> f64 {
    let choose = (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
    choose * p.powf(k as f64) * (1.0 - p).powf((n - k) as f64)
}

/// The mean of the evidence after two windows at the same true event rates, over every outcome.
fn mean_evidence(guardrail: Guardrail, units: (u64, u64), truth: (f64, f64), proof: bool) -> f64 {
    let outcomes: Vec<_> = (0..=units.0).flat_map(|c| (0..=units.1).map(move |t| (c, t))).collect();
    let chance = |(c, t): (u64, u64)| chance(units.0, c, truth.0) * chance(units.1, t, truth.1);
    let mut mean = 0.0;
    for first in &outcomes {
        let after_first = fold(guardrail, &[window((first.0, units.0), (first.1, units.1))]);
        for second in &outcomes {
            let mut state = after_first.clone();
            state.fold(&window((second.0, units.0), (second.1, units.1)));
            let evidence = if proof { state.proof() } else { Some(state.harm()) };
            assert!(evidence.is_some());
            mean += chance(*first) * chance(*second) * evidence.unwrap_or_default().value();
        }
    }
    mean
}

#[test]
fn over_two_windows_the_mean_evidence_is_at_most_one_for_every_tolerable_treatment() {
    let mut nearest_to_edge: f64 = 0.0;
    for tolerance in [Tolerance { ratio: 1.0, absolute: 0.0 }, Tolerance { ratio: 1.5, absolute: 0.05 }] {
        for (bad_is, planned_windows) in [(BadIs::Higher, 0), (BadIs::Higher, 5), (BadIs::Lower, 1)] {
            let guardrail = Guardrail { tolerance, bad_is, planned_windows, ..Guardrail::default() };
            for control in [0.02, 0.3, 0.6, 0.97] {
                let edge = match bad_is {
                    BadIs::Higher => (control * tolerance.ratio + tolerance.absolute).min(1.0),
                    BadIs::Lower => (control / tolerance.ratio - tolerance.absolute).max(0.0),
                };
                let mean = mean_evidence(guardrail, (4, 3), (control, edge), false);
                assert!(mean <= 1.0 + 1e-9, "{tolerance:?} {bad_is:?} {control}: {mean}");
                nearest_to_edge = nearest_to_edge.max(mean);
            }
        }
    }
    assert!(nearest_to_edge > 0.99, "{nearest_to_edge}");
}

#[test]
fn over_two_windows_the_mean_proof_is_at_most_one_for_a_treatment_at_the_margin() {
    for margin in [Tolerance { ratio: 1.0, absolute: 0.1 }, Tolerance { ratio: 2.0, absolute: 0.0 }] {
        let guardrail = Guardrail { margin: Some(margin), ..Guardrail::default() };
        for control in [0.02, 0.2, 0.45] {
            let edge = control * margin.ratio + margin.absolute;
            let mean = mean_evidence(guardrail, (4, 3), (control, edge), true);
            assert!(mean <= 1.0 + 1e-9, "{margin:?} {control}: {mean}");
        }
    }
}

/// The share grows while everybody's error rate rises: sums say that the treatment is worse, windows do not.
#[test]
fn a_rising_base_rate_under_a_growing_share_is_not_harm() {
    let mut state = GuardState::start(Guardrail {
        tolerance: Tolerance { ratio: 1.0, absolute: 0.0 },
        planned_windows: 400,
        ..Guardrail::default()
    });
    let mut sums = Window::default();
    for (treated, bad_in_1000) in [(10, 5), (50, 8), (250, 14), (500, 20)] {
        for _ in 0..100 {
            let arm = |n: u64| Arm { n: n * 100, k: n * bad_in_1000 / 10 };
            let window = Window { control: arm(1_000 - treated), treatment: arm(treated) };
            sums = sums.and(window);
            state.fold(&window);
        }
    }
    assert!(sums.treatment.rate() > 1.3 * sums.control.rate(), "the trap must be set");
    assert!(state.harm().value() < 1.0, "{}", state.harm());
}

#[test]
fn a_restart_with_the_same_windows_gives_the_same_judgement() {
    let windows: Vec<_> = (0..50).map(|i| window((i % 3, 198), (i % 2, 2))).collect();
    let shares = Shares { control: 99.0, treatment: 1.0 };
    let once = || {
        let state = fold(Guardrail::default(), &windows);
        judge(&Policy::default(), &[("errors", &state)], &SampleRatio::start(shares))
    };
    assert_eq!(once(), once());
    assert_eq!(once().verdict, Verdict::Regressed);
}
