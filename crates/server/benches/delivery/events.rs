//! Events at 202 after commit: batches of 500 as an SDK under a tracked flag sends them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use testkit::Steadfast;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::fanout::address;
use crate::process::Process;

const CONNECTIONS: usize = 8;
const BATCH: usize = 500;
const TIME: Duration = Duration::from_secs(5);

pub(crate) async fn run(steadfast: &Steadfast) -> Result<()> {
    let key = steadfast.sdk_key("production").await?;
    let metric = json!({"key": "failures", "name": "Failures", "eventKey": "request-failed"});
    steadfast.post("/api/projects/default/metrics", &metric).await?;
    let process = Process(steadfast.pid().context("it runs")?);
    println!("events, {BATCH} a batch, acknowledged after commit ({CONNECTIONS} connections)");
    for (name, body) in [("feature events", features()), ("a mix with outcomes and a summary", mixed())] {
        let (busy, begun) = (process.busy()?, Instant::now());
        let mut senders = JoinSet::new();
        for sender in 0..CONNECTIONS {
            senders.spawn(send(address(steadfast)?, (key.clone(), body.clone()), sender, begun + TIME));
        }
        let mut batches = 0;
        while let Some(sent) = senders.join_next().await {
            batches += sent??;
        }
        let events = f64::from(batches) * BATCH as f64;
        let (took, busy) = (begun.elapsed().as_secs_f64(), process.busy()?.saturating_sub(busy).as_secs_f64());
        println!(
            "  {name:34} {:>9.0} events/s on this machine, {:>9.0} events/s and core of the server (at least 500000), {} KB a batch",
            events / took,
            events / busy,
            body.len() / 1_000
        );
    }
    Ok(())
}

async fn send(
    address: std::net::SocketAddr,
    (key, body): (String, String),
    sender: usize,
    until: Instant,
) -> Result<u32> {
    let mut socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let (mut buffer, mut sent) = (vec![0; 4_096], 0);
    while Instant::now() < until {
        let head = format!(
            "POST /bulk HTTP/1.1\r\nhost: steadfast\r\nauthorization: {key}\r\nuser-agent: NodeJSClient/9.13.7\r\n\
             x-launchdarkly-event-schema: 4\r\nx-launchdarkly-payload-id: {sender}-{sent}-{}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.as_ptr() as usize,
            body.len()
        );
        socket.write_all(head.as_bytes()).await?;
        socket.write_all(body.as_bytes()).await?;
        let read = socket.read(&mut buffer).await?;
        ensure!(buffer[..read].starts_with(b"HTTP/1.1 202"), "{}", String::from_utf8_lossy(&buffer[..read]));
        sent += 1;
    }
    Ok(sent)
}

/// As LaunchDarkly's Node SDK writes it, member by member (`feasibility.md` §5.2).
fn context(at: usize) -> String {
    format!(
        r#"{{"kind":"user","key":"user-{at}","country":"DE","plan":"gold","_meta":{{"redactedAttributes":["email"]}}}}"#
    )
}

fn feature(at: usize) -> String {
    let reason = r#"{"kind":"RULE_MATCH","ruleIndex":0,"ruleId":"r1"}"#;
    let served = format!(r#""version":3,"variation":0,"value":true,"default":false,"reason":{reason}"#);
    let (created, context) = (1_795_397_591_718_u64, context(at));
    format!(r#"{{"kind":"feature","creationDate":{created},"key":"checkout-new",{served},"context":{context}}}"#)
}

fn custom(at: usize) -> String {
    let (created, context) = (1_795_397_591_721_u64, context(at));
    format!(
        r#"{{"kind":"custom","creationDate":{created},"key":"request-failed","context":{context},"metricValue":1.5}}"#
    )
}

const SUMMARY: &str = r#"{"kind":"summary","startDate":1,"endDate":2,"features":{"checkout-new":{"default":false,"contextKinds":["user"],
    "counters":[{"variation":0,"version":3,"value":true,"count":400}]}}}"#;

fn features() -> String {
    batch((0..BATCH).map(feature))
}

fn mixed() -> String {
    let events = (0..BATCH - 1).map(|at| if at % 5 == 0 { custom(at) } else { feature(at) });
    batch(events.chain([SUMMARY.to_owned()]))
}

fn batch(events: impl Iterator<Item = String>) -> String {
    format!("[{}]", events.collect::<Vec<_>>().join(","))
}
