//! One change to all streams, in turn with the floor; and what an idle stream holds.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use serde_json::json;
use testkit::Steadfast;
use tokio::runtime::Handle;

use crate::crowd::{Crowd, Heard};
use crate::floor::Floor;
use crate::process::Process;

/// The flag's JSON comes to about this much.
const FRAME_BYTES: usize = 1_024;
const TURNS: usize = 3;
const FLAG: &str = "/api/projects/default/environments/production/flags/fan-out";

/// What a server SDK asks.
pub(crate) async fn request(steadfast: &Steadfast) -> Result<Vec<u8>> {
    let key = steadfast.sdk_key("production").await?;
    let request =
        format!("GET /all HTTP/1.1\r\nhost: steadfast\r\nauthorization: {key}\r\naccept: text/event-stream\r\n\r\n");
    Ok(request.into_bytes())
}

pub(crate) fn address(steadfast: &Steadfast) -> Result<std::net::SocketAddr> {
    Ok(steadfast.url().trim_start_matches("http://").parse()?)
}

pub(crate) async fn run(steadfast: &Steadfast, streams: usize, changes: usize) -> Result<()> {
    make_flag(steadfast).await?;
    let process = Process(steadfast.pid().context("it runs")?);
    let request = request(steadfast).await?;
    let before = process.resident()?;
    let (mut told, mut sent, mut with_all) = (Vec::new(), Vec::new(), None);
    for turn in 0..TURNS {
        // One crowd after the other: two would need more descriptors than a process is given here.
        let mut ours = Crowd::gather(address(steadfast)?, &|_| request.clone(), b"event: put", streams)?;
        if with_all.is_none() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            with_all = Some(process.resident()?);
        }
        for at in 0..changes {
            told.push(change(steadfast, FLAG, &mut ours, turn * changes + at).await?);
        }
        drop(ours);
        sent.extend(bare(streams, changes)?);
    }
    print(streams, (before, with_all.unwrap_or_default()), (&told, &sent));
    Ok(())
}

/// The same by the bare loop.
pub(crate) fn bare(streams: usize, changes: usize) -> Result<Vec<Heard>> {
    let mut floor = Floor::start()?;
    let mut crowd = Crowd::gather(floor.address, &|_| b"\n".to_vec(), b"event: put", streams)?;
    let frame = format!("event: patch: {}", "x".repeat(FRAME_BYTES));
    let sent = (0..changes).map(|_| {
        let start = Instant::now();
        floor.send(&frame)?;
        crowd.hear(b"event: patch", start)
    });
    sent.collect()
}

/// From the request of a change until each stream has it.
pub(crate) async fn change(steadfast: &Steadfast, flag: &str, crowd: &mut Crowd, at: usize) -> Result<Heard> {
    let kind = if at.is_multiple_of(2) { "turnFlagOn" } else { "turnFlagOff" };
    let body = json!({"instructions": [{"kind": kind}]});
    let start = Instant::now();
    let runtime = Handle::current();
    // Each on a thread of its own: a request that must connect first would never be sent by a thread that listens.
    let (edited, heard) = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let hearing = scope.spawn(|| crowd.hear(b"event: patch", start));
            (runtime.block_on(steadfast.patch(flag, &body)), hearing.join())
        })
    });
    edited?;
    heard.map_err(|_| anyhow!("the listener panicked"))?
}

async fn make_flag(steadfast: &Steadfast) -> Result<()> {
    let flag = json!({"key": "fan-out", "name": "Fan-out", "kind": "boolean"});
    steadfast.post("/api/projects/default/flags", &flag).await?;
    let people: Vec<String> = (0..(FRAME_BYTES - 500) / 12).map(|at| format!("person-{at:03}")).collect();
    let targets =
        json!({"instructions": [{"kind": "addTargets", "contextKind": "user", "variation": 0, "values": people}]});
    steadfast.patch(FLAG, &targets).await.map(|_| ())
}

fn print(streams: usize, (before, with_all): (u64, u64), (told, sent): (&[Heard], &[Heard])) {
    println!("one change of {FRAME_BYTES} bytes to {streams} streams, {} times each in turn", told.len());
    compare(told, sent);
    println!("  (the p99 is to be at most 1.5 times the floor's)");
    let each = with_all.saturating_sub(before) as f64 / 1_024.0 / streams as f64;
    println!("  an idle stream holds {each:.1} KiB (at most 9); the server with all of them {} MiB", with_all >> 20);
}

/// How long until the last has it, beside the floor.
pub(crate) fn compare(told: &[Heard], sent: &[Heard]) {
    let millis = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1_000.0);
    println!("  until the last has it      p50         p99         max");
    let mut p99 = Vec::new();
    for (name, all) in [("Steadfast, with its commit", told), ("floor: a bare loop of send", sent)] {
        let mut last: Vec<Duration> = all.iter().map(Heard::last).collect();
        last.sort_unstable();
        let at = |percent: usize| last[(last.len() - 1) * percent / 100];
        println!("  {name:26} {:>9}   {:>9}   {:>9}", millis(at(50)), millis(at(99)), millis(at(100)));
        p99.push(at(99).as_secs_f64());
    }
    let mut halves: Vec<Duration> = told.iter().map(Heard::half).collect();
    halves.sort_unstable();
    println!("  half of all streams have it after {} (median)", millis(halves[halves.len() / 2]));
    println!("  p99 over the floor's: {:.2}", p99[0] / p99[1]);
}
