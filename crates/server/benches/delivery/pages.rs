//! One change to all pages: each stream evaluates for a context of its own and is told what became different for it.

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use testkit::Steadfast;

use crate::crowd::Crowd;
use crate::fanout::{address, bare, change, compare};

/// What a page may see.
const FLAGS: usize = 100;
const FLAG: &str = "/api/projects/default/environments/production/flags/page-0";
const TURNS: usize = 3;

pub(crate) async fn run(steadfast: &Steadfast, streams: usize, changes: usize) -> Result<()> {
    for at in 0..FLAGS {
        make_flag(steadfast, at).await?;
    }
    let id = steadfast.client_side_id("production").await?;
    let ask = |at: usize| {
        let context = json!({"kind": "user", "key": format!("user-{at}"), "plan": if at.is_multiple_of(2) { "gold" } else { "free" }});
        let context = URL_SAFE_NO_PAD.encode(context.to_string());
        format!("GET /eval/{id}/{context} HTTP/1.1\r\nhost: steadfast\r\naccept: text/event-stream\r\n\r\n")
            .into_bytes()
    };
    let (mut told, mut sent) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        let mut pages = Crowd::gather(address(steadfast)?, &ask, b"event: put", streams)?;
        for at in 0..changes {
            told.push(change(steadfast, FLAG, &mut pages, turn * changes + at).await?);
        }
        drop(pages);
        sent.extend(bare(streams, changes)?);
    }
    println!(
        "one change to {streams} pages that see {FLAGS} flags, each with its context, {} times in turn",
        told.len()
    );
    compare(&told, &sent);
    Ok(())
}

/// Serves everybody its first variation, with a rule that is looked at; the flag that is changed begins off.
async fn make_flag(steadfast: &Steadfast, at: usize) -> Result<()> {
    let flag = json!({"key": format!("page-{at}"), "name": format!("Page {at}"), "kind": "boolean",
        "clientSideAvailability": {"usingEnvironmentId": true, "usingMobileKey": true}});
    steadfast.post("/api/projects/default/flags", &flag).await?;
    let clause = json!({"attribute": "plan", "op": "in", "values": ["platinum"]});
    let instructions = json!([
        {"kind": if at == 0 { "turnFlagOff" } else { "turnFlagOn" }},
        {"kind": "addRule", "rule": {"variation": 1, "clauses": [clause]}},
        {"kind": "setFallthrough", "variation": 0},
    ]);
    let configuration = format!("/api/projects/default/environments/production/flags/page-{at}");
    steadfast.patch(&configuration, &json!({"instructions": instructions})).await?;
    Ok(())
}
