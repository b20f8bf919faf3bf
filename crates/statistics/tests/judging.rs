//! The judge's table: what is known → what it says, in data and in words.

use statistics::{
    Arm, BadIs, Evidence, GuardState, Guardrail, History, Judgement, Policy, Reason, SampleRatio, Shares, Tolerance,
    Verdict, Window, judge,
};

const SHARES: Shares = Shares { control: 90.0, treatment: 10.0 };

fn window(control: (u64, u64), treatment: (u64, u64)) -> Window {
    let arm = |(k, n)| Arm { n, k };
    Window { control: arm(control), treatment: arm(treatment) }
}

fn errors() -> Guardrail {
    Guardrail { planned_windows: 100, ..Guardrail::default() }
}

fn after(guardrail: Guardrail, windows: &[(Window, usize)]) -> GuardState {
    let mut state = GuardState::start(guardrail);
    for (window, times) in windows {
        (0..*times).for_each(|_| state.fold(window));
    }
    state
}

fn judge_one(policy: &Policy, state: &GuardState) -> Judgement {
    judge(policy, &[("errors", state)], &SampleRatio::start(SHARES))
}

fn healthy() -> (Window, usize) {
    (window((1, 180), (0, 20)), 40)
}

#[test]
fn is_healthy_when_enough_was_seen_and_nothing_is_wrong() {
    let judgement = judge_one(&Policy::default(), &after(errors(), &[healthy()]));
    assert_eq!(judgement.verdict, Verdict::Healthy);
    let sentence = judgement.to_string();
    assert_eq!(sentence, "no sign of harm: errors: treatment 0 % bad of 800 against 0.56 % of 7,200: evidence 0.4");
}

#[test]
fn is_regressed_when_the_evidence_passes_one_over_alpha() {
    let state = after(errors(), &[(window((1, 198), (1, 2)), 8)]);
    let judgement = judge_one(&Policy::default(), &state);
    assert_eq!(judgement.verdict, Verdict::Regressed);
    assert!(judgement.harm.reaches(100.0));
    let sentence = judgement.to_string();
    assert!(sentence.starts_with("errors: treatment 50 % bad of 16 against 0.51 % of 1,584: evidence "), "{sentence}");
    assert!(sentence.ends_with(" passed the threshold 100"), "{sentence}");
}

#[test]
fn is_suspect_between_ten_and_the_threshold() {
    let state = after(errors(), &[healthy(), (window((1, 180), (1, 20)), 4), (window((1, 180), (2, 20)), 2)]);
    let judgement = judge_one(&Policy::default(), &state);
    assert!((10.0..100.0).contains(&judgement.harm.value()), "{}", judgement.harm);
    assert_eq!(judgement.verdict, Verdict::Suspect);
    assert!(judgement.to_string().ends_with("is above 10, from which on harm is suspected"), "{judgement}");
}

#[test]
fn fewer_conversions_are_harm_when_lower_is_worse() {
    let history = History { n: 1_000.0, k: 300.0 };
    let guardrail = Guardrail { bad_is: BadIs::Lower, history, ..errors() };
    let fewer = after(guardrail, &[(window((54, 180), (2, 20)), 20)]);
    assert_eq!(judge_one(&Policy::default(), &fewer).verdict, Verdict::Regressed);
    assert!(judge_one(&Policy::default(), &fewer).to_string().contains("treatment 10 % good of 400 against 30 % of"));
    let more = after(guardrail, &[(window((54, 180), (12, 20)), 20)]);
    assert_eq!(judge_one(&Policy::default(), &more).verdict, Verdict::Healthy);
}

#[test]
fn too_few_units_are_unknown_not_healthy() {
    let state = after(errors(), &[(window((1, 180), (0, 20)), 4)]);
    let judgement = judge_one(&Policy::default(), &state);
    assert_eq!(judgement.verdict, Verdict::Unknown);
    assert_eq!(judgement.reason, Reason::TooFewUnits { guard: "errors".into(), units: 80, needed: 100 });
    let sentence = "errors: too little seen in this step: 80 units in the smaller arm, 100 needed";
    assert_eq!(judgement.to_string(), sentence);
}

#[test]
fn a_new_step_must_show_its_own_units() {
    let mut state = after(errors(), &[healthy()]);
    let evidence = state.harm();
    state.enter_step();
    let judgement = judge_one(&Policy::default(), &state);
    assert!(matches!(judgement.reason, Reason::TooFewUnits { units: 0, .. }), "{judgement}");
    assert_eq!(judgement.harm, evidence, "evidence goes on");
}

#[test]
fn a_silent_treatment_is_unknown_when_units_should_have_come() {
    let silent = window((1, 20), (0, 0));
    let thin = judge_one(&Policy::default(), &after(errors(), &[healthy(), (silent, 5)]));
    assert_eq!(thin.verdict, Verdict::Healthy, "100 units of control let 11 be expected of treatment");
    let judgement = judge_one(&Policy::default(), &after(errors(), &[healthy(), (silent, 6)]));
    assert_eq!(judgement.verdict, Verdict::Unknown);
    assert_eq!(judgement.reason, Reason::TreatmentSilent { guard: "errors".into(), control_units: 120 });
    let heard_again = after(errors(), &[healthy(), (silent, 6), healthy()]);
    assert_eq!(judge_one(&Policy::default(), &heard_again).verdict, Verdict::Healthy);
}

#[test]
fn a_silent_control_is_unknown_even_when_every_treated_unit_fails() {
    let state = after(errors(), &[healthy(), (window((0, 0), (20, 20)), 10)]);
    let judgement = judge_one(&Policy::default(), &state);
    assert_eq!(judgement.verdict, Verdict::Unknown);
    assert_eq!(judgement.reason, Reason::ControlSilent { guard: "errors".into(), treatment_units: 200 });
}

#[test]
fn nobody_in_the_control_is_nothing_to_compare_with() {
    let split = SampleRatio::start(Shares { control: 0.0, treatment: 100.0 });
    let state = after(errors(), &[(window((0, 0), (0, 20)), 10)]);
    let judgement = judge(&Policy::default(), &[("errors", &state)], &split);
    assert!(matches!(judgement.reason, Reason::ControlSilent { .. }), "{judgement}");
    assert_eq!(judgement.split, Evidence::NONE);
}

#[test]
fn lost_telemetry_is_unknown_until_it_returns() {
    let mut state = after(errors(), &[healthy(), (Window::default(), 30)]);
    let judgement = judge_one(&Policy::default(), &state);
    assert_eq!(judgement.reason, Reason::TelemetryLost { guard: "errors".into(), windows: 30 });
    assert_eq!(judgement.to_string(), "errors: nothing was heard of either arm for 30 windows");
    state.fold(&healthy().0);
    assert_eq!(judge_one(&Policy::default(), &state).verdict, Verdict::Healthy);
}

#[test]
fn a_broken_split_holds_even_a_release_that_looks_bad() {
    let state = after(errors(), &[(window((1, 180), (10, 20)), 40)]);
    let mut split = SampleRatio::start(SHARES);
    split.count(7_200, 800);
    assert_eq!(judge(&Policy::default(), &[("errors", &state)], &split).verdict, Verdict::Regressed);
    split.count(3_000, 0);
    let judgement = judge(&Policy::default(), &[("errors", &state)], &split);
    assert_eq!(judgement.verdict, Verdict::Unknown);
    let sentence = judgement.to_string();
    let start = "the split is broken, so no number can be trusted: treatment has 7.3 % of 11,000 users where 10 % was";
    assert!(sentence.starts_with(start), "{sentence}");
}

#[test]
fn a_guard_with_half_the_weight_needs_twice_the_evidence() {
    let calm = after(Guardrail { weight: 3.0, ..errors() }, &[(window((1, 198), (0, 2)), 5)]);
    let bad = after(Guardrail { weight: 1.0, ..errors() }, &[(window((1, 198), (1, 2)), 5)]);
    let judgement = judge(&Policy::default(), &[("calm", &calm), ("bad", &bad)], &SampleRatio::start(SHARES));
    let weighted = 0.75 * calm.harm().value() + 0.25 * bad.harm().value();
    assert!((judgement.harm.value() - weighted).abs() < 1e-6 * weighted);
    let thresholds: Vec<_> = judgement.guards.iter().map(|reading| reading.threshold.round()).collect();
    assert_eq!(thresholds, [133.0, 400.0]);
    assert_eq!(judgement.verdict, Verdict::Regressed);
    let Reason::HarmProven { causes } = &judgement.reason else { panic!("{judgement}") };
    assert_eq!(causes.iter().map(|cause| cause.guard.as_str()).collect::<Vec<_>>(), ["bad"]);
    assert!(judgement.to_string().contains(" of all guards passed the threshold 100"), "{judgement}");
}

#[test]
fn a_required_proof_holds_until_every_margin_is_proved() {
    let margin = Some(Tolerance { ratio: 1.0, absolute: 0.02 });
    let policy = Policy { require_proof: true, ..Policy::default() };
    let guardrail = Guardrail { margin, ..errors() };
    let early = judge_one(&policy, &after(guardrail, &[(window((1, 180), (0, 20)), 6)]));
    assert_eq!(early.verdict, Verdict::Unknown);
    assert!(matches!(early.reason, Reason::NotProven { .. }), "{early}");
    let free = judge_one(&Policy::default(), &after(guardrail, &[(window((1, 180), (0, 20)), 6)]));
    assert_eq!(free.verdict, Verdict::Healthy, "nobody asked for the proof");
    let proved = judge_one(&policy, &after(guardrail, &[healthy()]));
    assert_eq!(proved.verdict, Verdict::Healthy);
    assert!(proved.to_string().starts_with("shown to be no worse than the margin: errors: "), "{proved}");
}

#[test]
fn nothing_watched_is_unknown() {
    let judgement = judge(&Policy::default(), &[], &SampleRatio::start(SHARES));
    assert_eq!((judgement.verdict, judgement.reason), (Verdict::Unknown, Reason::NoGuards));
}

#[test]
fn a_judgement_is_camel_case_json_and_comes_back() {
    let margin = Some(Tolerance { ratio: 1.0, absolute: 0.02 });
    let judgement = judge_one(&Policy::default(), &after(Guardrail { margin, ..errors() }, &[healthy()]));
    let json = serde_json::to_value(&judgement).unwrap();
    assert_eq!(json["verdict"], "healthy");
    assert_eq!(json["reason"]["kind"], "provenNoWorse");
    assert_eq!(json["guards"][0]["badIs"], "higher");
    let back: Judgement = serde_json::from_value(json).unwrap();
    assert_eq!(back.to_string(), judgement.to_string());
    assert_eq!(back.reason, serde_json::from_value(serde_json::to_value(&back.reason).unwrap()).unwrap());
}

#[test]
fn limits_that_make_no_sense_are_refused_by_name() {
    let tolerance = |ratio, absolute| Guardrail { tolerance: Tolerance { ratio, absolute }, ..errors() };
    for (guardrail, field) in [
        (Guardrail { weight: 0.0, ..errors() }, "weight"),
        (Guardrail { weight: f64::NAN, ..errors() }, "weight"),
        (tolerance(0.9, 0.0), "ratio"),
        (tolerance(1.0, 1.0), "absolute"),
        (Guardrail { margin: Some(Tolerance { ratio: 1.0, absolute: -0.1 }), ..errors() }, "absolute"),
        (Guardrail { history: History { n: 10.0, k: 11.0 }, ..errors() }, "history"),
    ] {
        assert_eq!(guardrail.check().unwrap_err().field(), field);
    }
    assert!(errors().check().is_ok());
    for (policy, field) in [
        (Policy { alpha: 0.0, ..Policy::default() }, "alpha"),
        (Policy { proof_alpha: f64::NAN, ..Policy::default() }, "proofAlpha"),
        (Policy { suspect_at: 101.0, ..Policy::default() }, "suspectAt"),
    ] {
        assert_eq!(policy.check().unwrap_err().field(), field);
    }
    assert!(Policy::default().check().is_ok());
}
