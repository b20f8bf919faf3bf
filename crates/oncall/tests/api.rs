//! The routes: statuses, shapes, problems with a code and a field; and a rule of access for each route.
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

mod house;

use access::Table;
use axum::Router;
use axum::body::Body;
use house::{House, caller, house};
use http::Request;
use http_body_util::BodyExt;
use oncall::model::Severity;
use oncall::service::AlertAction;
use serde_json::{Value, json};
use tower::ServiceExt;

fn router(house: &House) -> Router {
    Router::from(oncall::routes(house.oncall.clone()))
}

/// Sends as Ada, as the gate would let her in.
async fn send(house: &House, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let mut request = request.body(body).unwrap();
    request.extensions_mut().insert(caller(&house.ada));
    let response = router(house).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() })
}

#[tokio::test]
async fn every_route_has_a_rule_and_every_rule_a_route() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let mut routes = oncall::routes(house.oncall.clone());
        let document = serde_json::to_value(routes.to_openapi()).unwrap();
        let table = Table::new(oncall::RULES).unwrap();
        let mut counted = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                let method = http::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                assert!(table.need(&method, path).is_some(), "{method} {path} has no rule");
                counted += 1;
            }
        }
        assert_eq!(counted, oncall::RULES.len());
    })
    .await;
}

#[tokio::test]
async fn an_alert_goes_all_the_way_from_trigger_to_resolution() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let alert = json!({ "service": "default", "summary": "Disk full", "dedupKey": "disk", "severity": "critical",
                            "details": { "free": "0 %" } });
        let (status, opened) = send(&house, "POST", "/api/alerts", Some(alert)).await;
        assert_eq!((status, &opened["outcome"]), (202, &json!("opened")));
        let path = format!("/api/incidents/{}", opened["incident"].as_str().unwrap());
        let (status, list) = send(&house, "GET", "/api/incidents?state=open&limit=1", None).await;
        assert_eq!(
            (status, &list["items"][0]["title"], &list["items"][0]["number"]),
            (200, &json!("Disk full"), &json!(1))
        );

        let (_, acknowledged) = send(&house, "POST", &format!("{path}/acknowledge"), None).await;
        assert_eq!(acknowledged["incident"]["state"], "acknowledged");
        let (_, again) = send(&house, "POST", &format!("{path}/acknowledge"), None).await;
        assert_eq!(again["outcome"], "already");
        let (status, _) = send(&house, "POST", &format!("{path}/note"), Some(json!({ "text": "Cleaning up." }))).await;
        assert_eq!(status, 200);
        let (status, refused) = send(&house, "POST", &format!("{path}/undo"), None).await;
        assert_eq!((status, &refused["code"]), (409, &json!("nothing-to-undo")));
        let (_, resolved) = send(&house, "POST", &format!("{path}/resolve"), None).await;
        assert_eq!(resolved["incident"]["state"], "resolved");

        let (_, detail) = send(&house, "GET", &path, None).await;
        let kinds: Vec<&str> =
            detail["timeline"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["verdict", "opened", "page", "acknowledged", "note", "resolved"]);
        assert_eq!(detail["alerts"][0]["details"]["free"], "0 %");
        assert_eq!(detail["pages"][0]["state"], "cancelled");
        assert!(detail["spans"]["toAcknowledgeMs"].is_i64(), "{detail:#}");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_told_by_code_and_field() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let alert = |body: Value| ("POST", "/api/alerts", body);
        let policy = |levels: Value| ("POST", "/api/policies", json!({ "key": "p", "name": "P", "levels": levels }));
        let contact = |body: Value| ("POST", "/api/people/per_ada/contact-methods", body);
        let cases = [
            (alert(json!({ "service": "default", "summary": " " })), 400, "invalid-text", "/summary"),
            (alert(json!({ "service": "nope", "summary": "x" })), 400, "unknown-service", "/service"),
            (alert(json!({ "service": "default", "action": "resolve" })), 400, "dedup-key-missing", "/dedupKey"),
            (
                alert(json!({ "service": "default", "summary": "x", "severity": "bad" })),
                400,
                "invalid-body",
                "/severity",
            ),
            (alert(json!({ "service": "default", "summary": "x", "change": 999 })), 400, "unknown-change", "/change"),
            (alert(json!({ "service": "default", "summary": "x", "colour": "red" })), 400, "invalid-body", "/colour"),
            (policy(json!([])), 400, "invalid-levels", "/levels"),
            (policy(json!([{ "targets": [], "delaySeconds": 0 }])), 400, "invalid-delay", "/levels/0/delaySeconds"),
            (contact(json!({ "kind": "email", "address": "nobody" })), 400, "invalid-address", "/address"),
            (contact(json!({ "kind": "webhook", "url": "file:///etc/passwd" })), 400, "invalid-url", "/url"),
            (
                ("POST", "/api/services", json!({ "key": "s", "name": "S", "policy": "nope" })),
                400,
                "unknown-policy",
                "/policy",
            ),
            (
                ("POST", "/api/services", json!({ "key": "default", "name": "S", "policy": "default" })),
                409,
                "key-taken",
                "/key",
            ),
        ];
        for ((method, path, body), status, code, field) in cases {
            let (answered, problem) = send(&house, method, path, Some(body.clone())).await;
            assert_eq!(
                (answered, &problem["code"], &problem["field"]),
                (status, &json!(code), &json!(field)),
                "{body}"
            );
        }
        let (status, problem) = send(&house, "GET", "/api/incidents/inc_nope", None).await;
        assert_eq!((status, &problem["code"]), (404, &json!("not-found")));
        let (status, problem) = send(&house, "DELETE", "/api/policies/catch-all", None).await;
        assert_eq!((status, &problem["code"]), (409, &json!("catch-all-needed")));
    })
    .await;
}

#[tokio::test]
async fn a_webhooks_secret_is_shown_once() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let path = "/api/people/per_ada/contact-methods";
        let wish = json!({ "kind": "webhook", "url": "https://hooks.example.com/x" });
        let (status, added) = send(&house, "POST", path, Some(wish)).await;
        assert_eq!(status, 201);
        assert!(added["secret"].as_str().unwrap().starts_with("whsec_"));
        let (_, list) = send(&house, "GET", path, None).await;
        let kinds: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
        assert_eq!(kinds, ["email", "webhook"]);
        assert!(!list.to_string().contains("whsec_"), "{list:#}");
    })
    .await;
}

#[tokio::test]
async fn the_links_in_a_page_need_no_login() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        house.alert("disk", Severity::Critical, AlertAction::Trigger).await;
        let code = house.take_code().await;
        let anonymous = |method: &str, path: String| {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            router(&house).oneshot(request)
        };
        let shown = anonymous("GET", format!("/api/pages/{code}")).await.unwrap();
        assert_eq!(shown.status(), 200);
        let done = anonymous("POST", format!("/api/pages/{code}/acknowledge")).await.unwrap();
        assert_eq!(done.status(), 200);
        let unknown = anonymous("GET", "/api/pages/ffffffffffffffffffffffffffffffff".to_owned()).await.unwrap();
        assert_eq!(unknown.status(), 404);
    })
    .await;
}
