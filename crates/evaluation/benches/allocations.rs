//! Allocations of one evaluation: ours, LaunchDarkly's and Unleash's on the flags of the bench `evaluate`.

#![allow(clippy::print_stdout)] // a bench reports to people

mod engines;

use allocation_counter::measure;
use engines::{Engine, FLAGS, LaunchDarkly, Ours, USERS, Yggdrasil, check, run};
use serde_json::json;

fn main() {
    let (ours, launchdarkly, yggdrasil) = (Ours::new(), LaunchDarkly::new(), Yggdrasil::new());
    check(&ours);
    check(&launchdarkly);
    check(&yggdrasil);
    println!("evaluation, allocations each (bytes)");
    println!("{:14} {:>14} {:>14} {:>14}", "", "ours", "LaunchDarkly", "yggdrasil");
    let mut rows = Vec::new();
    for flag in FLAGS {
        let counts = [each(&ours, flag), each(&launchdarkly, flag), each(&yggdrasil, flag)];
        let [ours, launchdarkly, yggdrasil] = counts.map(|(count, bytes)| format!("{count:.1} ({bytes:.0})"));
        println!("{flag:14} {ours:>14} {launchdarkly:>14} {yggdrasil:>14}");
        let [ours, launchdarkly, yggdrasil] = counts.map(|(count, _)| count);
        rows.push(json!({"flag": flag, "ours": ours, "launchDarkly": launchdarkly, "yggdrasil": yggdrasil}));
    }
    println!("{}", json!({"bench": "evaluation-allocations", "rows": rows}));
}

/// Allocations and bytes of an evaluation, on average over all users.
fn each<E: Engine>(engine: &E, flag: &str) -> (f64, f64) {
    let info = measure(|| {
        run(engine, flag, USERS);
    });
    (info.count_total as f64 / USERS as f64, info.bytes_total as f64 / USERS as f64)
}
