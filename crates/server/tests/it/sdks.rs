//! Which SDKs are shown as connected: by every protocol, with what headers and diagnostics say, until they go.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, PRODUCTION, each, request};
use crate::wire::eventually;

const ASK: &str = "/ofrep/v1/evaluate/flags";

/// A request by an SDK that says these things of itself.
async fn send(
    house: &House,
    method: Method,
    path: &str,
    said: &[(&'static str, &str)],
    body: Option<&str>,
) -> axum::response::Response {
    let mut request = request(method, path, Some(&house.sdk_key), body.map(str::to_owned));
    for (name, value) in said {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    house.send(request).await
}

/// The SDK of this name, once it is as wanted.
pub(crate) async fn shown(house: &House, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut found = Value::Null;
    eventually(&format!("{name} is shown"), async || {
        let sdks = house.get(&format!("{PRODUCTION}/sdks")).await;
        let one = sdks["items"].as_array().unwrap().iter().find(|sdk| sdk["name"] == name);
        found = one.cloned().unwrap_or_default();
        !found.is_null() && wanted(&found)
    })
    .await;
    found
}

#[tokio::test]
async fn a_server_sdk_is_shown_with_all_that_it_says_while_its_stream_is_open_and_after() {
    each(async |house| {
        let said = [
            ("user-agent", "NodeJSClient/9.13.7"),
            ("x-launchdarkly-wrapper", "openfeature-node-server/1.2.0"),
            ("x-launchdarkly-tags", "application-id/checkout application-version/2.1.0"),
            ("x-launchdarkly-instance-id", "0f8c1f1e-7d0e-4a51-9b5f-6f3b6a1f1a01"),
        ];
        let stream = send(house, Method::GET, "/all", &said, None).await;
        assert_eq!(stream.status(), StatusCode::OK);
        let open = shown(house, "NodeJSClient", |sdk| sdk["streams"] == 1).await;
        for (member, expected) in [
            ("key", json!("sdk")),
            ("family", json!("launchDarkly")),
            ("version", json!("9.13.7")),
            ("wrapper", json!("openfeature-node-server/1.2.0")),
            ("application", json!("checkout")),
            ("applicationVersion", json!("2.1.0")),
            ("transports", json!(["stream"])),
            ("instances", json!(1)),
            ("platform", json!(null)),
        ] {
            assert_eq!(open[member], expected, "{member}");
        }
        let diagnostic = json!({"kind": "diagnostic-init", "id": {"diagnosticId": "d"},
            "platform": {"name": "Node", "osName": "Linux", "osVersion": "6.12", "osArch": "x64"}});
        send(house, Method::POST, "/diagnostic", &said, Some(&diagnostic.to_string())).await;
        drop(stream);
        let closed = shown(house, "NodeJSClient", |sdk| sdk["streams"] == 0 && sdk["platform"].is_string()).await;
        assert_eq!((&closed["platform"], &closed["instances"]), (&json!("Node, Linux 6.12 x64"), &json!(1)));
        assert_eq!(closed["transports"], json!(["stream", "events"]));
        let all = house.get(&format!("{PRODUCTION}/sdks")).await.to_string();
        assert!(!all.contains("0f8c1f1e") && !all.contains(&house.sdk_key), "no id of an instance, and no key");
    })
    .await;
}

#[tokio::test]
async fn providers_of_openfeature_are_shown_by_their_client_and_pages_as_browsers() {
    each(async |house| {
        let keys = house.get(&format!("{PRODUCTION}/keys")).await;
        let id = keys["items"].as_array().unwrap().iter().find(|key| key["kind"] == "clientSide").unwrap();
        let id = id["value"].as_str().unwrap();
        send(house, Method::POST, ASK, &[("user-agent", "python-requests/2.32.3")], Some("{}")).await;
        let python = shown(house, "python-requests", |_| true).await;
        assert_eq!((&python["family"], &python["transports"]), (&json!("openFeature"), &json!(["poll"])));
        let stream = format!("/ofrep/v1/sse?env={id}");
        let page = [("user-agent", "Mozilla/5.0 (X11; Linux x86_64)")];
        let open = send(house, Method::GET, &stream, &page, None).await;
        assert_eq!(open.status(), StatusCode::OK);
        let browser = shown(house, "browser", |sdk| sdk["streams"] == 1).await;
        assert_eq!((&browser["key"], &browser["version"]), (&json!("clientSide"), &json!(null)));
        drop(open);
        shown(house, "browser", |sdk| sdk["streams"] == 0).await;
    })
    .await;
}

#[tokio::test]
async fn who_is_not_let_in_and_a_browser_that_only_asks_beforehand_are_not_shown() {
    each(async |house| {
        let keys = house.get(&format!("{PRODUCTION}/keys")).await;
        let id = keys["items"].as_array().unwrap().iter().find(|key| key["kind"] == "clientSide").unwrap();
        let page = format!("/sdk/evalx/{}/contexts/e30", id["value"].as_str().unwrap());
        let mut stranger = request(Method::GET, "/sdk/latest-all", Some("sdk-unknown"), None);
        stranger.headers_mut().insert("user-agent", "Stranger/1".parse().unwrap());
        assert_eq!(house.send(stranger).await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(send(house, Method::OPTIONS, &page, &[("user-agent", "Preflight/1")], None).await.status(), 200);
        send(house, Method::GET, "/sdk/latest-all", &[("user-agent", "RustServerClient/3.2.0")], None).await;
        shown(house, "RustServerClient", |_| true).await;
        let sdks = house.get(&format!("{PRODUCTION}/sdks")).await.to_string();
        assert!(!sdks.contains("Stranger") && !sdks.contains("Preflight"), "{sdks}");
        let reader = house.call(&house.reader, Method::GET, &format!("{PRODUCTION}/sdks"), None).await;
        assert_eq!(reader.status, StatusCode::OK);
        let nowhere = house.try_get("/api/projects/default/environments/nowhere/sdks").await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    })
    .await;
}
