//! A client that tells an answer from silence: only what was answered counts as acknowledged.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use testkit::Steadfast;

const PATIENCE: Duration = Duration::from_secs(30);

/// A writer's token, an SDK's key, and where to use them; a cheap handle to clone.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    url: String,
    token: String,
    sdk_key: String,
}

/// A whole answer.
pub(crate) struct Heard {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body; null when it is no JSON.
    pub(crate) body: Value,
}

impl Api {
    /// With a service token that the server's admin makes, and the SDK key of production.
    pub(crate) async fn of(server: &Steadfast) -> Result<Self> {
        let wish = json!({"name": "ordeal", "kind": "service", "role": "writer"});
        let token = server.post("/api/tokens", &wish).await?["secret"].as_str().map(str::to_owned);
        let sdk_key = server.sdk_key("production").await?;
        let token = token.context("a new token is shown")?;
        Ok(Self { client: client()?, url: server.url().to_owned(), token, sdk_key })
    }

    /// The same without the connections of before.
    pub(crate) fn anew(&self) -> Self {
        Self { client: client().expect("the first one could be made as well"), ..self.clone() }
    }

    /// The SDK key of production.
    pub(crate) fn sdk_key(&self) -> &str {
        &self.sdk_key
    }

    /// A call with the token; `None` when no whole answer came, so that nobody knows whether it was done.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Option<Heard> {
        self.call(method, path, &format!("Bearer {}", self.token), &[], body).await
    }

    /// GET with the token.
    pub(crate) async fn get(&self, path: &str) -> Option<Heard> {
        self.send(Method::GET, path, None).await
    }

    /// GET of what is there.
    pub(crate) async fn read(&self, path: &str) -> Result<Value> {
        let heard = self.get(path).await.with_context(|| format!("{path}: no answer"))?;
        ensure!(heard.status.is_success(), "{path}: {} {}", heard.status, heard.body);
        Ok(heard.body)
    }

    /// Every item of a list.
    pub(crate) async fn read_all(&self, path: &str) -> Result<Vec<Value>> {
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let mut page = self.read(&format!("{path}?limit=1000{after}")).await?;
            items.append(page["items"].as_array_mut().with_context(|| format!("{path} has items"))?);
            let Some(next) = page["next"].as_str() else { return Ok(items) };
            after = format!("&after={next}");
        }
    }

    /// A call with the SDK key.
    pub(crate) async fn sdk(&self, method: Method, path: &str, body: Option<&Value>) -> Option<Heard> {
        self.call(method, path, &self.sdk_key, &[], body).await
    }

    /// Delivers events under the SDK's id of the delivery.
    pub(crate) async fn deliver(&self, payload_id: &str, events: &Value) -> Option<StatusCode> {
        let headers = [("x-launchdarkly-payload-id", payload_id)];
        Some(self.call(Method::POST, "/bulk", &self.sdk_key, &headers, Some(events)).await?.status)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        authorization: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Option<Heard> {
        let mut request =
            self.client.request(method, format!("{}{path}", self.url)).header(AUTHORIZATION, authorization);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().await.ok()?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.ok()?;
        Some(Heard { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
    }
}

fn client() -> Result<Client> {
    // Whoever comes first in the process sets it; all set the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().no_proxy().timeout(PATIENCE).build()?)
}
