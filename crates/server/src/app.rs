//! The services of all capabilities, composed once, in the order in which they may know each other.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use access::Access;
use anyhow::{Context as _, Result};
use channels::Reach;
use clap::Parser;
use db::Db;
use delivery::sdks::Register;
use flags::Flags;
use flags::Follower;
use kernel::{Clock, Rng, SystemClock, SystemRng};
use metrics::{Metrics, Reporting};
use oncall::Oncall;
use oncall::service::KnownServices;
use protocol_redis::Mirror;
use releases::Releases;
use runtime::Tasks;
use url::Url;

use crate::config::Serve;

/// Every service of this process; cheap handles all.
#[derive(Clone)]
pub struct App {
    /// Where everything is stored.
    pub db: Db,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Who may come in.
    pub access: Access,
    /// What is on where.
    pub flags: Flags,
    /// Follows the change log, and shows what SDKs receive.
    pub follower: Follower,
    /// Which SDKs are connected to this process.
    pub sdks: Register,
    /// What is counted.
    pub metrics: Metrics,
    /// What is under way.
    pub releases: Releases,
    /// Who is woken.
    pub oncall: Oncall,
    /// What runs beside, and when to end.
    pub tasks: Tasks,
    /// Fills the Redis of the server SDKs, if one is configured.
    pub mirror: Option<Arc<Mirror>>,
    /// How pages leave by e-mail, if a mail server is configured.
    mail: Option<channels::Mail>,
    /// Calls to addresses that people typed: webhooks, imports.
    pub(crate) http: channels::Http,
}

impl App {
    /// Composes the services over an open database, and starts what follows the change log.
    pub async fn compose(db: Db, config: &Serve, links: &Links, tasks: &Tasks) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let rng: Arc<dyn Rng> = Arc::new(SystemRng);
        let base_url = links.base_url();
        let access = Access::new(db.clone(), clock.clone(), rng.clone(), base_url).with_welcome(oncall::welcome);
        let flags = Flags::new(db.clone(), clock.clone(), rng.clone());
        let redis = config.big_segments_redis.as_ref();
        let flags = if redis.is_some() { flags.mirrored() } else { flags };
        let mirror = redis.map(|address| Mirror::new(flags.clone(), address)).transpose();
        let mirror = mirror.context("--big-segments-redis names no Redis")?.map(Arc::new);
        flags.seed().await.context("the first project cannot be made")?;
        let follower = Follower::new(db.clone(), clock.clone());
        follower.follow(tasks);
        let sdks = Register::new(clock.clone());
        let metrics = Metrics::new(db.clone(), clock.clone(), rng.clone());
        Reporting::new(metrics.clone(), sdks.clone()).follow(tasks);
        let releases = Releases::new(db.clone(), clock.clone(), rng.clone(), flags.clone(), metrics.clone())
            .with_services(Arc::new(KnownServices::new(db.clone())));
        let oncall = Oncall::new(oncall::Parts {
            db: db.clone(),
            clock: clock.clone(),
            rng,
            access: access.clone(),
            flags: flags.clone(),
            releases: releases.clone(),
            base_url,
        });
        let mail = config.mail.channel(base_url).context("--smtp and --smtp-from do not make a way for e-mail")?;
        let reach = if config.allow_private_webhooks { Reach::Anywhere } else { Reach::Public };
        let http = channels::Http::new(reach).context("webhooks cannot be sent")?;
        let tasks = tasks.clone();
        Ok(Self { db, clock, access, flags, follower, sdks, metrics, releases, oncall, tasks, mirror, mail, http })
    }

    /// The services over a database that is thrown away: enough to describe their routes.
    pub async fn described(directory: &Path) -> Result<Self> {
        let serve = Serve::try_parse_from(["serve"]).context("serve needs no arguments")?;
        let db = Db::open(db::Config::sqlite(directory.join("described.db"))).await?;
        db::migrate(&db, &crate::router::migrations()).await?;
        let links = Links::new(None, SocketAddr::from(([127, 0, 0, 1], 80)));
        Self::compose(db, &serve, &links, &Tasks::new()).await
    }

    /// The reconciler that sends pages.
    pub fn channels(&self) -> channels::Channels {
        let (mail, http) = (self.mail.clone(), self.http.clone());
        channels::Channels::new(self.db.clone(), self.clock.clone(), self.oncall.clone(), mail, http)
    }
}

/// Where people reach the console.
#[derive(Clone, Debug)]
pub struct Links(String);

impl Links {
    /// The configured address, or the listener's own.
    pub fn new(configured: Option<Url>, listening: SocketAddr) -> Self {
        let own = || format!("http://{listening}");
        Self(configured.map_or_else(own, |url| url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The address without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_use_the_configured_address_and_else_the_listeners() {
        let listening: SocketAddr = "127.0.0.1:4000".parse().unwrap();
        assert_eq!(Links::new(None, listening).base_url(), "http://127.0.0.1:4000");
        let configured = Url::parse("https://flags.example.com/").unwrap();
        assert_eq!(Links::new(Some(configured), listening).base_url(), "https://flags.example.com");
    }
}
