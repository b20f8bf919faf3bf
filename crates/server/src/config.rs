//! What can be configured: command-line flags, or the environment variables that their help names.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Release software, and be whole again before most people notice.
#[derive(Debug, Parser)]
#[command(name = "steadfast", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the console, the API and the SDKs.
    Serve(Box<Serve>),
    /// Serves the SDKs beside the app, from what an upstream Steadfast or LaunchDarkly tells: read-only, no database.
    Edge(Box<Edge>),
    /// Answers evaluations from a file, offline: JSON lines in, JSON lines out.
    Evaluate(Evaluate),
    /// Brings the flags of another system into a running Steadfast.
    Import(crate::import::Import),
    /// Prints the OpenAPI 3.1 document of the REST API.
    Openapi,
}

/// `steadfast serve`: needs no configuration.
#[derive(Debug, Parser)]
pub struct Serve {
    /// Where the SQLite database and other files live; made if it is not there.
    #[arg(long, env = "STEADFAST_DATA_DIR", default_value = "steadfast-data")]
    pub data_dir: PathBuf,
    /// The address to listen on; 127.0.0.1:8080, or a free port when that one is taken, if not given.
    #[arg(long, env = "STEADFAST_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// A PostgreSQL database, as postgres://user:password@host/name; SQLite in the data directory if not given.
    #[arg(long, env = "STEADFAST_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// This node's name, never that of another that runs; random if not given. A node that comes back under its old name goes
    /// on at once with what it did, where another's death is waited for 10 s; two of one name would take turns.
    #[arg(long, env = "STEADFAST_NODE", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub node: Option<String>,
    /// The address at which people reach the console, for the links in pages; http:// and the listener's if not given.
    #[arg(long, env = "STEADFAST_BASE_URL")]
    pub base_url: Option<url::Url>,
    #[command(flatten)]
    pub mail: Mail,
    /// Lets webhooks, and imports by the console, go to private and loopback addresses.
    #[arg(long, env = "STEADFAST_ALLOW_PRIVATE_WEBHOOKS")]
    pub allow_private_webhooks: bool,
    /// Where server SDKs look members of big segments up: redis://host:6379, with a prefix after a comma when it is not
    /// launchdarkly. Give every node the same.
    #[arg(long, env = "STEADFAST_BIG_SEGMENTS_REDIS", hide_env_values = true)]
    pub big_segments_redis: Option<protocol_redis::Address>,
    /// What is logged, in tracing's filter language.
    #[arg(long, env = "STEADFAST_LOG", default_value = "info")]
    pub log: String,
}

/// `steadfast edge`: one environment by these options, or several by a file.
#[derive(Debug, Parser)]
pub struct Edge {
    /// Where upstream is, such as https://flags.example.com or https://stream.launchdarkly.com.
    #[arg(long, env = "STEADFAST_UPSTREAM")]
    pub upstream: Option<String>,
    /// Where upstream takes events, if elsewhere; of LaunchDarkly it is known.
    #[arg(long, env = "STEADFAST_EVENTS_URL")]
    pub events_url: Option<String>,
    /// The SDK key of the environment; better in the variable or in a file, where `ps` does not show it.
    #[arg(long, env = "STEADFAST_SDK_KEY", hide_env_values = true, conflicts_with = "sdk_key_file")]
    pub sdk_key: Option<String>,
    /// A file that holds nothing but the SDK key.
    #[arg(long, env = "STEADFAST_SDK_KEY_FILE")]
    pub sdk_key_file: Option<PathBuf>,
    /// The mobile key of the environment; apps are refused without it.
    #[arg(long, env = "STEADFAST_MOBILE_KEY", hide_env_values = true)]
    pub mobile_key: Option<String>,
    /// The client-side id of the environment; upstream tells it if not given.
    #[arg(long, env = "STEADFAST_CLIENT_SIDE_ID")]
    pub client_side_id: Option<String>,
    /// Browsers must prove their context by a hash that your server made with the SDK key; give it where upstream has it on.
    #[arg(long, env = "STEADFAST_SECURE_MODE")]
    pub secure_mode: bool,
    /// A TOML file with several environments, instead of the options above.
    #[arg(long, env = "STEADFAST_EDGE_CONFIG", conflicts_with_all = ["sdk_key", "sdk_key_file", "mobile_key", "client_side_id", "secure_mode"])]
    pub config: Option<PathBuf>,
    /// Where the last snapshots and the events on their way lie; made if it is not there.
    #[arg(long, env = "STEADFAST_DATA_DIR", default_value = "steadfast-edge-data")]
    pub data_dir: PathBuf,
    /// The address to listen on; 127.0.0.1:8080, or a free port when that one is taken, if not given.
    #[arg(long, env = "STEADFAST_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// So many MiB of events each environment keeps on disk while upstream is away; more are refused with 503.
    #[arg(long, env = "STEADFAST_SPOOL_MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub spool_mib: u64,
    /// What is logged, in tracing's filter language.
    #[arg(long, env = "STEADFAST_LOG", default_value = "info")]
    pub log: String,
}

/// How e-mail leaves.
#[derive(Debug, Args)]
pub struct Mail {
    /// The mail server: smtp://host:25, smtp://user:password@host:587?tls=required, or smtps://; no e-mail if not given.
    #[arg(long, env = "STEADFAST_SMTP", hide_env_values = true)]
    pub smtp: Option<String>,
    /// The sender of pages.
    #[arg(long, env = "STEADFAST_SMTP_FROM", default_value = "Steadfast <steadfast@localhost>")]
    pub smtp_from: String,
}

impl Mail {
    /// The way for e-mail, if one is configured.
    pub fn channel(&self, base_url: &str) -> Result<Option<channels::Mail>, channels::BadMail> {
        let config = |url: &String| channels::MailConfig { url: url.clone(), from: self.smtp_from.clone() };
        self.smtp.as_ref().map(config).map(|config| channels::Mail::new(&config, base_url)).transpose()
    }
}

/// `steadfast evaluate`: what an SDK would answer from this payload.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// A file of the shape of `/sdk/latest-all`: {"flags": {…}, "segments": {…}}.
    #[arg(long)]
    pub payload: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
