//! Webhooks to what only this machine can reach are refused, however the address is written.
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use channels::http::{CallError, Lookup};
use channels::webhook::{self, Webhook, WebhookError};
use channels::{Http, Reach};
use kernel::Timestamp;
use tokio::net::TcpListener;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async fn call(http: &Http, url: &str) -> Result<(), WebhookError> {
    let body = serde_json::json!({ "test": true });
    webhook::send(http, Webhook { id: "pag_1", url, secret: SECRET, body: &body }, Timestamp::EPOCH).await
}

/// A listener that nobody may reach, and its port.
async fn forbidden() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Nobody has connected: the next connection that the listener accepts is this one.
async fn untouched(listener: &TcpListener) {
    let knock = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (_, peer) = listener.accept().await.unwrap();
    assert_eq!(peer, knock.local_addr().unwrap(), "somebody else came first");
}

#[tokio::test]
async fn literal_addresses_of_this_machine_are_refused_in_every_spelling() {
    let (listener, port) = forbidden().await;
    let http = Http::new(Reach::Public).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "10.0.0.1",
        "[fe80::1]",
        "[fd00::1]",
    ] {
        let error = call(&http, &format!("http://{host}:{port}/")).await.unwrap_err();
        assert!(matches!(error, WebhookError::Call(CallError::Private(_))), "{host}: {error:?}");
    }
    untouched(&listener).await;
}

#[tokio::test]
async fn a_name_that_resolves_to_this_machine_is_refused() {
    let (listener, port) = forbidden().await;
    let http = Http::new(Reach::Public).unwrap();
    let error = call(&http, &format!("http://localhost:{port}/secret")).await.unwrap_err().to_string();
    assert!(error.contains("is not an address of the public internet"), "{error}");
    assert!(!error.contains("secret"), "{error}");
    untouched(&listener).await;
}

/// A name server in hostile hands: whatever it answered before, to the connection it answers with these.
struct Rebound {
    asked: AtomicUsize,
    addresses: Vec<IpAddr>,
}

#[async_trait]
impl Lookup for Rebound {
    async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.addresses.clone())
    }
}

#[tokio::test]
async fn a_name_that_is_bound_anew_to_this_machine_is_refused_at_the_connection() {
    for inside in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::7f00:1", "169.254.169.254"] {
        let (listener, port) = forbidden().await;
        let addresses = vec!["1.1.1.1".parse().unwrap(), inside.parse().unwrap()];
        let lookup = Arc::new(Rebound { asked: AtomicUsize::new(0), addresses });
        let http = Http::with_lookup(Reach::Public, lookup.clone()).unwrap();
        let error = call(&http, &format!("http://rebound.example:{port}/")).await.unwrap_err().to_string();
        assert!(error.contains("is not an address of the public internet"), "{error}");
        assert_eq!(lookup.asked.load(Ordering::SeqCst), 1, "once, for the connection itself: no check to slip between");
        untouched(&listener).await;
    }
}

#[tokio::test]
async fn an_installation_may_allow_them() {
    let (listener, port) = forbidden().await;
    let http = Http::new(Reach::Anywhere).unwrap();
    let url = format!("http://127.0.0.1:{port}/");
    let (_, accepted) = tokio::join!(call(&http, &url), async {
        // Closed at once: that somebody came is all that is asked.
        listener.accept().await.map(drop)
    });
    accepted.unwrap();
}
