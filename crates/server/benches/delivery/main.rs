//! Delivery at scale: one change to 10,000 streams, what an idle stream holds, a reconnect storm, remote evaluations, events.
//!
//! `cargo bench -p server --bench delivery`. Each figure stands beside its floor, measured in the same run and in turn with
//! it, since these machines drift: the floor of fan-out is a program that does nothing but `send` to as many sockets.
#![allow(clippy::print_stdout, clippy::disallowed_methods)] // a bench reads the clock and prints

mod crowd;
mod events;
mod fanout;
mod floor;
mod pages;
mod peer;
mod process;
mod remote;
mod storm;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use testkit::Steadfast;

/// Measures how Steadfast delivers.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many streams
    #[arg(long, default_value_t = 10_000)]
    streams: usize,
    /// How many changes in each turn
    #[arg(long, default_value_t = 25)]
    changes: usize,
    /// Which `steadfast` to measure; the one that was built with this bench if not given
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Unleash's edge, to measure remote evaluations beside
    #[arg(long)]
    unleash_edge: Option<PathBuf>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
enum Part {
    /// A change to all streams, and what they hold when idle
    Fanout,
    /// A change to all pages, which see values
    Pages,
    /// All come back at once
    Storm,
    /// Flags evaluated over the wire
    Remote,
    /// Events at 202 after commit
    Events,
    /// The sender that does nothing else; the bench starts it
    #[command(hide = true)]
    Floor,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.part == Some(Part::Floor) {
        return floor::run();
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(&arguments))
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let binary = arguments.binary.clone().unwrap_or_else(|| env!("CARGO_BIN_EXE_steadfast").into());
    let mut steadfast = Steadfast::start(&binary, directory.path(), &["--log", "warn"]).await?;
    steadfast.set_up().await?;
    let wanted = |part| arguments.part.is_none_or(|only| only == part);
    if wanted(Part::Events) {
        events::run(&steadfast).await?;
    }
    if wanted(Part::Remote) {
        remote::run(&steadfast, arguments.unleash_edge.as_deref()).await?;
    }
    if wanted(Part::Fanout) {
        fanout::run(&steadfast, arguments.streams, arguments.changes).await?;
    }
    if wanted(Part::Pages) {
        pages::run(&steadfast, arguments.streams, arguments.changes).await?;
    }
    if wanted(Part::Storm) {
        storm::run(&steadfast, arguments.streams).await?;
    }
    Ok(())
}
