//! What pages of other origins may do (`oss-flags.md` §2.1): everything here, without cookies.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rest::Cors;

const CORS: Cors = Cors {
    // What providers send, and what tracing adds to it. `Authorization` must be named even where `*` would do for the others.
    allowed_headers: "Authorization, X-API-Key, Content-Type, If-None-Match, Last-Event-ID, Cache-Control, traceparent, \
                      tracestate, baggage",
    exposed_headers: "ETag, Retry-After",
    // The longest that Chromium takes.
    max_age: "7200",
};

/// Opens an answer, also a refusal, to pages of any origin.
pub(crate) async fn open(response: Response) -> Response {
    CORS.open(response)
}

/// The answer to a preflight of a route with POST.
pub(crate) async fn preflight_post() -> Response {
    preflight("POST, OPTIONS")
}

/// The answer to a preflight of a route with GET.
pub(crate) async fn preflight_get() -> Response {
    preflight("GET, OPTIONS")
}

fn preflight(methods: &'static str) -> Response {
    (StatusCode::NO_CONTENT, CORS.preflight(methods)).into_response()
}
