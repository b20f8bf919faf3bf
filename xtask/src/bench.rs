//! The benches: each prints its table and the ratios measured in that run.

use anyhow::Result;
use clap::ValueEnum;

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
    #[default]
    All,
}

/// Each subject with the arguments of its `cargo bench`.
const BENCHES: &[(Subject, &[&str])] = &[
    (Subject::Evaluation, &["--package", "evaluation"]),
    (Subject::Db, &["--package", "db", "--bench", "commit"]),
    (Subject::Judge, &["--package", "server", "--bench", "judge"]),
];

pub(crate) fn run(subject: Subject) -> Result<()> {
    if subject == Subject::Judge || subject == Subject::All {
        // The binary that the judge drives embeds the console.
        web::ready(&mut Progress::new(2))?;
    }
    let chosen = BENCHES.iter().filter(|(it, _)| subject == Subject::All || subject == *it);
    chosen.into_iter().try_for_each(|(_, arguments)| Program::cargo().arg("bench").args(*arguments).show())
}
