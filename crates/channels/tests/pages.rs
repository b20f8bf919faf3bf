//! Pages reach a real mail server and a real webhook, each under one key however often they are tried.
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

mod house;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::Reach;
use hmac::{Hmac, KeyInit, Mac};
use house::house;
use http::{HeaderMap, StatusCode};
use oncall::model::{PageState, Severity};
use sha2::Sha256;
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(10);

/// What a webhook receiver got, and what it answers.
#[derive(Clone)]
struct Receiver {
    got: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answer: StatusCode,
}

impl Receiver {
    /// Opens one on loopback; gives its URL.
    async fn open(answer: StatusCode) -> (Self, String) {
        let receiver = Self { got: Arc::default(), answer };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        #[allow(clippy::disallowed_methods)] // ends with the test
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    fn got(&self) -> Vec<(HeaderMap, String)> {
        self.got.lock().unwrap().clone()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> (StatusCode, HeaderMap) {
    receiver.got.lock().unwrap().push((headers, body));
    let mut answer = HeaderMap::new();
    answer.insert("location", "/hook".parse().unwrap());
    (receiver.answer, answer)
}

/// As a receiver verifies it, by the specification of Standard Webhooks.
fn verify(secret: &str, headers: &HeaderMap, body: &str) -> bool {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    let signature = header("webhook-signature");
    let signed = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
    mac.verify_slice(&signed).is_ok()
}

#[tokio::test]
async fn an_urgent_page_goes_out_by_mail_and_by_signed_webhook() {
    db::testing::each(|db| async move {
        let house = house(db, Reach::Anywhere).await;
        let (receiver, url) = Receiver::open(StatusCode::NO_CONTENT).await;
        let secret = house.add_webhook(&url).await;
        let id = house.alert(Severity::Critical).await;
        house.turn().await.unwrap();
        let detail = house.incident(&id).await;
        let page = |way: &str| detail.pages.iter().find(|page| page.way.starts_with(way)).unwrap();
        assert!(detail.pages.iter().all(|page| page.state == PageState::Sent), "{detail:#?}");

        let mail = house.mailbox.wait_for(1, PATIENCE).await.unwrap().remove(0);
        assert_eq!(mail.to, ["ada@example.com"]);
        let header = |name: &str| mail.header(name).unwrap_or_default();
        assert_eq!(header("Message-ID"), format!("<{}@steadfast.example>", page("e-mail").id));
        assert_eq!(header("In-Reply-To"), format!("<{id}@steadfast.example>"));
        assert_eq!((header("Auto-Submitted").as_str(), header("X-Priority").as_str()), ("auto-generated", "1"));
        assert_eq!(header("From"), "Steadfast <steadfast@example.com>");
        assert!(header("Date").contains("15 Jan 2027"), "{}", header("Date"));
        assert!(mail.text.contains("https://steadfast.example/pages/"), "{}", mail.text);

        let (headers, body) = receiver.got().remove(0);
        assert_eq!(headers["webhook-id"], page("webhook").id.as_str());
        assert_eq!(headers["webhook-timestamp"], "1800000000");
        assert!(verify(&secret, &headers, &body));
        assert!(!verify(&secret, &headers, &body.replace("urgency", "Urgency")));
        let event: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&event["type"], &event["data"]["incident"]["number"]), (&"incident.paged".into(), &1.into()));
    })
    .await;
}

#[tokio::test]
async fn with_the_mail_server_down_the_webhook_is_tried_and_the_mail_comes_later_under_its_first_key() {
    db::testing::each(|db| async move {
        let house = house(db, Reach::Anywhere).await;
        let (receiver, url) = Receiver::open(StatusCode::OK).await;
        house.add_webhook(&url).await;
        house.mailbox.refuse(true);
        let id = house.alert(Severity::Warning).await;
        let status = house.turn().await.unwrap();
        assert_eq!(receiver.got().len(), 1, "in the same turn: {status:?}");
        house.advance(2);
        house.turn().await.unwrap();
        let mail = house.incident(&id).await.pages.into_iter().find(|page| page.way.starts_with("e-mail")).unwrap();
        assert_eq!((mail.state, mail.attempts), (PageState::Queued, 2));
        assert!(mail.last_error.as_deref().unwrap().contains("421"), "{mail:?}");

        house.mailbox.refuse(false);
        house.advance(60);
        let status = house.turn().await.unwrap();
        assert_eq!(status.next, None, "nothing waits any more");
        let mails = house.mailbox.wait_for(1, PATIENCE).await.unwrap();
        assert_eq!(mails[0].header("Message-ID"), Some(format!("<{}@steadfast.example>", mail.id)));
        assert_eq!((mails.len(), receiver.got().len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn what_was_sent_and_not_reported_is_sent_again_under_the_same_key() {
    db::testing::each(|db| async move {
        let house = house(db, Reach::Anywhere).await;
        let lost = house.held().await;
        channels_turn(&house, &lost).await.unwrap();
        let id = house.alert(Severity::Critical).await;
        house.held().await; // a later holder of the lease: the first can send, but not report
        channels_turn(&house, &lost).await.unwrap_err();
        assert_eq!(house.incident(&id).await.pages[0].state, PageState::Queued);
        // Whoever takes over does not wait until the claim expires.
        house.turn().await.unwrap();
        let keys: Vec<_> = house.mailbox.mails().iter().map(|mail| mail.header("Message-ID")).collect();
        assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
        let pages = house.incident(&id).await.pages;
        assert_eq!((pages.len(), pages[0].state), (1, PageState::Sent));
    })
    .await;
}

async fn channels_turn(house: &house::House, turn: &runtime::Turn) -> Result<runtime::Status, runtime::ReconcileError> {
    runtime::Reconciler::reconcile(&house.channels, turn).await
}

#[tokio::test]
async fn only_a_2xx_is_success_and_a_redirect_is_not_followed() {
    db::testing::each(|db| async move {
        let house = house(db, Reach::Anywhere).await;
        for answer in [StatusCode::TEMPORARY_REDIRECT, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::GONE] {
            let (receiver, url) = Receiver::open(answer).await;
            house.add_webhook(&url).await;
            let id = house.alert(Severity::Critical).await;
            house.turn().await.unwrap();
            let pages = house.incident(&id).await.pages;
            let error = format!("it answered {}", answer.as_u16());
            let told = pages.iter().filter(|page| page.last_error.as_deref() == Some(error.as_str())).count();
            assert_eq!((told, receiver.got().len()), (1, 1), "{pages:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_nobody_elses_page() {
    db::testing::each(|db| async move {
        let house = house(db, Reach::Anywhere).await;
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        house.add_webhook(&format!("http://{}/", silent.local_addr().unwrap())).await;
        house.alert(Severity::Critical).await;
        let turn = house.held().await;
        let hanging = channels_turn(&house, &turn);
        let meanwhile = async {
            let (_held, _) = silent.accept().await.unwrap();
            house.mailbox.wait_for(1, PATIENCE).await.unwrap();
            house.alert(Severity::Critical).await;
            house.mailbox.wait_for(2, PATIENCE).await.unwrap();
        };
        tokio::select! {
            ended = hanging => panic!("the turn ended before its slow page: {ended:?}"),
            () = meanwhile => {}
        }
    })
    .await;
}
