//! `steadfast import unleash`: from what Unleash's SDKs receive, from an export, or from a file of either.

pub mod source;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use channels::{Http, Reach};
use clap::Args;
use flags::import::Report;
use serde_json::value::RawValue;
use url::{Url, form_urlencoded};

use self::source::Unleash;
use super::Manner;
use super::client::{Steadfast, Target};

/// Where from, where to, and how.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pub target: Target,
    /// The project in Steadfast.
    #[arg(long)]
    pub project: String,
    /// The environment in Steadfast.
    #[arg(long)]
    pub environment: String,
    /// A file of what `/api/client/features` answers, or of an export, instead of asking Unleash.
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// The address of Unleash, or of its proxy, with or without `/api`.
    #[arg(long, env = "UNLEASH_URL")]
    pub url: Option<Url>,
    /// A client token of the environment there: brings what SDKs receive.
    #[arg(long, env = "UNLEASH_CLIENT_TOKEN", hide_env_values = true)]
    pub client_token: Option<String>,
    /// A token of its admin API, instead: brings an export, which has tags too.
    #[arg(long, env = "UNLEASH_API_TOKEN", hide_env_values = true)]
    pub api_token: Option<String>,
    /// The one project there whose features are taken; all of them if not given.
    #[arg(long, conflicts_with = "file")]
    pub from_project: Option<String>,
    /// Of an export: the environment there, if it is called otherwise.
    #[arg(long)]
    pub from_environment: Option<String>,
    #[command(flatten)]
    pub manner: Manner,
}

/// Imports one environment, prints what came of it, and tells how many features were refused.
pub async fn run(arguments: Arguments) -> Result<usize> {
    // The caller chooses the addresses and asks from where they are; only the server's own calls are kept in.
    let http = Http::new(Reach::Anywhere)?;
    let (state, from) = state(&http, &arguments).await?;
    let Arguments { project, environment, manner: Manner { dry_run, replace, .. }, .. } = &arguments;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("dryRun", &dry_run.to_string()).append_pair("replace", &replace.to_string());
    if let Some(from) = from {
        query.append_pair("from", from);
    }
    let route = format!("/api/projects/{project}/environments/{environment}/import/unleash?{}", query.finish());
    let report: Report = Steadfast::new(&http, &arguments.target).post(&route, state.get().into()).await?;
    arguments.manner.tell(environment, &report)?;
    Ok(report.counts.refused)
}

/// What is read before anything is written, and which of its environments is meant.
async fn state<'a>(http: &Http, arguments: &'a Arguments) -> Result<(Box<RawValue>, Option<&'a str>)> {
    let Arguments { file, url, client_token, api_token, from_project, from_environment, .. } = arguments;
    if let Some(file) = file {
        let text = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let state = serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", file.display()))?;
        return Ok((state, from_environment.as_deref()));
    }
    let Some(url) = url else { bail!("give a --file, or the --url of Unleash and a token") };
    let project = from_project.as_deref();
    let there = || url.to_string();
    match (client_token, api_token) {
        (Some(_), Some(_)) => bail!("give one token: a --client-token or an --api-token"),
        (Some(token), None) => Ok((Unleash { http, url, token }.features(project).await.with_context(there)?, None)),
        (None, Some(token)) => {
            let environment = from_environment.as_deref().unwrap_or(&arguments.environment);
            let export = Unleash { http, url, token }.export(environment, project).await.with_context(there)?;
            Ok((export, Some(environment)))
        }
        (None, None) => bail!("give a --client-token, or an --api-token of Unleash's admin API"),
    }
}
