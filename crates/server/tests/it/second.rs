//! The second generation: whoever comes back is sent the difference (`launchdarkly.md` §1.5).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, Keys, each, once, request};
use crate::wire::{Frames, eventually};

const ADA: &str = r#"{"kind":"user","key":"ada"}"#;

/// The events of a poll by the holder of `key`.
async fn poll(house: &House, key: &str, path: &str) -> Vec<(String, Value)> {
    let answer = house.send(request(Method::GET, path, Some(key), None)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let body = crate::house::collect(answer).await.body;
    let events = body["events"].as_array().unwrap().iter();
    events.map(|event| (event["event"].as_str().unwrap().to_owned(), event["data"].clone())).collect()
}

async fn since(house: &House, basis: &str) -> Vec<(String, Value)> {
    poll(house, &house.sdk_key, &format!("/sdk/poll?basis={basis}")).await
}

/// What was intended, the keys that were put or deleted, and the state at the end.
fn told(events: &[(String, Value)]) -> (String, Vec<String>, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let objects = events.iter().filter(|(name, _)| name.ends_with("-object"));
    let keys = objects.map(|(name, data)| format!("{} {}", name.trim_end_matches("-object"), text(&data["key"])));
    (text(&events[0].1["payloads"][0]["intentCode"]), keys.collect(), text(&events[events.len() - 1].1["state"]))
}

async fn follows(house: &House, key: &str, version: &Value) {
    let seen = async || house.sdk(Method::GET, "/sdk/latest-all", None).await.body["flags"][key]["version"] == *version;
    eventually("the change is in the snapshot", seen).await;
}

#[tokio::test]
async fn who_comes_back_is_sent_what_it_has_missed_also_by_another_process() {
    each(async |house| {
        for key in ["a", "b", "c"] {
            house.create_flag(key).await;
        }
        let made = house.instruct("c", &json!([{"kind": "turnFlagOn"}])).await.ok();
        follows(house, "c", &made["seq"]).await;
        let everything = since(house, "").await;
        let (code, keys, state) = told(&everything);
        assert_eq!((code.as_str(), keys.len()), ("xfer-full", 3));
        assert_eq!(everything[0].1["payloads"][0]["reason"], "payload-missing");
        assert_eq!(told(&since(house, &state).await), ("none".to_owned(), vec![], String::new()));

        house.call(&house.admin, Method::DELETE, "/api/projects/default/flags/a", None).await.ok();
        let made = house.instruct("b", &json!([{"kind": "turnFlagOn"}])).await.ok();
        follows(house, "b", &made["seq"]).await;
        let expected = ("xfer-changes".to_owned(), vec!["delete a".to_owned(), "put b".to_owned()]);
        let (code, keys, next) = told(&since(house, &state).await);
        assert_eq!((code, keys), expected);
        let other = house.again().await;
        let (code, keys, there) = told(&since(&other, &state).await);
        assert_eq!(((code, keys), there), (expected, next));
        other.tasks.shutdown(std::time::Duration::from_secs(5)).await;

        for unknown in ["x", "x:1", "%25%00"] {
            let events = since(house, unknown).await;
            assert_eq!(events[0].1["payloads"][0]["reason"], "cant-catchup", "{unknown}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_begins_at_its_basis_and_goes_on_with_each_change() {
    once(async |house| {
        house.create_flag("a").await;
        let made = house.instruct("a", &json!([{"kind": "turnFlagOn"}])).await.ok();
        follows(house, "a", &made["seq"]).await;
        let (_, _, state) = told(&since(house, "").await);
        let path = format!("/sdk/stream?basis={state}");
        let response = house.send(request(Method::GET, &path, Some(&house.sdk_key), None)).await;
        let mut stream = Frames::of(response.into_body().into_data_stream());
        assert_eq!(stream.next().await.unwrap().data("server-intent")["payloads"][0]["intentCode"], "none");
        let made = house.instruct("a", &json!([{"kind": "turnFlagOff"}])).await.ok();
        assert_eq!(stream.next().await.unwrap().data("server-intent")["payloads"][0]["intentCode"], "xfer-changes");
        let put = stream.next().await.unwrap().data("put-object");
        assert_eq!((&put["kind"], &put["key"], &put["version"]), (&json!("flag"), &json!("a"), &made["seq"]));
        assert_eq!(put["object"]["on"], false);
        assert_eq!(stream.next().await.unwrap().data("payload-transferred")["version"], made["seq"]);
    })
    .await;
}

#[tokio::test]
async fn a_page_is_sent_its_values_and_then_only_what_differs_for_it() {
    once(async |house| {
        let id = Keys::of(house).await.client_side;
        house.create_flag("seen").await;
        let seen = json!({"instructions": [{"kind": "updateDetails", "clientSideAvailability": {"usingEnvironmentId": true, "usingMobileKey": false}}]});
        let path = "/api/projects/default/flags/seen";
        house.call(&house.writer, Method::PATCH, path, Some(seen.to_string())).await.ok();
        let context = URL_SAFE_NO_PAD.encode(ADA);
        let eval = |basis: &str| format!("/sdk/poll/eval/{context}?auth={id}&basis={basis}");
        let visible = async || told(&poll(house, "", &eval("")).await).1 == ["put seen"];
        eventually("the flag is shown to pages", visible).await;
        let (code, _, state) = told(&poll(house, "", &eval("")).await);
        assert_eq!(code, "xfer-full");

        let path = format!("/sdk/stream/eval/{context}?auth={id}&basis={state}");
        let response = house.send(request(Method::GET, &path, None, None)).await;
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        let mut stream = Frames::of(response.into_body().into_data_stream());
        assert_eq!(stream.next().await.unwrap().data("server-intent")["payloads"][0]["intentCode"], "none");
        house.instruct("seen", &json!([{"kind": "turnFlagOn"}])).await.ok();
        assert_eq!(stream.next().await.unwrap().data("server-intent")["payloads"][0]["intentCode"], "xfer-changes");
        let put = stream.next().await.unwrap().data("put-object");
        assert_eq!((&put["kind"], &put["object"]["value"]), (&json!("flag-eval"), &json!(true)));
        assert_eq!(put["object"].get("version"), None, "it stands beside the object");
        let next = stream.next().await.unwrap().data("payload-transferred");
        let again = poll(house, "", &eval(next["state"].as_str().unwrap())).await;
        assert_eq!(told(&again).0, "none", "a poll goes on where a stream stopped");

        let unknown = house.send(request(Method::GET, &format!("/sdk/poll/eval/{context}?auth=none"), None, None)).await;
        assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
        let nonsense = house.send(request(Method::GET, &format!("/sdk/poll/eval/!!?auth={id}"), None, None)).await;
        assert_eq!(nonsense.status(), StatusCode::BAD_REQUEST);
    })
    .await;
}
