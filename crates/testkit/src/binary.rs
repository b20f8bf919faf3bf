//! The real `steadfast serve` as a child process, set up as a person would, and killed as a machine would.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use futures_util::Stream;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Body, Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// It starts in well under a second; a loaded machine gets more.
const START: Duration = Duration::from_secs(30);
/// Ten million keys, on a loaded machine.
const UPLOAD: Duration = Duration::from_hours(1);
/// Whom [`Steadfast::set_up`] makes the first administrator, and her password.
pub const EMAIL: &str = "ada@example.com";
/// Her password.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running server on its own data directory, and an administrator's session with it.
pub struct Steadfast {
    binary: PathBuf,
    directory: PathBuf,
    arguments: Vec<String>,
    child: Child,
    url: String,
    set_up_token: Option<String>,
    client: Client,
    cookie: String,
}

impl Steadfast {
    /// Starts `binary` with `directory` as its data directory, on a free port of loopback.
    pub async fn start(binary: &Path, directory: &Path, arguments: &[&str]) -> Result<Self> {
        // The other user of reqwest in the workspace wants TLS with ring; a second installation is refused, and fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let (child, url, set_up_token) =
            launch(&Run { binary, command: "serve", directory, arguments: &arguments }, "127.0.0.1:0").await?;
        #[allow(clippy::disallowed_methods)] // loopback only, in tests
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        Ok(Self {
            binary: binary.to_owned(),
            directory: directory.to_owned(),
            arguments,
            child,
            url,
            set_up_token,
            client,
            cookie: String::new(),
        })
    }

    /// Its address, `http://127.0.0.1:PORT`; the same after [`Self::restart`].
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Uses the one-time link that it printed, and keeps the session.
    pub async fn set_up(&mut self) -> Result<()> {
        let token = self.set_up_token.clone().context("the server printed no set-up link")?;
        self.open_session("/api/setup", json!({"token": token, "name": "Ada", "email": EMAIL, "password": PASSWORD}))
            .await
    }

    /// Logs in again, as [`Self::set_up`]'s administrator.
    pub async fn log_in(&mut self) -> Result<()> {
        self.open_session("/api/login", json!({"email": EMAIL, "password": PASSWORD})).await
    }

    async fn open_session(&mut self, path: &str, body: Value) -> Result<()> {
        let response = self.client.post(format!("{}{path}", self.url)).json(&body).send().await?;
        ensure!(response.status().is_success(), "{path}: {} {}", response.status(), response.text().await?);
        let cookies: Vec<_> = response
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .collect();
        self.cookie = cookies.join("; ");
        Ok(())
    }

    /// A call to the REST API in the administrator's name: the status and the JSON (null when there is none).
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(StatusCode, Value)> {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        request = request.header(COOKIE, &self.cookie).header(ORIGIN, &self.url);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        Ok((status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? }))
    }

    /// GET; anything but success is an error with the problem in it.
    pub async fn get(&self, path: &str) -> Result<Value> {
        succeeded(path, self.call(Method::GET, path, None).await?)
    }

    /// POST; anything but success is an error with the problem in it.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        succeeded(path, self.call(Method::POST, path, Some(body)).await?)
    }

    /// PATCH; anything but success is an error with the problem in it.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        succeeded(path, self.call(Method::PATCH, path, Some(body)).await?)
    }

    /// POSTs a CSV file of `length` bytes as it comes, however long that takes; anything but success is an error.
    pub async fn upload<S, E>(&self, path: &str, length: u64, file: S) -> Result<Value>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        let request = self.client.post(format!("{}{path}", self.url)).timeout(UPLOAD);
        let request = request.header(COOKIE, &self.cookie).header(ORIGIN, &self.url).header(CONTENT_TYPE, "text/csv");
        let response = request.header(CONTENT_LENGTH, length).body(Body::wrap_stream(file)).send().await?;
        succeeded(path, (response.status(), response.json().await?))
    }

    /// Evaluates a flag by OFREP with an SDK key.
    pub async fn ofrep(&self, flag: &str, sdk_key: &str, body: &Value) -> Result<Value> {
        let path = format!("/ofrep/v1/evaluate/flags/{flag}");
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(sdk_key);
        let response = request.json(body).send().await?;
        succeeded(&path, (response.status(), response.json().await?))
    }

    /// The server SDK key of an environment of the project `default`.
    pub async fn sdk_key(&self, environment: &str) -> Result<String> {
        self.key(environment, "sdk").await
    }

    /// What pages call an environment of the project `default`.
    pub async fn client_side_id(&self, environment: &str) -> Result<String> {
        self.key(environment, "clientSide").await
    }

    async fn key(&self, environment: &str, kind: &str) -> Result<String> {
        let keys = self.get(&format!("/api/projects/default/environments/{environment}/keys")).await?;
        let list = keys.get("items").unwrap_or(&keys).as_array().context("keys are a list")?;
        let key = list.iter().find(|key| key["kind"] == kind && key["revokedAt"].is_null());
        key.and_then(|key| key["value"].as_str()).map(str::to_owned).with_context(|| format!("there is a key `{kind}`"))
    }

    /// SIGKILL: no goodbye, as when a machine dies.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Starts again on the same data and the same port, after [`Self::kill`].
    pub async fn restart(&mut self) -> Result<()> {
        let address = self.url.trim_start_matches("http://").to_owned();
        let (child, url, _) = launch(&self.run(), &address).await?;
        (self.child, self.url) = (child, url);
        Ok(())
    }

    fn run(&self) -> Run<'_> {
        Run { binary: &self.binary, command: "serve", directory: &self.directory, arguments: &self.arguments }
    }

    /// Starts again as [`Self::restart`] does, and kills it after this life, ready or not.
    pub async fn restart_and_kill(&mut self, life: Duration) -> Result<()> {
        let address = self.url.trim_start_matches("http://");
        let mut child = spawn(&self.run(), address)?;
        tokio::time::sleep(life).await;
        Ok(child.kill().await?)
    }
}

fn succeeded(path: &str, (status, body): (StatusCode, Value)) -> Result<Value> {
    if status.is_success() { Ok(body) } else { bail!("{path}: {status} {body}") }
}

/// What is started.
pub(crate) struct Run<'a> {
    pub(crate) binary: &'a Path,
    /// `serve` or `edge`.
    pub(crate) command: &'a str,
    pub(crate) directory: &'a Path,
    pub(crate) arguments: &'a [String],
}

fn spawn(run: &Run<'_>, listen: &str) -> Result<Child> {
    Command::new(run.binary)
        .args([run.command, "--listen", listen, "--data-dir"])
        .arg(run.directory)
        .args(run.arguments)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} could not be started", run.binary.display()))
}

/// Starts the process, and waits until it says that it is ready: its address and its set-up token, if it has one.
pub(crate) async fn launch(run: &Run<'_>, listen: &str) -> Result<(Child, String, Option<String>)> {
    let mut child = spawn(run, listen)?;
    let stdout = child.stdout.take().context("its output is piped")?;
    let mut lines = BufReader::new(stdout).lines();
    let heard = tokio::time::timeout(START, async {
        let (mut url, mut token) = (None, None);
        while let Some(line) = lines.next_line().await? {
            url = url.or_else(|| line.split_once("listens on ").map(|(_, url)| url.trim().to_owned()));
            token = token.or_else(|| line.split_once("setup?token=").map(|(_, token)| token.trim().to_owned()));
            if line.trim() == "ready" {
                return url.map(|url| (url, token)).context("it was ready without an address");
            }
        }
        bail!("it ended before it was ready")
    });
    let (url, token) = heard.await.context("it was not ready in time")??;
    // Its output must go on being read, or it would block once the pipe is full.
    #[allow(clippy::disallowed_methods)] // ends with the child
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, url, token))
}
