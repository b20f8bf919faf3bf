//! `steadfast`: reads the command line and does what it says.

use std::process::ExitCode;

use clap::Parser;
use server::config::{Cli, Command};

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(config) => server::serve::run(*config),
        Command::Edge(config) => server::edge::run(*config),
        Command::Evaluate(config) => {
            server::evaluate::run(&config.payload, std::io::stdin().lock(), std::io::stdout().lock())
        }
        Command::Openapi => server::router::print_openapi(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("steadfast: {error:#}");
            ExitCode::FAILURE
        }
    }
}
