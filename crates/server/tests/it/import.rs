//! `steadfast import launchdarkly`: the real command, against the real server and a LaunchDarkly of recorded shape.

use std::path::Path;
use std::process::Output;
use std::time::Instant;

use axum::extract::{Path as Segments, Query};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use evaluation::{Context, NoBigSegments, Payload, Snapshot};
use serde_json::{Value, json};
use testkit::{SeededRng, Steadfast};
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::database::BINARY;
use crate::house::{PRODUCTION, once};
use crate::wire::eventually;

#[path = "../../../flags/src/import/tests/random.rs"]
mod random;

/// A server, an admin's token, and the projects `default` and `other`.
pub(crate) async fn server(directory: &Path) -> (Steadfast, String) {
    server_with(directory, &[]).await
}

/// The same, started with more.
pub(crate) async fn server_with(directory: &Path, more: &[&str]) -> (Steadfast, String) {
    let arguments = [&["--log", "off"], more].concat();
    let mut server = Steadfast::start(Path::new(BINARY), directory, &arguments).await.unwrap();
    server.set_up().await.unwrap();
    let token = json!({"name": "import", "kind": "service", "role": "admin"});
    let made = server.post("/api/tokens", &token).await.unwrap();
    server.post("/api/projects", &json!({"key": "other", "name": "Other"})).await.unwrap();
    (server, made["secret"].as_str().unwrap().to_owned())
}

/// Runs the command in a room without variables of its own.
async fn import(server: &Steadfast, token: &str, arguments: &[&str]) -> Output {
    let common = ["import", "launchdarkly", "--server", server.url(), "--token", token];
    Command::new(BINARY).args(common).args(arguments).env_clear().output().await.unwrap()
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What an SDK of this environment polls.
async fn payload(server: &Steadfast, project: &str, environment: &str) -> (String, Payload) {
    let keys = server.get(&format!("/api/projects/{project}/environments/{environment}/keys")).await.unwrap();
    let keys = keys["items"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kind"] == "sdk").unwrap()["value"].as_str().unwrap().to_owned();
    #[allow(clippy::disallowed_methods)] // loopback only, in a test
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("{}/sdk/latest-all", server.url())).header("authorization", &key);
    let text = request.send().await.unwrap().text().await.unwrap();
    (key, Payload::from_json(&text).unwrap())
}

/// Waits until SDKs of this environment have so many flags.
async fn served(server: &Steadfast, project: &str, environment: &str, flags: usize) -> (String, Payload) {
    let what = format!("{flags} flags in {project}/{environment}");
    eventually(&what, async || payload(server, project, environment).await.1.flags.len() == flags).await;
    payload(server, project, environment).await
}

#[tokio::test]
#[allow(clippy::disallowed_methods)] // what it took is printed, not judged
async fn what_a_server_sends_is_imported_alike_for_100_000_contexts() {
    const CONTEXTS: usize = 100_000;
    let directory = tempfile::tempdir().unwrap();
    let (server, token) = server(directory.path()).await;
    let wanted = random::payload(&SeededRng::new(2_026), 16);
    let file = directory.path().join("payload.json");
    std::fs::write(&file, wanted.to_string()).unwrap();
    let file = file.display().to_string();
    let first =
        import(&server, &token, &["--project", "default", "--environment", "production", "--file", &file]).await;
    assert!(first.status.success(), "{}", said(&first));
    let (key, sent) = served(&server, "default", "production", 16).await;

    let into = ["--project", "other", "--environment", "production", "--sdk-key", &key, "--url", server.url()];
    let dry = import(&server, &token, &[&into[..], &["--dry-run"]].concat()).await;
    assert!(said(&dry).contains("production: If imported: 24 created"), "{}", said(&dry));
    let done = import(&server, &token, &into).await;
    assert!(done.status.success() && said(&done).contains("production: 24 created"), "{}", said(&done));
    let again = import(&server, &token, &into).await;
    assert!(said(&again).contains("nothing to do, all 24 are here just like that"), "{}", said(&again));

    let (_, received) = served(&server, "other", "production", 16).await;
    let (was, is) = (Snapshot::compile(&sent), Snapshot::compile(&received));
    let original = Snapshot::compile(&Payload::from_json(&wanted.to_string()).unwrap());
    let (rng, began) = (SeededRng::new(1), Instant::now());
    for _ in 0..CONTEXTS {
        let json = random::context(&rng);
        let context = Context::from_value(json.clone()).unwrap();
        for flag in was.flags() {
            let before = was.evaluate(flag.key(), &context, &NoBigSegments);
            let after = is.evaluate(flag.key(), &context, &NoBigSegments);
            assert_eq!(before, after, "{} for {json}", flag.key());
            assert_eq!(original.evaluate(flag.key(), &context, &NoBigSegments), after, "{} for {json}", flag.key());
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("figures: {CONTEXTS} random contexts, 16 flags each: value, index and reason alike ({seconds:.1} s)");
}

#[tokio::test]
#[allow(clippy::disallowed_methods)] // what it took is printed, not judged
async fn five_thousand_flags_are_imported_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let (server, token) = server(directory.path()).await;
    let file = directory.path().join("payload.json");
    std::fs::write(&file, random::payload(&SeededRng::new(5), 5_000).to_string()).unwrap();
    let megabytes = std::fs::metadata(&file).unwrap().len() as f64 / 1e6;
    let file = file.display().to_string();
    let into = ["--project", "other", "--environment", "production", "--file", &file];
    let began = Instant::now();
    let done = import(&server, &token, &into).await;
    let (took, began) = (began.elapsed().as_secs_f64(), Instant::now());
    assert!(said(&done).starts_with("production: 7500 created, 0 changed, 0 unchanged, 0 refused"), "{}", said(&done));
    let again = import(&server, &token, &into).await;
    let (again_took, text) = (began.elapsed().as_secs_f64(), said(&again));
    assert!(text.contains("nothing to do"), "{text}");
    served(&server, "other", "production", 5_000).await;
    println!(
        "figures: 5,000 flags and 2,500 segments ({megabytes:.1} MB) imported in {took:.1} s, again for nothing in {again_took:.1} s"
    );
}

/// LaunchDarkly with the project `shop`: two environments, of which the second is not in Steadfast; two pages of flags.
struct LaunchDarkly {
    url: String,
    _serving: JoinSet<()>,
}

impl LaunchDarkly {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/sdk/latest-all", get(latest_all))
            .route("/api/v2/projects/shop/environments", get(environments))
            .route("/api/v2/flags/shop", get(flags))
            .route("/api/v2/segments/shop/{environment}", get(segments));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, _serving: serving }
    }
}

fn authorised(headers: &HeaderMap, token: &str) -> bool {
    headers.get("authorization").is_some_and(|value| value == token)
}

async fn latest_all(headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let on = match headers.get("authorization").and_then(|key| key.to_str().ok()) {
        Some("sdk-test") => false,
        Some("sdk-staging") => true,
        _ => return (StatusCode::UNAUTHORIZED, Json(json!({"message": "Invalid SDK key"}))),
    };
    let clause = json!({"contextKind": "", "attribute": "segmentMatch", "op": "segmentMatch", "values": ["staff"], "negate": false});
    let flag = |key: &str, more: Value| {
        let mut flag = json!({"key": key, "version": 12, "on": on, "prerequisites": [], "targets": [], "contextTargets": [],
            "rules": [{"id": "rule-1", "clauses": [clause], "variation": 1, "trackEvents": false}],
            "fallthrough": {"variation": 0}, "offVariation": 1, "variations": ["a", "b"], "salt": format!("{on}"),
            "clientSideAvailability": {"usingMobileKey": true, "usingEnvironmentId": false}, "clientSide": false,
            "trackEvents": false, "trackEventsFallthrough": false, "debugEventsUntilDate": null, "deleted": false});
        flag.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        flag
    };
    let segment = json!({"key": "staff", "version": 3, "included": ["ada"], "excluded": [], "includedContexts": [],
        "excludedContexts": [], "rules": [], "salt": "pepper", "deleted": false});
    let flags = json!({"checkout": flag("checkout", json!({})), "odd": flag("odd", json!({"fallthrough": {}}))});
    (StatusCode::OK, Json(json!({"flags": flags, "segments": {"staff": segment}})))
}

async fn environments(headers: HeaderMap) -> (StatusCode, Json<Value>) {
    if !authorised(&headers, "api-1") {
        return (StatusCode::UNAUTHORIZED, Json(json!({"code": "unauthorized"})));
    }
    let environment = |key: &str, critical: bool| {
        json!({"_id": "5f0", "key": key, "name": key.to_uppercase(), "apiKey": format!("sdk-{key}"), "mobileKey": "mob-1",
            "color": "417505", "critical": critical, "tags": []})
    };
    let items = [environment("test", false), environment("staging", true)];
    (StatusCode::OK, Json(json!({"items": items, "totalCount": 2, "_links": {"self": {"href": "/api/v2"}}})))
}

#[derive(serde::Deserialize)]
struct Page {
    offset: Option<usize>,
    env: String,
}

async fn flags(headers: HeaderMap, Query(Page { offset, env }): Query<Page>) -> (StatusCode, Json<Value>) {
    assert!(authorised(&headers, "api-1") && headers["ld-api-version"] == "20240415");
    let rules = json!([{"_id": "rule-1", "description": "Our own people", "clauses": [], "variation": 1}]);
    let flag = json!({"key": "checkout", "name": "Checkout", "kind": "multivariate", "description": "The new one",
        "tags": ["shop"], "temporary": true, "_version": 1, "creationDate": 1_700_000_000_000_u64,
        "variations": [{"_id": "v0", "value": "a", "name": "Old"}, {"_id": "v1", "value": "b"}],
        "defaults": {"onVariation": 1, "offVariation": 0},
        "_maintainer": {"_id": "m", "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com", "role": "writer"},
        "environments": {(env.clone()): {"on": true, "rules": rules}}});
    let other =
        json!({"key": "odd", "name": "Odd", "variations": [], "_maintainerTeam": {"key": "core", "name": "Core"}});
    let page = match offset {
        None => {
            let next = format!("/api/v2/flags/shop?summary=0&env={env}&limit=20&offset=1");
            json!({"items": [flag], "totalCount": 2, "_links": {"next": {"href": next, "type": "application/json"}}})
        }
        Some(_) => json!({"items": [other], "totalCount": 2, "_links": {}}),
    };
    (StatusCode::OK, Json(page))
}

async fn segments(Segments(_): Segments<String>) -> Json<Value> {
    Json(
        json!({"items": [{"key": "staff", "name": "Staff", "description": "Who work here", "tags": ["people"], "unbounded": false}]}),
    )
}

#[tokio::test]
async fn with_an_api_token_a_project_comes_with_its_words_and_environments() {
    let there = LaunchDarkly::open().await;
    let directory = tempfile::tempdir().unwrap();
    let (server, token) = server(directory.path()).await;
    let from = [
        "--project",
        "other",
        "--from-project",
        "shop",
        "--api-token",
        "api-1",
        "--api-url",
        &there.url,
        "--url",
        &there.url,
    ];
    let dry = import(&server, &token, &[&from[..], &["--dry-run"]].concat()).await;
    assert!(said(&dry).contains("staging: would be made"), "{}", said(&dry));
    let done = import(&server, &token, &from).await;
    assert_eq!(done.status.code(), Some(3), "something was refused: {}", said(&done));
    let text = said(&done);
    assert!(text.contains("test: 2 created, 0 changed, 0 unchanged, 1 refused"), "{text}");
    assert!(text.contains("staging: 1 created, 1 changed, 0 unchanged, 1 refused"), "{text}");
    assert!(text.contains("refused  flag     odd: everyone else: it serves nothing"), "{text}");

    let flag = server.get("/api/projects/other/flags/checkout").await.unwrap();
    assert_eq!((&flag["name"], &flag["tags"]), (&json!("Checkout"), &json!(["shop"])));
    assert_eq!(flag["description"], "The new one\n\nMaintained by Ada Lovelace (ada@example.com).");
    assert_eq!((&flag["variations"][0]["name"], &flag["defaults"]["onVariation"]), (&json!("Old"), &json!(1)));
    let configured = |environment: &str| &flag["environments"][environment]["configuration"];
    assert_eq!((&configured("test")["on"], &configured("staging")["on"]), (&json!(false), &json!(true)));
    assert_eq!(configured("staging")["rules"][0]["description"], "Our own people");
    let staging = server.get("/api/projects/other/environments/staging").await.unwrap();
    assert_eq!((&staging["name"], &staging["production"]), (&json!("STAGING"), &json!(true)));
    let segment = server.get("/api/projects/other/environments/test/segments/staff").await.unwrap();
    assert_eq!((&segment["name"], &segment["tags"]), (&json!("Staff"), &json!(["people"])));

    let again = said(&import(&server, &token, &from).await);
    assert!(again.contains("test: 0 created, 0 changed, 2 unchanged, 1 refused"), "{again}");
    let wrong =
        import(&server, &token, &[&from[..4], &["--api-token", "api-2", "--api-url", &there.url]].concat()).await;
    assert!(said(&wrong).contains("the API token may not read this"), "{}", said(&wrong));
    let key = ["--project", "other", "--environment", "test", "--sdk-key", "mob-1", "--url", &there.url];
    let wrong = import(&server, &token, &key).await;
    assert!(said(&wrong).contains("it answered 401: it does not take this key"), "{}", said(&wrong));
    assert_eq!(wrong.status.code(), Some(1));
}

#[tokio::test]
async fn what_cannot_be_an_import_is_refused_with_its_field() {
    let many: Value = (0..20_001).map(|at| (format!("f{at}"), json!({}))).collect::<serde_json::Map<_, _>>().into();
    let route = format!("{PRODUCTION}/import/launchdarkly");
    let fetch = "/api/import/launchdarkly/payload";
    let key = |url: &str| json!({"sdkKey": "sdk-1", "url": url}).to_string();
    let features = "/api/import/unleash/payload";
    let token = |url: &str| json!({"token": "*:production.1", "url": url}).to_string();
    once(async |house| {
        let table = [
            (&*route, "{".to_owned(), (400, "malformed-json", "")),
            (&*route, "{}".to_owned(), (400, "invalid-body", "")),
            (&*route, r#"{"flags": []}"#.to_owned(), (400, "invalid-body", "/flags")),
            (
                &*route,
                r#"{"flags": {}, "details": {"colour": 1}}"#.to_owned(),
                (400, "invalid-body", "/details/colour"),
            ),
            (&*route, json!({"flags": many}).to_string(), (400, "too-many", "/flags")),
            (&*route, format!("{{\"flags\": {{}}{}", " ".repeat(64 << 20)), (413, "body-too-large", "")),
            (
                "/api/projects/default/environments/none/import/launchdarkly",
                r#"{"flags": {}}"#.to_owned(),
                (404, "not-found", "environment"),
            ),
            (fetch, key("http://relay.example"), (400, "not-https", "/url")),
            (fetch, key("nonsense"), (400, "invalid-url", "/url")),
            (fetch, key("https://127.0.0.1:1"), (400, "private-address", "/url")),
            (fetch, key("https://[fd00::1]/"), (400, "private-address", "/url")),
            (fetch, json!({"sdkKey": "a\nb"}).to_string(), (400, "key-refused", "/sdkKey")),
            (features, token("http://unleash.example"), (400, "not-https", "/url")),
            (features, token("nonsense"), (400, "invalid-url", "/url")),
            (features, token("https://127.0.0.1:1/api"), (400, "private-address", "/url")),
            (features, token("https://[fd00::1]/"), (400, "private-address", "/url")),
            (
                features,
                json!({"token": "a\nb", "url": "https://unleash.example"}).to_string(),
                (400, "key-refused", "/token"),
            ),
        ];
        for (path, body, expected) in table {
            let shown: String = body.chars().take(60).collect();
            let answer = house.call(&house.admin, Method::POST, path, Some(body)).await;
            assert_eq!(answer.refused(), expected, "{path} {shown}");
        }
        for path in [&*route, fetch, features] {
            let answer = house.call(&house.writer, Method::POST, path, Some("{}".to_owned())).await;
            assert_eq!(answer.status, 403, "{path}");
        }
        let odd = r#"{"flags": {"a": 7, "b": {"variations": [1]}}, "segments": {"s": []}}"#;
        let report = house.call(&house.admin, Method::POST, &route, Some(odd.to_owned())).await.ok();
        assert_eq!(report["counts"]["refused"], 3, "each for itself: {report:#}");
    })
    .await;
}
