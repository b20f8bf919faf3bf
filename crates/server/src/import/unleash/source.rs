//! What an Unleash gives away: to SDKs, all that they evaluate by, and to admins an export and what its segments hold.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use channels::{Http, http};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use url::Url;

use super::super::guarded::is_guarded;

/// As much as an import takes.
const BYTES: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_mins(1);
/// With this, segments are listed by name and not written into strategies.
const CLIENT_SPEC: &str = "5.1.0";

/// An Unleash, as this token may see it.
pub struct Unleash<'a> {
    /// Through this client.
    pub http: &'a Http,
    /// Where, with or without the `/api` that SDKs are given.
    pub url: &'a Url,
    /// As whom.
    pub token: &'a str,
}

impl Unleash<'_> {
    /// What SDKs receive with a client token, of one project or of all that it opens.
    pub async fn features(&self, project: Option<&str>) -> Result<Box<RawValue>> {
        let mut url = self.address("/api/client/features")?;
        if let Some(project) = project {
            url.query_pairs_mut().append_pair("project", project);
        }
        let request = self.http.get(url).header("unleash-client-spec", CLIENT_SPEC);
        self.ask(request.header("unleash-appname", "steadfast-import")).await
    }

    /// An export of all features in an environment, or of those of one project, with what its segments hold: an export by
    /// itself only names them.
    pub async fn export(&self, environment: &str, project: Option<&str>) -> Result<Box<RawValue>> {
        // No names are all features.
        let wanted = json!({"environment": environment, "features": [], "downloadFile": false}).to_string();
        let request = self.http.post(self.address("/api/admin/features-batch/export")?);
        let request = request.header("content-type", "application/json").body(wanted);
        let mut export: Table = self.ask(request).await?;
        if let Some(project) = project {
            let mut features = list(&export, "features")?;
            features.retain(|feature| is_of(feature, project));
            export.insert("features".to_owned(), to_raw_value(&features)?);
        }
        if !list(&export, "segments")?.is_empty() {
            let mut told: Table = self.ask(self.http.get(self.address("/api/admin/segments")?)).await?;
            export.extend(told.remove_entry("segments"));
        }
        Ok(to_raw_value(&export)?)
    }

    fn address(&self, path: &str) -> Result<Url> {
        ensure!(is_guarded(self.url), "--url must be https, or the token would travel in the clear");
        let base = self.url.path().trim_end_matches('/');
        let base = base.strip_suffix("/api").unwrap_or(base);
        let mut url = self.url.clone();
        url.set_path(&format!("{base}{path}"));
        url.set_query(None);
        Ok(url)
    }

    async fn ask<T: DeserializeOwned>(&self, request: http::RequestBuilder) -> Result<T> {
        let request = request.header("authorization", self.token).timeout(PATIENCE).build();
        let request = request.context("this is no token")?;
        let url = request.url().clone();
        let response = self.http.send(request).await.with_context(|| format!("{url}: no answer"))?;
        match response.status().as_u16() {
            200 => {}
            status @ (401 | 403) => bail!("{url}: it answered {status}: the token may not read this"),
            status => bail!("{url}: it answered {status}"),
        }
        let body = http::body(response, BYTES).await.with_context(|| format!("{url}: broken off"))?;
        serde_json::from_slice(&body).with_context(|| format!("{url}: the answer cannot be read"))
    }
}

/// An answer by its members; what is in them is mostly not looked at.
type Table = BTreeMap<String, Box<RawValue>>;

/// A member that is a list; empty when it is absent or null.
fn list(answer: &Table, member: &str) -> Result<Vec<Box<RawValue>>> {
    let list: Option<Option<Vec<_>>> = answer.get(member).map(|list| serde_json::from_str(list.get())).transpose()?;
    Ok(list.flatten().unwrap_or_default())
}

/// Whether the feature is of the project; one that does not say is.
fn is_of(feature: &RawValue, project: &str) -> bool {
    #[derive(Deserialize)]
    struct Of {
        project: Option<String>,
    }
    let of: Option<Of> = serde_json::from_str(feature.get()).ok();
    of.and_then(|of| of.project).is_none_or(|of| of == project)
}
