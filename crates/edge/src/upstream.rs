//! The calls to upstream: its stream of everything, and its event endpoints.

use std::time::Duration;

use bytes::Bytes;
use delivery::KeyKind;
use delivery::event::Words;
use http::{StatusCode, header};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};
use url::Url;

use crate::backoff::Failure;
use crate::config::{Source, is_id};
use crate::decode::Undecodable;
use crate::spool::Delivery;
use crate::wire::Malformed;

const CONNECT: Duration = Duration::from_secs(10);
/// Until an answer begins.
const ANSWER: Duration = Duration::from_secs(30);
/// SDKs wait so long for the next byte of a stream (`launchdarkly.md` §1.2); LaunchDarkly says something each 3 minutes.
const SILENCE: Duration = Duration::from_mins(5);
/// How soon a machine that is gone without a goodbye is noticed.
const KEEPALIVE: Duration = Duration::from_secs(15);
const USER_AGENT: &str = concat!("SteadfastEdge/", env!("CARGO_PKG_VERSION"));

/// The client cannot be made: no certificates, or no TLS.
#[derive(Debug, thiserror::Error)]
#[error("no client for upstream can be made")]
pub struct BadClient(#[source] reqwest::Error);

/// Why the stream ended.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Nobody answers, or the connection broke.
    #[error("upstream cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    /// No byte for longer than upstream ever rests.
    #[error("upstream says nothing")]
    Silent,
    /// Upstream ended the stream, as one that restarts does.
    #[error("upstream ended the stream")]
    Ended,
    /// Upstream does not take the key, or knows nothing at this address.
    #[error("upstream refuses: {0}")]
    Refused(StatusCode),
    /// Upstream has a passing trouble.
    #[error("upstream is in trouble: {0}")]
    Away(StatusCode),
    /// It answers with something else than a stream.
    #[error("upstream does not answer with a stream of events")]
    NoStream,
    /// The stream does not begin with everything.
    #[error("upstream's stream does not begin with a `put`")]
    NoPut,
    /// The bytes are no events.
    #[error(transparent)]
    Undecodable(#[from] Undecodable),
    /// The events are not what they should be.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl Fault {
    /// How long this is waited out.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Refused(_) => Failure::Refused,
            _ => Failure::Passing,
        }
    }
}

/// What upstream makes of a delivery of events. `launchdarkly.md` §1.6 says which statuses pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has it.
    Taken,
    /// It may take it later.
    Later(Failure),
    /// There is nothing at this address.
    Absent,
    /// It will never take it.
    Never,
}

/// One environment's upstream; a cheap handle to clone.
#[derive(Clone)]
pub struct Upstream {
    client: Client,
    source: std::sync::Arc<Source>,
}

/// A client for all upstreams.
pub fn client() -> Result<Client, BadClient> {
    // Whoever comes first in the process sets it; all of ours set the same.
    let _already_set = rustls::crypto::ring::default_provider().install_default();
    // On top of the machine's own: a container without a bundle of certificates must still follow.
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der));
    Client::builder()
        .tls_certs_merge(roots.collect::<Result<Vec<_>, _>>().map_err(BadClient)?)
        // A key is for the host that it was given for.
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .tcp_keepalive(KEEPALIVE)
        .user_agent(USER_AGENT)
        .build()
        .map_err(BadClient)
}

impl Upstream {
    /// Upstream of this environment.
    pub fn new(client: Client, source: std::sync::Arc<Source>) -> Self {
        Self { client, source }
    }

    /// Opens the stream of everything.
    pub async fn open(&self) -> Result<Open, Fault> {
        let request = self
            .client
            .get(under(&self.source.stream, &["all"]))
            .header(header::AUTHORIZATION, self.source.sdk_key.reveal())
            .header(header::ACCEPT, "text/event-stream")
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(header::CACHE_CONTROL, "no-cache")
            // A Steadfast tells an edge more than an SDK.
            .header("x-steadfast-edge", "1");
        let response = tokio::time::timeout(ANSWER, request.send()).await.map_err(|_| Fault::Silent)??;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(if passes(status) { Fault::Away(status) } else { Fault::Refused(status) });
        }
        let says = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        if !says(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/event-stream")) {
            return Err(Fault::NoStream);
        }
        let client_side_id = says(header::HeaderName::from_static("x-ld-envid"));
        let client_side_id = client_side_id.filter(|id| is_id(id)).map(str::to_owned);
        let gzip = says(header::CONTENT_ENCODING).is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"));
        Ok(Open { response, client_side_id, gzip })
    }

    /// Hands a delivery of events on.
    pub async fn send(&self, delivery: &Delivery, client_side_id: &str) -> Result<Verdict, reqwest::Error> {
        let source = &self.source;
        let head = &delivery.head;
        let (path, key): (&[&str], _) = match (head.words, head.kind) {
            (Words::LaunchDarkly, KeyKind::Sdk) => (&["bulk"], Some(&source.sdk_key)),
            (Words::LaunchDarkly, KeyKind::Mobile) => (&["mobile"], source.mobile_key.as_ref()),
            (Words::LaunchDarkly, KeyKind::ClientSide) => (&["events", "bulk", client_side_id], None),
            // Whoever counted is let in here already; the SDK key opens it for pages too.
            (Words::Unleash, _) => (&["api", "client", "metrics"], Some(&source.sdk_key)),
            (Words::UnleashBulk, _) => (&["api", "client", "metrics", "bulk"], Some(&source.sdk_key)),
        };
        let mut request = self.client.post(under(&source.events, path)).timeout(ANSWER);
        for (name, value) in &head.headers {
            request = request.header(name, value);
        }
        request = request.header("x-launchdarkly-payload-id", &head.payload_id);
        if let Some(key) = key {
            request = request.header(header::AUTHORIZATION, key.reveal());
        }
        let response = request.body(delivery.body.clone()).send().await?;
        Ok(verdict(response.status()))
    }
}

/// A stream that upstream has begun.
pub struct Open {
    response: Response,
    /// What upstream calls the environment, if it says so.
    pub client_side_id: Option<String>,
    /// Whether the stream is packed.
    pub gzip: bool,
}

impl Open {
    /// The next bytes; never nothing.
    pub async fn next(&mut self) -> Result<Bytes, Fault> {
        let chunk = tokio::time::timeout(SILENCE, self.response.chunk()).await.map_err(|_| Fault::Silent)??;
        chunk.ok_or(Fault::Ended)
    }
}

/// The base may have a path of its own, which is kept (`launchdarkly.md` §1.1).
fn under(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

fn passes(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 400 | 408 | 425 | 429)
}

fn verdict(status: StatusCode) -> Verdict {
    match status.as_u16() {
        200..300 => Verdict::Taken,
        // The body is what is wrong, and stays so.
        400 | 413 | 415 | 422 => Verdict::Never,
        404 | 405 | 410 => Verdict::Absent,
        _ if passes(status) => Verdict::Later(Failure::Passing),
        // The key is wrong, or the address is another's now, which a person mends.
        _ => Verdict::Later(Failure::Refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_under_the_base_whatever_its_end() {
        for base in ["https://a.example/x", "https://a.example/x/"] {
            let url = under(&Url::parse(base).unwrap(), &["events", "bulk", "id"]);
            assert_eq!(url.as_str(), "https://a.example/x/events/bulk/id");
        }
        assert_eq!(under(&Url::parse("http://a.example").unwrap(), &["all"]).as_str(), "http://a.example/all");
    }

    #[test]
    fn only_a_body_that_is_wrong_is_given_up() {
        let of = |status: u16| verdict(StatusCode::from_u16(status).unwrap());
        assert!([200, 202, 204].into_iter().all(|status| of(status) == Verdict::Taken));
        assert!([400, 413, 415].into_iter().all(|status| of(status) == Verdict::Never));
        assert!([408, 429, 500, 503].into_iter().all(|status| of(status) == Verdict::Later(Failure::Passing)));
        assert!([301, 401, 403].into_iter().all(|status| of(status) == Verdict::Later(Failure::Refused)));
        assert!([404, 405].into_iter().all(|status| of(status) == Verdict::Absent));
    }
}
