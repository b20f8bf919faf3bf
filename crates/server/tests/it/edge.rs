//! `steadfast edge` behind a real `steadfast serve`, and behind a LaunchDarkly that lies: what SDKs see, and what is counted.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Edge, Steadfast};

use crate::database::BINARY;
use crate::launchdarkly::{LaunchDarkly, Mood};
use crate::wire::{client, eventually, open_stream};

const FLAGS: &str = "/api/projects/default/flags";
const FLAG: &str = "/api/projects/default/environments/production/flags/a";

/// A server with the flag `a`, and an edge behind it.
struct House {
    server: Steadfast,
    edge: Edge,
    sdk_key: String,
    folder: TempDir,
    _server_folder: TempDir,
}

async fn house() -> House {
    let (server_folder, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut server = Steadfast::start(Path::new(BINARY), server_folder.path(), &["--log", "off"]).await.unwrap();
    server.set_up().await.unwrap();
    server.post(FLAGS, &json!({"key": "a", "name": "A"})).await.unwrap();
    let sdk_key = server.sdk_key("production").await.unwrap();
    let edge = start(folder.path(), server.url(), &sdk_key).await;
    House { server, edge, sdk_key, folder, _server_folder: server_folder }
}

async fn start(folder: &Path, upstream: &str, sdk_key: &str) -> Edge {
    let arguments = ["--upstream", upstream, "--sdk-key", sdk_key, "--log", "off"];
    Edge::start(Path::new(BINARY), folder, &arguments).await.unwrap()
}

/// What a polling SDK receives; `None` when it is not served.
async fn polled(url: &str, sdk_key: &str) -> Option<Vec<u8>> {
    let request = client().get(format!("{url}/sdk/latest-all")).header("authorization", sdk_key);
    let response = request.send().await.ok()?;
    if response.status() != 200 {
        return None;
    }
    Some(response.bytes().await.unwrap().to_vec())
}

async fn polled_json(url: &str, sdk_key: &str) -> Value {
    polled(url, sdk_key).await.map_or(Value::Null, |body| serde_json::from_slice(&body).unwrap())
}

async fn status(edge: &Edge) -> Value {
    let response = client().get(format!("{}/status", edge.url())).send().await.unwrap();
    response.json().await.unwrap()
}

async fn healthz(edge: &Edge) -> StatusCode {
    client().get(format!("{}/healthz", edge.url())).send().await.unwrap().status()
}

/// Whether the snapshot on disk ends with these bytes.
fn kept(folder: &Path, payload: &[u8]) -> bool {
    std::fs::read(folder.join("default.snapshot")).is_ok_and(|file| file.ends_with(payload))
}

#[tokio::test]
async fn an_edge_serves_what_upstream_serves_and_goes_on_without_it_also_after_a_restart() {
    let House { mut server, mut edge, sdk_key, folder, _server_folder } = house().await;
    let same = async || polled(edge.url(), &sdk_key).await == polled(server.url(), &sdk_key).await;
    eventually("the edge serves what upstream serves", same).await;
    assert_eq!(healthz(&edge).await, 204);
    let mut stream = open_stream(edge.url(), &sdk_key).await.unwrap();
    stream.next().await.unwrap().data("put");

    let mut took = Vec::new();
    for edit in 0..20 {
        let kind = if edit % 2 == 0 { "turnFlagOn" } else { "turnFlagOff" };
        let asked = tokio::time::Instant::now();
        let made = server.patch(FLAG, &json!({"instructions": [{"kind": kind}]})).await.unwrap();
        let patch = stream.next().await.unwrap().data("patch");
        took.push(asked.elapsed());
        assert_eq!((&patch["path"], &patch["data"]["version"]), (&json!("/flags/a"), &made["seq"]));
    }
    took.sort_unstable();
    eprintln!("edit asked for -> SDK behind the edge has it: median {:?}, worst {:?}", took[10], took[19]);
    let last = polled(server.url(), &sdk_key).await.unwrap();
    assert_eq!(status(&edge).await["environments"]["default"]["connectionStatus"]["state"], "VALID");

    server.kill().await.unwrap();
    eventually("the edge notices", async || status(&edge).await["status"] == "degraded").await;
    assert_eq!(polled(edge.url(), &sdk_key).await.as_deref(), Some(&*last));
    eventually("the last change is on disk", async || kept(folder.path(), &last)).await;
    edge.kill().await.unwrap();

    let started = tokio::time::Instant::now();
    edge.restart().await.unwrap();
    let resident = std::fs::read_to_string(format!("/proc/{}/status", edge.pid().unwrap())).unwrap();
    let resident = resident.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    eprintln!("edge started in {:?}, {resident}", started.elapsed());
    assert_eq!(polled(edge.url(), &sdk_key).await.as_deref(), Some(&*last), "byte for byte");
    let mut stream = open_stream(edge.url(), &sdk_key).await.unwrap();
    stream.next().await.unwrap().data("put");

    server.restart().await.unwrap();
    server.log_in().await.unwrap();
    server.patch(FLAG, &json!({"instructions": [{"kind": "turnFlagOn"}]})).await.unwrap();
    assert_eq!(stream.next().await.unwrap().data("patch")["data"]["on"], true, "the stream that was open goes on");
}

#[tokio::test]
async fn a_key_that_is_wrong_is_refused_and_people_have_no_business_here() {
    let House { edge, sdk_key, server: _server, folder: _folder, _server_folder } = house().await;
    eventually("it is served", async || polled(edge.url(), &sdk_key).await.is_some()).await;
    let status = async |path: &str, key: &str| {
        client().get(format!("{}{path}", edge.url())).header("authorization", key).send().await.unwrap().status()
    };
    assert_eq!(status("/all", "sdk-other").await, 401);
    assert_eq!(status("/api/projects", &sdk_key).await, 404);
    assert_eq!(status("/", "").await, 404);
}

#[tokio::test]
async fn an_edge_tells_no_relay_that_nobody_is_in_its_big_segments() {
    let House { edge, sdk_key, server: _server, folder: _folder, _server_folder } = house().await;
    eventually("it is served", async || polled(edge.url(), &sdk_key).await.is_some()).await;
    for path in ["/sdk/big-segments/revisions", "/big-segments"] {
        let request = client().get(format!("{}{path}", edge.url())).header("authorization", &sdk_key);
        assert_eq!(request.send().await.unwrap().status(), 503, "{path}");
    }
}

fn summary(count: u64) -> Vec<u8> {
    let counter = json!({"variation": 0, "version": 3, "value": true, "count": count});
    let features = json!({"a": {"default": false, "contextKinds": ["user"], "counters": [counter]}});
    json!([{"kind": "summary", "startDate": 1, "endDate": 2, "features": features}]).to_string().into_bytes()
}

/// Posts events as an SDK does; the status.
async fn deliver(url: &str, sdk_key: &str, payload_id: &str, body: Vec<u8>, packed: bool) -> u16 {
    let mut request = client().post(format!("{url}/bulk")).header("authorization", sdk_key);
    request = request.header("x-launchdarkly-payload-id", payload_id).header("user-agent", "NodeJSClient/9.0.0");
    let body = if packed {
        request = request.header("content-encoding", "gzip");
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&body).unwrap();
        encoder.finish().unwrap()
    } else {
        body
    };
    request.body(body).send().await.unwrap().status().as_u16()
}

async fn counted(server: &Steadfast) -> u64 {
    let seen = server.get(&format!("{FLAG}/evaluations")).await.unwrap();
    seen["items"].as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn events_that_an_edge_took_are_counted_once_upstream_also_over_a_kill_of_both() {
    let House { mut server, mut edge, sdk_key, folder: _folder, _server_folder } = house().await;
    eventually("it is served", async || polled(edge.url(), &sdk_key).await.is_some()).await;
    assert_eq!(deliver(edge.url(), &sdk_key, "first", summary(1), false).await, 202);
    eventually("the first is counted", async || counted(&server).await == 1).await;

    server.kill().await.unwrap();
    let mut expected = 1;
    for id in 0..20_u64 {
        let packed = id % 2 == 0;
        assert_eq!(deliver(edge.url(), &sdk_key, &format!("batch-{id}"), summary(id), packed).await, 202);
        expected += id;
    }
    edge.kill().await.unwrap();
    server.restart().await.unwrap();
    server.log_in().await.unwrap();
    edge.restart().await.unwrap();
    // An SDK that heard nothing sends it again.
    assert_eq!(deliver(edge.url(), &sdk_key, "batch-7", summary(7), false).await, 202);
    let empty = async || status(&edge).await["environments"]["default"]["spool"]["bytes"] == 0;
    eventually("everything is forwarded", empty).await;
    assert_eq!(counted(&server).await, expected);
}

const PAID: &str = "/api/projects/default/environments/production/metrics/paid/outcomes";

/// A metric whose event Unleash's SDKs count under the name `paid`.
async fn listen_for_payments(server: &Steadfast) {
    let metric = json!({"key": "paid", "name": "Payments", "eventKey": "paid"});
    server.post("/api/projects/default/metrics", &metric).await.unwrap();
}

/// What an instance of an SDK of Unleash's measured: so many evaluations of `a` that were on, and so many payments.
fn measured(instance: &str, yes: u64, paid: u64) -> Value {
    json!({"appName": "shop", "instanceId": instance,
        "bucket": {"start": "x", "stop": "y", "toggles": {"a": {"yes": yes, "no": 0}}},
        "impactMetrics": [{"name": "paid", "help": "", "type": "counter", "samples": [{"labels": {}, "value": paid}]}]})
}

/// Posts metrics as an SDK of Unleash's does; the status.
async fn measure(url: &str, sdk_key: &str, path: &str, sent: &Value) -> u16 {
    let request = client().post(format!("{url}{path}")).header("authorization", sdk_key).json(sent);
    let request = request.header("unleash-sdk", "unleash-node-sdk:6.12.1").header("unleash-instanceid", "i");
    request.send().await.unwrap().status().as_u16()
}

async fn paid(server: &Steadfast) -> u64 {
    let seen = server.get(PAID).await.unwrap();
    seen["items"].as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn what_unleashs_sdks_measure_behind_an_edge_is_counted_once_upstream_also_over_a_kill_of_both() {
    let House { mut server, mut edge, sdk_key, folder: _folder, _server_folder } = house().await;
    listen_for_payments(&server).await;
    eventually("it is served", async || polled(edge.url(), &sdk_key).await.is_some()).await;
    let metrics = "/api/client/metrics";
    assert_eq!(measure(edge.url(), &sdk_key, metrics, &measured("first", 1, 1)).await, 202);
    eventually("the first is counted", async || (counted(&server).await, paid(&server).await) == (1, 1)).await;
    let seen = async || {
        let sdks = server.get("/api/projects/default/environments/production/sdks").await.unwrap();
        sdks["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|sdk| sdk["name"] == "unleash-node-sdk" && sdk["version"] == "6.12.1")
    };
    eventually("upstream knows the SDK", seen).await;

    server.kill().await.unwrap();
    let (mut evaluated, mut payments) = (1, 1);
    for at in 1..=10_u64 {
        assert_eq!(measure(edge.url(), &sdk_key, metrics, &measured(&format!("i-{at}"), at, 10 * at)).await, 202);
        (evaluated, payments) = (evaluated + at, payments + 10 * at);
    }
    let proxied = json!({"applications": [], "metrics": [{"featureName": "a", "appName": "p", "yes": 100, "no": 0}],
        "impactMetrics": [{"name": "paid", "type": "counter", "samples": [{"value": 1_000}]}]});
    assert_eq!(measure(edge.url(), &sdk_key, "/api/client/metrics/bulk", &proxied).await, 202);
    assert_eq!(measure(edge.url(), &sdk_key, metrics, &json!("?")).await, 400, "as a node answers");
    edge.kill().await.unwrap();
    server.restart().await.unwrap();
    server.log_in().await.unwrap();
    edge.restart().await.unwrap();
    // An SDK that heard nothing sends it again, here or, since somebody has moved it meanwhile, there.
    for url in [edge.url(), server.url()] {
        assert_eq!(measure(url, &sdk_key, metrics, &measured("i-7", 7, 70)).await, 202);
    }
    let empty = async || status(&edge).await["environments"]["default"]["spool"]["bytes"] == 0;
    eventually("everything is forwarded", empty).await;
    assert_eq!((counted(&server).await, paid(&server).await), (evaluated + 100, payments + 1_000));
}

#[tokio::test]
async fn launchdarkly_is_told_of_unleashs_evaluations_in_its_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = LaunchDarkly::start(Mood::Honest(payload(3, true))).await;
    let edge = start(folder.path(), &upstream.url, "sdk-fake").await;
    eventually("it is served", async || polled(edge.url(), "sdk-fake").await.is_some()).await;
    assert_eq!(measure(edge.url(), "sdk-fake", "/api/client/metrics", &measured("i", 5, 3)).await, 202);
    eventually("it is taken", async || !upstream.posts().is_empty()).await;
    let told: Value = serde_json::from_slice(&upstream.posts()[0].body).unwrap();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["kind"]), (1, &json!("summary")));
    assert_eq!(told[0]["features"]["a"]["counters"][0]["count"], 5);
}

#[tokio::test]
async fn what_a_steadfast_alone_reads_holds_nothing_up_once_upstream_is_launchdarkly() {
    let House { mut server, mut edge, sdk_key, folder, _server_folder } = house().await;
    eventually("it is served", async || polled(edge.url(), &sdk_key).await.is_some()).await;
    server.kill().await.unwrap();
    assert_eq!(measure(edge.url(), &sdk_key, "/api/client/metrics", &measured("i", 5, 3)).await, 202);
    assert_eq!(deliver(edge.url(), &sdk_key, "p-1", summary(1), false).await, 202);
    edge.kill().await.unwrap();

    let upstream = LaunchDarkly::start(Mood::Honest(payload(3, true))).await;
    let edge = start(folder.path(), &upstream.url, "sdk-fake").await;
    let forwarded = async || {
        let spool = status(&edge).await["environments"]["default"]["spool"].clone();
        (&spool["forwarded"], &spool["dropped"], &spool["bytes"]) == (&json!(1), &json!(1), &json!(0))
    };
    eventually("one is forwarded and the other given up", forwarded).await;
    assert_eq!(upstream.posts()[0].headers["x-launchdarkly-payload-id"], "p-1");
}

fn payload(version: u64, on: bool) -> Value {
    let flag = json!({"key": "a", "version": version, "on": on, "variations": [true, false], "fallthrough": {"variation": 0},
        "offVariation": 1, "notKnownToUs": {"x": [1]}});
    json!({"flags": {"a": flag, "b": {"key": "b", "version": 900}}, "segments": {}})
}

#[tokio::test]
async fn behind_launchdarkly_unknown_members_pass_and_each_change_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = LaunchDarkly::start(Mood::Honest(payload(3, false))).await;
    let edge = start(folder.path(), &upstream.url, "sdk-fake").await;
    eventually("it is served", async || polled(edge.url(), "sdk-fake").await.is_some()).await;
    assert_eq!(polled_json(edge.url(), "sdk-fake").await, payload(3, false));
    assert_eq!(status(&edge).await["environments"]["default"]["envId"], "65f0c0ffee");
    let mut stream = open_stream(edge.url(), "sdk-fake").await.unwrap();
    stream.next().await.unwrap().data("put");
    eventually("it is followed", async || upstream.is_followed()).await;

    let changed = payload(4, true)["flags"]["a"].clone();
    upstream.say("patch", &json!({"path": "/flags/a", "data": changed}));
    assert_eq!(
        stream.next().await.unwrap().data("patch")["data"],
        changed,
        "though its version is less than another's"
    );
    upstream.say("patch", &json!({"path": "/flags/a", "data": payload(4, false)["flags"]["a"]}));
    upstream.say("delete", &json!({"path": "/flags/b", "version": 901}));
    let delete = stream.next().await.unwrap().data("delete");
    assert_eq!(delete, json!({"path": "/flags/b", "version": 901}), "and what is not newer is not told");

    upstream.refuse_posts(2);
    assert_eq!(deliver(edge.url(), "sdk-fake", "p-1", summary(5), true).await, 202);
    eventually("it is taken", async || upstream.posts().last().is_some_and(|post| post.status == 202)).await;
    let posts = upstream.posts();
    assert_eq!(posts.len(), 3);
    for post in posts {
        assert_eq!(post.headers["x-launchdarkly-payload-id"], "p-1");
        assert_eq!(post.headers["content-encoding"], "gzip");
        assert_eq!(post.headers["user-agent"], "NodeJSClient/9.0.0");
        assert_eq!(post.headers["authorization"], "sdk-fake");
        assert!(post.body.starts_with(&[0x1f, 0x8b]), "as it came");
    }
}

#[tokio::test]
async fn an_upstream_that_lies_changes_nothing_of_what_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = LaunchDarkly::start(Mood::Honest(payload(3, true))).await;
    let edge = start(folder.path(), &upstream.url, "sdk-fake").await;
    eventually("it is served", async || polled(edge.url(), "sdk-fake").await.is_some()).await;
    let lies = [
        (Mood::Says("<html>not events</html>\n\n"), "ended"),
        (Mood::Says("event: put\ndata: {\"data\":{\"flags\":{\"a\":7},\"segments\":{}}}\n\n"), "not an object"),
        (Mood::Says("event: patch\ndata: {\"path\":\"/flags/a\",\"data\":{\"version\":99}}\n\n"), "begin with a `put`"),
        (Mood::Endless, "longer than"),
        (Mood::Status(503), "503"),
        (Mood::Status(401), "401"),
    ];
    for (lie, expected) in lies {
        upstream.turn(lie.clone());
        let seen = async || {
            let status = status(&edge).await;
            let error = &status["environments"]["default"]["connectionStatus"]["lastError"]["message"];
            error.as_str().is_some_and(|error| error.contains(expected))
        };
        eventually(&format!("{lie:?} is noticed"), seen).await;
        assert_eq!(polled_json(edge.url(), "sdk-fake").await, payload(3, true), "{lie:?}");
    }
    assert_eq!(status(&edge).await["environments"]["default"]["connectionStatus"]["state"], "REFUSED");
    assert_eq!(healthz(&edge).await, 204);
}

#[tokio::test]
async fn an_edge_that_has_nothing_yet_says_so_and_never_calls_a_key_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = LaunchDarkly::start(Mood::Mute).await;
    let edge = start(folder.path(), &upstream.url, "sdk-fake").await;
    assert_eq!(healthz(&edge).await, 503);
    let request = client().get(format!("{}/all", edge.url())).header("authorization", "sdk-fake");
    let response = request.send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers().contains_key("retry-after")), (503, true));
    assert_eq!(deliver(edge.url(), "sdk-fake", "p", summary(1), false).await, 503);
}

#[tokio::test]
async fn a_damaged_snapshot_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = LaunchDarkly::start(Mood::Honest(payload(3, true))).await;
    let mut edge = start(folder.path(), &upstream.url, "sdk-fake").await;
    let whole = serde_json::to_vec(&payload(3, true)).unwrap();
    eventually("it is on disk", async || kept(folder.path(), &whole)).await;
    edge.kill().await.unwrap();
    let file = folder.path().join("default.snapshot");
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() = b'!';
    std::fs::write(&file, bytes).unwrap();
    upstream.turn(Mood::Status(503));
    edge.restart().await.unwrap();
    assert_eq!(polled(edge.url(), "sdk-fake").await, None, "nothing is better than something wrong");
    upstream.turn(Mood::Honest(payload(4, true)));
    eventually("upstream is followed again", async || polled(edge.url(), "sdk-fake").await.is_some()).await;
    assert_eq!(polled_json(edge.url(), "sdk-fake").await, payload(4, true));
}

/// What a call with the SDK key answers.
async fn asked(url: &str, sdk_key: &str, path: &str, body: Option<Value>) -> Value {
    let request = match &body {
        Some(body) => client().post(format!("{url}{path}")).json(body),
        None => client().get(format!("{url}{path}")),
    };
    let Ok(response) = request.header("authorization", sdk_key).send().await else { return Value::Null };
    response.json().await.unwrap_or_default()
}

#[tokio::test]
async fn flags_by_unleashs_rules_are_served_to_every_family_beside_an_edge_also_without_upstream() {
    const FEATURES: &str = "/api/client/features";
    const UI: &str = "/api/projects/default/environments/production/flags/ui";
    let House { mut server, mut edge, sdk_key, folder, _server_folder } = house().await;
    let ada = json!([{"name": "userWithId", "parameters": {"userIds": "ada"}}]);
    let state = json!({"features": [{"name": "ui", "enabled": true, "strategies": ada}]});
    server.post("/api/projects/default/environments/production/import/unleash", &state).await.unwrap();
    let features = async |url: &str| {
        let mut list = asked(url, &sdk_key, FEATURES, None).await["features"].as_array().cloned().unwrap_or_default();
        list.sort_by_key(|one| one["name"].to_string());
        list
    };
    let same =
        async || features(edge.url()).await.len() == 2 && features(edge.url()).await == features(server.url()).await;
    eventually("Unleash's SDKs are told the same", same).await;
    let value = async |url: &str, who: &str| {
        let context = json!({"context": {"targetingKey": who}});
        asked(url, &sdk_key, "/ofrep/v1/evaluate/flags/ui", Some(context)).await["value"].clone()
    };
    assert_eq!((value(edge.url(), "ada").await, value(edge.url(), "eve").await), (json!(true), json!(false)));
    let told = polled_json(edge.url(), &sdk_key).await;
    assert!(
        told["flags"]["a"].is_object() && told["flags"]["ui"].is_null(),
        "LaunchDarkly's SDKs are not told: {told}"
    );

    server.patch(UI, &json!({"instructions": [{"kind": "turnFlagOff"}]})).await.unwrap();
    eventually("a change arrives", async || value(edge.url(), "ada").await == json!(false)).await;
    let bucket =
        json!({"appName": "shop", "bucket": {"start": "a", "stop": "b", "toggles": {"ui": {"yes": 3, "no": 1}}}});
    asked(edge.url(), &sdk_key, "/api/client/metrics", Some(bucket)).await;
    let counted = async || {
        let rows = server.get(&format!("{UI}/evaluations")).await.unwrap()["items"].clone();
        let of = |at: i64| {
            rows.as_array()
                .unwrap()
                .iter()
                .filter(|row| row["variation"] == at)
                .filter_map(|row| row["n"].as_i64())
                .sum::<i64>()
        };
        (of(0), of(1)) == (3, 1)
    };
    eventually("what was evaluated is counted upstream", counted).await;

    server.patch(UI, &json!({"instructions": [{"kind": "turnFlagOn"}]})).await.unwrap();
    eventually("a change arrives", async || value(edge.url(), "ada").await == json!(true)).await;
    let last = features(edge.url()).await;
    let on = serde_json::to_string(&json!({"name": "ui"})).unwrap().replace(['{', '}'], "");
    let file = async || std::fs::read_to_string(folder.path().join("default.snapshot")).unwrap_or_default();
    eventually("it is on disk", async || {
        let file = file().await;
        file.contains(&on) && file.contains("\"enabled\":true")
    })
    .await;
    server.kill().await.unwrap();
    edge.kill().await.unwrap();
    edge.restart().await.unwrap();
    assert_eq!(features(edge.url()).await, last);
    assert_eq!((value(edge.url(), "ada").await, value(edge.url(), "eve").await), (json!(true), json!(false)));
}
