//! Events as they arrive, for people who watch: theirs alone, without what is private, and only for those who may read.

use axum::body::BodyDataStream;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, PRODUCTION, once, request};
use crate::wire::Frames;

/// What is shown to a reader who watches, beginning with nothing.
pub(crate) async fn watch(house: &House, query: &str) -> Frames<BodyDataStream> {
    let reader = format!("Bearer {}", house.reader);
    let path = format!("{PRODUCTION}/live-events{query}");
    let response = house.send(request(Method::GET, &path, Some(&reader), None)).await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut frames = Frames::of(response.into_body().into_data_stream());
    let first = frames.next().await.unwrap().data("events");
    assert_eq!(first, json!({"items": [], "notShown": 0}));
    frames
}

async fn send(house: &House, key: &str, events: &Value) {
    let mut bulk = request(Method::POST, "/bulk", Some(key), Some(events.to_string()));
    bulk.headers_mut().insert("user-agent", "NodeJSClient/9.13.7".parse().unwrap());
    assert_eq!(house.send(bulk).await.status(), StatusCode::ACCEPTED);
}

fn custom(key: &str, user: &str, millis: i64) -> Value {
    let context = json!({"kind": "user", "key": user, "email": "secret", "plan": "gold", "_meta": {"redactedAttributes": ["email"]}});
    json!({"kind": "custom", "key": key, "creationDate": millis, "context": context})
}

#[tokio::test]
async fn who_watches_is_shown_what_they_want_of_their_environment_and_nothing_private() {
    once(async |house| {
        let mut all = watch(house, "").await;
        let mut bobs = watch(house, "?kind=custom,identify&key=PAID&context=bob").await;
        let keys = house.get("/api/projects/default/environments/test/keys").await;
        let other = keys["items"].as_array().unwrap().iter().find(|key| key["kind"] == "sdk").unwrap();
        send(house, other["value"].as_str().unwrap(), &json!([custom("paid", "elsewhere", 1)])).await;
        let batch = json!([
            custom("paid", "ada", 2),
            custom("paid", "bob", 3),
            custom("clicked", "bob", 4),
            {"kind": "summary", "startDate": 1, "endDate": 2,
                "features": {"f": {"counters": [{"variation": 0, "value": true, "count": 7}]}}},
        ]);
        send(house, &house.sdk_key, &batch).await;
        let shown = all.next().await.unwrap().data("events");
        let told = |shown: &Value| -> Vec<String> {
            let items = shown["items"].as_array().unwrap().iter();
            items.map(|one| format!("{} {}", one["key"].as_str().unwrap(), one["contexts"][0]["key"])).collect()
        };
        assert_eq!(told(&shown), ["paid \"ada\"", "paid \"bob\"", "clicked \"bob\"", "f null"]);
        assert_eq!(
            (&shown["items"][3]["count"], &shown["items"][0]["sdk"]),
            (&json!(7), &json!("NodeJSClient 9.13.7"))
        );
        let ada = &shown["items"][0]["contexts"][0];
        assert_eq!((&ada["attributes"], &ada["redacted"]), (&json!({"plan": "gold"}), &json!(["email"])));
        assert!(!shown.to_string().contains("secret"));
        assert_eq!(told(&bobs.next().await.unwrap().data("events")), ["paid \"bob\""]);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused_and_shutdown_ends_the_rest() {
    once(async |house| {
        let refused = async |path: &str| {
            let answer = house.try_get(path).await;
            let (status, code, field) = answer.refused();
            (status, code.to_owned(), field.to_owned())
        };
        let here = format!("{PRODUCTION}/live-events");
        let said = |status: u16, code: &str, field: &str| (status, code.to_owned(), field.to_owned());
        assert_eq!(refused(&format!("{here}?kind=nonsense")).await, said(400, "unknown-kind", "kind"));
        let long = "x".repeat(201);
        assert_eq!(refused(&format!("{here}?context={long}")).await, said(400, "too-long", "context"));
        let nowhere = "/api/projects/default/environments/nowhere/live-events";
        assert_eq!(refused(nowhere).await, said(404, "not-found", "environment"));
        let stranger = house.send(request(Method::GET, &here, None, None)).await;
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);

        let mut watching = Vec::new();
        for _ in 0..50 {
            watching.push(watch(house, "").await);
        }
        assert_eq!(refused(&here).await, said(503, "too-many-watch", ""));
        watching.pop();
        let mut last = watch(house, "").await;
        house.tasks.drain().cancel();
        assert!(last.next().await.is_none(), "it ends at shutdown");
    })
    .await;
}
