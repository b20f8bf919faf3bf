//! `steadfast import launchdarkly`: from nothing but an SDK key, from a file, or, with an API token, whole projects.

pub mod payload;
pub mod rest;

use std::collections::BTreeMap;
use std::io::stdout;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use channels::{Http, Reach};
use clap::Args;
use flags::import::{Details, Report};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use url::Url;

use super::client::{Steadfast, Target};
use super::{Manner, SILENT, print};

/// Where from, where to, and how.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pub target: Target,
    /// The project in Steadfast.
    #[arg(long)]
    pub project: String,
    /// The environment in Steadfast; with an API token, every environment of the project there if not given.
    #[arg(long)]
    pub environment: Option<String>,
    /// A file of the shape of `/sdk/latest-all`, instead of asking LaunchDarkly.
    #[arg(long, requires = "environment")]
    pub file: Option<PathBuf>,
    /// A server-side SDK key of the environment; with an API token it need not be given.
    #[arg(long, env = "LAUNCHDARKLY_SDK_KEY", hide_env_values = true)]
    pub sdk_key: Option<String>,
    /// The address that server-side SDKs poll.
    #[arg(long, default_value = payload::URL)]
    pub url: Url,
    /// A token of LaunchDarkly's REST API that may read: brings names, descriptions, tags, maintainers and environments too.
    #[arg(long, env = "LAUNCHDARKLY_API_TOKEN", hide_env_values = true)]
    pub api_token: Option<String>,
    /// The address of LaunchDarkly's REST API.
    #[arg(long, default_value = rest::URL)]
    pub api_url: Url,
    /// The project there, if it is called otherwise.
    #[arg(long)]
    pub from_project: Option<String>,
    /// The environment there, if it is called otherwise.
    #[arg(long, requires = "environment")]
    pub from_environment: Option<String>,
    #[command(flatten)]
    pub manner: Manner,
}

/// One environment to be imported.
struct Source {
    /// What it is called in Steadfast.
    environment: String,
    /// How it is to be made if it is not there; `None` when only the payload is known.
    made_as: Option<rest::Environment>,
    payload: Box<RawValue>,
    details: Details,
}

/// Imports one environment after the other, prints what came of each, and tells how many flags and segments were refused.
pub async fn run(arguments: Arguments) -> Result<usize> {
    // The caller chooses the addresses and asks from where they are; only the server's own calls are kept in.
    let http = Http::new(Reach::Anywhere)?;
    let steadfast = Steadfast::new(&http, &arguments.target);
    let mut refused = 0;
    for source in sources(&http, &arguments).await? {
        let Some(report) = import(&steadfast, &arguments, &source).await? else {
            print::missing(&mut stdout(), &source.environment).context(SILENT)?;
            continue;
        };
        refused += report.counts.refused;
        arguments.manner.tell(&source.environment, &report)?;
    }
    Ok(refused)
}

/// What is read before anything is written.
async fn sources(http: &Http, arguments: &Arguments) -> Result<Vec<Source>> {
    let Some(token) = &arguments.api_token else {
        let Some(environment) = arguments.environment.clone() else {
            bail!("name the --environment to import into; without one an --api-token is needed");
        };
        let payload = payload(http, arguments, arguments.sdk_key.as_deref()).await?;
        return Ok(vec![Source { environment, made_as: None, payload, details: Details::default() }]);
    };
    let project = arguments.from_project.as_deref().unwrap_or(&arguments.project);
    let api = rest::Api { http, url: &arguments.api_url, token, project };
    let wanted = arguments.from_environment.as_ref().or(arguments.environment.as_ref());
    let all = api.environments().await?;
    let chosen: Vec<_> = all.into_iter().filter(|one| wanted.is_none_or(|wanted| *wanted == one.key)).collect();
    if chosen.is_empty() {
        bail!("the project '{project}' has no environment '{}'", wanted.map_or("", String::as_str));
    }
    let mut sources = Vec::new();
    for one in chosen {
        // Given by hand it is for the one environment that was named; a token may be shown no more than a key's end.
        let given = arguments.sdk_key.as_deref().filter(|_| wanted.is_some());
        let payload = payload(http, arguments, given.or(Some(&one.sdk_key))).await?;
        let details = api.details(&one.key).await?;
        let environment = arguments.environment.clone().unwrap_or_else(|| one.key.clone());
        sources.push(Source { environment, made_as: Some(one), payload, details });
    }
    Ok(sources)
}

async fn payload(http: &Http, arguments: &Arguments, sdk_key: Option<&str>) -> Result<Box<RawValue>> {
    if let Some(file) = &arguments.file {
        let text = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        return payload::read(&text).with_context(|| format!("{} is no payload of /sdk/latest-all", file.display()));
    }
    let Some(sdk_key) = sdk_key else { bail!("give an --sdk-key, a --file or an --api-token") };
    payload::fetch(http, &arguments.url, sdk_key).await.with_context(|| arguments.url.to_string())
}

/// Imports one environment; `None` when it would have to be made first and nothing is to be written.
async fn import(steadfast: &Steadfast<'_>, arguments: &Arguments, source: &Source) -> Result<Option<Report>> {
    let Arguments { project, manner: Manner { dry_run, replace, .. }, .. } = arguments;
    let place = format!("/api/projects/{project}/environments/{}", source.environment);
    if let Some(environment) = &source.made_as
        && steadfast.get::<Value>(&place).await?.is_none()
    {
        if *dry_run {
            return Ok(None);
        }
        make(steadfast, project, &source.environment, environment).await?;
    }
    let route = format!("{place}/import/launchdarkly?dryRun={dry_run}&replace={replace}");
    let mut body: BTreeMap<&str, &RawValue> = serde_json::from_str(source.payload.get())?;
    let details = to_raw_value(&source.details)?;
    body.insert("details", &details);
    steadfast.post(&route, serde_json::to_vec(&body)?).await.map(Some)
}

async fn make(steadfast: &Steadfast<'_>, project: &str, key: &str, there: &rest::Environment) -> Result<()> {
    let new = json!({"key": key, "name": there.name, "production": there.critical});
    let path = format!("/api/projects/{project}/environments");
    let made: Result<Value> = steadfast.post(&path, new.to_string().into_bytes()).await;
    made.map(drop).with_context(|| format!("the environment '{key}' cannot be made"))
}
