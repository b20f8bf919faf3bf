//! `steadfast import`: brings what another system knows into a running Steadfast, over its REST API.
//!
//! The command reads the other system, so that the server need not reach it; the server decides and reports.
//! [`launchdarkly`] and [`unleash`] are such systems, each in a file and folder of its own. [`client`] talks to Steadfast, [`print`]
//! shows its report, [`guarded`] keeps secrets from strangers, [`api`] lets the console read LaunchDarkly, which a browser cannot.

pub mod api;
pub mod client;
mod guarded;
pub mod launchdarkly;
mod print;
pub mod unleash;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

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
