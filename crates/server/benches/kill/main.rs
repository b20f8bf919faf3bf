//! kill -9 in a loop, on both databases: prints what was acknowledged, lost, duplicated, and how soon it was back.
//!
//! `cargo bench -p server --bench kill -- --rounds 200 --database both`; fails when anything is lost or duplicated. With
//! `--profile dev` it needs no optimised build, and kills in the same places.
#![allow(clippy::print_stdout, reason = "a bench prints figures")]

mod ordeal;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use db::Dialect;
use db::testing::Fresh;

use crate::ordeal::Plan;

/// Kills Steadfast in a loop, and looks what it still knows.
#[derive(Debug, Parser)]
struct Arguments {
    /// How often to kill it on each database
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// On which database
    #[arg(long, default_value = "both")]
    database: Which,
    /// Of what is written and when it is killed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Which `steadfast` to kill; the one that was built with this bench if not given
    #[arg(long)]
    binary: Option<PathBuf>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    Sqlite,
    Postgres,
    Both,
}

impl Which {
    fn dialects(self) -> &'static [Dialect] {
        match self {
            Self::Sqlite => &[Dialect::Sqlite],
            Self::Postgres => &[Dialect::Postgres],
            Self::Both => &[Dialect::Sqlite, Dialect::Postgres],
        }
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let binary = arguments.binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_steadfast").into());
    let mut whole = true;
    for dialect in arguments.database.dialects() {
        let fresh = Fresh::durable(*dialect).await;
        let database = (*dialect == Dialect::Postgres).then(|| fresh.address());
        let plan = Plan { binary: binary.clone(), database, rounds: arguments.rounds, seed: arguments.seed };
        let figures = ordeal::run(&plan).await?;
        println!("{figures}");
        for fault in &figures.faults {
            println!("  {fault}");
        }
        whole &= figures.faults.is_empty();
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
