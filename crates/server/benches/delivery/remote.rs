//! Flags evaluated over the wire: OFREP, one flag a request, keep-alive.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use testkit::Steadfast;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::fanout::address;
use crate::process::Process;

const CONNECTIONS: usize = 32;
const TIME: Duration = Duration::from_secs(5);
/// How long it is asked whether the flag is served: once is enough.
const FIRST: Duration = Duration::from_millis(5);

pub(crate) async fn run(steadfast: &Steadfast) -> Result<()> {
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
    until_served(steadfast, &request).await?;
    let process = Process(steadfast.pid().context("it runs")?);
    let (busy, begun) = (process.busy()?, Instant::now());
    let mut askers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        askers.spawn(ask(address(steadfast)?, request.clone(), begun + TIME));
    }
    let mut answered = 0;
    while let Some(asked) = askers.join_next().await {
        answered += asked??;
    }
    let (took, busy) = (begun.elapsed().as_secs_f64(), process.busy()?.saturating_sub(busy).as_secs_f64());
    println!("remote evaluations (OFREP, one flag a request, {CONNECTIONS} connections)");
    println!(
        "  {:.0} a second on this machine, {:.0} a second and core of the server",
        f64::from(answered) / took,
        f64::from(answered) / busy
    );
    Ok(())
}

/// Those who evaluate hear of a change some milliseconds after it was accepted.
async fn until_served(steadfast: &Steadfast, request: &str) -> Result<()> {
    let served = async {
        while let Err(early) = ask(address(steadfast)?, request.to_owned(), Instant::now() + FIRST).await {
            ensure!(early.to_string().contains("\"value\":false"), "{early}");
        }
        Ok(())
    };
    tokio::time::timeout(Duration::from_secs(10), served).await.context("the flag is never served")?
}

async fn ask(address: std::net::SocketAddr, request: String, until: Instant) -> Result<u32> {
    let mut socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let (mut buffer, mut answered) = (vec![0; 4_096], 0);
    while Instant::now() < until {
        socket.write_all(request.as_bytes()).await?;
        // The answer is one short piece.
        let read = socket.read(&mut buffer).await?;
        let answer = std::str::from_utf8(&buffer[..read])?;
        ensure!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"value\":true"), "{answer}");
        answered += 1;
    }
    Ok(answered)
}
