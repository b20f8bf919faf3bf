//! Golden values: numbers that an independent implementation of the same formulas gives (`delivery-stats.md` §3, end).

use statistics::{Arm, BadIs, GuardState, Guardrail, History, SampleRatio, Shares, Tolerance, Window};

fn window(control: (u64, u64), treatment: (u64, u64)) -> Window {
    let arm = |(k, n)| Arm { n, k };
    Window { control: arm(control), treatment: arm(treatment) }
}

/// Everything staked at the first window, nothing tolerated.
fn strict() -> Guardrail {
    Guardrail { tolerance: Tolerance { ratio: 1.0, absolute: 0.0 }, planned_windows: 0, ..Guardrail::default() }
}

fn fold(guardrail: Guardrail, windows: &[Window]) -> GuardState {
    let mut state = GuardState::start(guardrail);
    for window in windows {
        state.fold(window);
    }
    state
}

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 5e-6, "{found} instead of {expected}");
}

#[test]
fn rate_gives_the_reference_values() {
    let windows = [window((1, 100), (4, 100)), window((0, 100), (5, 100))];
    assert_near(fold(strict(), &windows[..1]).harm().ln(), 0.557_807);
    assert_near(fold(strict(), &windows).harm().ln(), 2.641_087);
    assert_near(fold(Guardrail { planned_windows: 1_000, ..strict() }, &windows).harm().ln(), 2.017_193);
}

#[test]
fn rate_with_a_tolerance_gives_the_reference_value() {
    let tolerance = Tolerance { ratio: 1.25, absolute: 0.001 };
    let state = fold(Guardrail { tolerance, ..strict() }, &[window((10, 1_000), (9, 200))]);
    assert_near(state.harm().ln(), 2.283_063);
}

#[test]
fn late_harm_within_and_beyond_the_planned_windows_gives_the_reference_values() {
    let healthy = window((1, 198), (0, 2));
    let windows = [healthy, healthy, healthy, window((1, 198), (1, 2)), window((0, 198), (2, 2))];
    let with = |planned_windows| Guardrail { planned_windows, ..Guardrail::default() };
    assert_near(fold(with(3), &windows).harm().ln(), 7.061_526);
    assert_near(fold(with(1_000), &windows).harm().ln(), 5.729_329);
}

#[test]
fn proof_of_no_harm_gives_the_reference_values() {
    let windows = [window((10, 1_000), (8, 900)), window((13, 1_200), (12, 1_100)), window((7, 800), (44, 5_000))];
    for (margin, ln) in [((1.0, 0.01), 10.184_595), ((2.0, 0.0), 3.167_313)] {
        let margin = Some(Tolerance { ratio: margin.0, absolute: margin.1 });
        assert_near(fold(Guardrail { margin, ..strict() }, &windows).proof().unwrap().ln(), ln);
    }
}

#[test]
fn fewer_conversions_are_judged_on_the_complement() {
    let guardrail = Guardrail {
        bad_is: BadIs::Lower,
        tolerance: Tolerance { ratio: 1.25, absolute: 0.01 },
        history: History { n: 50.0, k: 15.0 },
        ..strict()
    };
    let windows = [window((60, 200), (40, 180)), window((70, 220), (35, 190))];
    assert_near(fold(guardrail, &windows).harm().ln(), -0.527_312);
}

#[test]
fn a_billion_units_lose_no_digits() {
    let guardrail = Guardrail {
        tolerance: Tolerance { ratio: 1.0, absolute: 0.002 },
        history: History { n: 1_000.0, k: 10.0 },
        ..strict()
    };
    let state = fold(guardrail, &[window((5_000_000, 1_000_000_000), (70_000, 10_000_000))]);
    let ln = state.harm().ln();
    assert!((ln + 326.285_91).abs() < 1e-3, "{ln}");
}

#[test]
fn sample_ratio_gives_the_reference_values() {
    let evidence = |shares: (f64, f64), users: (u64, u64)| {
        let mut split = SampleRatio::start(Shares { control: shares.0, treatment: shares.1 });
        split.count(users.0, users.1);
        split.evidence().ln()
    };
    assert_near(evidence((50.0, 50.0), (560, 440)), 5.363_269);
    assert_near(evidence((99_000.0, 1_000.0), (9_900, 40)), 20.919_139);
    assert_near(evidence((0.99, 0.01), (990_000_000, 10_000_000)), -8.140_118);
}

#[test]
fn each_step_multiplies_a_fresh_factor_of_the_split() {
    let mut split = SampleRatio::start(Shares { control: 50.0, treatment: 50.0 });
    split.count(560, 440);
    split.enter_step(Shares { control: 99.0, treatment: 1.0 });
    assert_near(split.evidence().ln(), 5.363_269);
    split.count(9_900, 40);
    assert_near(split.evidence().ln(), 5.363_269 + 20.919_139);
}
