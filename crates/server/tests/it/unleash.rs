//! Unleash's SDKs: who may ask what, how they are caught up, and what becomes of what they measured (`oss-flags.md` §4.1).

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::StreamExt;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::house::{Answer, House, Keys, PRODUCTION, collect, each, once};
use crate::live::watch;
use crate::sdks::shown;
use crate::wire::{Frame, Frames, eventually};

const FEATURES: &str = "/api/client/features";
const DELTA: &str = "/api/client/delta";
const STREAM: &str = "/api/client/streaming";
const METRICS: &str = "/api/client/metrics";

/// A request with this token and these headers.
fn request(method: Method, path: &str, token: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, token);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(body.into()).unwrap()
}

async fn get(house: &House, path: &str, headers: &[(&str, &str)]) -> Answer {
    collect(house.send(request(Method::GET, path, &house.sdk_key, headers, Body::empty())).await).await
}

async fn post(house: &House, path: &str, token: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> StatusCode {
    house.send(request(Method::POST, path, token, headers, body)).await.status()
}

/// The stream of a backend SDK that has seen up to this event.
async fn stream(house: &House, seen: &str) -> Frames<BodyDataStream> {
    let who = [("unleash-sdk", "unleash-node-sdk:6.12.1"), ("unleash-appname", "shop"), ("unleash-instanceid", "i-1")];
    let headers = [&[("last-event-id", seen)], &who[..]].concat();
    let response = house.send(request(Method::GET, STREAM, &house.sdk_key, &headers, Body::empty())).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    Frames::of(response.into_body().into_data_stream())
}

/// Brings features over, and waits until SDKs have as many.
async fn furnish(house: &House, features: &Value) {
    let state = json!({"version": 2, "features": features});
    house.post(&format!("{PRODUCTION}/import/unleash"), &state).await.ok();
    let count = features.as_array().unwrap().len();
    eventually("the features are served", async || names(&get(house, FEATURES, &[]).await).len() == count).await;
    let evaluated = async || get(house, "/api/frontend/all", &[]).await.body["toggles"].as_array().unwrap().len();
    eventually("they are evaluated here", async || evaluated().await == count).await;
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.body["features"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

fn plain(name: &str) -> Value {
    json!({"name": name, "enabled": true, "strategies": [{"name": "userWithId", "parameters": {"userIds": "ada"}}]})
}

fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

/// What happened, without the rest.
fn told(events: &Value) -> Vec<String> {
    let said = |event: &Value| match event["type"].as_str().unwrap() {
        "hydration" => format!("all {}", event["features"].as_array().unwrap().len()),
        "feature-updated" => format!("{} {}", event["feature"]["name"], event["feature"]["enabled"]),
        "feature-removed" => format!("{} gone from {}", event["featureName"], event["project"]),
        other => other.to_owned(),
    };
    events["events"].as_array().unwrap().iter().map(said).collect()
}

#[tokio::test]
async fn a_token_is_a_key_and_each_opens_what_is_meant_for_it() {
    once(async |house| {
        furnish(house, &json!([plain("ui")])).await;
        let clients = Keys::of(house).await;
        let formed = |place: &str| format!("{place}.{}", house.sdk_key);
        let bearer = format!("Bearer {}", house.sdk_key);
        for (token, backend, frontend) in [
            (&*house.sdk_key, 200, 200),
            (&formed("*:production"), 200, 200),
            (&formed("default:production"), 200, 200),
            (&bearer, 200, 200),
            (&formed("other:production"), 401, 401),
            (&formed("default:test"), 401, 401),
            (&clients.client_side, 403, 200),
            (&clients.mobile, 403, 200),
            ("sdk-none", 401, 401),
            ("", 401, 401),
        ] {
            for (path, expected) in
                [(FEATURES, backend), (DELTA, backend), (STREAM, backend), ("/api/frontend", frontend)]
            {
                let answer = house.send(request(Method::GET, path, token, &[], Body::empty())).await;
                assert_eq!(answer.status().as_u16(), expected, "{path} with {token}");
            }
            let sent = post(house, METRICS, token, &[], "{}").await.as_u16();
            assert_eq!(sent, if backend == 200 { 202 } else { backend }, "metrics with {token}");
        }
        let without = Request::get(FEATURES).body(Body::empty()).unwrap();
        assert_eq!(house.send(without).await.status(), 401);
    })
    .await;
}

#[tokio::test]
async fn features_are_known_by_their_tag_and_chosen_by_project_and_name() {
    each(async |house| {
        furnish(house, &json!([plain("new.ui"), plain("new.api"), plain("old")])).await;
        let all = get(house, FEATURES, &[]).await;
        assert_eq!(all.body["segments"], json!([]));
        assert_eq!(all.body["query"]["environment"], "production");
        assert_eq!(all.body["meta"]["etag"].as_str().unwrap(), tag(&all));
        let tag = tag(&all);
        for known in [tag.clone(), format!("W/{tag}")] {
            let again = get(house, FEATURES, &[("if-none-match", &known)]).await;
            assert_eq!((again.status, &again.body), (StatusCode::NOT_MODIFIED, &Value::Null), "{known}");
        }
        for (query, expected) in [
            ("?project=default", &["new.api", "new.ui", "old"][..]),
            ("?project=other", &[]),
            ("?project=other&project=*", &[]),
            ("?namePrefix=new.&tag=simple:x", &["new.api", "new.ui"]),
        ] {
            let chosen = get(house, &format!("{FEATURES}{query}"), &[("if-none-match", &tag)]).await;
            let mut chosen = names(&chosen);
            chosen.sort_unstable();
            assert_eq!(chosen, expected, "{query}");
        }
        assert_eq!(get(house, "/api/client/features/old", &[]).await.ok()["name"], "old");
        assert_eq!(get(house, "/api/client/features/none", &[]).await.status, 404);
        house.instruct("old", &json!([{"kind": "turnFlagOff"}])).await.ok();
        let moved = async || get(house, FEATURES, &[("if-none-match", &tag)]).await.status == 200;
        eventually("the tag follows the features", moved).await;
    })
    .await;
}

#[tokio::test]
async fn deltas_and_streams_go_on_after_a_restart_where_the_sdk_was() {
    each(async |house| {
        furnish(house, &json!([plain("a"), plain("b"), plain("c")])).await;
        let first = get(house, DELTA, &[]).await;
        assert_eq!(told(&first.body), ["all 3"]);
        let seen = tag(&first);
        assert_eq!(get(house, DELTA, &[("if-none-match", &seen)]).await.status, StatusCode::NOT_MODIFIED);
        let connected = stream(house, "").await.next().await.unwrap().data("unleash-connected");
        assert_eq!((told(&connected), &connected["events"]), (vec!["all 3".to_owned()], &first.body["events"]));

        let mut open = stream(house, seen.trim_matches('"')).await;
        assert_eq!(
            open.next().await,
            Some(Frame::Heartbeat),
            "nothing was missed, and the SDK knows that it is connected"
        );
        house.instruct("b", &json!([{"kind": "turnFlagOff"}])).await.ok();
        assert_eq!(told(&open.next().await.unwrap().data("unleash-updated")), ["\"b\" false"]);
        house.call(&house.admin, Method::DELETE, "/api/projects/default/flags/c", None).await.ok();
        assert_eq!(told(&open.next().await.unwrap().data("unleash-updated")), ["\"c\" gone from \"default\""]);

        let restarted = house.again().await;
        let missed = ["\"b\" false", "\"c\" gone from \"default\""];
        let caught_up = get(&restarted, DELTA, &[("if-none-match", &seen)]).await;
        assert_eq!(told(&caught_up.body), missed);
        let ids: Vec<i64> =
            caught_up.body["events"].as_array().unwrap().iter().map(|one| one["eventId"].as_i64().unwrap()).collect();
        assert!(ids[0] < ids[1] && format!("\"{}\"", ids[1]) == tag(&caught_up), "{ids:?}");
        let resumed = stream(&restarted, seen.trim_matches('"')).await.next().await.unwrap();
        assert_eq!(told(&resumed.data("unleash-connected")), missed);
        assert_eq!(stream(&restarted, &ids[1].to_string()).await.next().await, Some(Frame::Heartbeat));
        // A place of another server, or of this one before its database was put back, is a place that never was.
        for elsewhere in ["999999", "nonsense", "-1"] {
            let anew = stream(&restarted, elsewhere).await.next().await.unwrap();
            assert_eq!(told(&anew.data("unleash-connected")), ["all 2"], "{elsewhere}");
        }
        restarted.tasks.shutdown(Duration::from_secs(5)).await;
    })
    .await;
}

/// What a backend SDK is sent next, as it lies in memory.
async fn chunk(body: &mut BodyDataStream) -> Bytes {
    tokio::time::timeout(Duration::from_secs(20), body.next()).await.expect("a frame in time").unwrap().unwrap()
}

#[tokio::test]
async fn whoever_stands_at_the_same_place_is_sent_the_same_memory() {
    once(async |house| {
        furnish(house, &json!([plain("a"), plain("b"), plain("c")])).await;
        let asked = async |path: &str, headers: &[(&str, &str)]| {
            let response = house.send(request(Method::GET, path, &house.sdk_key, headers, Body::empty())).await;
            response.into_body().into_data_stream()
        };
        let mut streams = [asked(STREAM, &[]).await, asked(STREAM, &[]).await];
        let same = async |streams: &mut [BodyDataStream; 2]| {
            let [one, other] = streams;
            let (one, other) = (chunk(one).await, chunk(other).await);
            assert_eq!((one.as_ptr(), one.len()), (other.as_ptr(), other.len()), "{one:?}");
            one
        };
        let first = same(&mut streams).await;
        assert!(first.starts_with(b"event: unleash-connected\n"), "{first:?}");
        let polled = chunk(&mut asked(DELTA, &[]).await).await;
        assert!(first.as_ptr_range().contains(&polled.as_ptr()), "a poll is answered with a part of the frame");
        let seen = format!("{}", serde_json::from_slice::<Value>(&polled).unwrap()["events"][0]["eventId"]);

        house.instruct("b", &json!([{"kind": "turnFlagOff"}])).await.ok();
        let update = same(&mut streams).await;
        assert!(update.starts_with(b"event: unleash-updated\n"), "{update:?}");
        let mut resumed =
            [asked(STREAM, &[("last-event-id", &seen)]).await, asked(STREAM, &[("last-event-id", &seen)]).await];
        assert!(same(&mut resumed).await.starts_with(b"event: unleash-connected\n"));
        for path in [FEATURES.to_owned(), format!("{FEATURES}?project=default"), format!("{FEATURES}?namePrefix=a")] {
            let mut polls = [asked(&path, &[]).await, asked(&path, &[]).await];
            same(&mut polls).await;
        }
    })
    .await;
}

/// How often the feature was evaluated: on, and off.
async fn evaluations(house: &House, feature: &str) -> (i64, i64) {
    let seen = house.get(&format!("{PRODUCTION}/flags/{feature}/evaluations")).await;
    let rows = seen["items"].as_array().unwrap();
    let of = |variation: i64| {
        rows.iter().filter(|row| row["variation"] == variation).map(|row| row["n"].as_i64().unwrap()).sum()
    };
    (of(0), of(1))
}

fn bucket(instance: &str, yes: u64, no: u64) -> String {
    json!({"appName": "shop", "instanceId": instance, "bucket": {
        "start": "2026-11-01T10:00:00Z", "stop": "2026-11-01T10:01:00Z",
        "toggles": {"ui": {"yes": yes, "no": no, "variants": {"disabled": no}}, "gone": {"yes": 1, "no": 0}, "odd": 7}}})
    .to_string()
}

#[tokio::test]
async fn what_was_evaluated_is_counted_once_however_often_it_is_delivered() {
    each(async |house| {
        furnish(house, &json!([plain("ui")])).await;
        let clients = Keys::of(house).await;
        let sent = bucket("i-1", 7, 4);
        for _ in 0..2 {
            assert_eq!(post(house, METRICS, &house.sdk_key, &[], sent.clone()).await, 202);
        }
        let restarted = house.again().await;
        assert_eq!(post(&restarted, METRICS, &house.sdk_key, &[], sent.clone()).await, 202, "a retry after a restart");
        restarted.tasks.shutdown(Duration::from_secs(5)).await;
        let other = bucket("i-2", 100, 0);
        assert_eq!(post(house, METRICS, &house.sdk_key, &[], other).await, 202);
        eventually("one delivery of each", async || evaluations(house, "ui").await == (107, 4)).await;

        // Two browsers whose tabs say nothing of themselves but their connection count both.
        let page = bucket("browser", 1, 1);
        for connection in ["tab-1", "tab-2", "tab-2"] {
            let headers = [("unleash-connection-id", connection)];
            let path = "/api/frontend/client/metrics";
            assert_eq!(post(house, path, &clients.client_side, &headers, page.clone()).await, 202);
        }
        let proxy = json!({"applications": [], "metrics": [
            {"featureName": "ui", "appName": "a", "environment": "production", "timestamp": "t", "yes": 1_000, "no": 0}, {"yes": 1}]});
        assert_eq!(post(house, "/api/client/metrics/bulk", &house.sdk_key, &[], proxy.to_string()).await, 202);
        eventually("all of them", async || evaluations(house, "ui").await == (1_109, 6)).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_on_is_counted_under_the_variant_that_came_with_it() {
    each(async |house| {
        let of = |name: &str, variants: Value| {
            let mut feature = plain(name);
            feature["variants"] = variants;
            feature
        };
        let colours = json!([{"name": "blue", "weight": 500}, {"name": "red", "weight": 500}]);
        furnish(house, &json!([of("ui", colours), plain("bare")])).await;
        let toggle = json!({"yes": 10, "no": 3, "variants": {"blue": 4, "red": 2, "green": 1, "disabled": 3}});
        let toggles = json!({"ui": toggle, "bare": {"yes": 1, "no": 0, "variants": {"blue": 1}}});
        let sent = json!({"appName": "shop", "bucket": {"start": "a", "stop": "b", "toggles": toggles}});
        assert_eq!(post(house, METRICS, &house.sdk_key, &[], sent.to_string()).await, 202);
        let counted = async |feature: &str| {
            let seen = house.get(&format!("{PRODUCTION}/flags/{feature}/evaluations")).await;
            let rows = seen["items"].as_array().unwrap().iter();
            let told = rows.map(|row| json!([row["variation"], row["variant"], row["n"]]));
            Value::from(told.collect::<Vec<_>>())
        };
        let expected = json!([[0, null, 4], [0, "blue", 4], [0, "red", 2], [1, null, 3]]);
        eventually("each under its variant, none twice", async || counted("ui").await == expected).await;
        assert_eq!(counted("bare").await, json!([[0, null, 1]]), "nobody has such a variant");
    })
    .await;
}

#[tokio::test]
async fn an_sdk_and_what_it_measures_are_shown_to_people() {
    once(async |house| {
        furnish(house, &json!([plain("ui")])).await;
        let mut watched = watch(house, "").await;
        let headers = [("unleash-sdk", "unleash-node-sdk:6.12.1"), ("unleash-appname", "shop"), ("unleash-instanceid", "i-1")];
        let impact = json!([{"name": "paid", "type": "counter", "samples": [{"labels": {}, "value": 3}]}]);
        let mut sent: Value = serde_json::from_str(&bucket("i-1", 7, 0)).unwrap();
        sent["impactMetrics"] = impact;
        assert_eq!(post(house, METRICS, &house.sdk_key, &headers, sent.to_string()).await, 202);
        let arrived = watched.next().await.unwrap().data("events");
        let told: Vec<_> = arrived["items"].as_array().unwrap().iter().map(|one| (&one["kind"], &one["key"], &one["value"], &one["count"])).collect();
        assert_eq!(
            told,
            [
                (&json!("summary"), &json!("ui"), &json!(true), &json!(7)),
                (&json!("custom"), &json!("paid"), &Value::Null, &json!(3)),
            ]
        );
        assert_eq!(arrived["items"][0]["sdk"], "unleash-node-sdk 6.12.1");

        let registration = json!({"appName": "shop", "instanceId": "i-1", "sdkVersion": "unleash-node-sdk:6.12.1", "strategies": [],
            "started": "2026-11-01T10:00:00Z", "interval": 10_000});
        let sent = post(house, "/api/client/register", &house.sdk_key, &headers, registration.to_string()).await;
        assert_eq!(sent, 202);
        let open = stream(house, "").await;
        let sdk = shown(house, "unleash-node-sdk", |sdk| sdk["streams"] == 1).await;
        for (member, expected) in
            [("family", json!("unleash")), ("version", json!("6.12.1")), ("application", json!("shop")), ("instances", json!(1))]
        {
            assert_eq!(sdk[member], expected, "{member}");
        }
        drop(open);
        shown(house, "unleash-node-sdk", |sdk| sdk["streams"] == 0).await;
    })
    .await;
}

#[tokio::test]
async fn a_page_is_told_what_is_on_for_its_context_and_no_rules() {
    once(async |house| {
        let variant = json!([{"name": "blue", "weight": 1000, "payload": {"type": "string", "value": "#00f"}}]);
        let mut blue = plain("ui");
        blue["variants"] = variant;
        furnish(house, &json!([blue, {"name": "off", "enabled": false, "strategies": []}])).await;
        let clients = Keys::of(house).await;
        let ask = async |method: Method, path: &str, headers: &[(&str, &str)], body: String| {
            collect(house.send(request(method, path, &clients.client_side, headers, body)).await).await
        };
        let ada = ask(Method::GET, "/api/frontend?userId=ada&appName=web", &[], String::new()).await;
        let toggle = json!({"name": "ui", "enabled": true, "impressionData": false, "variant": {"name": "blue", "enabled": true,
            "payload": {"type": "string", "value": "#00f"}, "feature_enabled": true, "featureEnabled": true}});
        assert_eq!(ada.body, json!({ "toggles": [toggle] }));
        let question = json!({"context": {"kind": "user", "key": "ada"}, "flag": "ui"}).to_string();
        let route = "/api/projects/default/environments/production/evaluate";
        let told = house.call(&house.admin, Method::POST, route, Some(question)).await.ok();
        assert_eq!(told[0]["variant"], json!({"name": "blue", "payload": {"type": "string", "value": "#00f"}}));
        assert!(told[0]["explanation"].as_str().unwrap().ends_with("with the variant “blue”"), "{told:#}");
        let known = tag(&ada);
        let again = ask(Method::GET, "/api/frontend?userId=ada", &[("if-none-match", &known)], String::new()).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        let eve = json!({"context": {"userId": "eve"}}).to_string();
        assert_eq!(ask(Method::POST, "/api/frontend", &[], eve.clone()).await.ok(), json!({"toggles": []}));
        let all = ask(Method::POST, "/api/frontend/all", &[], eve.clone()).await.ok();
        assert_eq!(all["toggles"].as_array().unwrap().len(), 2);
        let one = ask(Method::POST, "/api/frontend/features/ui", &[], eve).await.ok();
        assert_eq!((&one["name"], &one["enabled"]), (&json!("ui"), &json!(false)));
        assert_eq!(ask(Method::GET, "/api/frontend/features/none", &[], String::new()).await.status, 404);

        let origin = [("origin", "https://shop.example"), ("access-control-request-method", "GET")];
        let preflight = Request::options("/api/frontend").header(origin[0].0, origin[0].1).body(Body::empty()).unwrap();
        let preflight = house.send(preflight).await;
        assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
        assert_eq!(preflight.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        let allowed = preflight.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        assert!(allowed.contains("authorization") && allowed.contains("unleash-connection-id"), "{allowed}");
    })
    .await;
}

#[tokio::test]
async fn whatever_is_sent_is_answered_as_sdks_handle_it_best() {
    once(async |house| {
        furnish(house, &json!([plain("ui")])).await;
        let deep = format!(r#"{{"context": {{"properties": {{"a": {}{}}}}}}}"#, "[".repeat(1_000), "]".repeat(1_000));
        let frontend = "/api/frontend";
        for (path, body, expected) in [
            (METRICS, "{", 400),
            (METRICS, "7", 400),
            (METRICS, r#"{"bucket": {"toggles": {"ui": {"yes": -1}, "odd": null}}, "impactMetrics": [1]}"#, 202),
            (METRICS, &format!("{{\"appName\": \"{}\"}}", "x".repeat(8 << 20)), 413),
            ("/api/client/metrics/bulk", r#"{"metrics": [1, {}, null], "impactMetrics": [{}]}"#, 202),
            ("/api/client/metrics/bulk", "7", 400),
            ("/api/client/register", r#"{"appName": "shop"}"#, 202),
            ("/api/client/register", "?", 400),
            (frontend, "", 200),
            (frontend, r#"{"context": {"userId": 7, "properties": {"a": null, "b": true}}}"#, 200),
            (frontend, r#"{"context": 7}"#, 400),
            (frontend, &deep, 400),
            (frontend, &"x".repeat(300 << 10), 413),
        ] {
            let status = post(house, path, &house.sdk_key, &[], body.to_owned()).await;
            assert_eq!(status.as_u16(), expected, "{path}: {}", body.get(..60).unwrap_or(body));
        }
        let method = request(Method::PUT, FEATURES, &house.sdk_key, &[], Body::empty());
        assert_eq!(house.send(method).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_state_of_unleash_is_refused_with_its_field() {
    let route = format!("{PRODUCTION}/import/unleash");
    let many: Vec<Value> = (0..20_001).map(|at| json!({"name": format!("f{at}")})).collect();
    let export = json!({"features": [], "featureStrategies": [], "featureEnvironments": [
        {"featureName": "a", "environment": "one", "enabled": true}, {"featureName": "a", "environment": "two", "enabled": true}]});
    once(async |house| {
        for (path, body, expected) in [
            (&*route, "{".to_owned(), (400, "malformed-json", "")),
            (&*route, "{}".to_owned(), (400, "not-unleash", "/features")),
            (&*route, r#"{"features": 7}"#.to_owned(), (400, "not-unleash", "/features")),
            (&*route, export.to_string(), (400, "unleash-environment", "from")),
            (&*route, json!({ "features": many }).to_string(), (400, "too-many", "/flags")),
            (
                "/api/projects/default/environments/none/import/unleash",
                r#"{"features": []}"#.to_owned(),
                (404, "not-found", "environment"),
            ),
        ] {
            let shown: String = body.chars().take(60).collect();
            let answer = house.call(&house.admin, Method::POST, path, Some(body)).await;
            assert_eq!(answer.refused(), expected, "{path} {shown}");
        }
        let writer = house.call(&house.writer, Method::POST, &route, Some("{}".to_owned())).await;
        assert_eq!(writer.status, 403);
    })
    .await;
}
