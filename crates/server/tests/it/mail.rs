//! The mail server goes down: a page is tried again, by the next way too, says so on the incident, and comes in the end.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::{Value, json};
use testkit::{Mailbox, Steadfast};
use tokio::task::JoinSet;

use crate::database::BINARY;
use crate::wire::eventually;

/// Takes webhooks, and keeps the ids under which they came.
struct Hook {
    url: String,
    ids: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Hook {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let ids = Arc::new(Mutex::new(Vec::new()));
        let kept = ids.clone();
        let keep = async move |headers: HeaderMap| {
            kept.lock().unwrap().push(headers["webhook-id"].to_str().unwrap().to_owned());
        };
        let mut serving = JoinSet::new();
        let router = Router::new().route("/hook", post(keep));
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, ids, _serving: serving }
    }
}

fn pages(incident: &Value, way: &str) -> Vec<Value> {
    let pages = incident["pages"].as_array().unwrap().iter();
    pages.filter(|page| page["way"].as_str().unwrap().starts_with(way)).cloned().collect()
}

#[tokio::test]
async fn a_page_that_the_mail_server_refuses_goes_the_next_way_too_and_comes_when_the_server_is_back() {
    let mailbox = Mailbox::open().await.unwrap();
    let hook = Hook::open().await;
    let directory = tempfile::tempdir().unwrap();
    let smtp = format!("smtp://{}", mailbox.address());
    let arguments = ["--smtp", &smtp, "--allow-private-webhooks", "--log", "off"];
    let mut server = Steadfast::start(Path::new(BINARY), directory.path(), &arguments).await.unwrap();
    server.set_up().await.unwrap();
    eventually("the first service", async || server.get("/api/services/default").await.is_ok()).await;
    let me = server.get("/api/me").await.unwrap();
    let methods = format!("/api/people/{}/contact-methods", me["id"].as_str().unwrap());
    server.post(&methods, &json!({"kind": "webhook", "url": hook.url})).await.unwrap();

    mailbox.refuse(true);
    // A warning is told once, by the first way alone: only its failure brings the next one in.
    let alert = json!({"service": "default", "summary": "The disk fills up", "severity": "warning"});
    let alerted = server.post("/api/alerts", &alert).await.unwrap();
    let path = format!("/api/incidents/{}", alerted["incident"].as_str().unwrap());
    let incident = async || server.get(&path).await.unwrap();
    let tried = async || pages(&incident().await, "e-mail").iter().any(|page| page["attempts"].as_i64() >= Some(2));
    eventually("the e-mail is tried again", tried).await;
    let gone = async || pages(&incident().await, "webhook").iter().any(|page| page["state"] == "sent");
    eventually("the webhook is told", gone).await;
    let seen = incident().await;
    let email = &pages(&seen, "e-mail")[0];
    assert_eq!(email["state"], "queued");
    assert!(email["lastError"].as_str().unwrap().contains("421"), "{email}");
    let told: Vec<&str> =
        seen["timeline"].as_array().unwrap().iter().filter_map(|event| event["sentence"].as_str()).collect();
    assert!(told.iter().any(|sentence| sentence.contains("could not be told by e-mail")), "{told:?}");
    assert!(told.iter().any(|sentence| sentence.contains("next contact method")), "{told:?}");
    assert_eq!(mailbox.mails().len(), 0);

    mailbox.refuse(false);
    let sent = async || pages(&incident().await, "e-mail").iter().any(|page| page["state"] == "sent");
    eventually("the e-mail comes through", sent).await;
    let mails = mailbox.mails();
    let id = mails[0].header("message-id").unwrap();
    assert!(id.contains(pages(&incident().await, "e-mail")[0]["id"].as_str().unwrap()), "{id}");
    let hooked = hook.ids.lock().unwrap().clone();
    assert_eq!(hooked, [pages(&incident().await, "webhook")[0]["id"].as_str().unwrap()]);
    assert_eq!(mails.len(), 1, "it comes once");
}
