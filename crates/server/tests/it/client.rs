//! Client-side SDKs: what pages and apps are given, what they are refused, what their streams tell (`launchdarkly.md` §1.4).

use std::time::Duration;

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::house::{Answer, House, Keys, PRODUCTION, collect, each, once, request};
use crate::wire::{Frame, Frames, eventually};

const ADA: &str = r#"{"kind":"user","key":"ada","plan":"gold"}"#;
const BOB: &str = r#"{"kind":"user","key":"bob"}"#;

fn encoded(context: &str) -> String {
    URL_SAFE_NO_PAD.encode(context)
}

/// The poll of a page.
fn poll_of(keys: &Keys, context: &str) -> String {
    format!("/sdk/evalx/{}/contexts/{}", keys.client_side, encoded(context))
}

/// `seen` by pages, `hidden` from them and from apps, `needs` which needs `hidden`, and `app` for apps alone.
async fn furnish(house: &House) {
    let pages = json!({"usingEnvironmentId": true, "usingMobileKey": false});
    let apps = json!({"usingEnvironmentId": false, "usingMobileKey": true});
    for (key, seen) in [("seen", Some(&pages)), ("needs", Some(&pages)), ("hidden", None), ("app", Some(&apps))] {
        house.create_flag(key).await;
        if let Some(seen) = seen {
            see(house, key, seen).await;
        }
    }
    house.instruct("seen", &json!([{"kind": "addTargets", "variation": 1, "values": ["bob"]}])).await.ok();
    house
        .instruct(
            "needs",
            &json!([{"kind": "turnFlagOn"}, {"kind": "addPrerequisite", "key": "hidden", "variation": 0}]),
        )
        .await
        .ok();
    let last = house.instruct("app", &json!([{"kind": "turnFlagOn"}])).await.ok()["seq"].clone();
    let known = async || house.sdk(Method::GET, "/sdk/latest-all", None).await.body["flags"]["app"]["version"] == last;
    eventually("all flags are in the snapshot", known).await;
    // The engine follows the payload.
    let ada = format!("/sdk/evalx/contexts/{}", encoded(ADA));
    eventually("the engine has them", async || house.sdk(Method::GET, &ada, None).await.body["app"]["value"] == true)
        .await;
}

async fn see(house: &House, flag: &str, availability: &Value) {
    let update = json!({"instructions": [{"kind": "updateDetails", "clientSideAvailability": availability}]});
    let path = format!("/api/projects/default/flags/{flag}");
    house.call(&house.writer, Method::PATCH, &path, Some(update.to_string())).await.ok();
}

async fn get(house: &House, path: &str, authorization: Option<&str>) -> Answer {
    collect(house.send(request(Method::GET, path, authorization, None)).await).await
}

async fn report(house: &House, path: &str, authorization: Option<&str>, body: &str) -> Answer {
    let method = Method::from_bytes(b"REPORT").unwrap();
    collect(house.send(request(method, path, authorization, Some(body.to_owned()))).await).await
}

fn keys(flags: &Value) -> Vec<&String> {
    flags.as_object().unwrap().keys().collect()
}

#[tokio::test]
async fn each_client_is_given_what_it_may_see_evaluated_for_its_context() {
    each(async |house| {
        furnish(house).await;
        let of = Keys::of(house).await;
        let (page, mobile) = (poll_of(&of, ADA), Some(of.mobile.as_str()));
        let flags = get(house, &page, None).await;
        assert_eq!(flags.headers["x-ld-envid"], of.client_side.as_str());
        let flags = flags.ok();
        assert_eq!(keys(&flags), ["needs", "seen"]);
        let needs = &flags["needs"];
        assert_eq!(
            (&needs["value"], &needs["variation"], &needs["prerequisites"]),
            (&json!(false), &json!(1), &json!(["hidden"]))
        );
        assert!(needs["version"].as_u64() >= needs["flagVersion"].as_u64(), "{needs}");
        assert_eq!((needs.get("reason"), needs.get("trackEvents")), (None, None));

        let body = encoded(ADA);
        let padded = URL_SAFE.encode(r#"{"kind":"user","key":"ad"}"#);
        assert!(padded.ends_with('='));
        let padded = format!("/sdk/evalx/{}/contexts/{padded}", of.client_side);
        let user =
            format!("/sdk/evalx/{}/users/{}", of.client_side, encoded(r#"{"key":"ada","custom":{"plan":"gold"}}"#));
        assert_eq!(keys(&get(house, &padded, None).await.ok()).len(), 2);
        assert_eq!(get(house, &user, None).await.ok(), flags);
        for path in ["context", "user"] {
            let path = format!("/sdk/evalx/{}/{path}", of.client_side);
            assert_eq!(report(house, &path, None, ADA).await.ok(), flags, "{path}");
        }
        for path in [format!("/msdk/evalx/contexts/{body}"), format!("/msdk/evalx/users/{body}")] {
            assert_eq!(keys(&get(house, &path, mobile).await.ok()), ["app"], "{path}");
        }
        let android = format!("api_key {}", of.mobile);
        for path in ["/msdk/evalx/context", "/msdk/evalx/user"] {
            assert_eq!(keys(&report(house, path, Some(&android), ADA).await.ok()), ["app"], "{path}");
        }
        let all = get(house, &format!("/sdk/evalx/contexts/{body}"), Some(&house.sdk_key)).await.ok();
        assert_eq!(keys(&all), ["app", "hidden", "needs", "seen"]);
        for path in ["/sdk/evalx/context", "/sdk/evalx/user"] {
            assert_eq!(report(house, path, Some(&house.sdk_key), ADA).await.ok(), all, "{path}");
        }
        let explained = get(house, &format!("{page}?withReasons=true&unknown=1"), None).await.ok();
        assert_eq!(explained["needs"]["reason"], json!({"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "hidden"}));
        assert_eq!(get(house, &format!("/sdk/goals/{}", of.client_side), None).await.ok(), json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_poll_is_answered_with_304_until_something_is_different_for_the_context() {
    once(async |house| {
        furnish(house).await;
        let of = Keys::of(house).await;
        let page = poll_of(&of, ADA);
        let first = get(house, &page, None).await;
        let tag = first.headers[header::ETAG].clone();
        let again = async || {
            let mut request = request(Method::GET, &page, None, None);
            request.headers_mut().insert(header::IF_NONE_MATCH, tag.clone());
            house.send(request).await.status()
        };
        assert_eq!(again().await, StatusCode::NOT_MODIFIED);
        house.instruct("hidden", &json!([{"kind": "turnFlagOn"}])).await.ok();
        eventually("the prerequisite is met", async || again().await == StatusCode::OK).await;
    })
    .await;
}

/// Method, path, who, body, content type → status.
type Refusal = (&'static str, String, Option<String>, &'static str, &'static str, u16);

fn refusals(of: &Keys, sdk_key: &str) -> Vec<Refusal> {
    let (env, ada) = (&of.client_side, encoded(ADA));
    let json = "application/json";
    let page = |context: &str| format!("/sdk/evalx/{env}/contexts/{context}");
    let mobile = || Some(of.mobile.clone());
    vec![
        ("GET", page("%21%21"), None, "", "", 400),
        ("GET", page("a"), None, "", "", 400),
        ("GET", page(&encoded("{")), None, "", "", 400),
        ("GET", page(&encoded("[]")), None, "", "", 400),
        ("GET", page(&encoded(r#"{"kind":"user"}"#)), None, "", "", 400),
        ("GET", page(&encoded(r#"{"kind":"multi"}"#)), None, "", "", 400),
        ("GET", format!("/sdk/evalx/0123/contexts/{ada}"), None, "", "", 404),
        ("GET", format!("/sdk/evalx/{}/contexts/{ada}", of.mobile), None, "", "", 404),
        ("GET", format!("/eval/{env}/x"), None, "", "", 400),
        ("GET", format!("/eval/0123/{ada}"), None, "", "", 404),
        ("GET", "/ping/0123".to_owned(), None, "", "", 404),
        ("GET", "/sdk/goals/0123".to_owned(), None, "", "", 404),
        ("GET", "/a/0123.gif?d=W10".to_owned(), None, "", "", 404),
        ("GET", format!("/a/{env}.gif?d=!"), None, "", "", 400),
        ("GET", format!("/a/{env}.gif"), None, "", "", 400),
        ("REPORT", format!("/sdk/evalx/{env}/context"), None, "{", json, 400),
        ("REPORT", format!("/sdk/evalx/{env}/context"), None, "", json, 400),
        ("REPORT", format!("/sdk/evalx/{env}/context"), None, ADA, "text/plain", 415),
        ("REPORT", format!("/eval/{env}"), None, ADA, "text/plain", 415),
        ("REPORT", "/eval/0123".to_owned(), None, ADA, json, 404),
        ("POST", "/events/bulk/0123".to_owned(), None, "[]", json, 404),
        ("POST", format!("/events/bulk/{env}"), None, "no", json, 400),
        ("POST", "/events/diagnostic/0123".to_owned(), None, "{}", json, 404),
        ("GET", format!("/msdk/evalx/contexts/{ada}"), None, "", "", 401),
        ("GET", format!("/msdk/evalx/contexts/{ada}"), Some(sdk_key.to_owned()), "", "", 401),
        ("GET", format!("/msdk/evalx/contexts/{ada}"), Some(env.clone()), "", "", 401),
        ("GET", "/msdk/evalx/contexts/x".to_owned(), mobile(), "", "", 400),
        ("GET", format!("/meval/{ada}"), None, "", "", 401),
        ("GET", "/mping".to_owned(), None, "", "", 401),
        ("REPORT", "/meval".to_owned(), mobile(), ADA, "", 415),
        ("POST", "/mobile".to_owned(), None, "[]", json, 401),
        ("POST", "/mobile/events/bulk".to_owned(), Some(sdk_key.to_owned()), "[]", json, 401),
        ("GET", format!("/sdk/evalx/contexts/{ada}"), mobile(), "", "", 401),
        ("REPORT", "/sdk/evalx/context".to_owned(), None, ADA, json, 401),
        ("REPORT", "/sdk/latest-all".to_owned(), Some(sdk_key.to_owned()), "", "", 405),
        ("PUT", format!("/sdk/evalx/{env}/context"), None, ADA, json, 405),
    ]
}

#[tokio::test]
async fn what_cannot_be_read_or_may_not_be_asked_has_the_status_that_sdks_handle_best() {
    once(async |house| {
        furnish(house).await;
        let of = Keys::of(house).await;
        for (method, path, who, body, kind, status) in refusals(&of, &house.sdk_key) {
            let mut call = Request::builder().method(method).uri(&path);
            if let Some(who) = who {
                call = call.header(header::AUTHORIZATION, who);
            }
            if !kind.is_empty() {
                call = call.header(header::CONTENT_TYPE, kind);
            }
            let answer = house.send(call.body(body.to_owned().into()).unwrap()).await;
            assert_eq!(answer.status().as_u16(), status, "{method} {path} {body}");
            if path.contains(&of.client_side) && !path.starts_with("/a/") && status != 405 {
                assert_eq!(answer.headers()["access-control-allow-origin"], "*", "a page may read why: {path}");
            }
        }
        let large = format!(r#"{{"kind":"user","key":"ada","blob":"{}"}}"#, "x".repeat(64 << 10));
        let path = format!("/sdk/evalx/{}/context", of.client_side);
        assert_eq!(report(house, &path, None, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    })
    .await;
}

#[tokio::test]
async fn a_browser_is_answered_beforehand_for_the_environments_that_there_are() {
    once(async |house| {
        let of = Keys::of(house).await;
        let preflight = async |path: &str| house.send(request(Method::OPTIONS, path, None, None)).await;
        for (path, methods) in [
            (format!("/sdk/evalx/{}/contexts/x", of.client_side), "GET, OPTIONS"),
            (format!("/sdk/evalx/{}/users/x", of.client_side), "GET, OPTIONS"),
            (format!("/sdk/evalx/{}/context", of.client_side), "REPORT, OPTIONS"),
            (format!("/eval/{}/x", of.client_side), "GET, OPTIONS"),
            (format!("/eval/{}", of.client_side), "REPORT, OPTIONS"),
            (format!("/ping/{}", of.client_side), "GET, OPTIONS"),
            (format!("/sdk/goals/{}", of.client_side), "GET, OPTIONS"),
            (format!("/events/bulk/{}", of.client_side), "POST, OPTIONS"),
            (format!("/events/diagnostic/{}", of.client_side), "POST, OPTIONS"),
        ] {
            let answer = preflight(&path).await;
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            assert_eq!(answer.headers()["access-control-allow-methods"], methods, "{path}");
            assert_eq!(answer.headers()["access-control-allow-origin"], "*", "{path}");
            let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap().to_lowercase();
            for sent in [
                "content-type",
                "x-launchdarkly-user-agent",
                "x-launchdarkly-event-schema",
                "x-launchdarkly-payload-id",
            ] {
                assert!(allowed.contains(sent), "{path}: {sent}");
            }
            assert_eq!(
                preflight(&path.replace(&of.client_side, "0123")).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    })
    .await;
}

type Stream = Frames<axum::body::BodyDataStream>;

fn frames(response: Response) -> Stream {
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    Frames::of(response.into_body().into_data_stream())
}

async fn follow(house: &House, of: &Keys, context: &str) -> Stream {
    let path = format!("/eval/{}/{}", of.client_side, encoded(context));
    frames(house.send(request(Method::GET, &path, None, None)).await)
}

#[tokio::test]
async fn a_stream_tells_only_what_becomes_different_for_its_context() {
    each(async |house| {
        furnish(house).await;
        let of = Keys::of(house).await;
        let mut ada = follow(house, &of, ADA).await;
        let mut bob = follow(house, &of, BOB).await;
        assert_eq!(keys(&ada.next().await.unwrap().data("put")), ["needs", "seen"]);
        bob.next().await.unwrap().data("put");

        // Off is "false" to Bob too, and a rule that names neither alters nothing for either: only the last is told.
        house.instruct("hidden", &json!([{"kind": "addTargets", "variation": 1, "values": ["eve"]}])).await.ok();
        let made = house.instruct("seen", &json!([{"kind": "turnFlagOn"}])).await.ok();
        let patch = ada.next().await.unwrap().data("patch");
        assert_eq!(
            (&patch["key"], &patch["value"], &patch["flagVersion"]),
            (&json!("seen"), &json!(true), &made["seq"])
        );
        let made = house.instruct("hidden", &json!([{"kind": "turnFlagOn"}])).await.ok();
        let met = json!(true);
        for stream in [&mut ada, &mut bob] {
            let patch = stream.next().await.unwrap().data("patch");
            assert_eq!((&patch["key"], &patch["value"]), (&json!("needs"), &met), "Bob was told nothing of `seen`");
            assert!(patch["version"].as_i64() >= made["seq"].as_i64(), "newer than what the SDK has");
        }
        // The kill.
        house.instruct("seen", &json!([{"kind": "turnFlagOff"}])).await.ok();
        assert_eq!(ada.next().await.unwrap().data("patch")["value"], false);
    })
    .await;
}

#[tokio::test]
async fn a_flag_that_is_hidden_or_gone_is_deleted_and_a_segment_alters_what_it_decides() {
    each(async |house| {
        furnish(house).await;
        let of = Keys::of(house).await;
        let segments = format!("{PRODUCTION}/segments");
        house.post(&segments, &json!({"key": "staff", "name": "Staff"})).await.ok();
        let rule = json!({"clauses": [{"op": "segmentMatch", "values": ["staff"]}], "variation": 0});
        let ruled = json!([{"kind": "turnFlagOn"}, {"kind": "addRule", "rule": rule}, {"kind": "setFallthrough", "variation": 1}]);
        house.instruct("seen", &ruled).await.ok();
        let page = poll_of(&of, ADA) + "?withReasons=true";
        let ruled = async || get(house, &page, None).await.body["seen"]["reason"]["kind"] == "FALLTHROUGH";
        eventually("the rule is there", ruled).await;
        let mut ada = follow(house, &of, ADA).await;
        assert_eq!(ada.next().await.unwrap().data("put")["seen"]["value"], false);

        let members = json!({"instructions": [{"kind": "updateMembers", "list": "included", "add": ["ada"]}]});
        house.call(&house.writer, Method::PATCH, &format!("{segments}/staff"), Some(members.to_string())).await.ok();
        let patch = ada.next().await.unwrap().data("patch");
        assert_eq!((&patch["key"], &patch["value"]), (&json!("seen"), &json!(true)));

        see(house, "seen", &json!({"usingEnvironmentId": false, "usingMobileKey": false})).await;
        let delete = ada.next().await.unwrap().data("delete");
        assert_eq!(delete["key"], "seen");
        assert!(delete["version"].as_i64() > patch["version"].as_i64());
        house.call(&house.admin, Method::DELETE, "/api/projects/default/flags/needs", None).await.ok();
        assert_eq!(ada.next().await.unwrap().data("delete")["key"], "needs");
        see(house, "seen", &json!({"usingEnvironmentId": true, "usingMobileKey": false})).await;
        assert_eq!(ada.next().await.unwrap().data("patch")["key"], "seen");
    })
    .await;
}

#[tokio::test]
async fn reports_apps_and_pings_have_streams_too_and_a_silent_one_sends_comments() {
    once(async |house| {
        furnish(house).await;
        let of = Keys::of(house).await;
        let method = || Method::from_bytes(b"REPORT").unwrap();
        let page = format!("/eval/{}", of.client_side);
        let mut page = frames(house.send(request(method(), &page, None, Some(ADA.to_owned()))).await);
        assert_eq!(keys(&page.next().await.unwrap().data("put")), ["needs", "seen"]);
        let app = format!("/meval/{}", encoded(ADA));
        let mut app = frames(house.send(request(Method::GET, &app, Some(&of.mobile), None)).await);
        assert_eq!(keys(&app.next().await.unwrap().data("put")), ["app"]);
        let reported = house.send(request(method(), "/meval", Some(&of.mobile), Some(ADA.to_owned()))).await;
        assert_eq!(keys(&frames(reported).next().await.unwrap().data("put")), ["app"]);

        let ping = format!("/ping/{}", of.client_side);
        let mut pings = frames(house.send(request(Method::GET, &ping, None, None)).await);
        pings.next().await.unwrap().data("ping");
        let mut app_pings = frames(house.send(request(Method::GET, "/mping", Some(&of.mobile), None)).await);
        app_pings.next().await.unwrap().data("ping");
        house.instruct("app", &json!([{"kind": "turnFlagOff"}])).await.ok();
        pings.next().await.unwrap().data("ping");
        app_pings.next().await.unwrap().data("ping");
        assert_eq!(app.next().await.unwrap().data("patch")["value"], false);

        tokio::time::pause();
        let started = tokio::time::Instant::now();
        assert_eq!(page.next().await, Some(Frame::Heartbeat));
        assert!(started.elapsed() < Duration::from_mins(1));
        tokio::time::resume();
    })
    .await;
}

#[tokio::test]
async fn in_secure_mode_a_page_proves_its_context_and_loses_its_stream_if_it_cannot() {
    each(async |house| {
        furnish(house).await;
        let of = Keys::of(house).await;
        let mut unproven = follow(house, &of, ADA).await;
        unproven.next().await.unwrap().data("put");
        let secure = json!({"instructions": [{"kind": "updateDetails", "secureMode": true}]});
        house.call(&house.admin, Method::PATCH, PRODUCTION, Some(secure.to_string())).await.ok();
        assert_eq!(unproven.next().await, None);

        let page = poll_of(&of, ADA);
        let status = async |path: &str| house.send(request(Method::GET, path, None, None)).await.status().as_u16();
        assert_eq!(status(&page).await, 400);
        let hash = hash(&house.sdk_key, "ada");
        assert_eq!(status(&format!("{page}?h={hash}")).await, 200);
        assert_eq!(status(&format!("{}?h={hash}", poll_of(&of, BOB))).await, 400, "of another context");
        let stream = format!("/eval/{}/{}", of.client_side, encoded(ADA));
        assert_eq!(status(&stream).await, 400);
        let mut proven = frames(house.send(request(Method::GET, &format!("{stream}?h={hash}"), None, None)).await);
        proven.next().await.unwrap().data("put");
        let app = format!("/msdk/evalx/contexts/{}", encoded(ADA));
        assert_eq!(get(house, &app, Some(&of.mobile)).await.status, 200, "apps prove nothing");

        // A rotated key proves as long as it lives.
        let added = house.post(&format!("{PRODUCTION}/keys"), &json!({"kind": "sdk"})).await.ok();
        let newer = self::hash(added["value"].as_str().unwrap(), "ada");
        eventually("the new key proves too", async || status(&format!("{page}?h={newer}")).await == 200).await;
        assert_eq!(status(&format!("{page}?h={hash}")).await, 200);
    })
    .await;
}

fn hash(sdk_key: &str, canonical_key: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let made = Hmac::<sha2::Sha256>::new_from_slice(sdk_key.as_bytes()).unwrap().chain_update(canonical_key);
    made.finalize().into_bytes().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// What a JS SDK sends (`feasibility.md` §5.2): an `identify` at start, and a summary for each context.
const PAGE_EVENTS: &str = r#"[
    {"kind":"identify","creationDate":1795397591718,"context":{"kind":"user","key":"ada"}},
    {"kind":"custom","creationDate":1795397591720,"key":"bought","url":"http://shop.example/","contextKeys":{"user":"ada"}},
    {"kind":"summary","startDate":1795397591718,"endDate":1795397591721,"context":{"kind":"user","key":"ada"},
     "features":{"seen":{"default":false,"contextKinds":["user"],"counters":[{"value":true,"variation":0,"version":3,"count":2}]}}}]"#;

#[tokio::test]
async fn events_of_pages_and_apps_are_counted_as_those_of_servers_are() {
    each(async |house| {
        furnish(house).await;
        let of = Keys::of(house).await;
        let count = async || {
            let rows = house.get(&format!("{PRODUCTION}/flags/seen/evaluations")).await;
            rows["items"].as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).sum::<u64>()
        };
        let bulk = format!("/events/bulk/{}", of.client_side);
        let post = async |path: &str, who: Option<&str>, id: &str| {
            let mut request = request(Method::POST, path, who, Some(PAGE_EVENTS.to_owned()));
            request.headers_mut().insert("x-launchdarkly-payload-id", id.parse().unwrap());
            request.headers_mut().insert("x-launchdarkly-user-agent", "JSClient/4.10.3".parse().unwrap());
            house.send(request).await.status()
        };
        assert_eq!(post(&bulk, None, "1").await, StatusCode::ACCEPTED);
        assert_eq!(post(&bulk, None, "1").await, StatusCode::ACCEPTED, "a retry");
        assert_eq!(count().await, 2);
        for (path, id) in [("/mobile", "2"), ("/mobile/events", "3"), ("/mobile/events/bulk", "4")] {
            assert_eq!(post(path, Some(&of.mobile), id).await, StatusCode::ACCEPTED, "{path}");
        }
        assert_eq!(count().await, 8);
        let beacon = format!("/a/{}.gif?d={}", of.client_side, encoded(PAGE_EVENTS));
        let picture = house.send(request(Method::GET, &beacon, None, None)).await;
        assert_eq!(
            (picture.status(), &picture.headers()[header::CONTENT_TYPE]),
            (StatusCode::OK, &"image/gif".parse().unwrap())
        );
        assert_eq!(count().await, 10);

        let diagnostic = format!("/events/diagnostic/{}", of.client_side);
        for (path, who) in [(diagnostic.as_str(), None), ("/mobile/events/diagnostic", Some(of.mobile.as_str()))] {
            assert_eq!(post(path, who, "5").await, StatusCode::ACCEPTED, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn php_is_given_each_flag_and_segment_by_itself() {
    each(async |house| {
        furnish(house).await;
        house.post(&format!("{PRODUCTION}/segments"), &json!({"key": "staff", "name": "Staff"})).await.ok();
        let sdk = async |path: &str| house.sdk(Method::GET, path, None).await;
        eventually("the segment is there", async || sdk("/sdk/segments/staff").await.status == 200).await;
        let all = sdk("/sdk/latest-all").await.ok();
        assert_eq!(sdk("/sdk/flags").await.ok(), all["flags"]);
        assert_eq!(sdk("/sdk/segments/staff").await.ok(), all["segments"]["staff"]);
        let flag = sdk("/sdk/flags/seen").await;
        let tag = flag.headers[header::ETAG].clone();
        assert_eq!(flag.ok(), all["flags"]["seen"]);
        let again = async || {
            let mut request = request(Method::GET, "/sdk/flags/seen", Some(&house.sdk_key), None);
            request.headers_mut().insert(header::IF_NONE_MATCH, tag.clone());
            house.send(request).await.status()
        };
        assert_eq!(again().await, StatusCode::NOT_MODIFIED);
        house.instruct("hidden", &json!([{"kind": "turnFlagOn"}])).await.ok();
        eventually("another flag moves", async || sdk("/sdk/flags/hidden").await.body["on"] == true).await;
        assert_eq!(again().await, StatusCode::NOT_MODIFIED, "this one did not");

        for path in ["/sdk/flags/no", "/sdk/flags/staff", "/sdk/segments/no", "/sdk/segments/seen"] {
            assert_eq!(sdk(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in ["/sdk/flags", "/sdk/flags/seen", "/sdk/segments/staff"] {
            assert_eq!(get(house, path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        house.call(&house.admin, Method::DELETE, "/api/projects/default/flags/seen", None).await.ok();
        eventually("it is gone", async || sdk("/sdk/flags/seen").await.status == StatusCode::NOT_FOUND).await;
    })
    .await;
}
