//! What pages of other origins may do (`oss-flags.md` §2.1): everything here, without cookies.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// What providers send, and what tracing adds to it. `Authorization` must be named even where `*` would do for the others.
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, X-API-Key, Content-Type, If-None-Match, Last-Event-ID, Cache-Control, traceparent, tracestate, baggage",
);
/// What providers read beside what every page may read.
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static("ETag, Retry-After");
/// Seconds for which a browser need not ask again; the longest that Chromium takes.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Opens an answer, also a refusal, to pages of any origin: no cookie is ever looked at, so `*` gives nothing away that the
/// key does not.
pub(crate) async fn open(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    response
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
    let head: [(HeaderName, HeaderValue); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods)),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    (StatusCode::NO_CONTENT, head).into_response()
}
