//! `steadfast import unleash`: the real command, against the real server and an Unleash of recorded shape.

use std::process::Output;

use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use testkit::Steadfast;
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::database::BINARY;
use crate::import::{said, server, server_with};

/// Runs the command in a room without variables of its own.
async fn import(server: &Steadfast, token: &str, arguments: &[&str]) -> Output {
    let into = ["--server", server.url(), "--token", token, "--project", "other", "--environment", "production"];
    let command = [&["import", "unleash"], &into[..], arguments].concat();
    Command::new(BINARY).args(command).env_clear().output().await.unwrap()
}

/// Unleash with the projects `shop` and `blog`, and a segment.
struct Unleash {
    url: String,
    _serving: JoinSet<()>,
}

impl Unleash {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/api/client/features", get(features))
            .route("/api/admin/features-batch/export", post(export))
            .route("/api/admin/segments", get(segments));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, _serving: serving }
    }
}

fn is_from(headers: &HeaderMap, token: &str) -> bool {
    headers.get("authorization").is_some_and(|value| value == token)
}

fn refused() -> (StatusCode, Json<Value>) {
    (StatusCode::UNAUTHORIZED, Json(json!({"name": "AuthenticationRequired"})))
}

#[derive(serde::Deserialize)]
struct Wanted {
    project: Option<String>,
}

fn nordics() -> Value {
    json!({"id": 3, "name": "nordics", "constraints": [{"contextName": "country", "operator": "IN", "values": ["no", "se"]}]})
}

async fn features(headers: HeaderMap, Query(Wanted { project }): Query<Wanted>) -> (StatusCode, Json<Value>) {
    if !is_from(&headers, "*:production.secret") {
        return refused();
    }
    assert_eq!(headers["unleash-client-spec"], "5.1.0");
    let strategy = json!({"name": "flexibleRollout", "segments": [3], "constraints": [],
        "parameters": {"rollout": "25", "stickiness": "userId", "groupId": "ui"}});
    let mut all = vec![
        json!({"name": "ui", "type": "release", "project": "shop", "enabled": true, "strategies": [strategy], "variants": []}),
        json!({"name": "posts", "type": "release", "project": "blog", "enabled": false, "strategies": [], "variants": []}),
        json!({"name": "odd", "type": "release", "project": "blog", "enabled": true, "strategies": [
            {"name": "default", "constraints": [{"contextName": "a", "operator": "REGEX", "value": "(?=a)"}]}]}),
    ];
    all.retain(|one| project.as_ref().is_none_or(|project| one["project"] == **project));
    (StatusCode::OK, Json(json!({"version": 2, "features": all, "segments": [nordics()]})))
}

async fn export(headers: HeaderMap, Json(wanted): Json<Value>) -> (StatusCode, Json<Value>) {
    if !is_from(&headers, "user:admin") {
        return refused();
    }
    assert_eq!((&wanted["environment"], &wanted["features"]), (&json!("live"), &json!([])));
    let feature = |name: &str, project: &str| json!({"name": name, "project": project, "type": "kill-switch", "description": "Theirs"});
    let exported = json!({
        "features": [feature("ui", "shop"), feature("posts", "blog")],
        "featureStrategies": [{"name": "default", "featureName": "ui", "segments": [3], "parameters": {}, "constraints": []}],
        "featureEnvironments": [{"featureName": "ui", "environment": "live", "enabled": true, "name": "ui"},
            {"featureName": "posts", "environment": "live", "enabled": true, "name": "posts"}],
        "featureTags": [{"featureName": "ui", "tagType": "simple", "tagValue": "web"}],
        // No word on what it holds.
        "segments": [{"id": 3, "name": "nordics"}], "dependencies": [], "tagTypes": [], "contextFields": [],
    });
    (StatusCode::OK, Json(exported))
}

async fn segments(headers: HeaderMap) -> (StatusCode, Json<Value>) {
    if is_from(&headers, "user:admin") { (StatusCode::OK, Json(json!({"segments": [nordics()]}))) } else { refused() }
}

async fn strategies(server: &Steadfast, flag: &str) -> Value {
    let flag = server.get(&format!("/api/projects/other/flags/{flag}")).await.unwrap();
    flag["environments"]["production"]["configuration"]["strategies"].clone()
}

#[tokio::test]
async fn what_unleashs_sdks_receive_is_imported_by_a_client_token_and_by_a_file_of_it() {
    let there = Unleash::open().await;
    let directory = tempfile::tempdir().unwrap();
    let (server, token) = server(directory.path()).await;
    // SDKs are given the address with `/api`.
    let url = format!("{}/api/", there.url);
    let from = ["--url", &url, "--client-token", "*:production.secret"];
    let dry = import(&server, &token, &[&from[..], &["--dry-run"]].concat()).await;
    assert!(
        said(&dry).starts_with("production: If imported: 2 created, 0 changed, 0 unchanged, 1 refused"),
        "{}",
        said(&dry)
    );
    let shop = import(&server, &token, &[&from[..], &["--from-project", "shop"]].concat()).await;
    assert!(shop.status.success() && said(&shop).starts_with("production: 1 created"), "{}", said(&shop));
    assert!(said(&shop).contains("the segment “nordics” are now the strategy's own"), "{}", said(&shop));
    let all = import(&server, &token, &from).await;
    assert_eq!(all.status.code(), Some(3), "something was refused: {}", said(&all));
    let text = said(&all);
    assert!(text.starts_with("production: 1 created, 0 changed, 1 unchanged, 1 refused"), "{text}");
    assert!(text.contains("refused  flag     odd: /strategies/0/constraints/0"), "{text}");
    let strategies = strategies(&server, "ui").await;
    assert_eq!(strategies[0]["constraints"][0]["values"], json!(["no", "se"]));
    assert_eq!(strategies[0]["parameters"]["rollout"], "25");

    let file = directory.path().join("features.json");
    let other = json!({"version": 2, "features": [{"name": "ui", "enabled": true, "strategies": []}]});
    std::fs::write(&file, other.to_string()).unwrap();
    let file = file.display().to_string();
    let differs = import(&server, &token, &["--file", &file]).await;
    assert!(said(&differs).contains("it differs in its strategies"), "{}", said(&differs));
    let replaced = import(&server, &token, &["--file", &file, "--replace", "--json"]).await;
    let report: Value = serde_json::from_str(&said(&replaced)).unwrap();
    assert_eq!((&report["environment"], &report["report"]["counts"]["changed"]), (&json!("production"), &json!(1)));
}

#[tokio::test]
async fn the_server_reads_unleash_for_the_console_and_what_it_read_is_imported() {
    let there = Unleash::open().await;
    let directory = tempfile::tempdir().unwrap();
    let (server, _) = server_with(directory.path(), &["--allow-private-webhooks"]).await;
    let fetch = "/api/import/unleash/payload";
    let ask = |token: &str| json!({"token": token, "url": format!("{}/api", there.url), "project": "shop"});
    let refused = server.post(fetch, &ask("wrong")).await.unwrap_err().to_string();
    assert!(refused.contains("key-refused") && refused.contains("/token"), "{refused}");
    let read = server.post(fetch, &ask("*:production.secret")).await.unwrap();
    assert_eq!(read["features"].as_array().unwrap().len(), 1, "of one project: {read:#}");
    let report = server.post("/api/projects/other/environments/production/import/unleash", &read).await.unwrap();
    assert_eq!(report["flags"][0]["outcome"], "created");
    assert_eq!(strategies(&server, "ui").await[0]["parameters"]["rollout"], "25");
}

#[tokio::test]
async fn an_export_is_imported_by_an_admins_token_with_its_tags_and_what_its_segments_hold() {
    let there = Unleash::open().await;
    let directory = tempfile::tempdir().unwrap();
    let (server, token) = server(directory.path()).await;
    let from =
        ["--url", &there.url, "--api-token", "user:admin", "--from-environment", "live", "--from-project", "shop"];
    let done = import(&server, &token, &from).await;
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).starts_with("production: 1 created, 0 changed, 0 unchanged, 0 refused"), "{}", said(&done));
    assert_eq!(strategies(&server, "ui").await[0]["constraints"][0]["contextName"], "country");
    let flag = server.get("/api/projects/other/flags/ui").await.unwrap();
    assert_eq!((&flag["tags"], &flag["description"]), (&json!(["web"]), &json!("Theirs")));
    let again = import(&server, &token, &from).await;
    assert!(said(&again).contains("nothing to do"), "{}", said(&again));
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_nothing_is_written() {
    let there = Unleash::open().await;
    let directory = tempfile::tempdir().unwrap();
    let (server, token) = server(directory.path()).await;
    let page = directory.path().join("page.html");
    std::fs::write(&page, "<html>").unwrap();
    let page = page.display().to_string();
    for (arguments, expected) in [
        (&["--url", &there.url, "--client-token", "wrong"][..], "it answered 401: it does not take this key"),
        (&["--url", &there.url, "--api-token", "wrong"], "it answered 401: it does not take this key"),
        (&["--url", "http://unleash.example", "--client-token", "secret"], "the address must be https"),
        (&["--url", &there.url], "give a --client-token, or an --api-token"),
        (&["--url", &there.url, "--client-token", "a", "--api-token", "b"], "give one token"),
        (&["--client-token", "secret"], "give a --file, or the --url"),
        (&["--file", &page], "is no JSON"),
        (&["--file", "/no/such/file"], "/no/such/file cannot be read"),
    ] {
        let output = import(&server, &token, arguments).await;
        assert!(said(&output).contains(expected), "{arguments:?}: {}", said(&output));
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    }
    let flags = server.get("/api/projects/other/flags").await.unwrap();
    assert_eq!(flags["items"], json!([]));
}
