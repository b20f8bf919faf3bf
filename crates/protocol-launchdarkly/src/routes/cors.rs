//! What browsers ask before and after (`launchdarkly.md` §1.10): pages of any origin may call, without cookies.

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What SDKs send beside what every browser may send.
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Cache-Control, Content-Type, Content-Length, Accept-Encoding, If-None-Match, X-LaunchDarkly-User-Agent, \
     X-LaunchDarkly-Payload-ID, X-LaunchDarkly-Wrapper, X-LaunchDarkly-Event-Schema, X-LaunchDarkly-Tags",
);
/// What SDKs read beside what every page may read; the last two are for the second generation.
const EXPOSED_HEADERS: HeaderValue =
    HeaderValue::from_static("Date, ETag, X-LD-EnvID, X-LD-FD-Fallback, X-LD-FD-Fallback-TTL");
/// Seconds for which a browser need not ask again: four kinds of request ask, each by itself.
const MAX_AGE: HeaderValue = HeaderValue::from_static("300");

/// Opens an answer, also a refusal, to pages of any origin. Since no cookie is ever looked at, `*` gives nothing away that
/// the client-side id does not.
pub(crate) async fn open(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    response
}

/// What the answer to a preflight has beside: `methods` are those of the route.
pub(crate) fn preflight(methods: &'static str) -> HeaderMap {
    let pairs: [(HeaderName, HeaderValue); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods)),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    HeaderMap::from_iter(pairs)
}
