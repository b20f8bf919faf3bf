//! Flags evaluated over the wire, one flag a request, keep-alive: ours by OFREP, beside Unleash's edge where it is installed.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use testkit::Steadfast;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::fanout::address;
use crate::peer::UnleashEdge;
use crate::process::Process;

const CONNECTIONS: usize = 32;
const TIME: Duration = Duration::from_secs(3);
/// In turn, since these machines drift.
const TURNS: usize = 3;
/// How long it is asked whether the flag is served: once is enough.
const FIRST: Duration = Duration::from_millis(5);

/// Who is asked, and what.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    pub(crate) request: String,
    /// Stands in every answer.
    pub(crate) expected: &'static str,
}

/// Requests answered a second: on this machine, and for each second that the server spent on a core.
#[derive(Clone, Copy, Debug, Default)]
struct Speed {
    machine: f64,
    core: f64,
}

pub(crate) async fn run(steadfast: &Steadfast, unleash_edge: Option<&Path>) -> Result<()> {
    let ours = ours(steadfast).await?;
    until_served(&ours).await?;
    let edge = unleash_edge.map(UnleashEdge::start).transpose()?;
    let theirs = edge.as_ref().map(UnleashEdge::asked);
    if let Some(theirs) = &theirs {
        until_served(theirs).await?;
    }
    println!("remote evaluations, one flag a request, {CONNECTIONS} connections, median of {TURNS} turns");
    let all: Vec<Asked> = [Some(ours), theirs].into_iter().flatten().collect();
    let mut speeds = vec![Vec::new(); all.len()];
    for _ in 0..TURNS {
        for (asked, speeds) in all.iter().zip(&mut speeds) {
            speeds.push(measure(asked).await?);
        }
    }
    let medians: Vec<Speed> = speeds.into_iter().map(median).collect();
    for (asked, Speed { machine, core }) in all.iter().zip(&medians) {
        println!("  {:26} {machine:>9.0} a second on this machine, {core:>9.0} a second and core", asked.name);
    }
    match medians[..] {
        [ours, theirs] => println!("  a core of ours does {:.2} times as many", ours.core / theirs.core),
        _ => println!("  unleash-edge is not installed here: `cargo xtask bench delivery` installs it"),
    }
    Ok(())
}

async fn ours(steadfast: &Steadfast) -> Result<Asked> {
    let flag = json!({"key": "remote", "name": "Remote", "kind": "boolean"});
    steadfast.post("/api/projects/default/flags", &flag).await?;
    let rule = json!({"kind": "addRule", "rule": {"variation": 0, "clauses": [{"attribute": "plan", "op": "in", "values": ["gold"]}]}});
    let configuration = "/api/projects/default/environments/production/flags/remote";
    steadfast.patch(configuration, &json!({"instructions": [{"kind": "turnFlagOn"}, rule]})).await?;
    let key = steadfast.sdk_key("production").await?;
    let body = json!({"context": {"targetingKey": "ada", "plan": "gold"}}).to_string();
    let request = format!(
        "POST /ofrep/v1/evaluate/flags/remote HTTP/1.1\r\nhost: steadfast\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let process = Process(steadfast.pid().context("it runs")?);
    Ok(Asked { name: "Steadfast (OFREP)", process, address: address(steadfast)?, request, expected: "\"value\":true" })
}

async fn measure(asked: &Asked) -> Result<Speed> {
    let (busy, begun) = (asked.process.busy()?, Instant::now());
    let mut askers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        askers.spawn(ask(asked.clone(), begun + TIME));
    }
    let mut answered = 0;
    while let Some(answers) = askers.join_next().await {
        answered += answers??;
    }
    let busy = asked.process.busy()?.saturating_sub(busy);
    let per = |time: Duration| f64::from(answered) / time.as_secs_f64();
    Ok(Speed { machine: per(begun.elapsed()), core: per(busy) })
}

fn median(mut speeds: Vec<Speed>) -> Speed {
    speeds.sort_unstable_by(|a, b| a.core.total_cmp(&b.core));
    speeds.get(speeds.len() / 2).copied().unwrap_or_default()
}

/// A server that begins, and those who evaluate, know of a flag some milliseconds after it was accepted.
async fn until_served(asked: &Asked) -> Result<()> {
    let served = async {
        while ask(asked.clone(), Instant::now() + FIRST).await.is_err() {
            tokio::time::sleep(FIRST).await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(10), served).await.is_err() {
        ask(asked.clone(), Instant::now() + FIRST).await.with_context(|| format!("{} never serves", asked.name))?;
    }
    Ok(())
}

async fn ask(asked: Asked, until: Instant) -> Result<u32> {
    let mut socket = TcpStream::connect(asked.address).await?;
    socket.set_nodelay(true)?;
    let (mut buffer, mut answered) = (vec![0; 4_096], 0);
    while Instant::now() < until {
        socket.write_all(asked.request.as_bytes()).await?;
        // The answer is one short piece.
        let read = socket.read(&mut buffer).await?;
        let answer = std::str::from_utf8(&buffer[..read])?;
        ensure!(answer.starts_with("HTTP/1.1 200") && answer.contains(asked.expected), "{answer}");
        answered += 1;
    }
    Ok(answered)
}
