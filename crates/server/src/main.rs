//! `steadfast`: reads the command line and does what it says.

use std::process::ExitCode;

use clap::Parser;
use server::config::{Cli, Command};

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(config) => server::serve::run(*config).map(|()| ExitCode::SUCCESS),
        Command::Edge(config) => server::edge::run(*config).map(|()| ExitCode::SUCCESS),
        Command::Evaluate(config) => {
            let answered = server::evaluate::run(&config.payload, std::io::stdin().lock(), std::io::stdout().lock());
            answered.map(|()| ExitCode::SUCCESS)
        }
        Command::Import(config) => server::import::run(config),
        Command::Openapi => server::router::print_openapi().map(|()| ExitCode::SUCCESS),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("steadfast: {error:#}");
            ExitCode::FAILURE
        }
    }
}
