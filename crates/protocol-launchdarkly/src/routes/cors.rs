//! What browsers ask before and after (`launchdarkly.md` §1.10): pages of any origin may call, without cookies.

use axum::response::Response;
use http::HeaderMap;
use rest::Cors;

const CORS: Cors = Cors {
    allowed_headers: "Cache-Control, Content-Type, Content-Length, Accept-Encoding, If-None-Match, \
                      X-LaunchDarkly-User-Agent, X-LaunchDarkly-Payload-ID, X-LaunchDarkly-Wrapper, \
                      X-LaunchDarkly-Event-Schema, X-LaunchDarkly-Tags",
    // The last two are for the second generation.
    exposed_headers: "Date, ETag, X-LD-EnvID, X-LD-FD-Fallback, X-LD-FD-Fallback-TTL",
    // Four kinds of request ask, each by itself.
    max_age: "300",
};

/// Opens an answer, also a refusal, to pages of any origin.
pub(crate) async fn open(response: Response) -> Response {
    CORS.open(response)
}

/// What the answer to a preflight has beside: `methods` are those of the route.
pub(crate) fn preflight(methods: &'static str) -> HeaderMap {
    CORS.preflight(methods)
}
