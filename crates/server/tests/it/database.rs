//! The database goes away, or is full, and comes back: writes are refused, SDKs keep what they have, nothing is lost.

use std::path::Path;

use db::testing::{Fresh, dialects};
use db::{Dialect, params, sql};
use http::Method;
use serde_json::{Value, json};
use testkit::Steadfast;

use crate::house::{Answer, House, PRODUCTION};
use crate::ordeal::api::Api;
use crate::proxy::Proxy;
use crate::wire::{eventually, open_stream};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_steadfast");
const FLAG: &str = "/api/projects/default/environments/production/flags/a";

/// A batch with one evaluation of flag `a`.
fn events() -> Value {
    let counter = json!({"variation": 0, "version": 3, "value": true, "count": 1});
    json!([{"kind": "summary", "startDate": 1, "endDate": 2, "features": {"a": {"default": false, "counters": [counter]}}}])
}

fn turn(kind: &str) -> Value {
    json!({"instructions": [{"kind": kind}]})
}

#[tokio::test]
async fn while_postgres_is_gone_writes_are_put_off_and_sdks_keep_their_flags() {
    if !dialects().contains(&Dialect::Postgres) {
        return;
    }
    let fresh = Fresh::new(Dialect::Postgres).await;
    let proxy = Proxy::before(&fresh.address()).await;
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["--database", proxy.url(), "--log", "off"];
    let mut server = Steadfast::start(Path::new(BINARY), directory.path(), &arguments).await.unwrap();
    server.set_up().await.unwrap();
    server.post("/api/projects/default/flags", &json!({"key": "a", "name": "A"})).await.unwrap();
    let before = server.patch(FLAG, &turn("turnFlagOn")).await.unwrap()["seq"].clone();
    let api = Api::of(&server).await.unwrap();
    let mut stream = open_stream(server.url(), api.sdk_key()).await.unwrap();
    let mut version = stream.next().await.unwrap().data("put")["data"]["flags"]["a"]["version"].clone();
    while version != before {
        version = stream.next().await.unwrap().data("patch")["data"]["version"].clone();
    }

    proxy.cut();
    refused_while_gone(&api).await;
    served_while_gone(&api, server.url(), &before).await;

    proxy.mend();
    eventually("the database is back", async || api.get("/healthz").await.unwrap().status == 204).await;
    let after = server.patch(FLAG, &turn("turnFlagOff")).await.unwrap();
    let patch = stream.next().await.unwrap().data("patch");
    assert_eq!(patch["data"]["version"], after["seq"], "the stream that was open all the while goes on");
    for _ in 0..2 {
        assert_eq!(api.deliver("while-gone", &events()).await.unwrap(), 202);
    }
    let counts = server.get(&format!("{FLAG}/evaluations")).await.unwrap();
    assert_eq!(counts["items"][0]["n"], 1, "{counts}");
    let changes = server.get("/api/changes?limit=1").await.unwrap();
    assert_eq!(changes["items"][0]["seq"], after["seq"]);
    assert_eq!(after["seq"].as_i64().unwrap(), before.as_i64().unwrap() + 1, "nothing was written meanwhile");
}

async fn refused_while_gone(api: &Api) {
    eventually("the server notices", async || api.get("/healthz").await.unwrap().status == 503).await;
    let alert = json!({"service": "default", "summary": "It burns"});
    for (method, path, body) in [
        (Method::PATCH, FLAG, Some(turn("turnFlagOff"))),
        (Method::POST, "/api/alerts", Some(alert)),
        (Method::GET, "/api/projects", None),
        (Method::POST, "/api/login", Some(json!({"email": "ada@example.com", "password": testkit::binary::PASSWORD}))),
    ] {
        let answer = api.send(method, path, body.as_ref()).await.unwrap();
        assert_eq!(answer.status, 503, "{path}: {}", answer.body);
        assert_eq!(answer.body["code"], "database-unavailable", "{path}: {}", answer.body);
        assert!(answer.headers.contains_key("retry-after"), "{path}");
    }
    assert_eq!(api.deliver("while-gone", &events()).await.unwrap(), 503);
}

async fn served_while_gone(api: &Api, url: &str, version: &Value) {
    let polled = api.sdk(Method::GET, "/sdk/latest-all", None).await.unwrap();
    assert_eq!((polled.status.as_u16(), &polled.body["flags"]["a"]["version"]), (200, version));
    let mut newcomer = open_stream(url, api.sdk_key()).await.expect("a new SDK is let in");
    assert_eq!(&newcomer.next().await.unwrap().data("put")["data"]["flags"]["a"]["version"], version);
    let context = json!({"context": {"targetingKey": "ada"}});
    let evaluated = api.sdk(Method::POST, "/ofrep/v1/evaluate/flags/a", Some(&context)).await.unwrap();
    assert_eq!((evaluated.status.as_u16(), &evaluated.body["value"]), (200, &json!(true)));
    // 401 would end an SDK for good; whether this key is known cannot be said now.
    assert!(open_stream(url, "sdk-of-another-node").await.is_none());
    let unknown = crate::wire::client().get(format!("{url}/all")).header("authorization", "sdk-of-another-node");
    assert_eq!(unknown.send().await.unwrap().status(), 503);
}

/// Flag, alert, event batch: whatever is acknowledged must be durable.
async fn write(house: &House, comment: &str) -> [Answer; 3] {
    let instructions = json!([{"kind": "addTargets", "variation": 0, "values": [comment]}]);
    let alert = json!({"service": "default", "summary": comment, "dedupKey": "one"});
    let batch = house.sdk(Method::POST, "/bulk", Some(events().to_string()));
    let (edit, alert, batch) =
        tokio::join!(house.instruct("a", &instructions), house.post("/api/alerts", &alert), batch);
    [edit, alert, batch]
}

#[tokio::test]
async fn while_sqlite_takes_no_writes_they_are_put_off_and_reads_and_sdks_go_on() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let house = House::open(fresh.open().await).await;
    house.create_flag("a").await;
    let healthy = async || house.try_get("/healthz").await.status == 204;
    assert!(healthy().await);

    // As a backup that does not end: another program holds the lock that every writer needs.
    let other = rusqlite::Connection::open(fresh.address()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for answer in write(&house, "locked").await {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert!(!healthy().await, "a node that cannot write is not well");
    let read = house.get("/api/projects/default/flags/a").await;
    assert_eq!(read["environments"]["production"]["configuration"]["targets"], json!([]));
    assert_eq!(house.sdk(Method::GET, "/sdk/latest-all", None).await.status, 200);

    other.execute_batch("ROLLBACK").unwrap();
    eventually("it is well again", healthy).await;
    for answer in write(&house, "free").await {
        answer.ok();
    }
    let counts = house.get(&format!("{PRODUCTION}/flags/a/evaluations")).await;
    assert_eq!(counts["items"][0]["n"], 1, "the batch that was put off and came again counts once");
}

#[tokio::test]
async fn a_full_disk_refuses_what_does_not_fit_and_writes_nothing_half() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let house = House::open(fresh.open().await).await;
    house.create_flag("a").await;
    // SQLite's own limit on the file raises the very error of a full disk (SQLITE_FULL).
    house.db.commit(sql!("PRAGMA max_page_count = 1").bind(params![]).into()).await.unwrap();
    let many: Vec<String> = (0..20_000).map(|user| format!("user-{user}")).collect();
    let large = json!([{"kind": "addTargets", "variation": 0, "values": many}]);
    let before = house.get("/api/changes").await;
    for _ in 0..3 {
        let full = house.instruct("a", &large).await;
        assert_eq!(full.refused(), (503, "database-unavailable", ""));
        assert!(full.headers.contains_key("retry-after"));
    }
    assert_eq!(house.get("/api/changes").await, before);
    let flag = house.get("/api/projects/default/flags/a").await;
    assert_eq!(flag["environments"]["production"]["configuration"]["targets"], json!([]));
    assert_eq!(house.sdk(Method::GET, "/sdk/latest-all", None).await.status, 200);

    house.db.commit(sql!("PRAGMA max_page_count = 1000000").bind(params![]).into()).await.unwrap();
    let made = house.instruct("a", &large).await.ok();
    assert_eq!(made["seq"].as_i64().unwrap(), before["items"][0]["seq"].as_i64().unwrap() + 1);
}
