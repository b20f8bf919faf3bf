//! `cargo xtask bench judge`, first half: how often the code that walks real releases takes back a harmless one.
//!
//! A/A: both arms fail alike in 1 % of requests, 100 requests/s of 20,000 users, along the standard pipeline with its judged
//! steps of at most two minutes. At most alpha (1 %) may be taken back; 1.5 % leaves room for chance in 1,000 runs.

#![allow(clippy::print_stdout)] // a bench prints its figures

use std::process::ExitCode;
use std::time::Duration;

use releases::ReleaseState;
use releases::model::PipelineBody;
use releases::simulate::{World, simulate, specimen};

const RUNS: u64 = 1_000;
const ALLOWED: f64 = 0.015;

fn main() -> ExitCode {
    let mut steps = PipelineBody::standard().steps;
    steps.retain(|step| step.audience.weight().is_some());
    for step in &mut steps {
        step.minimum_seconds = step.minimum_seconds.min(120);
    }
    let release = specimen(steps);
    let world = World {
        control_rate: 0.01,
        treatment_rate: 0.01,
        requests_per_second: 100.0,
        users: 20_000,
        flush: Duration::from_secs(2),
        propagation: Duration::from_millis(50),
        longest: Duration::from_mins(20),
    };
    let states: Vec<_> = (0..RUNS).map(|seed| simulate(&release, &world, seed).state).collect();
    let count = |wanted| states.iter().filter(|state| **state == wanted).count();
    let taken_back = count(ReleaseState::RolledBack);
    let share = taken_back as f64 / RUNS as f64;
    let completed = count(ReleaseState::Completed);
    println!(
        "figures: harmless releases: {taken_back} of {RUNS} taken back ({:.1} %), {completed} completed",
        share * 100.0
    );
    if share <= ALLOWED { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
