//! The circle once around, on real parts: a server, a shop with LaunchDarkly's Rust SDK, a mailbox.

#![allow(clippy::print_stdout)] // a demo shows

mod progress;
mod stage;
mod story;
mod timeline;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Parser;

use crate::progress::Progress;
use crate::stage::Stage;

/// Shows a good release and a bad one, and exits with 0 only if everything happened that should.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server to start.
    #[arg(long)]
    binary: PathBuf,
    /// Keeps everything running afterwards, and prints how to log in to the console.
    #[arg(long)]
    stay: bool,
    /// Leaves out the good release.
    #[arg(long)]
    quick: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let progress = Progress::new();
    progress.show("starting the server");
    let stage = Stage::set(&arguments.binary).await?;
    progress.say(&format!("Steadfast listens on {}", stage.steadfast.url()));
    if !arguments.quick {
        story::good_release(&stage, &progress).await?;
    }
    let timeline = story::bad_release(&stage, &progress).await?;
    progress.finish();
    timeline.print();
    let missing = timeline.missing();
    ensure!(missing.is_empty(), "this did not happen: {}", missing.join(", "));
    if arguments.stay {
        println!("  Console: {}", stage.steadfast.url());
        println!("  Log in as {} with the password «{}»", testkit::binary::EMAIL, testkit::binary::PASSWORD);
        println!("  Ctrl-C ends it.\n");
        tokio::signal::ctrl_c().await?;
    }
    Ok(())
}
