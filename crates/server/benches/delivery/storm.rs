//! Every stream goes at once, and comes back at once.

use std::time::Duration;

use anyhow::{Context as _, Result};
use testkit::Steadfast;

use crate::crowd::Crowd;
use crate::fanout::{address, request};
use crate::process::Process;

pub(crate) async fn run(steadfast: &Steadfast, streams: usize) -> Result<()> {
    let process = Process(steadfast.pid().context("it runs")?);
    let (address, request) = (address(steadfast)?, request(steadfast).await?);
    let ask = |_| request.clone();
    let crowd = Crowd::gather(address, &ask, b"event: put", streams)?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let steady = process.resident()?;
    drop(crowd);
    process.forget_peak()?;
    let (_crowd, heard) = tokio::task::block_in_place(|| Crowd::storm(address, &ask, b"event: put", streams))?;
    let peak = process.peak()?;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!("{streams} streams come back at once");
    println!(
        "  half are served after {:.2} s, the last after {:.2} s (at most 10)",
        heard.half().as_secs_f64(),
        heard.last().as_secs_f64()
    );
    println!(
        "  memory: {:.0} MiB steady, {:.0} MiB at most, {:.2} times (at most 2)",
        mib(steady),
        mib(peak),
        mib(peak) / mib(steady)
    );
    Ok(())
}
