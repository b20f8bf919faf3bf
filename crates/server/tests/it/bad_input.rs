//! Bad input: each is refused with a status, a code and the place of what is wrong, and nothing is half written.

use std::collections::BTreeMap;

use http::{Method, header};
use serde_json::{Value, json};

use crate::house::{Answer, House, PRODUCTION, collect, each, request};

const FLAGS: &str = "/api/projects/default/flags";
const METRICS: &str = "/api/projects/default/metrics";

/// Everything that may be read, but what reading itself moves.
async fn everything(house: &House) -> BTreeMap<String, Value> {
    let lists = [
        "/api/projects",
        "/api/changes?limit=1000",
        FLAGS,
        METRICS,
        "/api/incidents",
        "/api/services",
        "/api/policies",
        "/api/schedules",
        "/api/people",
    ]
    .map(str::to_owned);
    let of_production =
        ["keys", "segments", "flags/a/evaluations", "flags/b/evaluations"].map(|part| format!("{PRODUCTION}/{part}"));
    let mut found = BTreeMap::new();
    for path in lists.into_iter().chain(of_production) {
        let answer = house.get(&path).await;
        found.insert(path, answer);
    }
    found
}

/// Flags `a` ← `b` ← `c` by prerequisite and segments `one` ← `two`, for circles to be closed.
async fn furnish(house: &House) {
    for key in ["a", "b", "c"] {
        house.create_flag(key).await;
    }
    for (flag, needs) in [("b", "a"), ("c", "b")] {
        house.instruct(flag, &json!([{"kind": "addPrerequisite", "key": needs, "variation": 0}])).await.ok();
    }
    let segments = format!("{PRODUCTION}/segments");
    house.post(&segments, &json!({"key": "one", "name": "One"})).await.ok();
    let clause = json!({"op": "segmentMatch", "values": ["one"]});
    house.post(&segments, &json!({"key": "two", "name": "Two", "rules": [{"clauses": [clause]}]})).await.ok();
    house.post(METRICS, &json!({"key": "errors", "name": "Errors", "eventKey": "failed"})).await.ok();
}

/// Method, path, body → status, code, field.
type Case = (Method, String, String, (u16, &'static str, &'static str));

fn of_json() -> Vec<Case> {
    let long = format!("{{\"name\": \"{}\"}}", "x".repeat(2 << 20));
    let post = |path: &str, body: &str, refusal| (Method::POST, path.to_owned(), body.to_owned(), refusal);
    vec![
        post(FLAGS, "{\"key\": ", (400, "malformed-json", "/key")),
        post(FLAGS, "", (400, "malformed-json", "")),
        post(FLAGS, "[]", (400, "invalid-body", "")),
        post(FLAGS, r#"{"key": 7, "name": "A"}"#, (400, "invalid-body", "/key")),
        post(FLAGS, r#"{"key": "no spaces", "name": "A"}"#, (400, "invalid-body", "/key")),
        post(FLAGS, r#"{"key": "d", "name": "D", "colour": 1}"#, (400, "invalid-body", "/colour")),
        post(FLAGS, r#"{"key": "d", "name": "D", "kind": "date"}"#, (400, "invalid-body", "/kind")),
        post(FLAGS, &long, (413, "body-too-large", "")),
        post(METRICS, r#"{"key": "m", "name": "M"}"#, (400, "invalid-body", "")),
        post(METRICS, r#"{"key": "m", "name": "M", "eventKey": "e", "colour": 1}"#, (400, "invalid-body", "/colour")),
        post("/api/alerts", r#"{"service": "default", "severity": "loud"}"#, (400, "invalid-body", "/severity")),
        post("/api/people", r#"{"email": "nobody", "name": "N", "role": "reader"}"#, (400, "invalid-body", "/email")),
        post("/api/login", r#"{"email": "ada@example.com"}"#, (400, "invalid-body", "")),
        post(
            "/api/policies",
            r#"{"key": "p", "name": "P", "levels": [{"targets": []}]}"#,
            (400, "invalid-body", "/levels/0"),
        ),
        post(&format!("{PRODUCTION}/keys"), r#"{"kind": "master"}"#, (400, "invalid-body", "/kind")),
    ]
}

/// What is well formed, and may not be.
fn of_sense() -> Vec<Case> {
    let post = |path: &str, body: Value, refusal| (Method::POST, path.to_owned(), body.to_string(), refusal);
    let edit = |flag: &str, instruction: Value, refusal| {
        let body = json!({"instructions": [{"kind": "turnFlagOn"}, instruction]}).to_string();
        (Method::PATCH, format!("{PRODUCTION}/flags/{flag}"), body, refusal)
    };
    let shares = |weights: [u32; 2]| {
        json!({"kind": "setFallthrough", "rollout": {"variations": [
            {"variation": 0, "weight": weights[0]}, {"variation": 1, "weight": weights[1]}]}})
    };
    let circle = json!({"instructions": [{"kind": "replaceRules",
        "rules": [{"clauses": [{"op": "segmentMatch", "values": ["two"]}]}]}]});
    let evaluate = format!("{PRODUCTION}/evaluate");
    let releases = format!("{PRODUCTION}/releases");
    let release = |named: Value| {
        let mut request = json!({"flag": "a", "treatment": 0, "guards": [{"metric": "errors"}]});
        request.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
        request
    };
    let delay = json!({"key": "p", "name": "P", "levels": [{"targets": [], "delaySeconds": 0}]});
    let stranger = json!({"key": "p", "name": "P", "levels": [
        {"targets": [{"kind": "person", "person": "per_no"}], "delaySeconds": 60}]});
    vec![
        edit("a", shares([50_000, 49_000]), (400, "weight-sum", "/fallthrough/rollout/variations")),
        edit("a", shares([100_000, 100_000]), (400, "weight-sum", "/fallthrough/rollout/variations")),
        edit(
            "a",
            json!({"kind": "addPrerequisite", "key": "c", "variation": 0}),
            (400, "prerequisite-cycle", "/prerequisites"),
        ),
        edit(
            "a",
            json!({"kind": "addPrerequisite", "key": "a", "variation": 0}),
            (400, "prerequisite-cycle", "/prerequisites"),
        ),
        edit("a", json!({"kind": "setOffVariation", "variation": 2}), (400, "variation-unknown", "/offVariation")),
        edit("no", json!({"kind": "turnFlagOff"}), (404, "not-found", "flag")),
        (Method::PATCH, format!("{PRODUCTION}/segments/one"), circle.to_string(), (400, "segment-cycle", "/rules")),
        post(
            &format!("{PRODUCTION}/keys"),
            json!({"kind": "sdk", "expireOthersAt": "2020-01-01T00:00:00Z"}),
            (400, "expires-in-the-past", "/expireOthersAt"),
        ),
        post(&evaluate, json!({"context": {"kind": "user"}}), (400, "context-key", "/context/key")),
        post(&evaluate, json!({"context": {"kind": "multi", "user": {}}}), (400, "context-key", "/context/key")),
        post(&evaluate, json!({"context": {"kind": "kind", "key": "a"}}), (400, "context-kind", "/context/kind")),
        post(METRICS, json!({"key": "m", "name": "", "eventKey": "e"}), (400, "invalid-metric", "/name")),
        post("/api/policies", delay, (400, "invalid-delay", "/levels/0/delaySeconds")),
        post("/api/policies", stranger, (400, "unknown-person", "/levels/0/targets/0")),
        post("/api/services", json!({"key": "s", "name": "S", "policy": "no"}), (400, "unknown-policy", "/policy")),
        post("/api/alerts", json!({"service": "no", "summary": "x"}), (400, "unknown-service", "/service")),
        post(&releases, release(json!({"service": "no"})), (400, "unknown-service", "/service")),
        post(&releases, release(json!({"pipeline": "no"})), (400, "unknown-pipeline", "/pipeline")),
        post(
            "/api/alerts",
            json!({"service": "default", "summary": "x".repeat(1_025)}),
            (400, "invalid-text", "/summary"),
        ),
        post(
            "/api/alerts",
            json!({"service": "default", "action": "resolve"}),
            (400, "dedup-key-missing", "/dedupKey"),
        ),
        (Method::GET, "/api/changes?limit=0".to_owned(), String::new(), (400, "invalid-query", "limit")),
        (Method::GET, "/api/changes?limit=1001".to_owned(), String::new(), (400, "invalid-query", "limit")),
        (Method::GET, format!("{FLAGS}/%20"), String::new(), (400, "invalid-path", "flag")),
        (Method::GET, "/api/nowhere".to_owned(), String::new(), (404, "no-such-route", "")),
        (Method::PUT, FLAGS.to_owned(), String::new(), (405, "no-such-method", "")),
    ]
}

/// What might be, if other things were not there.
fn of_what_is_there() -> Vec<Case> {
    let post = |path: &str, body: Value, refusal| (Method::POST, path.to_owned(), body.to_string(), refusal);
    let delete = |path: &str, refusal| (Method::DELETE, path.to_owned(), String::new(), refusal);
    let environments = "/api/projects/default/environments";
    let segments = format!("{PRODUCTION}/segments");
    vec![
        post("/api/projects", json!({"key": "default", "name": "D"}), (409, "already-exists", "/key")),
        post(environments, json!({"key": "test", "name": "T"}), (409, "already-exists", "/key")),
        post(FLAGS, json!({"key": "a", "name": "A"}), (409, "already-exists", "/key")),
        post(&segments, json!({"key": "one", "name": "One"}), (409, "already-exists", "/key")),
        post(METRICS, json!({"key": "errors", "name": "E", "eventKey": "e"}), (409, "metric-exists", "/key")),
        post("/api/services", json!({"key": "default", "name": "S", "policy": "default"}), (409, "key-taken", "/key")),
        delete(&format!("{FLAGS}/a"), (409, "still-needed", "")),
        delete("/api/policies/catch-all", (409, "catch-all-needed", "")),
    ]
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_code_and_place_and_nothing_is_written() {
    each(async |house| {
        furnish(house).await;
        let before = everything(house).await;
        let mut wrong = Vec::new();
        for (method, path, body, refusal) in of_json().into_iter().chain(of_sense()).chain(of_what_is_there()) {
            let shown = format!("{method} {path} {}", body.get(..120).unwrap_or(&body));
            let body = (method != Method::GET && method != Method::DELETE).then_some(body);
            let answer = house.call(&house.admin, method, &path, body).await;
            if answer.refused() != refusal {
                wrong.push(format!("{shown}\n  is answered with {}\n  and not with {refusal:?}", answer.body));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let text = request(Method::POST, FLAGS, Some(&format!("Bearer {}", house.writer)), None);
        assert_eq!(collect(house.send(text).await).await.refused(), (415, "not-json", "Content-Type"));
        assert_eq!(everything(house).await, before);
    })
    .await;
}

async fn with_version(house: &House, method: Method, path: &str, body: &Value, version: &str) -> Answer {
    let mut request = request(method, path, Some(&format!("Bearer {}", house.writer)), Some(body.to_string()));
    request.headers_mut().insert(header::IF_MATCH, version.parse().unwrap());
    collect(house.send(request).await).await
}

#[tokio::test]
async fn what_was_changed_since_it_was_read_is_not_overwritten() {
    each(async |house| {
        furnish(house).await;
        house.instruct("a", &json!([{"kind": "turnFlagOn"}])).await.ok();
        let before = everything(house).await;
        let edit = json!({"instructions": [{"kind": "turnFlagOff"}]});
        let rename = json!({"name": "Other"});
        let levels = json!({"name": "Other", "levels": [{"targets": [{"kind": "catchAll"}], "delaySeconds": 60}]});
        for (method, path, body) in [
            (Method::PATCH, format!("{PRODUCTION}/flags/a"), &edit),
            (Method::PATCH, format!("{PRODUCTION}/segments/one"), &edit),
            (Method::PATCH, format!("{METRICS}/errors"), &rename),
            (Method::PATCH, "/api/services/default".to_owned(), &rename),
            (Method::PUT, "/api/policies/default".to_owned(), &levels),
        ] {
            let stale = with_version(house, method.clone(), &path, body, "\"999999\"").await;
            assert_eq!(stale.refused(), (412, "stale-version", "If-Match"), "{path}: {}", stale.body);
            let garbled = with_version(house, method, &path, body, "7").await;
            assert_eq!(garbled.refused(), (400, "invalid-if-match", "If-Match"), "{path}");
        }
        assert_eq!(everything(house).await, before);
    })
    .await;
}

#[tokio::test]
async fn of_two_edits_at_once_one_wins_with_the_version_and_both_without() {
    each(async |house| {
        house.create_flag("a").await;
        let path = format!("{PRODUCTION}/flags/a");
        let seen = house.instruct("a", &json!([{"kind": "turnFlagOn"}])).await.ok()["seq"].to_string();
        let to = |kind: &str, variation: u8| json!({"instructions": [{"kind": kind, "variation": variation}]});
        let version = format!("\"{seen}\"");
        let (everyone, off) = (to("setFallthrough", 1), to("setOffVariation", 0));
        let (one, other) = tokio::join!(
            with_version(house, Method::PATCH, &path, &everyone, &version),
            with_version(house, Method::PATCH, &path, &off, &version)
        );
        let (winner, loser) = if one.status.is_success() { (one, other) } else { (other, one) };
        assert_eq!(loser.refused(), (412, "stale-version", "If-Match"));
        let winner = winner.ok();
        let flag = house.get(&format!("{FLAGS}/a")).await;
        assert_eq!(flag["environments"]["production"]["version"], winner["seq"]);
        assert_eq!(flag["environments"]["production"]["configuration"], winner["after"]);

        // Without a version neither says what it saw, so both happen, one after the other.
        let targets = |key: &str| json!([{"kind": "addTargets", "variation": 0, "values": [key]}]);
        let (ada, bob) = (targets("ada"), targets("bob"));
        let (one, other) = tokio::join!(house.instruct("a", &ada), house.instruct("a", &bob));
        let (one, other) = (one.ok(), other.ok());
        let later = if one["seq"].as_i64() > other["seq"].as_i64() { one } else { other };
        let values = later["after"]["targets"].to_string();
        assert!(values.contains("ada") && values.contains("bob"), "{values}");
    })
    .await;
}

#[tokio::test]
async fn sdks_are_refused_as_sdks_understand_it() {
    each(async |house| {
        let paths = [
            (Method::GET, "/all"),
            (Method::GET, "/sdk/latest-all"),
            (Method::POST, "/bulk"),
            (Method::POST, "/diagnostic"),
            (Method::POST, "/ofrep/v1/evaluate/flags"),
            (Method::POST, "/ofrep/v1/evaluate/flags/a"),
        ];
        for key in ["sdk-00000000-0000-4000-8000-000000000000", "", "Bearer", &house.admin] {
            for (method, path) in &paths {
                let answer = house.send(request(method.clone(), path, Some(key), Some("[]".to_owned()))).await;
                assert_eq!(answer.status(), 401, "{method} {path} with {key:?}");
            }
        }
        for (body, status) in
            [("[{", 400), ("7", 400), ("\"x\"", 400), (&*format!("[\"{}\"]", "x".repeat(9 << 20)), 413)]
        {
            let answer = house.sdk(Method::POST, "/bulk", Some(body.to_owned())).await;
            assert_eq!(answer.status, status, "{}", body.get(..20).unwrap_or(body));
        }
    })
    .await;
}

#[tokio::test]
async fn one_malformed_event_does_not_cost_its_neighbours_and_a_repeated_delivery_counts_once() {
    each(async |house| {
        house.create_flag("a").await;
        let counter = json!({"variation": 1, "version": 3, "value": false, "count": 5});
        let batch = json!([
            {"kind": "feature", "key": 7},
            "nonsense",
            {"kind": "custom", "key": "paid"},
            {"kind": "summary", "startDate": 1, "endDate": 2, "features": {"a": {"default": false, "counters": [counter]}}},
        ])
        .to_string();
        for _ in 0..3 {
            assert_eq!(house.sdk(Method::POST, "/bulk", Some(batch.clone())).await.status, 202);
        }
        let counts = house.get(&format!("{PRODUCTION}/flags/a/evaluations")).await;
        let items = counts["items"].as_array().unwrap();
        assert_eq!((items.len(), &items[0]["variation"], &items[0]["n"]), (1, &json!(1), &json!(5)), "{counts}");
    })
    .await;
}
