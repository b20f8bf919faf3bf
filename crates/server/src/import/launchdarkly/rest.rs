//! LaunchDarkly's REST API, version 2: what people wrote about flags and segments, and which environments there are.
//!
//! Read with an API token that may read; only the members that are used are named. Pages are followed by their links.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use channels::{Http, http};
use flags::import::details::{Details, FlagDetails, SegmentDetails, VariationDetails};
use flags::model::Defaults;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::super::guarded::is_guarded;

/// LaunchDarkly's own address.
pub const URL: &str = "https://app.launchdarkly.com";
/// The date of the API that this is written for.
const VERSION: &str = "20240415";
/// A page has some hundred kilobytes.
const PAGE_BYTES: usize = 64 << 20;
/// So many pages are beyond any project; a server that links in circles does not hold us for ever.
const PAGES: usize = 2_000;
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a page is asked for again when it is too soon.
const TRIES: usize = 10;
/// How long to wait then, if it is not said, and at most.
const PAUSE_SECS: u64 = 10;
const LONGEST_PAUSE_SECS: u64 = 60;

/// One project as an API token sees it.
pub struct Api<'a> {
    /// Through this client.
    pub http: &'a Http,
    /// Where.
    pub url: &'a Url,
    /// As whom.
    pub token: &'a str,
    /// What the project is called there.
    pub project: &'a str,
}

/// An environment of the project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Environment {
    /// Its key.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// Whether customers see it.
    #[serde(default)]
    pub critical: bool,
    /// Its SDK key; some tokens are shown only its end.
    #[serde(default, rename = "apiKey")]
    pub sdk_key: String,
}

impl Api<'_> {
    /// The environments, in their order there.
    pub async fn environments(&self) -> Result<Vec<Environment>> {
        self.all(&format!("/api/v2/projects/{}/environments?limit=20", self.project)).await
    }

    /// What people wrote about the flags of the project and the segments of one environment.
    pub async fn details(&self, environment: &str) -> Result<Details> {
        let project = self.project;
        let flags: Vec<Flag> =
            self.all(&format!("/api/v2/flags/{project}?summary=0&env={environment}&limit=20")).await?;
        let segments: Vec<Segment> = self.all(&format!("/api/v2/segments/{project}/{environment}?limit=20")).await?;
        Ok(Details {
            flags: flags.into_iter().map(|flag| (flag.key.clone(), flag.details(environment))).collect(),
            segments: segments.into_iter().map(|segment| (segment.key.clone(), segment.details())).collect(),
        })
    }

    /// All items of a list, page after page.
    async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>> {
        ensure!(is_guarded(self.url), "--api-url must be https, or the token would travel in the clear");
        let mut next = self.url.join(path).context("--api-url is not an address")?;
        let mut items = Vec::new();
        for _ in 0..PAGES {
            let page: Page<T> = self.page(&next).await?;
            items.extend(page.items);
            let Some(link) = page.links.next else { return Ok(items) };
            next = self.url.join(&link.href).context("a link to the next page leads nowhere")?;
            // The token goes nowhere else.
            ensure!(next.origin() == self.url.origin(), "a link to the next page leads to {next}");
        }
        bail!("{path} has more than {PAGES} pages")
    }

    async fn page<T: DeserializeOwned>(&self, url: &Url) -> Result<T> {
        for _ in 0..TRIES {
            let request =
                self.http.get(url.clone()).header("authorization", self.token).header("ld-api-version", VERSION);
            let request = request.timeout(PATIENCE).build().context("--api-token is no token")?;
            let response = self.http.send(request).await.with_context(|| format!("{url}: no answer"))?;
            match response.status().as_u16() {
                200 => {
                    let body = http::body(response, PAGE_BYTES).await.with_context(|| format!("{url}: broken off"))?;
                    return serde_json::from_slice(&body).with_context(|| format!("{url}: the answer cannot be read"));
                }
                429 => {
                    let said =
                        response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                    let pause = said.unwrap_or(PAUSE_SECS).min(LONGEST_PAUSE_SECS);
                    tokio::time::sleep(Duration::from_secs(pause)).await;
                }
                401 | 403 => bail!("{url}: the API token may not read this"),
                404 => bail!("{url}: there is no such project or environment"),
                status => bail!("{url}: it answered {status}"),
            }
        }
        bail!("{url}: it asked to come back later {TRIES} times")
    }
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[serde(default, rename = "_links")]
    links: Links,
}

#[derive(Default, Deserialize)]
struct Links {
    #[serde(default)]
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Flag {
    key: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    temporary: bool,
    #[serde(default)]
    variations: Vec<Variation>,
    #[serde(default)]
    defaults: Option<FlagDefaults>,
    #[serde(default, rename = "_maintainer")]
    maintainer: Option<Member>,
    #[serde(default, rename = "_maintainerTeam")]
    team: Option<Team>,
    #[serde(default)]
    environments: BTreeMap<String, Configuration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FlagDefaults {
    on_variation: usize,
    off_variation: usize,
}

#[derive(Deserialize)]
struct Variation {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
struct Team {
    name: String,
}

#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(default, rename = "_id")]
    id: String,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
struct Segment {
    key: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

impl Flag {
    fn details(self, environment: &str) -> FlagDetails {
        let variation = |Variation { name, description }| VariationDetails {
            name: name.unwrap_or_default(),
            description: description.unwrap_or_default(),
        };
        let described =
            |rule: &Rule| Some((rule.id.clone(), rule.description.clone().filter(|text| !text.is_empty())?));
        let rules = self.environments.get(environment).map(|one| one.rules.iter().filter_map(described).collect());
        let team = self.team.map(|team| format!("the team {}", team.name));
        FlagDetails {
            name: self.name,
            description: self.description.unwrap_or_default(),
            tags: self.tags,
            temporary: self.temporary,
            maintainer: team.or_else(|| self.maintainer.and_then(Member::words)),
            variations: self.variations.into_iter().map(variation).collect(),
            defaults: self
                .defaults
                .map(|FlagDefaults { on_variation, off_variation }| Defaults { on_variation, off_variation }),
            rules: rules.unwrap_or_default(),
        }
    }
}

impl Member {
    /// `Ada Lovelace (ada@example.com)`, as far as it is known.
    fn words(self) -> Option<String> {
        let name = format!("{} {}", self.first_name, self.last_name).trim().to_owned();
        match (name.is_empty(), self.email.is_empty()) {
            (true, true) => None,
            (true, false) => Some(self.email),
            (false, true) => Some(name),
            (false, false) => Some(format!("{name} ({})", self.email)),
        }
    }
}

impl Segment {
    fn details(self) -> SegmentDetails {
        SegmentDetails { name: self.name, description: self.description.unwrap_or_default(), tags: self.tags }
    }
}
