//! All tests, in one order, with what they need before them and one truthful line at the end.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::codegen;
use crate::conformance;
use crate::demo;
use crate::fuzz;
use crate::interrupt;
use crate::metadata;
use crate::places;
use crate::postgres::{self, Server};
use crate::process::{Output, Program};
use crate::progress::{Line, Progress, seconds};
use crate::provision::{self, CHROMIUM};
use crate::tally::{self, Tally};
use crate::tidy;
use crate::web;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// cargo fmt
    Format,
    /// Types, lint and unit tests of the console
    Web,
    /// clippy
    Lint,
    /// Unit tests of every crate, and the examples in their documentation
    Unit,
    /// Integration tests: stores on both databases, the HTTP API, timelines, kill -9
    Api,
    /// The import rule, the rooms and the limits
    Tidy,
    /// Generated files are current
    Codegen,
    /// Other people's SDKs against the real binary
    Conformance,
    /// Browser stories against the real binary
    E2e,
    /// The loop, shortened
    Demo,
    /// A minute of libFuzzer for each property of the crate fuzz
    Fuzz,
}

struct Step {
    name: &'static str,
    /// `None` for a step that only prepares others.
    part: Option<Part>,
    /// Steps that must have succeeded.
    after: &'static [&'static str],
    work: fn(&Line, &mut Run) -> Result<String>,
}

/// What the steps of one run share.
#[derive(Default)]
struct Run {
    postgres: Option<Server>,
    /// Of the step that runs now.
    tally: Tally,
}

const PLAN: &[Step] = &[
    Step { name: "web packages", part: None, after: &[], work: |line, _| provision::web_packages(line) },
    Step { name: "e2e packages", part: None, after: &[], work: |line, _| provision::e2e_packages(line) },
    Step {
        name: "conformance packages",
        part: None,
        after: &[],
        work: |line, _| provision::conformance_packages(line),
    },
    Step { name: "Python packages", part: None, after: &[], work: |line, _| provision::python_packages(line) },
    Step { name: "PostgreSQL", part: None, after: &[], work: |line, _| provision::postgresql(line) },
    Step { name: "Redis", part: None, after: &[], work: |line, _| provision::redis(line) },
    Step { name: "Chromium", part: None, after: &[], work: |line, _| provision::chromium(line) },
    Step { name: "format", part: Some(Part::Format), after: &[], work: |line, _| format(line) },
    Step { name: "web", part: Some(Part::Web), after: &["web packages"], work: console_tests },
    Step { name: "console", part: None, after: &["web packages"], work: |line, _| web::build_if_stale(line) },
    Step { name: "lint", part: Some(Part::Lint), after: &["console"], work: |line, _| lint(line) },
    Step { name: "PostgreSQL server", part: None, after: &["PostgreSQL"], work: start_postgres },
    Step { name: "unit", part: Some(Part::Unit), after: &["console", "PostgreSQL server"], work: unit },
    Step { name: "documentation", part: Some(Part::Unit), after: &["console"], work: examples },
    Step {
        name: "api",
        part: Some(Part::Api),
        // Unleash's client specification is one of the packages.
        after: &["console", "PostgreSQL server", "Redis", "conformance packages"],
        work: integration,
    },
    Step { name: "tidy", part: Some(Part::Tidy), after: &[], work: |_, _| tidy::run() },
    Step { name: "programs", part: None, after: &["console"], work: |line, _| programs(line) },
    Step { name: "codegen", part: Some(Part::Codegen), after: &["programs"], work: |line, _| codegen::check(line) },
    Step {
        name: "conformance: node",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages", "Redis"],
        work: |line, run| sdk(line, run, &conformance::node(line)?),
    },
    Step {
        name: "conformance: python",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages", "Python packages"],
        work: |line, run| sdk(line, run, &conformance::python(line)?),
    },
    Step {
        name: "conformance: rust",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages"],
        work: |line, run| sdk(line, run, &conformance::rust(line)?),
    },
    Step {
        name: "conformance: js",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages", "Chromium"],
        work: |line, run| sdk(line, run, &conformance::browser(line)?),
    },
    Step {
        name: "conformance: react",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages", "Chromium"],
        work: |line, run| sdk(line, run, &conformance::react(line)?),
    },
    Step {
        name: "conformance: node-client",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages"],
        work: |line, run| sdk(line, run, &conformance::node_client(line)?),
    },
    Step {
        name: "conformance: ofrep",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages"],
        work: |line, run| sdk(line, run, &conformance::ofrep(line)?),
    },
    Step {
        name: "conformance: ofrep-python",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages", "Python packages"],
        work: |line, run| sdk(line, run, &conformance::ofrep_python(line)?),
    },
    Step {
        name: "conformance: ofrep-web",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages", "Chromium"],
        work: |line, run| sdk(line, run, &conformance::ofrep_web(line)?),
    },
    Step {
        name: "conformance: ofrep-react",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages", "Chromium"],
        work: |line, run| sdk(line, run, &conformance::ofrep_react(line)?),
    },
    Step {
        name: "conformance: unleash-python",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages", "Python packages"],
        work: |line, run| sdk(line, run, &conformance::unleash_python(line)?),
    },
    Step {
        name: "conformance: unleash",
        part: Some(Part::Conformance),
        after: &["programs", "conformance packages"],
        work: |line, run| sdk(line, run, &conformance::unleash(line)?),
    },
    Step {
        name: "e2e",
        part: Some(Part::E2e),
        after: &["programs", "e2e packages", "conformance packages", "Python packages", "Chromium"],
        work: stories,
    },
    Step { name: "demo", part: Some(Part::Demo), after: &["programs"], work: |line, _| loop_closes(line) },
    Step { name: "C++ compiler", part: None, after: &[], work: |line, _| provision::cplusplus(line) },
    Step { name: "fuzz", part: Some(Part::Fuzz), after: &["C++ compiler", "console"], work: fuzzing },
];

/// Runs the chosen parts, or all, and prints `N passed, M failed` last.
pub(crate) fn run(parts: &[Part]) -> ExitCode {
    let steps = chosen(parts);
    let mut progress = Progress::new(steps.len());
    let mut run = Run::default();
    let mut broken = BTreeSet::new();
    let mut results = Vec::new();
    for step in steps {
        if interrupt::requested() {
            break;
        }
        let result = match step.after.iter().find(|name| broken.contains(**name)) {
            Some(name) => pass_over(step, name, &mut progress),
            None => perform(step, &mut run, &mut progress),
        };
        if !result.succeeded {
            broken.insert(step.name);
        }
        results.push(result);
    }
    drop(run);
    conclude(&results)
}

/// The steps of `parts` and, before them, what they need.
fn chosen(parts: &[Part]) -> Vec<&'static Step> {
    let wanted = |step: &Step| step.part.is_some_and(|part| parts.is_empty() || parts.contains(&part));
    let mut names: BTreeSet<_> = PLAN.iter().filter(|step| wanted(step)).map(|step| step.name).collect();
    // What a step needs stands before it, so one pass from the end finds everything.
    for step in PLAN.iter().rev().filter(|step| names.contains(step.name)).collect::<Vec<_>>() {
        names.extend(needs(step));
    }
    PLAN.iter().filter(|step| names.contains(step.name)).collect()
}

fn needs(step: &Step) -> Vec<&'static str> {
    let direct = step.after.iter().filter_map(|name| PLAN.iter().find(|step| step.name == *name));
    direct.flat_map(|needed| [vec![needed.name], needs(needed)].concat()).collect()
}

struct StepResult {
    name: &'static str,
    time: Duration,
    tally: Tally,
    succeeded: bool,
}

fn perform(step: &Step, run: &mut Run, progress: &mut Progress) -> StepResult {
    let began = Instant::now();
    run.tally = Tally::default();
    let outcome = progress.step(step.name, |line| (step.work)(line, run));
    if let Err(error) = &outcome {
        println!("{error:#}\n");
        // A step that fails without a failed test, as a build does, is one failure.
        run.tally.failed = run.tally.failed.max(1);
    }
    StepResult { name: step.name, time: began.elapsed(), tally: run.tally, succeeded: outcome.is_ok() }
}

/// A step whose need is broken proves nothing, which counts as one failure.
fn pass_over(step: &Step, broken: &str, progress: &mut Progress) -> StepResult {
    progress.pass_over(step.name, &format!("not run, because `{broken}` failed"));
    StepResult { name: step.name, time: Duration::ZERO, tally: Tally { passed: 0, failed: 1 }, succeeded: false }
}

/// The table of durations and the line of counts.
fn conclude(results: &[StepResult]) -> ExitCode {
    let mut total = Tally::default();
    println!("\n{:<26} {:>9} {:>8} {:>8}", "step", "time", "passed", "failed");
    for result in results {
        let outcome = if result.succeeded { "" } else { "  ✗" };
        let Tally { passed, failed } = result.tally;
        println!("{:<26} {:>9} {passed:>8} {failed:>8}{outcome}", result.name, seconds(result.time));
        total += result.tally;
    }
    let time = results.iter().map(|result| result.time).sum();
    println!("{:<26} {:>9}\n", "together", seconds(time));
    if interrupt::requested() {
        println!("interrupted: not every step ran");
    }
    println!("{total}");
    let whole = total.failed == 0 && !interrupt::requested();
    if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Adds what a test program counted to the run; fails when it failed or ran nothing.
fn counted(run: &mut Run, output: &Output, count: fn(&[String]) -> Tally) -> Result<String> {
    run.tally += count(&output.lines);
    if !output.succeeded() {
        return Err(output.failure(100));
    }
    summary(run)
}

fn summary(run: &Run) -> Result<String> {
    match run.tally {
        Tally { passed: 0, failed: 0 } => bail!("no test was run"),
        Tally { failed: 0, .. } => Ok(run.tally.to_string()),
        Tally { failed, .. } => bail!("{failed} failed although the program exited with 0"),
    }
}

fn format(line: &Line) -> Result<String> {
    Program::cargo().args(["fmt", "--all", "--check"]).watch(line)?.success()?;
    Ok("as rustfmt writes it".to_owned())
}

fn lint(line: &Line) -> Result<String> {
    let clippy = Program::cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]);
    clippy.watch(line)?.success()?;
    Ok("no warning".to_owned())
}

fn console_tests(line: &Line, run: &mut Run) -> Result<String> {
    web::check(line)?;
    counted(run, &web::unit_tests(line)?, tally::vitest)
}

fn start_postgres(line: &Line, run: &mut Run) -> Result<String> {
    let server = run.postgres.insert(Server::start(line)?);
    Ok(server.url())
}

fn unit(line: &Line, run: &mut Run) -> Result<String> {
    cargo_test(line, run, &["--lib", "--bins"])
}

fn examples(line: &Line, run: &mut Run) -> Result<String> {
    cargo_test(line, run, &["--doc"])
}

fn integration(line: &Line, run: &mut Run) -> Result<String> {
    cargo_test(line, run, &["--test", "*", "--", "--show-output"])
}

fn cargo_test(line: &Line, run: &mut Run, selection: &[&str]) -> Result<String> {
    let mut program = Program::cargo().args(["test", "--workspace", "--no-fail-fast"]).args(selection);
    if let Some(server) = &run.postgres {
        program = program.env(postgres::VARIABLE, server.url());
    }
    let output = program.watch(line)?;
    run.tally += tally::cargo(&output.lines);
    if !output.succeeded() {
        return Err(output.failure_showing(tally::cargo_failures(&output.lines)));
    }
    // What a test measured is for people, even when it passes.
    output.lines.iter().filter(|text| text.starts_with("figures: ")).for_each(|text| line.announce(text));
    Ok(run.tally.to_string())
}

/// Everything that later steps start; one build, so that features are resolved once.
fn programs(line: &Line) -> Result<String> {
    codegen::build(line, &["--workspace", "--bins"])
}

/// One SDK's checks, each shown, because they carry what was measured.
fn sdk(line: &Line, run: &mut Run, output: &Output) -> Result<String> {
    let summary = counted(run, output, tally::conformance)?;
    output.lines.iter().filter(|text| text.starts_with("ok ")).for_each(|text| line.announce(text));
    Ok(summary)
}

fn stories(line: &Line, run: &mut Run) -> Result<String> {
    let stories = Program::new("npm")
        .arg("test")
        .env("CI", "true")
        .env("STEADFAST_BINARY", places::steadfast())
        .env("STEADFAST_CHROMIUM", CHROMIUM)
        .env("STEADFAST_PYTHON", provision::python())
        .env("STEADFAST_RUST_HOST", metadata::workspace()?.program("conformance-rust")?)
        .dir(places::at("e2e"));
    let output = stories.watch(line).context("the browser stories could not be run")?;
    counted(run, &output, tally::playwright)
}

fn loop_closes(line: &Line) -> Result<String> {
    demo::quick(line)?.success()?;
    Ok("the loop closes".to_owned())
}

fn fuzzing(line: &Line, run: &mut Run) -> Result<String> {
    run.tally += fuzz::all(line)?;
    if run.tally.failed > 0 {
        bail!("{} of the properties do not hold", run.tally.failed);
    }
    summary(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_stands_behind_what_it_needs() {
        for (at, step) in PLAN.iter().enumerate() {
            for need in step.after {
                let before = PLAN[..at].iter().any(|it| it.name == *need);
                assert!(before, "{} needs {need}", step.name);
            }
        }
    }

    #[test]
    fn a_part_brings_what_it_needs_and_no_more() {
        let names = |parts: &[Part]| chosen(parts).iter().map(|step| step.name).collect::<Vec<_>>();
        assert_eq!(names(&[Part::Format]), ["format"]);
        assert_eq!(
            names(&[Part::Api]),
            ["web packages", "conformance packages", "PostgreSQL", "Redis", "console", "PostgreSQL server", "api"]
        );
        assert_eq!(names(&[]).len(), PLAN.len());
    }

    #[test]
    fn a_step_that_fails_without_a_test_is_one_failure() {
        let step = Step { name: "no test", part: None, after: &[], work: |_, run| summary(run) };
        let result = perform(&step, &mut Run::default(), &mut Progress::new(1));
        assert!(!result.succeeded);
        assert_eq!(result.tally, Tally { passed: 0, failed: 1 });
    }
}
