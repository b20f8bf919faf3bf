//! `cargo xtask bench judge`, second half: how much harm a catastrophic release does through the real binary.
//!
//! The catastrophic release: 100 requests/s, a first step of 1 %, half of the treated fail, the SDK sends each 2 s.

#![allow(clippy::print_stdout)] // a bench prints its figures

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use serde_json::json;
use shop::{FAILURE, Habits, Shop};
use testkit::Steadfast;

const PLACE: &str = "/api/projects/default/environments/production";
const FLAG: &str = "checkout-v2";
/// The shop runs so long before the release: there is a usual day.
const AS_USUAL: Duration = Duration::from_secs(5);
/// A catastrophe that is not caught by then is not caught.
const PATIENCE: Duration = Duration::from_mins(3);

#[derive(Debug, Parser)]
struct Arguments {
    /// Seeded runs through the real binary.
    #[arg(long, default_value_t = 20)]
    runs: u64,
    /// So many of them at once, each with a server and a shop of its own.
    #[arg(long, default_value_t = 4)]
    at_once: usize,
    /// The server to start.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/debug/steadfast"))]
    binary: PathBuf,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let caught_ok = runtime.block_on(catastrophes(&arguments))?;
    ensure!(caught_ok, "the median catastrophe cost more than 12 failed requests");
    Ok(())
}

async fn catastrophes(arguments: &Arguments) -> Result<bool> {
    let mut failed = Vec::new();
    let mut waiting: Vec<u64> = (0..arguments.runs).rev().collect();
    let mut running = tokio::task::JoinSet::new();
    while !waiting.is_empty() || !running.is_empty() {
        while running.len() < arguments.at_once
            && let Some(seed) = waiting.pop()
        {
            running.spawn(catastrophe(arguments.binary.clone(), seed));
        }
        if let Some(done) = running.join_next().await {
            let caught = done??;
            println!(
                "run {:>2}: {:>2} failed requests of {:>3} treated, off after {:.1} s",
                caught.seed, caught.failed, caught.treated, caught.seconds
            );
            failed.push(caught.failed);
        }
    }
    failed.sort_unstable();
    let (Some(worst), Some(median)) = (failed.last(), failed.get(failed.len() / 2)) else { return Ok(true) };
    println!("figures: catastrophes, real: median {median} failed requests, worst {worst}, {} runs", failed.len());
    Ok(*median <= 12)
}

struct Caught {
    seed: u64,
    failed: u64,
    treated: u64,
    seconds: f64,
}

async fn catastrophe(binary: PathBuf, seed: u64) -> Result<Caught> {
    let directory = tempfile::tempdir()?;
    let steadfast = set_up(&binary, directory.path()).await?;
    let habits = Habits {
        flag: FLAG.to_owned(),
        rate: 100.0,
        fails_before: 0.002,
        fails_behind: 0.5,
        flush: Duration::from_secs(2),
        seed,
    };
    let shop = Shop::open(steadfast.url(), &steadfast.sdk_key("production").await?, habits).await?;
    tokio::time::sleep(AS_USUAL).await;
    let request =
        json!({"flag": FLAG, "treatment": 0, "control": 1, "pipeline": "one", "guards": [{"metric": FAILURE}]});
    steadfast.post(&format!("{PLACE}/releases"), &request).await?;
    let off = tokio::time::timeout(PATIENCE, async {
        while shop.tally().flag_off().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    off.await.with_context(|| format!("run {seed} was not caught"))?;
    let tally = shop.tally();
    let onset = tally.first_failure().context("it failed, since it was taken back")?;
    let seconds = tally.flag_off().map_or(0.0, |at| at.since(onset).as_secs_f64());
    let [failed, treated] = [&tally.failed_behind, &tally.treated].map(|count| count.load(Ordering::Relaxed));
    Ok(Caught { seed, failed, treated, seconds })
}

async fn set_up(binary: &Path, directory: &Path) -> Result<Steadfast> {
    let mut steadfast = Steadfast::start(binary, directory, &["--log", "error"]).await?;
    steadfast.set_up().await?;
    let metric = json!({"key": FAILURE, "name": "Payments that fail", "eventKey": FAILURE});
    steadfast.post("/api/projects/default/metrics", &metric).await?;
    let variations = json!([{"name": "new", "value": true}, {"name": "old", "value": false}]);
    let flag = json!({"key": FLAG, "name": "Checkout", "kind": "boolean", "variations": variations});
    steadfast.post("/api/projects/default/flags", &flag).await?;
    let pipeline = json!({"key": "one", "name": "One per cent first", "steps": [
        {"name": "1 %", "audience": {"percentage": 1}, "minimumSeconds": 300, "minimumUnits": 50},
        {"name": "Everyone", "audience": {"percentage": 100}, "minimumSeconds": 0},
    ]});
    steadfast.post("/api/projects/default/pipelines", &pipeline).await?;
    Ok(steadfast)
}
