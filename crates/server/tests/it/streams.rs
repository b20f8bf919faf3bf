//! SDK streams and the console's: what comes first, what follows, when they end.

use http::Method;
use serde_json::{Value, json};

use crate::house::{House, Keys, PRODUCTION, STREAMS, each, once, request};
use crate::wire::{Frame, Frames, eventually};

/// The stream of an SDK that holds `key`.
async fn open(house: &House, key: &str) -> Frames<axum::body::BodyDataStream> {
    let response = house.send(request(Method::GET, "/all", Some(key), None)).await;
    assert_eq!(response.status(), 200);
    Frames::of(response.into_body().into_data_stream())
}

/// The newest version that a frame tells.
fn latest(frame: &Frame) -> i64 {
    let Frame::Event(name, data) = frame else { panic!("it is silent") };
    let version = |flag: &Value| flag["version"].as_i64().unwrap();
    match name.as_str() {
        "patch" => version(&data["data"]),
        _ => data["data"]["flags"].as_object().unwrap().values().map(version).max().unwrap(),
    }
}

#[tokio::test]
async fn a_stream_begins_with_everything_and_goes_on_with_each_change_in_order() {
    const EDITS: u32 = 20;
    each(async |house| {
        house.create_flag("a").await;
        house.create_flag("b").await;
        let seen = async || house.sdk(Method::GET, "/sdk/latest-all", None).await.body["flags"]["b"].is_object();
        eventually("both flags are in the snapshot", seen).await;
        let mut stream = open(house, &house.sdk_key).await;
        let put = stream.next().await.unwrap().data("put");
        assert_eq!(put["path"], "/");
        assert_eq!(put["data"]["flags"].as_object().unwrap().keys().collect::<Vec<_>>(), ["a", "b"]);
        let mut version = put["data"]["flags"]["b"]["version"].as_i64().unwrap();

        for edit in 0..EDITS {
            let instructions = json!([{"kind": "setFallthrough", "variation": (edit / 2 + 1) % 2}]);
            let flag = if edit % 2 == 0 { "a" } else { "b" };
            let made = house.instruct(flag, &instructions).await.ok();
            let patch = stream.next().await.unwrap().data("patch");
            assert_eq!(patch["path"], format!("/flags/{flag}"));
            assert_eq!(patch["data"]["version"], made["seq"]);
            assert!(patch["data"]["version"].as_i64().unwrap() > version, "{patch}");
            version = patch["data"]["version"].as_i64().unwrap();
        }
        // A burst may come together: what was overtaken may be left out, or told by a whole, and the last of it is told.
        let burst = (0..EDITS).map(|edit| async move {
            let values = json!([{"kind": "addTargets", "variation": 0, "values": [format!("user-{edit}")]}]);
            house.instruct(if edit % 2 == 0 { "a" } else { "b" }, &values).await.ok()["seq"].as_i64().unwrap()
        });
        let last = futures_util::future::join_all(burst).await.into_iter().max().unwrap();
        while version < last {
            let told = latest(&stream.next().await.unwrap());
            assert!(told > version, "{told} after {version}");
            version = told;
        }
        assert_eq!(version, last);

        house.call(&house.admin, Method::DELETE, "/api/projects/default/flags/a", None).await.ok();
        let delete = stream.next().await.unwrap().data("delete");
        assert_eq!(delete["path"], "/flags/a");
        assert!(delete["version"].as_i64() > Some(last));
    })
    .await;
}

#[tokio::test]
async fn a_silent_stream_sends_comments() {
    once(async |house| {
        let mut stream = open(house, &house.sdk_key).await;
        stream.next().await.unwrap().data("put");
        // Nothing else happens, so the clock of the timers runs to the next of them at once.
        tokio::time::pause();
        let started = tokio::time::Instant::now();
        assert_eq!(stream.next().await, Some(Frame::Heartbeat));
        let silence = started.elapsed().as_secs();
        tokio::time::resume();
        assert!((20..=31).contains(&silence), "SDKs and proxies wait for a minute; it took {silence} s");
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_revoked_ends_its_streams_and_is_refused_from_then_on() {
    each(async |house| {
        let keys = format!("{PRODUCTION}/keys");
        let added = house.post(&keys, &json!({"kind": "sdk"})).await.ok();
        let key = added["value"].as_str().unwrap();
        let status = async || house.send(request(Method::GET, "/sdk/latest-all", Some(key), None)).await.status();
        eventually("the new key opens", async || status().await == 200).await;
        let mut stream = open(house, key).await;
        stream.next().await.unwrap().data("put");
        let mut other = open(house, &house.sdk_key).await;
        other.next().await.unwrap().data("put");

        let revoke = format!("{keys}/{}", added["id"].as_str().unwrap());
        assert_eq!(house.call(&house.admin, Method::DELETE, &revoke, None).await.status, 204);
        assert_eq!(stream.next().await, None);
        assert_eq!(status().await, 401);
        house.create_flag("a").await;
        assert_eq!(other.next().await.unwrap().data("patch")["path"], "/flags/a");
    })
    .await;
}

#[tokio::test]
async fn the_console_is_told_that_something_moved() {
    each(async |house| {
        let authorization = format!("Bearer {}", house.reader);
        let response = house.send(request(Method::GET, "/api/events", Some(&authorization), None)).await;
        let mut events = Frames::of(response.into_body().into_data_stream());
        let mut seen = events.next().await.unwrap().data("position");
        let made = house.post("/api/projects/default/flags", &json!({"key": "a", "name": "A"})).await.ok();
        while seen["change"] != made["version"] {
            seen = events.next().await.unwrap().data("position");
        }
        let before = seen["incident"].as_i64().unwrap();
        house.post("/api/alerts", &json!({"service": "default", "summary": "It burns"})).await.ok();
        while seen["incident"].as_i64().unwrap() == before {
            seen = events.next().await.unwrap().data("position");
        }
    })
    .await;
}

#[tokio::test]
async fn who_finds_no_place_for_a_stream_is_told_when_to_come_back_and_requests_go_on() {
    once(async |house| {
        let of = Keys::of(house).await;
        let mut open_streams = Vec::new();
        for _ in 0..STREAMS {
            open_streams.push(open(house, &house.sdk_key).await);
        }
        let hints = format!("/ofrep/v1/sse?env={}", of.client_side);
        let pings = format!("/ping/{}", of.client_side);
        for (path, key) in [
            ("/all", Some(house.sdk_key.as_str())),
            ("/sdk/stream", Some(&house.sdk_key)),
            ("/meval/eyJrZXkiOiJhZGEifQ", Some(&of.mobile)),
            (&pings, None),
            (&hints, None),
        ] {
            let refused = house.send(request(Method::GET, path, key, None)).await;
            assert_eq!(refused.status(), 503, "{path}");
            let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=10).contains(&seconds), "{path}: {seconds}");
        }
        assert_eq!(house.sdk(Method::GET, "/sdk/latest-all", None).await.status, 200);
        open_streams.pop();
        let freed = async || house.send(request(Method::GET, "/all", Some(&house.sdk_key), None)).await.status() == 200;
        eventually("a stream that ends gives its place back", freed).await;
    })
    .await;
}

#[tokio::test]
async fn at_the_end_streams_are_let_go_first_and_what_they_are_served_by_goes_on() {
    once(async |house| {
        house.create_flag("a").await;
        let mut stream = open(house, &house.sdk_key).await;
        stream.next().await.unwrap().data("put");
        house.tasks.drain().cancel();
        // The flag may have missed the put: then it was on its way as a patch.
        let on_its_way = stream.next().await.is_some();
        assert!(!on_its_way || stream.next().await.is_none(), "a lonely stream ends at once");
        let refused = house.send(request(Method::GET, "/all", Some(&house.sdk_key), None)).await;
        assert_eq!(refused.status(), 503);
        let made = house.instruct("a", &json!([{"kind": "turnFlagOn"}])).await.ok();
        let known =
            async || house.sdk(Method::GET, "/sdk/latest-all", None).await.body["flags"]["a"]["version"] == made["seq"];
        eventually("what streams are served by goes on", known).await;
    })
    .await;
}
