//! The routes behind the gate, in process.

use std::collections::BTreeSet;

use access::{Gate, Need, RULES, Role, Rule, Table, TokenKind, mint, routes};
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use axum::{Router, extract::Request};
use db::testing::Fresh;
use http::{Method, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{PASSWORD, World, name};

/// What differs between the databases is tested at the service; here one is enough. It lives as long as the second part.
async fn world() -> (World, Fresh) {
    let fresh = Fresh::new(db::Dialect::Sqlite).await;
    (World::new(fresh.open().await).await, fresh)
}

fn app(world: &World) -> Router {
    let (router, _) = routes(world.access.clone()).split_for_parts();
    let router = router.route("/api/forgotten", get(async || "in")).fallback(rest::fallback::no_route);
    Gate::new(world.access.clone(), Table::new(RULES).unwrap()).protect(router)
}

struct Answer {
    status: u16,
    cookie: Option<String>,
    body: Value,
}

async fn send(app: &Router, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    let response: Response = app.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let cookie = response.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap().to_owned());
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status, cookie, body }
}

#[tokio::test]
async fn the_table_and_the_router_name_the_same_routes() {
    let (world, _fresh) = world().await;
    let mut api = routes(world.access.clone());
    let document = serde_json::to_value(api.to_openapi()).unwrap();
    let routed: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let ruled: BTreeSet<String> = RULES.iter().map(|Rule { method, path, .. }| format!("{method} {path}")).collect();
    assert_eq!(routed, ruled);
    let ids: Vec<&str> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values().map(|operation| operation["operationId"].as_str().unwrap()))
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
}

#[tokio::test]
async fn a_route_that_no_rule_names_is_closed_to_everybody() {
    let (world, _fresh) = world().await;
    let ada = world.ada().await;
    let app = app(&world);
    let cookie = format!("steadfast_session={}", ada.secret);
    let closed = send(&app, Method::GET, "/api/forgotten", &[("cookie", &cookie)], None).await;
    assert_eq!((closed.status, &closed.body["code"]), (403, &json!("no-rule")));
    assert_eq!(send(&app, Method::GET, "/nowhere", &[], None).await.status, 404);
    let rule = [Rule::get("/api/forgotten", Need::Reader)];
    let router = Router::new().route("/api/forgotten", get(async || "\"in\""));
    let app = Gate::new(world.access.clone(), Table::new(&rule).unwrap()).protect(router);
    assert_eq!(send(&app, Method::GET, "/api/forgotten", &[("cookie", &cookie)], None).await.body, "in");
}

#[tokio::test]
async fn from_set_up_to_logout() {
    let (world, _fresh) = world().await;
    let app = app(&world);
    assert_eq!(send(&app, Method::GET, "/api/setup", &[], None).await.body, json!({"needed": true}));
    let token = world.setup_secret().await;
    let short = json!({"token": token, "name": "Ada", "email": "ada@example.com", "password": "short"});
    let refused = send(&app, Method::POST, "/api/setup", &[], Some(short)).await;
    assert_eq!((refused.status, &refused.body["field"]), (400, &json!("/password")), "{}", refused.body);
    assert!(refused.body["detail"].as_str().unwrap().contains("at least 12 characters"), "{}", refused.body);

    let set_up = json!({"token": token, "name": "Ada", "email": "Ada@example.com", "password": PASSWORD});
    let done = send(&app, Method::POST, "/api/setup", &[], Some(set_up.clone())).await;
    assert_eq!((done.status, &done.body["role"], &done.body["kind"]), (200, &json!("admin"), &json!("person")));
    let cookie = done.cookie.unwrap();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=34560000"), "{cookie}");
    assert_eq!(send(&app, Method::POST, "/api/setup", &[], Some(set_up)).await.body["code"], "already-set-up");
    assert_eq!(send(&app, Method::GET, "/api/setup", &[], None).await.body, json!({"needed": false}));

    let cookie = cookie.split(';').next().unwrap();
    let me = send(&app, Method::GET, "/api/me", &[("cookie", &format!("theme=dark; {cookie}"))], None).await;
    assert_eq!(me.body["person"]["email"], "ada@example.com");
    let same_origin = [("cookie", cookie), ("sec-fetch-site", "same-origin")];
    let out = send(&app, Method::POST, "/api/logout", &same_origin, None).await;
    assert_eq!(out.status, 204);
    assert!(out.cookie.unwrap().starts_with("steadfast_session=; "));
    assert_eq!(send(&app, Method::GET, "/api/me", &[("cookie", cookie)], None).await.status, 401);
}

#[tokio::test]
async fn a_page_that_came_by_https_gets_a_cookie_for_https_alone() {
    let (world, _fresh) = world().await;
    world.ada().await;
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    let https = [("origin", "https://steadfast.test")];
    let done = send(&app(&world), Method::POST, "/api/login", &https, Some(login)).await;
    assert!(done.cookie.unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn wrong_logins_are_refused_alike_and_then_slowed_down() {
    let (world, _fresh) = world().await;
    world.ada().await;
    let app = app(&world);
    let login = |email: &str| json!({"email": email, "password": "wrong"});
    let unknown = send(&app, Method::POST, "/api/login", &[], Some(login("nobody@example.com"))).await;
    let wrong = send(&app, Method::POST, "/api/login", &[], Some(login("ada@example.com"))).await;
    assert_eq!((unknown.status, unknown.body), (401, wrong.body));
    for _ in 0..4 {
        send(&app, Method::POST, "/api/login", &[], Some(login("ada@example.com"))).await;
    }
    let slowed = send(&app, Method::POST, "/api/login", &[], Some(login("ada@example.com"))).await;
    assert_eq!((slowed.status, &slowed.body["code"]), (429, &json!("too-many-tries")));
}

#[tokio::test]
async fn the_cookie_counts_only_from_our_own_pages_and_a_token_from_everywhere() {
    let (world, _fresh) = world().await;
    let ada = world.ada().await;
    let app = app(&world);
    let cookie = format!("steadfast_session={}", ada.secret);
    let body = json!({"name": "ci", "kind": "service", "role": "admin"});
    let cases: [(&[(&str, &str)], u16); 4] = [
        (&[], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("origin", "http://evil.test"), ("host", "steadfast.test")], 403),
        (&[("origin", "http://steadfast.test"), ("host", "steadfast.test")], 201),
    ];
    let mut last = Value::Null;
    for (headers, status) in cases {
        let headers = [&[("cookie", cookie.as_str())], headers].concat();
        let answer = send(&app, Method::POST, "/api/tokens", &headers, Some(body.clone())).await;
        assert_eq!(answer.status, status, "{headers:?} {}", answer.body);
        last = answer.body;
    }
    let bearer = format!("Bearer {}", last["secret"].as_str().unwrap());
    let from_afar = [("authorization", bearer.as_str()), ("sec-fetch-site", "cross-site")];
    let invite = json!({"name": "Bob", "email": "bob@example.com", "role": "writer"});
    let invited = send(&app, Method::POST, "/api/people", &from_afar, Some(invite)).await;
    assert_eq!((invited.status, &invited.body["person"]["invited"]), (201, &json!(true)), "{}", invited.body);
    let path = format!("/api/people/{}", invited.body["person"]["id"].as_str().unwrap());
    let renamed = send(&app, Method::PATCH, &path, &from_afar, Some(json!({"name": "Robert"}))).await;
    assert_eq!(renamed.body["name"], "Robert");
    let by_token = send(&app, Method::POST, "/api/tokens", &from_afar, Some(body)).await;
    assert_eq!((by_token.status, &by_token.body["code"]), (403, &json!("session-needed")));
    let wrong = [("authorization", "Bearer sft_guess"), ("cookie", cookie.as_str())];
    assert_eq!(send(&app, Method::GET, "/api/me", &wrong, None).await.body["code"], "unknown-token");
}

#[tokio::test]
async fn each_role_may_what_the_table_says() {
    let (world, _fresh) = world().await;
    let ada = world.ada().await;
    let app = app(&world);
    let mut bearers = vec![(None, String::new())];
    for role in [Role::Reader, Role::Writer, Role::Admin] {
        let wish = mint::Wish { name: name("probe"), kind: TokenKind::Service, role, expires_at: None };
        let secret = world.access.mint(&ada.caller, &ada.credential, wish).await.unwrap().secret;
        bearers.push((Some(role), format!("Bearer {}", secret.reveal())));
    }
    for Rule { method, path, need } in RULES {
        for (role, bearer) in &bearers {
            let headers: &[(&str, &str)] = if role.is_some() { &[("authorization", bearer)] } else { &[] };
            // A body that no handler takes: what passes the gate changes nothing.
            let answer = send(&app, method.clone(), &path.replace("{id}", "x"), headers, Some(json!([]))).await;
            let refused = matches!(answer.body["code"].as_str(), Some("not-logged-in" | "role-too-low" | "no-rule"));
            let expected = access::policy::admit(*need, *role).is_err();
            assert_eq!(refused, expected, "{method} {path} as {role:?}: {}", answer.body);
        }
    }
}
