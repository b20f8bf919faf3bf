//! Nanoseconds for one evaluation, look-up of the flag included: ours, LaunchDarkly's and Unleash's in one run.
//!
//! The engines take turns in short rounds, so that whatever else the machine does falls on all alike; the table gives
//! medians. What they allocate is counted by the bench `allocations`, for counting would slow down those who allocate.

#![allow(clippy::print_stdout)] // a bench reports to people
#![allow(clippy::disallowed_methods)] // and has a clock of its own

mod engines;

use std::time::Instant;

use engines::{Engine, FLAGS, LaunchDarkly, Ours, Yggdrasil, check, run};
use serde_json::json;

const ROUNDS: usize = 201;
const EVALUATIONS_PER_ROUND: usize = 6_400;

/// How much faster than LaunchDarkly's each flag has to be (`design.md` §7).
const WANTED: [f64; 3] = [1.5, 4.0, 2.5];

fn main() {
    let (ours, launchdarkly, yggdrasil) = (Ours::new(), LaunchDarkly::new(), Yggdrasil::new());
    check(&ours);
    check(&launchdarkly);
    check(&yggdrasil);
    println!("evaluation, ns each, medians of {ROUNDS} alternating rounds of {EVALUATIONS_PER_ROUND}");
    println!(
        "{:14} {:>8} {:>13} {:>10} {:>18} {:>15}",
        "", "ours", "LaunchDarkly", "yggdrasil", "LaunchDarkly/ours", "yggdrasil/ours"
    );
    let mut rows = Vec::new();
    for (flag, wanted) in FLAGS.into_iter().zip(WANTED) {
        let mut rounds = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            rounds[0].push(nanoseconds(&ours, flag));
            rounds[1].push(nanoseconds(&launchdarkly, flag));
            rounds[2].push(nanoseconds(&yggdrasil, flag));
        }
        let [ours, launchdarkly, yggdrasil] = rounds.map(median);
        let (faster, ahead) = (launchdarkly / ours, yggdrasil / ours);
        let verdict = if faster >= wanted && ahead > 1.0 { "reached" } else { "MISSED" };
        print!("{flag:14} {ours:8.1} {launchdarkly:13.1} {yggdrasil:10.1} {faster:17.1}x {ahead:14.1}x");
        println!("   {verdict}: >= {wanted}x and > 1x");
        rows.push(json!({
            "flag": flag, "oursNs": rounded(ours), "launchDarklyNs": rounded(launchdarkly),
                "yggdrasilNs": rounded(yggdrasil),
            "launchDarklyRatio": rounded(faster), "yggdrasilRatio": rounded(ahead), "wantedRatio": wanted,
        }));
    }
    println!("{}", json!({"bench": "evaluation", "rows": rows}));
}

fn nanoseconds<E: Engine>(engine: &E, flag: &str) -> f64 {
    let start = Instant::now();
    run(engine, flag, EVALUATIONS_PER_ROUND);
    start.elapsed().as_nanos() as f64 / EVALUATIONS_PER_ROUND as f64
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
