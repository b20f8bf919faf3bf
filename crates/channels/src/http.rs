//! The one HTTP client for URLs that people typed: only the public internet, no redirects, bounded in time.
//!
//! A webhook's URL is input. Without this a page could make Steadfast call what only Steadfast can reach (server-side
//! request forgery): a cloud's metadata service, a database on loopback. The check stands where it cannot be passed by: at
//! the addresses to which the connection is then made, so a name that resolves anew to something else (DNS rebinding) gains
//! nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kernel::words;
pub use reqwest::RequestBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Request, Response};
use url::{Host, Url};

use crate::address::is_public;

/// Longer, and whoever waits for the page waits for nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The public internet.
    Public,
    /// Anything: for installations whose hooks are inside, and for tests.
    Anywhere,
}

/// The guarded client: a cheap handle to clone.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client,
    reach: Reach,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made")]
pub struct BadClient(#[source] reqwest::Error);

/// Why a call failed. The words hold neither path nor query of the URL, which may be secret.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The URL names an address that is not of the public internet.
    #[error("{0} is not an address of the public internet")]
    Private(IpAddr),
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is longer than whoever asked can take.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// Anything else on the way.
    #[error("{0}")]
    Failed(String),
}

/// Turns a name into addresses.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of `host`.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's resolver.
struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

impl Http {
    /// A client with the machine's resolver.
    pub fn new(reach: Reach) -> Result<Self, BadClient> {
        Self::with_lookup(reach, Arc::new(SystemLookup))
    }

    /// A client with a resolver of the caller's.
    pub fn with_lookup(reach: Reach, lookup: Arc<dyn Lookup>) -> Result<Self, BadClient> {
        // Whoever comes first in the process sets it; all of ours set the same.
        let _already_set = rustls::crypto::ring::default_provider().install_default();
        // On top of the machine's own: a container without a bundle of certificates must still page.
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der));
        let client = Client::builder()
            .tls_certs_merge(roots.collect::<Result<Vec<_>, _>>().map_err(BadClient)?)
            .dns_resolver(Arc::new(Guard { lookup, reach }))
            .redirect(Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(TIMEOUT)
            .user_agent(concat!("Steadfast/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(BadClient)?;
        Ok(Self { client, reach })
    }

    /// Begins a POST.
    pub fn post(&self, url: Url) -> reqwest::RequestBuilder {
        self.client.post(url)
    }

    /// Begins a GET.
    pub fn get(&self, url: Url) -> reqwest::RequestBuilder {
        self.client.get(url)
    }

    /// Sends it and gives the answer, whatever its status.
    pub async fn send(&self, request: Request) -> Result<Response, CallError> {
        // Connections to a literal address never ask the resolver.
        let literal = match request.url().host() {
            Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            Some(Host::Domain(_)) | None => None,
        };
        match literal {
            Some(address) if self.reach == Reach::Public && !is_public(address) => Err(CallError::Private(address)),
            _ => self.client.execute(request).await.map_err(explain),
        }
    }
}

/// The body of an answer, if it has at most so many bytes.
pub async fn body(mut response: Response, most: usize) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(explain)? {
        if body.len() + chunk.len() > most {
            return Err(CallError::TooLong(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn explain(error: reqwest::Error) -> CallError {
    if error.is_timeout() {
        return CallError::TimedOut;
    }
    CallError::Failed(words::causes(&error.without_url()))
}

/// The resolver that the connector asks: what it answers is what is connected to.
struct Guard {
    lookup: Arc<dyn Lookup>,
    reach: Reach,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, reach) = (Arc::clone(&self.lookup), self.reach);
        Box::pin(async move {
            let addresses = lookup.lookup(name.as_str()).await?;
            let private = addresses.iter().find(|address| reach == Reach::Public && !is_public(**address));
            if let Some(address) = private {
                return Err(CallError::Private(*address).into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
