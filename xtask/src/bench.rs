//! The benches: each prints its table and the ratios measured in that run.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use crate::places;
use crate::process::Program;
use crate::progress::Progress;
use crate::web;

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// Flags in process, beside LaunchDarkly's crate and Unleash's
    Evaluation,
    /// Commits a second on both databases
    Db,
    /// A catastrophic release through the real binary, and simulated A/A releases
    Judge,
    /// A change to 10,000 streams, a reconnect storm, remote evaluations and events, beside their floors
    Delivery,
    /// An edit among 5,000 flags until streams and evaluators have it
    Snapshot,
    /// Ten million members of a segment: uploaded, and looked up
    BigSegments,
    /// What survives kill -9 in a loop, on both databases
    Kill,
    #[default]
    All,
}

/// Each subject with the arguments of its `cargo bench`.
const BENCHES: &[(Subject, &[&str])] = &[
    (Subject::Evaluation, &["--package", "evaluation"]),
    (Subject::Db, &["--package", "db", "--bench", "commit"]),
    (Subject::Judge, &["--package", "releases", "--bench", "harmless"]),
    (Subject::Judge, &["--package", "demo", "--bench", "judge"]),
    (Subject::Snapshot, &["--package", "flags", "--bench", "snapshot"]),
    (Subject::Delivery, &["--package", "server", "--bench", "delivery"]),
    (Subject::BigSegments, &["--package", "flags", "--bench", "big_segments"]),
    (Subject::Kill, &["--package", "server", "--bench", "kill"]),
];

pub(crate) fn run(subject: Subject) -> Result<()> {
    if matches!(subject, Subject::Judge | Subject::Kill | Subject::Delivery | Subject::All) {
        // They drive the real binary, which embeds the console.
        web::ready(&mut Progress::new(2))?;
        Program::cargo().args(["build", "--package", "server"]).show()?;
    }
    if matches!(subject, Subject::BigSegments | Subject::All) {
        // As people run it: what is measured is the server in another process.
        web::ready(&mut Progress::new(2))?;
        Program::cargo().args(["build", "--release", "--package", "server"]).show()?;
    }
    for (subject, arguments) in BENCHES.iter().filter(|(it, _)| subject == Subject::All || subject == *it) {
        let mut bench = Program::cargo().arg("bench").args(*arguments);
        if *subject == Subject::Delivery
            && let Some(peer) = unleash_edge()
        {
            bench = bench.args(["--", "--unleash-edge"]).arg(peer);
        }
        bench.show()?;
    }
    Ok(())
}

/// Unleash's edge, built once into the target folder; where it cannot be had, ours is measured alone.
fn unleash_edge() -> Option<PathBuf> {
    const VERSION: &str = "20.1.0";
    let tools = places::target().join("tools");
    let program = tools.join("bin/unleash-edge");
    if !program.exists() {
        println!("installing unleash-edge {VERSION}, to measure beside it: some ten minutes, once");
        let install = Program::cargo().args(["install", "unleash-edge", "--locked", "--version", VERSION, "--root"]);
        if let Err(error) = install.arg(&tools).show() {
            println!("{error:#}");
            return None;
        }
    }
    Some(program)
}
