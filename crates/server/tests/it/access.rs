//! The table of access against the router: nothing is open by mistake, nothing is closed by mistake.

use std::collections::BTreeSet;

use access::{Need, Rule, Table};
use http::{Method, StatusCode};

use crate::house::{Answer, House, collect, once, request};

const METHODS: [Method; 7] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE];

fn rules() -> Vec<Rule> {
    server::router::RULES.iter().copied().flatten().cloned().collect()
}

/// A path of this template; nothing has the key `x`.
fn path(template: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "x".to_owned() } else { part.to_owned() };
    template.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Every path template that the router knows, documented or not: axum tells them in its `Debug` alone.
fn templates(house: &House) -> BTreeSet<String> {
    let shown = format!("{:?}", house.router);
    let routes = shown.split("fallback_router").next().unwrap();
    let listed = routes.split("RouteId(").filter_map(|part| part.split_once("): \"")?.1.split('"').next());
    listed.map(str::to_owned).collect()
}

#[tokio::test]
async fn every_route_has_exactly_one_rule_and_every_rule_a_route() {
    once(async |house| {
        let rules = rules();
        // Refuses two rules for one route.
        let table = Table::new(&rules).unwrap();
        let templates = templates(house);
        for rule in &rules {
            assert!(templates.contains(rule.path), "no route for {} {}", rule.method, rule.path);
        }
        let document = house.get("/api/openapi.json").await;
        for documented in document["paths"].as_object().unwrap().keys() {
            assert!(templates.contains(documented), "the router's Debug does not tell {documented}");
        }
        for template in &templates {
            for method in METHODS {
                let answer = house.send(request(method.clone(), &path(template), None, None)).await;
                let routed = answer.status() != StatusCode::METHOD_NOT_ALLOWED;
                let allowed = table.need(&method, template).is_some();
                assert_eq!(routed, allowed, "{method} {template}: a route {routed}, a rule {allowed}");
            }
        }
    })
    .await;
}

/// The answer to a call of this rule's route, without reading a stream to its end.
async fn knock(house: &House, rule: &Rule, authorization: Option<&str>) -> Answer {
    let response = house.send(request(rule.method.clone(), &path(rule.path), authorization, None)).await;
    if response.status().is_success() {
        let (parts, _) = response.into_parts();
        return Answer { status: parts.status, headers: parts.headers, body: serde_json::Value::Null };
    }
    collect(response).await
}

#[tokio::test]
async fn nobody_without_credentials_passes_a_rule_that_asks_for_them() {
    once(async |house| {
        let sdk_key = house.sdk_key.clone();
        for rule in rules() {
            let shown = format!("{} {} ({:?})", rule.method, rule.path, rule.need);
            let answer = knock(house, &rule, None).await;
            match rule.need {
                Need::Public => assert_ne!(answer.body["code"], "not-logged-in", "{shown}"),
                // Browsers have no header to be refused for: their key is the environment's id in the path.
                Need::SdkKey if rule.path.contains("{env}") => {
                    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{shown}");
                }
                Need::SdkKey => assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{shown}"),
                Need::Reader | Need::Writer | Need::Admin => {
                    assert_eq!(answer.refused(), (401, "not-logged-in", ""), "{shown}");
                    assert!(answer.headers.contains_key("www-authenticate"), "{shown}");
                    // What opens SDK routes opens nothing else, nor does a token that nobody was given.
                    for wrong in [sdk_key.clone(), format!("Bearer {sdk_key}"), "Bearer sft_x".to_owned()] {
                        assert_eq!(knock(house, &rule, Some(&wrong)).await.status, 401, "{shown}");
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_role_opens_its_own_routes_and_none_above_it() {
    once(async |house| {
        // Logging out is for sessions and has no place here: it would end nothing, since tokens stay.
        for (token, may) in [
            (&house.reader, &[Need::Reader][..]),
            (&house.writer, &[Need::Reader, Need::Writer]),
            (&house.admin, &[Need::Reader, Need::Writer, Need::Admin]),
        ] {
            let authorization = format!("Bearer {token}");
            for rule in rules().iter().filter(|rule| !matches!(rule.need, Need::Public | Need::SdkKey)) {
                let answer = knock(house, rule, Some(&authorization)).await;
                let shown = format!("{} {} with {may:?}: {} {}", rule.method, rule.path, answer.status, answer.body);
                if may.contains(&rule.need) {
                    assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{shown}");
                    assert_ne!(answer.body["code"], "no-rule", "{shown}");
                    assert!(answer.body["code"] != "role-too-low" || own_business(rule), "{shown}");
                } else {
                    assert_eq!(answer.refused(), (403, "role-too-low", ""), "{shown}");
                }
            }
        }
    })
    .await;
}

/// Open to every reader for themselves; the service refuses them for others.
fn own_business(rule: &Rule) -> bool {
    rule.path.starts_with("/api/people/{id}/contact-methods")
}
