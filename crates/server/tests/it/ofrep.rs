//! OFREP: who may ask, what they are answered and refused, and how pages of other origins do it (`oss-flags.md` §2.1).

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::house::{Answer, House, Keys, PRODUCTION, collect, each, once};
use crate::wire::{Frame, Frames, eventually};

const ALL: &str = "/ofrep/v1/evaluate/flags";

/// A call with these headers; the body as it is.
async fn call(house: &House, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    collect(house.send(request.body(body.into()).unwrap()).await).await
}

/// Evaluates for a context with a key.
async fn ask(house: &House, key: &str, path: &str, context: &Value) -> Answer {
    let bearer = format!("Bearer {key}");
    call(house, Method::POST, path, &[("authorization", &bearer)], json!({ "context": context }).to_string()).await
}

fn keys(answer: &Answer) -> Vec<&str> {
    answer.body["flags"].as_array().unwrap().iter().map(|flag| flag["key"].as_str().unwrap()).collect()
}

/// `page` seen by pages, `app` by apps, `server` by neither; all on, and `split` by half of all keys.
async fn furnish(house: &House) {
    let seen = |page: bool, app: bool| json!({"usingEnvironmentId": page, "usingMobileKey": app});
    for (key, seen) in [("app", seen(false, true)), ("page", seen(true, false)), ("server", seen(false, false))] {
        let variations = json!([{"name": "blue", "value": "b"}, {"name": "", "value": "r"}]);
        let flag = json!({"key": key, "name": key, "kind": "string", "variations": variations, "clientSideAvailability": seen});
        house.post("/api/projects/default/flags", &flag).await.ok();
        house.instruct(key, &json!([{"kind": "turnFlagOn"}])).await.ok();
    }
    let shares = json!([{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]);
    house.create_flag("split").await;
    let split = json!([{"kind": "turnFlagOn"}, {"kind": "setFallthrough", "rollout": {"variations": shares}}]);
    house.instruct("split", &split).await.ok();
    let ready = async || {
        let all = ask(house, &house.sdk_key, ALL, &json!({"targetingKey": "ada"})).await;
        keys(&all) == ["app", "page", "server", "split"] && all.body["flags"][3]["reason"] == "DEFAULT"
    };
    eventually("all flags can be evaluated", ready).await;
}

#[tokio::test]
async fn each_key_sees_what_it_may_and_no_more() {
    once(async |house| {
        furnish(house).await;
        let clients = Keys::of(house).await;
        let ada = json!({"targetingKey": "ada"});
        for (key, seen) in [
            (&house.sdk_key, &["app", "page", "server", "split"][..]),
            (&clients.mobile, &["app"]),
            (&clients.client_side, &["page"]),
        ] {
            assert_eq!(keys(&ask(house, key, ALL, &ada).await), seen);
            for flag in ["app", "page", "server"] {
                let one = ask(house, key, &format!("{ALL}/{flag}"), &ada).await;
                let expected = if seen.contains(&flag) { (200, "") } else { (404, "FLAG_NOT_FOUND") };
                let code = one.body["errorCode"].as_str().unwrap_or_default();
                assert_eq!((one.status.as_u16(), code), expected, "{flag} with {key}");
            }
        }
        let page = ask(house, &clients.client_side, &format!("{ALL}/page"), &ada).await.ok();
        assert_eq!(
            (&page["value"], &page["variant"], &page["reason"]),
            (&json!("b"), &json!("blue"), &json!("DEFAULT"))
        );
        assert_eq!(page["metadata"]["flagSetId"], "default/production");
        assert_eq!(page["metadata"]["contextId"], "ada");
        house.instruct("page", &json!([{"kind": "turnFlagOff"}])).await.ok();
        let unnamed = async || ask(house, &house.sdk_key, &format!("{ALL}/page"), &ada).await.body;
        eventually("the off variation, which has no name", async || unnamed().await["variant"] == "1").await;
    })
    .await;
}

#[tokio::test]
async fn a_key_is_taken_from_any_of_its_headers_and_a_wrong_one_is_refused_without_a_body() {
    once(async |house| {
        house.create_flag("a").await;
        let key = house.sdk_key.as_str();
        let bearer = format!("Bearer {key}");
        for headers in [("authorization", bearer.as_str()), ("authorization", key), ("x-api-key", key)] {
            assert_eq!(call(house, Method::POST, ALL, &[headers], "").await.status, 200, "{headers:?}");
        }
        for headers in
            [&[][..], &[("authorization", "Bearer")], &[("x-api-key", "sdk-none")], &[("authorization", "Bearer ")]]
        {
            let refused = call(house, Method::POST, ALL, headers, "{}").await;
            assert_eq!((refused.status.as_u16(), &refused.body), (401, &Value::Null), "{headers:?}");
            assert_eq!(refused.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "a page may see that it was refused");
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_of_a_flag_arrives_encoded() {
    once(async |house| {
        house.create_flag("a.b_c-d").await;
        let known =
            async || ask(house, &house.sdk_key, &format!("{ALL}/a%2Eb%5Fc%2Dd"), &json!({})).await.status == 200;
        eventually("the flag by its encoded key", known).await;
        for (path, key) in
            [("no%20such%2Fflag", json!("no such/flag")), ("%F0%9F%8E%8C", json!("🎌")), ("%FF", json!(null))]
        {
            let missing = ask(house, &house.sdk_key, &format!("{ALL}/{path}"), &json!({})).await;
            assert_eq!(
                (missing.status.as_u16(), &missing.body["errorCode"]),
                (404, &json!("FLAG_NOT_FOUND")),
                "{path}"
            );
            assert_eq!(missing.body["key"], key, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn bodies_are_read_leniently_and_each_refusal_has_its_status_and_code() {
    once(async |house| {
        furnish(house).await;
        let key = [("authorization", house.sdk_key.as_str())];
        for nobody in ["", "{}", "null", r#"{"context": null}"#, r#"{"context": {}}"#] {
            let all = call(house, Method::POST, ALL, &key, nobody).await.ok();
            assert_eq!(all["flags"][0]["value"], "b", "{nobody}");
            assert_eq!(
                all["flags"][3]["errorCode"], "TARGETING_KEY_MISSING",
                "one flag that fails costs no other: {nobody}"
            );
            let one = call(house, Method::POST, &format!("{ALL}/split"), &key, nobody).await;
            assert_eq!(
                (one.status.as_u16(), &one.body["errorCode"]),
                (400, &json!("TARGETING_KEY_MISSING")),
                "{nobody}"
            );
            assert_eq!(one.body["key"], "split");
        }
        let deep = format!(r#"{{"context": {{"a": {}{}}}}}"#, "[".repeat(1_000), "]".repeat(1_000));
        let long = format!(r#"{{"context": {{"a": "{}"}}}}"#, "x".repeat(300 << 10));
        for (body, status, code) in [
            ("{", 400, "PARSE_ERROR"),
            ("[]", 400, "PARSE_ERROR"),
            (deep.as_str(), 400, "PARSE_ERROR"),
            (long.as_str(), 413, "PARSE_ERROR"),
            (r#"{"context": 7}"#, 400, "INVALID_CONTEXT"),
            (r#"{"context": {"targetingKey": {}}}"#, 400, "INVALID_CONTEXT"),
            (r#"{"context": {"targetingKey": "a", "kind": "kind"}}"#, 400, "INVALID_CONTEXT"),
        ] {
            for (path, named) in [(ALL, Value::Null), ("/ofrep/v1/evaluate/flags/page", json!("page"))] {
                let refused = call(house, Method::POST, path, &key, body.to_owned()).await;
                let shown = body.get(..60).unwrap_or(body);
                assert_eq!(
                    (refused.status.as_u16(), &refused.body["errorCode"]),
                    (status, &json!(code)),
                    "{path}: {shown}"
                );
                assert_eq!(refused.body["key"], named, "{path}: {shown}");
                assert!(!refused.body["errorDetails"].as_str().unwrap().is_empty());
            }
        }
        assert_eq!(call(house, Method::GET, ALL, &key, "").await.status, StatusCode::METHOD_NOT_ALLOWED);
        // Removed from OFREP in 2025; old providers asked for it.
        assert_eq!(call(house, Method::GET, "/ofrep/v1/configuration", &key, "").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_told_by_its_tag_which_follows_the_context_as_much_as_the_flags() {
    each(async |house| {
        furnish(house).await;
        let bulk = async |context: &Value, known: &str| {
            let headers = [("authorization", house.sdk_key.as_str()), ("if-none-match", known)];
            call(house, Method::POST, ALL, &headers, json!({ "context": context }).to_string()).await
        };
        let ada = json!({"targetingKey": "ada"});
        let first = bulk(&ada, "\"none\"").await;
        assert_eq!(first.status, 200);
        let tag = first.headers[header::ETAG].to_str().unwrap().to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "strong: {tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = bulk(&ada, &known).await;
            assert_eq!((again.status, &again.body), (StatusCode::NOT_MODIFIED, &Value::Null), "{known}");
            assert_eq!(again.headers[header::ETAG], tag);
        }
        let bob = bulk(&json!({"targetingKey": "bob"}), &tag).await;
        assert_eq!(bob.status, 200);
        assert_ne!(bob.headers[header::ETAG], tag);

        let clause = json!({"attribute": "plan", "op": "in", "values": ["gold"]});
        let rule = json!({"variation": 1, "clauses": [clause]});
        house.instruct("server", &json!([{"kind": "addRule", "rule": rule}])).await.ok();
        eventually("the tag follows the flags", async || bulk(&ada, &tag).await.status == 200).await;
        let gold = json!({"targetingKey": "ada", "plan": "gold"});
        let plain = bulk(&ada, "").await.headers[header::ETAG].to_str().unwrap().to_owned();
        let gold = bulk(&gold, &plain).await;
        assert_eq!((gold.status.as_u16(), &gold.body["flags"][2]["value"]), (200, &json!("r")), "not the key alone");
    })
    .await;
}

#[tokio::test]
async fn pages_of_other_origins_may_ask_after_they_have_asked_whether_they_may() {
    once(async |house| {
        let origin = [("origin", "https://shop.example"), ("access-control-request-method", "POST")];
        let stream = call(house, Method::OPTIONS, "/ofrep/v1/sse", &origin, "").await;
        assert_eq!(stream.headers["access-control-allow-methods"], "GET, OPTIONS");
        for path in [ALL, "/ofrep/v1/evaluate/flags/a"] {
            let preflight = call(house, Method::OPTIONS, path, &origin, "").await;
            assert_eq!(preflight.status, StatusCode::NO_CONTENT, "{path}");
            let head = |headers: &HeaderMap, name: &str| headers[name].to_str().unwrap().to_lowercase();
            assert_eq!(head(&preflight.headers, "access-control-allow-origin"), "*");
            assert_eq!(head(&preflight.headers, "access-control-allow-methods"), "post, options");
            assert_eq!(head(&preflight.headers, "access-control-max-age"), "7200");
            let allowed = head(&preflight.headers, "access-control-allow-headers");
            for name in ["authorization", "x-api-key", "content-type", "if-none-match"] {
                assert!(allowed.split(", ").any(|one| one == name), "{name}: {allowed}");
            }
            let refused = call(house, Method::POST, path, &origin, "").await;
            assert_eq!(refused.status, 401);
            let exposed = head(&refused.headers, "access-control-expose-headers");
            assert!(exposed.contains("etag") && exposed.contains("retry-after"), "{exposed}");
        }
    })
    .await;
}

#[tokio::test]
async fn typed_code_is_generated_from_the_manifest_of_a_project() {
    const MANIFEST: &str = "/api/projects/default/openfeature/v0/manifest";
    each(async |house| {
        let variations = json!([{"value": 10}, {"value": 5}]);
        let limit = json!({"key": "limit", "name": "Limit", "kind": "number", "variations": variations, "description": "How many"});
        house.post("/api/projects/default/flags", &limit).await.ok();
        house.create_flag("a").await;
        house.create_flag("gone").await;
        house.call(&house.admin, Method::DELETE, "/api/projects/default/flags/gone", None).await.ok();
        let manifest = house.call(&house.reader, Method::GET, MANIFEST, None).await;
        assert_eq!(manifest.headers["x-manifest-capabilities"], "read");
        let expected = json!({"flags": [
            {"key": "a", "name": "a", "type": "boolean", "defaultValue": false},
            {"key": "limit", "name": "Limit", "type": "integer", "description": "How many", "defaultValue": 5},
        ]});
        assert_eq!(manifest.ok(), expected);
        assert_eq!(house.try_get(&MANIFEST.replace("default", "no")).await.refused(), (404, "not-found", "project"));
    })
    .await;
}

/// The stream of hints at this address, as a browser opens it.
async fn open(house: &House, path: &str, last_event_id: Option<&str>) -> Frames<axum::body::BodyDataStream> {
    let mut request = Request::get(path).header(header::ORIGIN, "https://shop.example");
    if let Some(id) = last_event_id {
        request = request.header("last-event-id", id);
    }
    let response = house.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    Frames::of(response.into_body().into_data_stream())
}

/// Asks as a provider does that a hint told of something newer.
async fn refetch(house: &House, key: &str, hint: &Value) -> Answer {
    let tag = hint["etag"].as_str().unwrap().replace('"', "%22");
    let modified = hint["lastModified"].to_string().replace('"', "");
    let query = format!("flagConfigEtag={tag}&flagConfigLastModified={modified}");
    ask(house, key, &format!("{ALL}?{query}"), &json!({"targetingKey": "ada"})).await
}

#[tokio::test]
async fn pages_are_told_by_a_stream_that_there_is_something_newer_and_find_it_when_they_ask() {
    each(async |house| {
        furnish(house).await;
        let clients = Keys::of(house).await;
        let bulk = ask(house, &clients.client_side, ALL, &json!({"targetingKey": "ada"})).await.ok();
        let stream = &bulk["eventStreams"][0];
        assert_eq!((&stream["type"], &stream["endpoint"]["origin"]), (&json!("sse"), &Value::Null));
        let path = stream["endpoint"]["requestUri"].as_str().unwrap();
        assert_eq!(path, format!("/ofrep/v1/sse?env={}", clients.client_side));
        for key in [&clients.mobile, &house.sdk_key] {
            assert_eq!(ask(house, key, ALL, &json!({})).await.ok()["eventStreams"], bulk["eventStreams"]);
        }

        let mut hints = open(house, path, None).await;
        let now = hints.next().await.unwrap().hint();
        for value in ["r", "b", "r"] {
            let variation = u32::from(value == "r");
            let made = house.instruct("page", &json!([{"kind": "setFallthrough", "variation": variation}])).await.ok();
            let hint = hints.next().await.unwrap().hint();
            assert_eq!(hint["etag"], format!("\"{}\"", made["seq"]));
            let at: kernel::Timestamp = serde_json::from_value(made["at"].clone()).unwrap();
            assert_eq!(hint["lastModified"], at.as_millis() / 1_000);
            let again = refetch(house, &clients.client_side, &hint).await.ok();
            assert_eq!(again["flags"][0]["value"], value, "what is asked after a hint is never from before it");
        }

        // Who comes back with the last hint is told nothing; who has missed one is told at once.
        let last = house.sdk(Method::GET, "/sdk/latest-all", None).await;
        let seq = last.headers[header::ETAG].to_str().unwrap().trim_matches('"').split('-').next().unwrap().to_owned();
        assert_eq!(open(house, path, Some(&seq)).await.next().await, Some(Frame::Heartbeat), "only how to come back");
        for old in [now["etag"].as_str().unwrap().trim_matches('"'), "999999", "?"] {
            let mut late = open(house, path, Some(old)).await;
            assert_eq!(late.next().await.unwrap().hint()["etag"], format!("\"{seq}\""), "{old}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refetch_waits_for_what_a_hint_told_of_and_does_not_give_an_older_answer() {
    once(async |house| {
        furnish(house).await;
        let future = refetch(house, &house.sdk_key, &json!({"etag": "\"999999\"", "lastModified": 1})).await;
        assert_eq!(
            (future.status, &future.headers[header::RETRY_AFTER]),
            (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
        );
        let change = json!([{"kind": "setFallthrough", "variation": 1}]);
        let last = house.instruct("server", &change).await.ok()["seq"].as_i64().unwrap();
        let next = json!({"etag": format!("\"{}\"", last + 1), "lastModified": 1});
        let instruct = house.instruct("page", &change);
        let (told, made) = tokio::join!(refetch(house, &house.sdk_key, &next), instruct);
        assert_eq!(made.ok()["seq"], last + 1);
        assert_eq!(told.ok()["flags"][1]["value"], "r", "it waited for the change that it was told of");
        for other in ["\"abc\"", "", "W/\"1\""] {
            let told = refetch(house, &house.sdk_key, &json!({"etag": other, "lastModified": "2026-01-01"})).await;
            assert_eq!(told.status, 200, "{other}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_of_hints_is_opened_by_a_client_side_id_alone_and_ends_with_it() {
    each(async |house| {
        let clients = Keys::of(house).await;
        for id in ["", "?env=", "?env=none", &format!("?env={}", clients.mobile), &format!("?env={}", house.sdk_key)] {
            let refused = call(house, Method::GET, &format!("/ofrep/v1/sse{id}"), &[], "").await;
            assert_eq!((refused.status.as_u16(), &refused.body), (401, &Value::Null), "{id}");
        }
        let keys = format!("{PRODUCTION}/keys");
        let listed = house.get(&keys).await;
        let listed =
            listed["items"].as_array().unwrap().iter().find(|key| key["value"] == clients.client_side).unwrap();
        let mut hints = open(house, &format!("/ofrep/v1/sse?env={}", clients.client_side), None).await;
        hints.next().await.unwrap().hint();
        let revoke = format!("{keys}/{}", listed["id"].as_str().unwrap());
        assert_eq!(house.call(&house.admin, Method::DELETE, &revoke, None).await.status, 204);
        assert_eq!(hints.next().await, None);
        let none = async || ask(house, &house.sdk_key, ALL, &json!({})).await.body.get("eventStreams").is_none();
        eventually("no stream is named when there is no id for one", none).await;
    })
    .await;
}

#[tokio::test]
async fn a_silent_stream_of_hints_sends_comments() {
    once(async |house| {
        let clients = Keys::of(house).await;
        let mut hints = open(house, &format!("/ofrep/v1/sse?env={}", clients.client_side), None).await;
        hints.next().await.unwrap().hint();
        // Nothing else happens, so the clock of the timers runs to the next of them at once.
        tokio::time::pause();
        let started = tokio::time::Instant::now();
        assert_eq!(hints.next().await, Some(Frame::Heartbeat));
        let silence = started.elapsed().as_secs();
        tokio::time::resume();
        assert!((20..=30).contains(&silence), "some proxies wait for half a minute; it took {silence} s");
    })
    .await;
}

#[tokio::test]
async fn in_secure_mode_a_client_side_id_evaluates_nothing_because_nothing_proves_the_context() {
    once(async |house| {
        furnish(house).await;
        let clients = Keys::of(house).await;
        let secure = json!({"instructions": [{"kind": "updateDetails", "secureMode": true}]}).to_string();
        house.call(&house.admin, Method::PATCH, PRODUCTION, Some(secure)).await.ok();
        let ada = json!({"targetingKey": "ada"});
        let refused = async || ask(house, &clients.client_side, ALL, &ada).await.status == StatusCode::FORBIDDEN;
        eventually("the page is refused", refused).await;
        for key in [&clients.mobile, &house.sdk_key] {
            assert_eq!(ask(house, key, ALL, &ada).await.status, 200);
        }
    })
    .await;
}
