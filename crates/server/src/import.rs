//! `steadfast import`: brings what another system knows into a running Steadfast, over its REST API.
//!
//! The command reads the other system, so that the server need not reach it; the server decides and reports.
//! [`launchdarkly`] and [`unleash`] are such systems, each in a file and folder of its own. [`client`] talks to Steadfast, [`print`]
//! shows its report, [`fetch`] asks with a key, [`guarded`] keeps secrets from strangers, [`api`] lets the console read both
//! systems, which a browser cannot.

pub mod api;
pub mod client;
mod fetch;
mod guarded;
pub mod launchdarkly;
mod print;
pub mod unleash;

use std::io::{Write as _, stdout};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use flags::import::Report;
use serde_json::json;

/// `steadfast import`.
#[derive(Debug, Args)]
pub struct Import {
    #[command(subcommand)]
    pub from: From,
}

/// From where.
#[derive(Debug, Subcommand)]
pub enum From {
    /// From LaunchDarkly, or another Steadfast: by SDK key, from a file, or, with an API token, with names and all environments.
    #[command(name = "launchdarkly")]
    LaunchDarkly(Box<launchdarkly::Arguments>),
    /// From Unleash: what its SDKs receive, by client token, or an export, by a token of its admin API; or from a file of either.
    Unleash(Box<unleash::Arguments>),
}

/// How an import is done and told, wherever it is from.
#[derive(Debug, Args)]
pub struct Manner {
    /// Writes nothing, and tells what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Changes what is in Steadfast already and differs; its history stays. Else it is refused.
    #[arg(long)]
    pub replace: bool,
    /// Prints each report as JSON.
    #[arg(long)]
    pub json: bool,
}

impl Manner {
    /// Prints what came of an environment.
    fn tell(&self, environment: &str, report: &Report) -> Result<()> {
        if self.json {
            return writeln!(stdout(), "{}", json!({"environment": environment, "report": report})).context(SILENT);
        }
        print::report(&mut stdout(), environment, report).context(SILENT)
    }
}

const SILENT: &str = "standard output cannot be written";

/// Something was refused, and the rest is done or would be.
const SOME_REFUSED: u8 = 3;

/// Imports, and prints the report.
pub fn run(import: Import) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let refused = match import.from {
        From::LaunchDarkly(arguments) => runtime.block_on(launchdarkly::run(*arguments))?,
        From::Unleash(arguments) => runtime.block_on(unleash::run(*arguments))?,
    };
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(SOME_REFUSED) })
}
