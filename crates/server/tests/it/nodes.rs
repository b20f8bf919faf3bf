//! Two nodes on one PostgreSQL: each serves what the other changed, and takes over when the other dies.

use std::path::Path;

use db::Dialect;
use db::testing::{Fresh, dialects};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Mailbox, Steadfast};

use crate::database::BINARY;
use crate::wire::{eventually, open_stream};

struct Node {
    server: Steadfast,
    _directory: TempDir,
}

async fn start(fresh: &Fresh, smtp: &str) -> Node {
    let directory = tempfile::tempdir().unwrap();
    let address = fresh.address();
    let arguments = ["--database", &address, "--smtp", smtp, "--log", "off"];
    let server = Steadfast::start(Path::new(BINARY), directory.path(), &arguments).await.unwrap();
    Node { server, _directory: directory }
}

/// Whether the node leads this reconciler.
async fn leads(node: &Node, name: &str) -> bool {
    let status = node.server.get("/api/status").await.unwrap();
    let reconcilers = status["reconcilers"].as_array().unwrap();
    reconcilers.iter().any(|reconciler| reconciler["name"] == name && reconciler["leading"] == true)
}

/// A page of the incident of which this holds, as this node tells it.
async fn page(node: &Node, incident: &str, holds: impl Fn(&Value) -> bool) -> Option<Value> {
    let incident = node.server.get(&format!("/api/incidents/{incident}")).await.unwrap();
    incident["pages"].as_array().unwrap().iter().find(|page| holds(page)).cloned()
}

#[tokio::test]
async fn a_change_on_one_node_reaches_an_sdk_on_the_other_and_a_dead_nodes_page_is_sent_once() {
    if !dialects().contains(&Dialect::Postgres) {
        return;
    }
    let fresh = Fresh::new(Dialect::Postgres).await;
    let mailbox = Mailbox::open().await.unwrap();
    let smtp = format!("smtp://{}", mailbox.address());
    let mut one = start(&fresh, &smtp).await;
    one.server.set_up().await.unwrap();
    let mut other = start(&fresh, &smtp).await;
    other.server.log_in().await.unwrap();

    let sdk_key = one.server.sdk_key("production").await.unwrap();
    let mut stream = open_stream(other.server.url(), &sdk_key).await.unwrap();
    stream.next().await.unwrap().data("put");
    let made = one.server.post("/api/projects/default/flags", &json!({"key": "a", "name": "A"})).await.unwrap();
    let patch = stream.next().await.unwrap().data("patch");
    assert_eq!((&patch["path"], &patch["data"]["version"]), (&json!("/flags/a"), &made["version"]));

    eventually("the first service", async || one.server.get("/api/services/default").await.is_ok()).await;
    let led = async || leads(&one, "pages").await || leads(&other, "pages").await;
    eventually("somebody sends pages", led).await;
    let (mut leader, follower) = if leads(&one, "pages").await { (one, other) } else { (other, one) };
    assert!(!leads(&follower, "pages").await, "one node at a time");

    mailbox.refuse(true);
    let alert = json!({"service": "default", "summary": "It burns", "severity": "critical"});
    // On the node that does not send: what it takes in wakes the other.
    let alerted = follower.server.post("/api/alerts", &alert).await.unwrap();
    let incident = alerted["incident"].as_str().unwrap();
    let tried = async || page(&follower, incident, |page| page["attempts"].as_i64() >= Some(1)).await.is_some();
    eventually("the page is tried", tried).await;
    leader.server.kill().await.unwrap();
    mailbox.refuse(false);

    // The first level failed, so the next was paged without delay: the same person, and the later page replaces the earlier.
    let is_sent = |page: &Value| page["state"] == "sent";
    eventually("the page is sent", async || page(&follower, incident, is_sent).await.is_some()).await;
    assert!(leads(&follower, "pages").await);
    let all = async || {
        let status = follower.server.get("/api/status").await.unwrap();
        status["reconcilers"].as_array().unwrap().iter().all(|reconciler| reconciler["leading"] == true)
    };
    eventually("every reconciler moves", all).await;
    let sent = page(&follower, incident, is_sent).await.unwrap();
    let waits = |page: &Value| page["state"] == "queued";
    assert_eq!(page(&follower, incident, waits).await, None);
    let mails = mailbox.mails();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    assert!(mails[0].header("message-id").unwrap().contains(sent["id"].as_str().unwrap()));
}
