//! The product, started for a person: the demo of the whole loop, or the server alone.
//!
//! Both use the dev profile: a fresh machine then starts in minutes, and a debug build is fast enough for one shop.

use anyhow::Result;
use clap::Args;

use crate::codegen::build;
use crate::metadata;
use crate::places;
use crate::process::{Output, Program};
use crate::progress::{Line, Progress};
use crate::web;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Keep everything up afterwards and print the console's address and login
    #[arg(long)]
    stay: bool,
    /// Shorten the steps of the good release
    #[arg(long)]
    quick: bool,
}

/// `cargo xtask demo`.
pub(crate) fn start(arguments: &Arguments) -> Result<()> {
    let mut progress = Progress::new(3);
    web::ready(&mut progress)?;
    progress.step("steadfast and the shop", |line| build(line, &["--package", "server", "--package", "demo"]))?;
    let options = [(arguments.stay, "--stay"), (arguments.quick, "--quick")];
    program()?.args(options.into_iter().filter_map(|(wanted, option)| wanted.then_some(option))).replace()
}

/// The demo as a test: its exit code says whether each part of the loop happened.
pub(crate) fn quick(line: &Line) -> Result<Output> {
    program()?.arg("--quick").watch(line)
}

fn program() -> Result<Program> {
    Ok(Program::new(metadata::workspace()?.program("demo")?).arg("--binary").arg(places::steadfast()))
}

/// `cargo xtask run`: `steadfast serve` with these arguments.
pub(crate) fn serve(arguments: &[String]) -> Result<()> {
    let mut progress = Progress::new(3);
    web::ready(&mut progress)?;
    progress.step("steadfast", |line| build(line, &["--package", "server"]))?;
    Program::new(places::steadfast()).arg("serve").args(arguments).replace()
}
