//! What an Unleash gives away: to SDKs, all that they evaluate by, and to admins an export and what its segments hold.

use std::collections::BTreeMap;

use channels::{Http, http};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use url::Url;

use super::super::fetch::{self, FetchError};

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
    pub async fn features(&self, project: Option<&str>) -> Result<Box<RawValue>, FetchError> {
        let mut url = self.address("/api/client/features")?;
        if let Some(project) = project {
            url.query_pairs_mut().append_pair("project", project);
        }
        let request = self.http.get(url).header("unleash-client-spec", CLIENT_SPEC);
        let answer: Box<RawValue> = self.ask(request.header("unleash-appname", "steadfast-import")).await?;
        let _has_features: Shape = serde_json::from_str(answer.get())?;
        Ok(answer)
    }

    /// An export of all features in an environment, or of those of one project, with what its segments hold: an export by
    /// itself only names them.
    pub async fn export(&self, environment: &str, project: Option<&str>) -> Result<Box<RawValue>, FetchError> {
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

    fn address(&self, path: &str) -> Result<Url, FetchError> {
        let mut base = self.url.clone();
        base.set_query(None);
        let root = base.path().trim_end_matches('/');
        let root = root.strip_suffix("/api").unwrap_or(root).to_owned();
        base.set_path(&root);
        fetch::address(&base, path)
    }

    async fn ask<T: DeserializeOwned>(&self, request: http::RequestBuilder) -> Result<T, FetchError> {
        Ok(serde_json::from_slice(&fetch::ask(self.http, request, self.token).await?)?)
    }
}

/// What SDKs receive, as far as it is looked at here: the import judges each feature.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "features")]
    _features: Vec<Box<RawValue>>,
}

/// An answer by its members; what is in them is mostly not looked at.
type Table = BTreeMap<String, Box<RawValue>>;

/// A member that is a list; empty when it is absent or null.
fn list(answer: &Table, member: &str) -> Result<Vec<Box<RawValue>>, serde_json::Error> {
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
