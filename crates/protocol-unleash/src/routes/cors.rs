//! What browsers ask before they let a page call another site. The frontend API takes tokens, no cookies, from anywhere.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// Answers the question before the call.
pub(crate) async fn preflight() -> Response {
    let head = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, cache-control, if-none-match, accept, unleash-appname, unleash-connection-id, \
             unleash-instanceid, unleash-interval, unleash-sdk, unleash-client-spec",
        ),
    ];
    (StatusCode::NO_CONTENT, head).into_response()
}

/// Lets every page read the answer, and its entity tag.
pub(crate) async fn open(mut response: Response) -> Response {
    let mut insert = |name: HeaderName, value: &'static str| {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    };
    insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, "etag");
    response
}
