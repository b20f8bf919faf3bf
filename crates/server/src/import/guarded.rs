//! Which addresses may be told a secret.

use std::net::IpAddr;

use url::{Host, Url};

/// Whether nobody on the way can read along: TLS, or the machine itself.
pub(super) fn is_guarded(url: &Url) -> bool {
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_travel_over_tls_or_not_at_all() {
        let table = [
            ("https://sdk.launchdarkly.com", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080/prefix", true),
            ("http://localhost", true),
            ("http://relay.internal", false),
            ("http://10.0.0.1", false),
            ("ftp://127.0.0.1", false),
        ];
        for (url, guarded) in table {
            assert_eq!(is_guarded(&Url::parse(url).unwrap()), guarded, "{url}");
        }
    }
}
