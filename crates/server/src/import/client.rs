//! A running Steadfast, asked over its REST API with a token.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use channels::{Http, http};
use clap::Args;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

/// A payload of thousands of flags is planned and written in seconds.
const PATIENCE: Duration = Duration::from_mins(5);
/// A report on as many flags as an import may have.
const ANSWER_BYTES: usize = 64 << 20;

/// Which Steadfast, and as whom.
#[derive(Debug, Args)]
pub struct Target {
    /// The address of Steadfast.
    #[arg(long, env = "STEADFAST_URL", default_value = "http://127.0.0.1:8080")]
    pub server: Url,
    /// A token of an admin of Steadfast.
    #[arg(long, env = "STEADFAST_TOKEN", hide_env_values = true)]
    pub token: String,
}

/// A Steadfast to talk to.
pub struct Steadfast<'a> {
    http: &'a Http,
    target: &'a Target,
}

impl<'a> Steadfast<'a> {
    /// Through this client.
    pub fn new(http: &'a Http, target: &'a Target) -> Self {
        Self { http, target }
    }

    /// What is at `path`; `None` when nothing is.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>> {
        let request = self.http.get(self.address(path)?);
        let (status, answer) = self.send(request).await?;
        match status {
            404 => Ok(None),
            200..=299 => Ok(Some(serde_json::from_slice(&answer).context("Steadfast's answer cannot be read")?)),
            _ => bail!(refusal(status, &answer)),
        }
    }

    /// Posts JSON, and reads the answer.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, json: Vec<u8>) -> Result<T> {
        let request = self.http.post(self.address(path)?).header("content-type", "application/json").body(json);
        let (status, answer) = self.send(request).await?;
        if !(200..300).contains(&status) {
            bail!(refusal(status, &answer));
        }
        serde_json::from_slice(&answer).context("Steadfast's answer cannot be read")
    }

    fn address(&self, path: &str) -> Result<Url> {
        let base = self.target.server.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path}")).context("--server is not an address")
    }

    async fn send(&self, request: http::RequestBuilder) -> Result<(u16, Vec<u8>)> {
        let request =
            request.bearer_auth(&self.target.token).timeout(PATIENCE).build().context("--token is no token")?;
        let server = &self.target.server;
        let response = self.http.send(request).await.with_context(|| format!("{server} does not answer"))?;
        let status = response.status().as_u16();
        let answer = http::body(response, ANSWER_BYTES).await.with_context(|| format!("{server} broke off"))?;
        Ok((status, answer))
    }
}

/// What a problem says: detail, place and hint.
fn refusal(status: u16, answer: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(answer).unwrap_or_default();
    let member = |name: &str| problem[name].as_str().map(str::to_owned);
    let Some(detail) = member("detail") else { return format!("Steadfast answered {status}") };
    let field = member("field").map(|field| format!(" ({field})")).unwrap_or_default();
    let hint = member("hint").map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("Steadfast answered {status}: {detail}{field}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_servers_words() {
        let problem = br#"{"status": 403, "detail": "this needs the role admin", "hint": "ask an admin"}"#;
        assert_eq!(refusal(403, problem), "Steadfast answered 403: this needs the role admin; ask an admin");
        assert_eq!(refusal(502, b"<html>"), "Steadfast answered 502");
    }
}
