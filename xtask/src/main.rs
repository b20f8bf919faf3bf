//! The task runner: one command for each thing that a person does with this repository.
#![allow(clippy::print_stdout, reason = "a task runner speaks to a person at a terminal")]
#![allow(clippy::disallowed_methods, reason = "tasks are timed by the wall clock and configured by the environment")]

mod apt;
mod bench;
mod codegen;
mod conformance;
mod demo;
mod fuzz;
mod interrupt;
mod metadata;
mod places;
mod postgres;
mod process;
mod progress;
mod provision;
mod tally;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The task runner of Steadfast", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install or build what the other tasks need and this machine lacks
    Setup,
    /// Show the whole loop: a good release walks to 100 %, a bad one is taken back and paged
    Demo(demo::Arguments),
    /// Start the server as `steadfast serve`, with the console built; arguments are passed on
    Run {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run all tests, or only the named parts
    Test { parts: Vec<test::Part> },
    /// Run the benches, which print ratios measured in one run
    Bench {
        #[arg(value_enum, default_value_t)]
        subject: bench::Subject,
    },
    /// Look for bytes that break what must hold for any bytes
    Fuzz(fuzz::Arguments),
    /// Check the import rule, the rooms and the limits that no compiler checks
    Tidy,
    /// Write docs/openapi.json and the console's types from the server's routes
    Codegen {
        /// Write nothing; fail when a generated file is not current
        #[arg(long)]
        check: bool,
    },
    /// Build the console into web/dist
    Web,
    /// Run the browser stories against the real binary
    E2e,
}

fn main() -> ExitCode {
    match interrupt::listen().and_then(|()| perform(Arguments::parse().task)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    match task {
        Task::Setup => provision::everything()?,
        Task::Demo(arguments) => demo::start(&arguments)?,
        Task::Run { arguments } => demo::serve(&arguments)?,
        Task::Test { parts } => return Ok(test::run(&parts)),
        Task::Bench { subject } => bench::run(subject)?,
        Task::Fuzz(arguments) => fuzz::start(&arguments)?,
        Task::Tidy => println!("{}", tidy::run()?),
        Task::Codegen { check: false } => codegen::write()?,
        Task::Codegen { check: true } => return Ok(test::run(&[test::Part::Codegen])),
        Task::Web => web::task()?,
        Task::E2e => return Ok(test::run(&[test::Part::E2e])),
    }
    Ok(ExitCode::SUCCESS)
}
