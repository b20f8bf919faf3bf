//! Fuzzing on stable Rust: libFuzzer looks for bytes for which a property of the crate `fuzz` does not hold.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::{fs, thread};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::metadata;
use crate::places;
use crate::process::{Output, Program};
use crate::progress::{Line, Progress};
use crate::provision;
use crate::tally::Tally;

/// Each property may hold so much memory: a body of 4 KiB that needs more is a fault.
const MOST_MEMORY: &str = "-rss_limit_mb=2048";
/// An input that takes longer, in seconds, is a fault.
const LONGEST: &str = "-timeout=10";
const LARGEST: &str = "-max_len=4096";

#[derive(Args)]
pub(crate) struct Arguments {
    /// Which properties, by their folders in crates/fuzz/corpus; all when none is named
    properties: Vec<String>,
    /// For how long each is tried
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Add to the corpus what reached new code
    #[arg(long)]
    keep: bool,
}

/// `cargo xtask fuzz`.
pub(crate) fn start(arguments: &Arguments) -> Result<()> {
    let known = properties()?;
    if let Some(unknown) = arguments.properties.iter().find(|name| !known.contains(name)) {
        bail!("there is no property `{unknown}`: there are {}", known.join(", "));
    }
    let chosen = if arguments.properties.is_empty() { known } else { arguments.properties.clone() };
    let mut progress = Progress::new(3);
    progress.step("C++ compiler", provision::cplusplus)?;
    progress.step("build", build)?;
    progress.step("fuzz", |line| {
        let tally = search(line, &chosen, arguments.seconds)?;
        if arguments.keep {
            chosen.iter().try_for_each(|name| keep(line, name))?;
        }
        if tally.failed > 0 {
            bail!("{tally}");
        }
        Ok(tally)
    })?;
    Ok(())
}

/// Every property for a minute, as many at once as there are processors; each that holds is one that passed.
pub(crate) fn all(line: &Line) -> Result<Tally> {
    build(line)?;
    search(line, &properties()?, 60)
}

/// The folders of the corpus; a test of the crate holds them against its properties.
fn properties() -> Result<Vec<String>> {
    let folders = fs::read_dir(places::at("crates/fuzz/corpus")).context("crates/fuzz/corpus cannot be read")?;
    let names = folders.map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

/// Our own crates with counters in them; everyone else's are those of the ordinary build.
fn build(line: &Line) -> Result<String> {
    let program = Program::cargo().args(["build", "--workspace", "--bin", "fuzz", "--features", "fuzz/libfuzzer"]);
    program.env("RUSTC_WORKSPACE_WRAPPER", places::at("crates/fuzz/instrument")).watch(line)?.success()?;
    Ok("built with coverage".to_owned())
}

fn search(line: &Line, names: &[String], seconds: u32) -> Result<Tally> {
    let waiting = Mutex::new(names.iter().collect::<VecDeque<_>>());
    let (sender, results) = channel();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism()?.get().min(names.len()) {
            let (sender, waiting) = (sender.clone(), &waiting);
            scope.spawn(move || {
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                while let Some(name) = next() {
                    let result = look(name, seconds);
                    if sender.send((name, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut tally = Tally::default();
        for (name, result) in results {
            line.say(name);
            let told = told(name, &result?);
            line.announce(told.as_ref().unwrap_or_else(|broken| broken));
            match told {
                Ok(_) => tally.passed += 1,
                Err(_) => tally.failed += 1,
            }
        }
        Ok(tally)
    })
}

/// One property for a while. What reaches new code lies in the target folder and is where the next search begins.
fn look(name: &str, seconds: u32) -> Result<Output> {
    fs::create_dir_all(found(name))?;
    let prefix = places::target().join(format!("xtask/fuzz/failed-{name}-"));
    fuzzer(name)?
        .arg(found(name))
        .arg(kept(name))
        .args([&format!("-max_total_time={seconds}"), MOST_MEMORY, LONGEST, LARGEST])
        .arg(format!("-artifact_prefix={}", prefix.display()))
        .watch(&Line::quiet(&format!("fuzz {name}"))?)
}

/// How it went, in one line; an error names the bytes for which the property does not hold.
fn told(name: &str, output: &Output) -> std::result::Result<String, String> {
    let said = |word: &str| output.lines.iter().find(|line| line.contains(word)).map(String::as_str);
    if let Some(done) = said("Done ").filter(|_| output.succeeded()) {
        return Ok(format!("{name}: {}", done.trim_start_matches("Done ")));
    }
    let why = said("panicked at").or_else(|| said("SUMMARY")).unwrap_or("it said nothing");
    let sentence = output.lines.iter().skip_while(|line| *line != why).nth(1).map_or("", String::as_str);
    Err(format!("{name}: {why} {sentence}\n        {}", said("Test unit written").unwrap_or_default()))
}

/// Adds to the corpus what reaches code that nothing in it reaches.
fn keep(line: &Line, name: &str) -> Result<()> {
    fuzzer(name)?.arg("-merge=1").arg(kept(name)).arg(found(name)).watch(line)?.success()?;
    Ok(())
}

fn fuzzer(name: &str) -> Result<Program> {
    Ok(Program::new(metadata::workspace()?.program("fuzz")?).env("STEADFAST_FUZZ", name))
}

fn kept(name: &str) -> PathBuf {
    places::at("crates/fuzz/corpus").join(name)
}

fn found(name: &str) -> PathBuf {
    places::target().join("xtask/fuzz").join(name)
}
