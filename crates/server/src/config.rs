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
    /// Answers evaluations from a file, offline: JSON lines in, JSON lines out.
    Evaluate(Evaluate),
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
    /// Lets webhooks go to private and loopback addresses.
    #[arg(long, env = "STEADFAST_ALLOW_PRIVATE_WEBHOOKS")]
    pub allow_private_webhooks: bool,
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
